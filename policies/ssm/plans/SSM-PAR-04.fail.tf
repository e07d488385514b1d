resource "aws_ssm_parameter" "value" {
  name = "ssm-colour"
  type = "String"
  value = "green"
}
