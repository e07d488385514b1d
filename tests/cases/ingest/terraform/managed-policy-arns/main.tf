# What roles have: attached by hand, by resources of their own, and taken away by empty arguments.
resource "aws_iam_role" "by_hand" {
  name               = "by-hand"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
  description        = "managed_policy_arns and inline_policy are computed here: what somebody attached by hand"
}

resource "aws_iam_role_policy_attachment" "by_hand" {
  role       = aws_iam_role.by_hand.name
  policy_arn = "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"
}

resource "aws_iam_role" "emptied" {
  name                = "emptied"
  assume_role_policy  = aws_iam_role.by_hand.assume_role_policy
  managed_policy_arns = []
  inline_policy {}
}

resource "aws_iam_role" "new" {
  name               = "new"
  assume_role_policy = aws_iam_role.by_hand.assume_role_policy
}
