resource "aws_ssm_patch_baseline" "base" {
  name = "base"
  operating_system = "AMAZON_LINUX_2023"
  approved_patches = ["KB1"]
  source {
    name = "x"
    products = ["*"]
    configuration = "[x]\nname=x\nbaseurl=http://repo.example.org\ngpgcheck=1\nenabled=1"
  }
}
