resource "aws_vpc_endpoint" "gate" {
  vpc_id = "vpc-0a1b2c3d"
  service_name = "com.amazonaws.eu-north-1.ssm"
  vpc_endpoint_type = "Interface"
  private_dns_enabled = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
        Effect = "Allow"
        Principal = "*"
        Action = "*"
        Resource = "*"
        Condition = {
          StringEquals = {
            "aws:PrincipalAccount" = "444455556666"
          }
        }
      }]
  })
}
