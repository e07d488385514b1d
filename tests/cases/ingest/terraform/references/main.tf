# Every form that a reference from an attachment to a role takes. No name is known when the plan is made.
variable "extra" {
  type    = string
  default = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_role" "single" {
  name_prefix        = "single-"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_role" "counted" {
  count              = 2
  name_prefix        = "counted-"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_role" "keyed" {
  for_each           = toset(["a.b", "c[0]"])
  name_prefix        = "keyed-"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_policy" "own" {
  name_prefix = "own-"
  policy      = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:ListAllMyBuckets", Resource = "*" }] })
}

resource "aws_iam_role_policy_attachment" "by_name" {
  role       = aws_iam_role.single.name
  policy_arn = aws_iam_policy.own.arn
}

resource "aws_iam_role_policy_attachment" "by_id" {
  role       = aws_iam_role.single.id
  policy_arn = aws_iam_policy.own.id
}

resource "aws_iam_role_policy_attachment" "by_index" {
  role       = aws_iam_role.counted[1].name
  policy_arn = var.extra
}

resource "aws_iam_role_policy_attachment" "by_count" {
  count      = 2
  role       = aws_iam_role.counted[count.index].name
  policy_arn = var.extra
}

resource "aws_iam_role_policy_attachment" "by_key" {
  role       = aws_iam_role.keyed["a.b"].name
  policy_arn = var.extra
}

resource "aws_iam_role_policy_attachment" "by_peer" {
  for_each   = aws_iam_role.keyed
  role       = each.value.name
  policy_arn = var.extra
}

resource "aws_iam_role_policy_attachment" "by_peer_key" {
  for_each   = toset(["a.b", "c[0]"])
  role       = aws_iam_role.keyed[each.key].name
  policy_arn = var.extra
}

# Which of the two is not known.
resource "aws_iam_role_policy_attachment" "by_other_key" {
  for_each   = { x = "a.b" }
  role       = aws_iam_role.keyed[each.value].name
  policy_arn = var.extra
}

resource "aws_iam_policy_attachment" "by_splat" {
  name       = "all"
  roles      = aws_iam_role.counted[*].name
  policy_arn = aws_iam_policy.own.arn
}

# What was attached passes the role on.
resource "aws_iam_role_policy" "through_attachment" {
  role   = aws_iam_role_policy_attachment.by_name.role
  policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

module "role" {
  source   = "./modules/role"
  for_each = toset(["one", "two"])
  prefix   = each.key
}

resource "aws_iam_role_policy_attachment" "by_output" {
  role       = module.role["one"].name
  policy_arn = aws_iam_policy.own.arn
}

resource "aws_iam_role_policy_attachment" "by_keyed_output" {
  for_each   = toset(["one", "two"])
  role       = module.role[each.key].name
  policy_arn = aws_iam_policy.own.arn
}

module "use" {
  source = "./modules/use"
  role   = module.role["two"].role
  policy = aws_iam_policy.own.arn
}

# Through a local there is no way back in the plan alone.
locals {
  hidden = aws_iam_role.single.name
}

resource "aws_iam_role_policy_attachment" "by_local" {
  role       = local.hidden
  policy_arn = aws_iam_policy.own.arn
}

resource "aws_iam_instance_profile" "conditional" {
  name_prefix = "node-"
  role        = length(aws_iam_role.counted) > 1 ? aws_iam_role.single.name : aws_iam_role.counted[0].name
}

# Not configured in the end: the provider makes it up.
resource "aws_iam_instance_profile" "none" {
  count = 0
}

resource "aws_instance" "node" {
  ami                  = "ami-12345678"
  instance_type        = "t3.micro"
  iam_instance_profile = one(aws_iam_instance_profile.none[*].name)
}

resource "aws_launch_template" "nodes" {
  name_prefix = "nodes-"
  iam_instance_profile {
    arn = aws_iam_instance_profile.conditional.arn
  }
}

resource "aws_autoscaling_group" "nodes" {
  min_size = 1
  max_size = 1
  launch_template {
    id      = aws_launch_template.nodes.id
    version = "$Latest"
  }
}
