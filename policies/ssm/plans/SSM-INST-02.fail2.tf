resource "aws_iam_user" "u" { name = "u" }
resource "aws_iam_user_policy_attachment" "a" {
  user = aws_iam_user.u.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonEC2RoleforSSM"
}
