resource "aws_ssm_activation" "office" {
  iam_role = "hybrid"
  registration_limit = 200
}
