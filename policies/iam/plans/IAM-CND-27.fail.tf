resource "aws_iam_role_policy" "app" {
  name   = "app"
  role   = "app"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = "s3:PutObject"
      Resource = "arn:aws:s3:::app-data/*"
      Condition = {
        StringEquals = {
          "s3:x-amz-server-side-encryption-aws-kms-key-id" = "alias/app"
        }
      }
    }]
  })
}
