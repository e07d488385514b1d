resource "aws_organizations_policy" "guard" {
  name    = "guard"
  type    = "RESOURCE_CONTROL_POLICY"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Deny"
      Principal = {
        AWS = "arn:aws:iam::210987654321:role/app"
      }
      Action = "s3:*"
      Resource = "*"
    }]
  })
}
