resource "aws_iam_role_policy" "app" {
  name   = "app"
  role   = "app"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = "ec2:StartInstances"
      Resource = "*"
      Condition = {
        StringEquals = {
          "ec2:ResourceTag/team" = "app"
        }
      }
    }]
  })
}
