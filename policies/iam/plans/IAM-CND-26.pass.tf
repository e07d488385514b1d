resource "aws_iam_role_policy" "app" {
  name   = "app"
  role   = "app"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = "iam:PassRole"
      Resource = "arn:aws:iam::210987654321:role/app"
      Condition = {
        StringEquals = {
          "iam:PassedToService" = "ssm.amazonaws.com"
        }
      }
    }]
  })
}
