resource "random_password" "r" { length = 16 }
resource "aws_ssm_parameter" "p" {
  name = "/app/x"
  type = "SecureString"
  key_id = "alias/mine"
  value = random_password.r.result
}
