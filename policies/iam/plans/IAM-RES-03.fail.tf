resource "aws_s3_bucket_policy" "data" {
  bucket = "app-data"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Principal = {
        Service = "ssm.amazonaws.com"
      }
      Action = "s3:PutObject"
      Resource = "arn:aws:s3:::app-data/*"
    }]
  })
}
