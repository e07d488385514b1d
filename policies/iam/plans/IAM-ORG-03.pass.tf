resource "aws_organizations_policy" "guard" {
  name    = "guard"
  type    = "RESOURCE_CONTROL_POLICY"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Deny"
      Principal = "*"
      Action = "s3:*"
      Resource = "*"
      Condition = {
        BoolIfExists = {
          "aws:PrincipalIsAWSService" = "false"
        }
        StringNotEqualsIfExists = {
          "aws:PrincipalOrgID" = "o-a1b2c3d4e5"
        }
      }
    }]
  })
}
