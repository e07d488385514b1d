resource "aws_iam_policy" "operators" {
  name = "operators"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
        Effect = "Allow"
        Action = "ssm:StartSession"
        Resource = "arn:aws:ec2:*:444455556666:instance/*"
        Condition = {
          StringEquals = {
            "ssm:resourceTag/Team" = "blue"
          }
        }
      }, {
        Effect = "Allow"
        Action = "ssm:StartSession"
        Resource = "arn:aws:ssm:*:444455556666:document/SSM-SessionManagerRunShell"
      }, {
        Effect = "Allow"
        Action = "ssm:StartSession"
        Resource = "arn:aws:ec2:*:444455556666:instance/i-0123456789abcdef0"
      }]
  })
}
