variable "role" { type = any }
variable "policy" { type = string }

resource "aws_iam_role_policy_attachment" "this" {
  role       = var.role.name
  policy_arn = var.policy
}
