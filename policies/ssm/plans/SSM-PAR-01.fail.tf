resource "aws_ssm_parameter" "value" {
  name = "/blue/api_token"
  type = "String"
  value = "9f8e7d6c5b4a39281706"
}
