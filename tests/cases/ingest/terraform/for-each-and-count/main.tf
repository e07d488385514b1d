# Instances of roles and attachments: paired by key, by index, crosswise, and one role for all.
locals { teams = toset(["red", "blue.green"]) }

resource "aws_iam_role" "team" {
  for_each           = local.teams
  name_prefix        = "${each.key}-"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_role_policy_attachment" "same_key" {
  for_each   = local.teams
  role       = aws_iam_role.team[each.key].name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_role_policy_attachment" "chained" {
  for_each   = aws_iam_role.team
  role       = each.value.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMPatchAssociation"
}

resource "aws_iam_role_policy_attachment" "crosswise" {
  for_each   = { red = "blue.green", "blue.green" = "red" }
  role       = aws_iam_role.team[each.value].name
  policy_arn = "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"
}

resource "aws_iam_role_policy_attachment" "of_a_field" {
  for_each   = { x = { team = "red" }, y = { team = "blue.green" } }
  role       = aws_iam_role.team[each.value.team].name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMPatchAssociation"
}

resource "aws_iam_role" "numbered" {
  count              = 2
  name_prefix        = "n${count.index}-"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_role_policy_attachment" "same_index" {
  count      = 2
  role       = aws_iam_role.numbered[count.index].name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_policy_attachment" "all" {
  name       = "all"
  roles      = [for role in aws_iam_role.team : role.name]
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMDirectoryServiceAccess"
}

resource "aws_iam_role" "single" {
  name_prefix        = "single-"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_role_policy_attachment" "to_one" {
  for_each   = toset(["AmazonSSMManagedInstanceCore", "AmazonSSMPatchAssociation"])
  role       = aws_iam_role.single.name
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}
