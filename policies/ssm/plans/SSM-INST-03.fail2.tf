resource "aws_s3_bucket" "b" { bucket_prefix = "x" }
data "aws_iam_policy_document" "d" {
  statement {
    actions = ["ssm:*", "s3:GetObject"]
    resources = ["*"]
  }
  statement {
    actions = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.b.arn}/*"]
  }
}
resource "aws_iam_role" "r" {
  name_prefix = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_role_policy" "p" {
  role = aws_iam_role.r.id
  policy = data.aws_iam_policy_document.d.json
}
