resource "aws_ssm_activation" "a" {
  iam_role = "x"
  registration_limit = 5
  expiration_date = "2026-12-01T00:00:00Z"
}
output "code" { value = aws_ssm_activation.a.activation_code }
