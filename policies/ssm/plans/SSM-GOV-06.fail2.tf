data "aws_iam_policy_document" "d" {
  statement {
    effect = "Deny"
    actions = ["organizations:LeaveOrganization"]
    resources = ["*"]
  }
}
resource "aws_organizations_policy" "p" {
  name = "p"
  content = data.aws_iam_policy_document.d.json
}
