resource "aws_ssm_parameter" "value" {
  name = "/blue/colour"
  type = "String"
  value = "green"
}
