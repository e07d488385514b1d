resource "aws_ssm_association" "assoc" {
  name = "AWS-RunPatchBaseline"
  targets {
    key = "tag:Team"
    values = ["blue"]
  }
  document_version = "$LATEST"
}
