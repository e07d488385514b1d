# A plan for a second account, which attaches to a role of that name there.
data "aws_caller_identity" "own" {}

resource "aws_iam_role_policy_attachment" "legacy" {
  role       = "node"
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonEC2RoleforSSM"
}

resource "aws_iam_role_policy" "pass" {
  name   = "pass"
  role   = "node"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${data.aws_caller_identity.own.account_id}/*" }] })
}
