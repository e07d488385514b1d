resource "aws_iam_role_policy" "app" {
  name   = "app"
  role   = "app"
  policy = jsonencode({
    Statement = [{
      Effect = "Allow"
      Action = "ssm:GetParameter"
      Resource = "arn:aws:ssm:eu-west-1:210987654321:parameter/app/*"
    }]
  })
}
