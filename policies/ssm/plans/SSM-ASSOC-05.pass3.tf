resource "aws_ssm_association" "a" {
  name = "AWS-RunPatchBaseline"
  parameters = { Operation = "Scan" }
  targets {
    key = "tag:a"
    values = ["b"]
  }
}
