resource "aws_ssm_patch_baseline" "base" {
  name = "base"
  operating_system = "AMAZON_LINUX_2023"
}
