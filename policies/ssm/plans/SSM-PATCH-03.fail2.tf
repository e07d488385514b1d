resource "aws_ssm_patch_baseline" "b" {
  name = "b"
  operating_system = "AMAZON_LINUX_2"
  approved_patches = ["x"]
  source {
    name = "x"
    products = ["*"]
    configuration = "[x]\nbaseurl=http://x/\ngpgcheck=1"
  }
}
