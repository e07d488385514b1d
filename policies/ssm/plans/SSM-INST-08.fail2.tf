resource "aws_iam_role" "r" {
  for_each = toset(["a"])
  name = each.key
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_instance_profile" "p" {
  for_each = aws_iam_role.r
  role = each.value.name
}
resource "aws_instance" "i" {
  ami = "ami-0123456789abcdef0"
  instance_type = "t3.micro"
  iam_instance_profile = aws_iam_instance_profile.p["a"].name
}
resource "aws_ssm_association" "a" {
  name = "AWS-RunPatchBaseline"
  parameters = { Operation = "Scan" }
  targets {
    key = "InstanceIds"
    values = [aws_instance.i.id]
  }
}
