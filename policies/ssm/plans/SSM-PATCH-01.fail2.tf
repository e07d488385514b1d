resource "aws_ssm_patch_baseline" "b" {
  name = "b"
  rejected_patches = ["a"]
  rejected_patches_action = "BLOCK"
}
