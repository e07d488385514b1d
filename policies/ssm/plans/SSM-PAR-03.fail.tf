resource "aws_ssm_parameter" "value" {
  name = "/blue/login"
  type = "SecureString"
  key_id = "alias/blue"
  value = "x"
}
