# Suppressions in the tags of resources of a plan: of a rule, of several, without a reason, and of nothing.
locals {
  trust  = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
  legacy = "arn:aws:iam::aws:policy/service-role/AmazonEC2RoleforSSM"
}

resource "aws_iam_role" "accepted" {
  name               = "accepted"
  assume_role_policy = local.trust
  tags               = { "rolecall:ignore" = "SSM-INST-01 the agent is older than 2.3" }
}

resource "aws_iam_role_policy_attachment" "accepted" {
  role       = aws_iam_role.accepted.name
  policy_arn = local.legacy
}

resource "aws_iam_role" "no_reason" {
  name               = "no-reason"
  assume_role_policy = local.trust
  tags               = { "rolecall:ignore" = "SSM-INST-01" }
}

resource "aws_iam_role_policy_attachment" "no_reason" {
  role       = aws_iam_role.no_reason.name
  policy_arn = local.legacy
}

resource "aws_iam_role" "idle" {
  name               = "idle"
  assume_role_policy = local.trust
  tags               = { "rolecall:ignore" = "SSM-INST-0*, IAM-MGD-* nothing is wrong here" }
}

resource "aws_ssm_document" "shell" {
  name          = "shell"
  document_type = "Command"
  content       = jsonencode({ schemaVersion = "2.2", parameters = { Line = { type = "String" } }, mainSteps = [{ action = "aws:runShellScript", name = "run", inputs = { runCommand = ["{{ Line }}"] } }] })
  tags          = { "rolecall:ignore" = "SSM-DOC-* a shell is what this is for" }
}
