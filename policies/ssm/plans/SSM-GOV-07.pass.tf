resource "aws_launch_template" "box" {
  name = "box"
  image_id = "ami-0a1b2c3d4e5f60718"
  iam_instance_profile {
    name = "fleet"
  }
  metadata_options {
    http_tokens = "required"
  }
}
