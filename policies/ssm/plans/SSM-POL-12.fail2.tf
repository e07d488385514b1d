data "aws_caller_identity" "me" {}
resource "aws_iam_policy" "p" {
  name = "p"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "ssm:SendCommand", Resource = "arn:aws:ssm:eu-west-1:${data.aws_caller_identity.me.account_id}:document/AWS-RunPatchBaseline" }] })
}
