resource "aws_ssm_association" "a" {
  name = "AWS-RunShellScript"
  targets {
    key = "InstanceIds"
    values = ["i-0123456789abcdef0"]
  }
}
