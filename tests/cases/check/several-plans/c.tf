# A plan for an account of its own, with a role of the same name there.
data "aws_caller_identity" "own" {}

resource "aws_iam_role" "node" {
  name               = "node"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = data.aws_caller_identity.own.account_id }, Action = "sts:AssumeRole" }] })
}
