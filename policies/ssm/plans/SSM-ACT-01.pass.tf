resource "aws_ssm_activation" "office" {
  iam_role = "hybrid"
  registration_limit = 3
  expiration_date = "2024-01-20T00:00:00Z"
}
