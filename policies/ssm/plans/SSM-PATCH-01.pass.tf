resource "aws_ssm_patch_baseline" "base" {
  name = "base"
  operating_system = "AMAZON_LINUX_2023"
  approval_rule {
    approve_after_days = 3
    patch_filter {
      key = "CLASSIFICATION"
      values = ["Security"]
    }
  }
}
