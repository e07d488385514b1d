# Two accounts with a role of the same name.
provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "prod"
  region = "cn-north-1"
  assume_role {
    role_arn = "arn:aws-cn:iam::222233334444:role/deploy"
  }
}

locals {
  trust = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_role" "dev" {
  name               = "node"
  assume_role_policy = local.trust
}

resource "aws_iam_role" "prod" {
  provider           = aws.prod
  name               = "node"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy_attachment" "dev" {
  role       = "node"
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_role_policy_attachment" "prod" {
  provider   = aws.prod
  role       = "node"
  policy_arn = "arn:aws-cn:iam::aws:policy/AdministratorAccess"
}

data "aws_iam_policy_document" "pass" {
  provider = aws.prod
  statement {
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.prod.arn]
  }
}

resource "aws_iam_policy" "pass" {
  provider = aws.prod
  name     = "pass"
  policy   = data.aws_iam_policy_document.pass.json
}

resource "aws_iam_role_policy" "pass_dev" {
  role   = aws_iam_role.dev.id
  policy = data.aws_iam_policy_document.pass_dev.json
}

data "aws_iam_policy_document" "pass_dev" {
  statement {
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.dev.arn]
  }
}
