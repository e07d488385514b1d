resource "aws_iam_role_policy" "app" {
  name   = "app"
  role   = "app"
  policy = <<-EOT
    not a policy
  EOT
}
