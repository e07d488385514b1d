resource "aws_vpc_endpoint" "gate" {
  vpc_id = "vpc-0a1b2c3d"
  service_name = "com.amazonaws.eu-north-1.s3"
  vpc_endpoint_type = "Gateway"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
        Effect = "Allow"
        Principal = "*"
        Action = "s3:*"
        Resource = ["arn:aws:s3:::blue", "arn:aws:s3:::blue/*"]
      }]
  })
}
