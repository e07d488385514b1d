data "aws_ssm_parameter" "db" {
  for_each = toset(["a"])
  name = "/app/${each.key}"
  with_decryption = true
}
resource "aws_lambda_function" "f" {
  function_name = "f"
  role = "arn:aws:iam::111122223333:role/x"
  handler = "a.b"
  runtime = "python3.12"
  filename = "x.zip"
  environment {
    variables = { DB = data.aws_ssm_parameter.db["a"].value }
  }
}
