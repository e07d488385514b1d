resource "aws_ssm_patch_baseline" "b" {
  name = "b"
  approval_rule {
    approve_until_date = "2020-01-01"
    patch_filter {
      key = "CLASSIFICATION"
      values = ["SecurityUpdates"]
    }
  }
}
