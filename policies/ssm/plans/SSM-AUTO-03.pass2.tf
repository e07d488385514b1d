data "aws_caller_identity" "me" {}
data "aws_iam_policy_document" "t" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type = "Service"
      identifiers = ["ssm.amazonaws.com"]
    }
    condition {
      test = "StringEquals"
      variable = "aws:SourceAccount"
      values = [data.aws_caller_identity.me.account_id]
    }
    condition {
      test = "ArnLike"
      variable = "aws:SourceArn"
      values = ["arn:aws:ssm:*:${data.aws_caller_identity.me.account_id}:automation-execution/*"]
    }
  }
}
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = data.aws_iam_policy_document.t.json
}
