# What `before.tf.txt` made, changed.
locals {
  trust = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

moved {
  from = aws_iam_role.old_name
  to   = aws_iam_role.new_name
}

removed {
  from = aws_iam_role.forgotten
  lifecycle { destroy = false }
}

import {
  to = aws_iam_user.found
  id = "found"
}

resource "aws_iam_role" "new_name" {
  name               = "kept"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy_attachment" "swapped" {
  role       = aws_iam_role.new_name.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_role_policy" "inline" {
  name   = "inline"
  role   = aws_iam_role.new_name.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "ssm:GetParameter", Resource = "*" }] })
}

resource "aws_iam_role" "replaced" {
  name               = "replaced-now"
  assume_role_policy = local.trust
}

resource "aws_iam_user" "found" {
  name = "found"
}
