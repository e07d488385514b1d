resource "aws_ssm_association" "a" {
  name = "AWS-RunShellScript"
  parameters = { commands = "ls" }
  targets {
    key = "InstanceIds"
    values = ["*"]
  }
}
