data "aws_iam_policy_document" "d" {
  statement {
    actions = ["ssm:SendCommand"]
    resources = ["arn:aws:ec2:*:*:instance/*", "arn:aws:ssm:*:*:document/*"]
  }
}
resource "aws_iam_user_policy" "p" {
  user = "u"
  policy = data.aws_iam_policy_document.d.json
}
