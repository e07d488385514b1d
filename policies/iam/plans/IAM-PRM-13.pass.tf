resource "aws_iam_role_policy" "app" {
  name   = "app"
  role   = "app"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = "kms:Decrypt"
      Resource = "arn:aws:kms:eu-west-1:210987654321:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
    }]
  })
}
