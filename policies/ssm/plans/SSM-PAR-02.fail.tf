resource "aws_ssm_parameter" "value" {
  name = "/blue/login"
  type = "SecureString"
  value_wo = "x"
  value_wo_version = 1
}
