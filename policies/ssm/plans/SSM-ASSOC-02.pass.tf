resource "aws_ssm_association" "assoc" {
  name = "Team-Deploy"
  targets {
    key = "tag:Team"
    values = ["blue"]
  }
  output_location {
    s3_bucket_name = "blue-output"
  }
}
