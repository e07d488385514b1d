resource "aws_iam_role" "r" {
  count = 2
  name = "r${count.index}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_role_policy" "p" {
  count = 2
  role = aws_iam_role.r[count.index].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["ssm:GetParameter"], Resource = join(":", ["arn:aws:ssm", "*", "*", "parameter/*"]) }] })
}
