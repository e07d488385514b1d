resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ssm.amazonaws.com" }, Action = "sts:AssumeRole" }, { Effect = "Allow", Principal = { AWS = ["*"] }, Action = "sts:AssumeRole" }] })
}
