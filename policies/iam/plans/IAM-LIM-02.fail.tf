resource "aws_iam_user" "ann" {
  name = "ann"
}
resource "aws_iam_user_policy" "ann" {
  name = "ann"
  user = aws_iam_user.ann.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "ssm:GetParameter", Resource = [for n in range(40) : "arn:aws:ssm:eu-west-1:210987654321:parameter/an-application-with-a-long-name-${n}/*"] }]
  })
}
