resource "aws_ssm_association" "assoc" {
  name = "Team-Deploy"
  targets {
    key = "tag:Team"
    values = ["blue"]
  }
}
