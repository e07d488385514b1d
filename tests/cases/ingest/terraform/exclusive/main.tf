# Ways to attach policies that undo every other one.
locals {
  trust = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_role" "configured" {
  name                = "configured"
  assume_role_policy  = local.trust
  managed_policy_arns = ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"]
  inline_policy {
    name   = "own"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "ssm:GetParameter", Resource = "*" }] })
  }
}

resource "aws_iam_role" "emptied" {
  name               = "emptied"
  assume_role_policy = local.trust
  inline_policy {}
}

resource "aws_iam_role" "plain" {
  name               = "plain"
  assume_role_policy = local.trust
}

resource "aws_iam_user" "ops" {
  name = "ops"
}

resource "aws_iam_policy_attachment" "everywhere" {
  name       = "everywhere"
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
  roles      = [aws_iam_role.plain.name]
  users      = [aws_iam_user.ops.name, "somebody-else"]
}

resource "aws_iam_role_policy_attachments_exclusive" "plain" {
  role_name   = aws_iam_role.plain.name
  policy_arns = ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"]
}

resource "aws_iam_role_policies_exclusive" "plain" {
  role_name    = aws_iam_role.plain.name
  policy_names = []
}
