resource "aws_ssm_activation" "a" {
  iam_role = "x"
  registration_limit = 5
  expiration_date = "2099-12-01T00:00:00Z"
}
