resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_ssm_activation" "a" {
  iam_role = aws_iam_role.r.id
  registration_limit = 5
  expiration_date = "2026-12-01T00:00:00Z"
}
