resource "aws_s3_bucket_policy" "data" {
  bucket = "app-data"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::210987654321:role/reader"
        }
        Action = "s3:GetObject"
        Resource = "arn:aws:s3:::app-data/*"
      },
      {
        Effect = "Deny"
        Principal = "*"
        Action = "s3:*"
        Resource = "arn:aws:s3:::app-data/*"
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
      },
    ]
  })
}
