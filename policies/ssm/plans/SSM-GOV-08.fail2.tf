resource "aws_s3_bucket" "b" { bucket = "inv" }
resource "aws_ssm_resource_data_sync" "s" {
  name = "s"
  s3_destination {
    bucket_name = aws_s3_bucket.b.bucket
    region = "eu-west-1"
    kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/x"
  }
}
