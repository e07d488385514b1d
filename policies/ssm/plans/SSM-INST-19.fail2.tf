resource "aws_instance" "i" {
  ami = "ami-0123456789abcdef0"
  instance_type = "t3.micro"
  tags = { Role = "web" }
}
resource "aws_ssm_association" "a" {
  name = "AWS-RunPatchBaseline"
  parameters = { Operation = "Scan" }
  targets {
    key = "tag:Role"
    values = ["web"]
  }
}
