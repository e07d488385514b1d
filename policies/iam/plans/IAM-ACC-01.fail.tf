resource "aws_iam_user" "ann" {
  name = "ann"
}
resource "aws_iam_access_key" "ann" {
  user = aws_iam_user.ann.name
}
