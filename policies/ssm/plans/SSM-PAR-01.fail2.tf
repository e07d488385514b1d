resource "aws_ssm_parameter" "p" {
  name = "/app/api_key"
  type = "String"
  insecure_value = "AKIAQYLPMN5HHHFPZAM2"
}
