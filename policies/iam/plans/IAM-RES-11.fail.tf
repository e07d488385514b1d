resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_role_policy" "app" {
  name = "app"
  role = aws_iam_role.app.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::app-data/*" }
    ]
  })
}
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
        Principal = {
          AWS = "arn:aws:iam::210987654321:role/app"
        }
        Action = "s3:*"
        Resource = ["arn:aws:s3:::app-data", "arn:aws:s3:::app-data/*"]
      },
    ]
  })
}
