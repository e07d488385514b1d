resource "aws_iam_policy" "app" {
  name = "app"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "ssm:GetParameter", Resource = [for n in range(90) : "arn:aws:ssm:eu-west-1:210987654321:parameter/an-application-with-a-long-name-${n}/*"] }]
  })
}
