resource "aws_cloudtrail" "t" {
  name = "t"
  s3_bucket_name = "b"
  is_multi_region_trail = true
  advanced_event_selector {
    field_selector {
      field = "eventCategory"
      equals = ["Data"]
    }
  }
}
