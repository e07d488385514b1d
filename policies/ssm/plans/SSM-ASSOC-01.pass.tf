resource "aws_ssm_association" "assoc" {
  name = "Team-Deploy"
  targets {
    key = "InstanceIds"
    values = ["i-0123456789abcdef0"]
  }
}
