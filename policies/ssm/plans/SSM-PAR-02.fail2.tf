resource "aws_ssm_parameter" "p" {
  name = "/app/x"
  type = "SecureString"
  key_id = "alias/aws/ssm"
  value_wo = "x"
  value_wo_version = 1
}
