resource "aws_iam_policy" "operators" {
  name = "operators"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
        Effect = "Allow"
        Action = "ssm:StartSession"
        Resource = "arn:aws:ec2:*:444455556666:instance/*"
      }, {
        Effect = "Allow"
        Action = "ssmmessages:OpenDataChannel"
        Resource = "arn:aws:ssm:*:*:session/$${aws:userid}-*"
      }]
  })
}
