resource "aws_cloudtrail" "trail" {
  name = "main"
  s3_bucket_name = "logs"
  is_multi_region_trail = true
}
