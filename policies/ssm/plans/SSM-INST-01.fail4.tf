locals { p = toset(["service-role/AmazonEC2RoleforSSM", "CloudWatchAgentServerPolicy"]) }
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_role_policy_attachment" "a" {
  for_each = local.p
  role = aws_iam_role.r.id
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}
