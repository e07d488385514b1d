resource "aws_ssm_parameter" "x" {
  name = "/app/x"
  type = "String"
  value = "a"
}
resource "aws_iam_policy" "p" {
  name = "p"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "ssm:GetParameter", Resource = "arn:aws:ssm:eu-west-1:111122223333:parameter/${aws_ssm_parameter.x.name}" }] })
}
