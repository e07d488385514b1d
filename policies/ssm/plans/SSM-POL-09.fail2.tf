resource "aws_iam_group" "g" { name = "g" }
resource "aws_iam_group_policy" "p" {
  group = aws_iam_group.g.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "ssm:StartSession", Resource = "arn:aws:ec2:*:*:instance/i-1" }] })
}
