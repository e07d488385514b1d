resource "aws_organizations_policy" "systems_manager_switches" {
  name = "SystemsManagerSwitches"
  type = "SERVICE_CONTROL_POLICY"

  content = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # sharing documents and changing settings opens Systems Manager for others
      {
        Sid    = "SystemsManagerSwitches"
        Effect = "Deny"
        Action = [
          "ssm:CreateActivation",
          "ssm:ModifyDocumentPermission",
          "ssm:PutResourcePolicy",
          "ssm:ResetServiceSetting",
          "ssm:UpdateServiceSetting",
        ]
        Resource = "*"
        Condition = {
          ArnNotLike = {
            "aws:PrincipalArn" = "arn:aws:iam::*:role/platform-*"
          }
        }
      },
    ]
  })
}
