resource "aws_iam_user" "ann" {
  name = "ann"
}
resource "aws_iam_user_group_membership" "ann" {
  user   = aws_iam_user.ann.name
  groups = ["readers"]
}
