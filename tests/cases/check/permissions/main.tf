# What `before.tf.txt` made, changed: one role may do more, one loses its policy for another, one stays.
variable "bucket" {
  type      = string
  default   = "planted-new"
  sensitive = true
}

resource "aws_iam_role" "grows" {
  name               = "grows"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = ["ec2.amazonaws.com", "lambda.amazonaws.com"] }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_role_policy" "grows" {
  name   = "own"
  role   = aws_iam_role.grows.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = "arn:aws:s3:::one/*" }] })
}

resource "aws_iam_role" "same" {
  name               = "same"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_role_policy_attachment" "same" {
  role       = aws_iam_role.same.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_role" "secret" {
  name               = "secret"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_role_policy" "secret" {
  name   = "own"
  role   = aws_iam_role.secret.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${var.bucket}/*" }] })
}

resource "aws_iam_user" "new" {
  name = "new"
}

resource "aws_iam_user_policy_attachment" "new" {
  user       = aws_iam_user.new.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess"
}
