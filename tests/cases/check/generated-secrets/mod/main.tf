variable "pw" { type = string }
resource "random_password" "own" { length = 9 }
output "pw" {
 value = random_password.own.result
 sensitive = true
}
resource "aws_ssm_parameter" "a" {
  name  = "/mod/a"
  type  = "String"
  value = var.pw
}
