resource "aws_instance" "box" {
  ami = "ami-0a1b2c3d4e5f60718"
  instance_type = "t3.small"
  iam_instance_profile = "fleet"
}
resource "aws_ssm_association" "agent" {
  name = "AWS-UpdateSSMAgent"
  targets {
    key = "InstanceIds"
    values = [aws_instance.box.id]
  }
}
