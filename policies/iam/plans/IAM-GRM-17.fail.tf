resource "aws_iam_role_policy" "app" {
  name   = "app"
  role   = "app"
  policy = <<-EOT
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "*",
      "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}, "StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}]}
  EOT
}
