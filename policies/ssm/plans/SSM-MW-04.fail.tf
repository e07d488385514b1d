resource "aws_ssm_association" "assoc" {
  name = "Team-Deploy"
  targets {
    key = "tag:Team"
    values = ["blue"]
  }
  parameters = {
    ApiToken = "9f8e7d6c5b4a39281706"
  }
}
