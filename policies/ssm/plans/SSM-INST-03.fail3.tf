resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_instance_profile" "p" { role = aws_iam_role.r.name }
resource "aws_launch_template" "l" {
  image_id = "ami-0123456789abcdef0"
  iam_instance_profile { arn = aws_iam_instance_profile.p.arn }
  metadata_options { http_tokens = "required" }
}
resource "aws_iam_role_policy_attachment" "a" {
  role = aws_iam_role.r.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMFullAccess"
}
