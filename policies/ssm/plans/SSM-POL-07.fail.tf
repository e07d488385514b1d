resource "aws_iam_policy" "operators" {
  name = "operators"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
        Effect = "Allow"
        Action = ["ssm:SendCommand", "ssm:ListCommands"]
        Resource = "*"
      }]
  })
}
