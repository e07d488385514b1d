resource "aws_iam_role" "app" {
  name = "app"
  max_session_duration = 14400
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::210987654321:role/people" }, Action = "sts:AssumeRole" }] })
}
