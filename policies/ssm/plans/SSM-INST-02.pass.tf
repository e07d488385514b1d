resource "aws_iam_user" "eve" {
  name = "eve"
}
resource "aws_iam_user_policy_attachment" "a0" {
  user = aws_iam_user.eve.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
