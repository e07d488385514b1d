resource "aws_ssm_parameter" "value" {
  name = "colour"
  type = "String"
  value = "green"
}
