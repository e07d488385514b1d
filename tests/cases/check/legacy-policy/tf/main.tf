# One way to tie a policy to a role in each resource.

locals {
  trust = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  legacy = "arn:aws:iam::aws:policy/service-role/AmazonEC2RoleforSSM"
}

resource "aws_iam_role" "by_name" {
  name               = "by-name"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy_attachment" "by_name" {
  role       = "by-name"
  policy_arn = local.legacy
}

resource "aws_iam_role" "by_reference" {
  name_prefix        = "by-reference-"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy_attachment" "by_reference" {
  role       = aws_iam_role.by_reference.name
  policy_arn = local.legacy
}

resource "aws_iam_role" "by_id" {
  count              = 2
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy_attachment" "by_id" {
  count      = 2
  role       = aws_iam_role.by_id[count.index].id
  policy_arn = local.legacy
}

resource "aws_iam_role" "exclusive" {
  name                = "exclusive"
  assume_role_policy  = local.trust
  managed_policy_arns = [local.legacy]
}

resource "aws_iam_role" "many" {
  for_each           = toset(["a", "b"])
  assume_role_policy = local.trust
}

resource "aws_iam_policy_attachment" "many" {
  name       = "many"
  roles      = [for role in aws_iam_role.many : role.name]
  policy_arn = local.legacy
}

data "aws_iam_policy" "legacy" {
  arn = local.legacy
}

resource "aws_iam_role" "by_data" {
  name               = "by-data"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy_attachment" "by_data" {
  role       = aws_iam_role.by_data.name
  policy_arn = data.aws_iam_policy.legacy.arn
}

resource "aws_ssm_parameter" "mentioned" {
  name  = "/mentioned"
  type  = "String"
  value = local.legacy
}
