resource "aws_iam_user" "ann" {
  name = "ann"
}
resource "aws_iam_user_policy_attachment" "ann" {
  user       = aws_iam_user.ann.name
  policy_arn = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
}
