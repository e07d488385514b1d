resource "aws_launch_template" "l" {
  image_id = "ami-0123456789abcdef0"
  iam_instance_profile { name = "x" }
  metadata_options { http_tokens = "required" }
}
resource "aws_autoscaling_group" "g" {
  min_size = 1
  max_size = 1
  availability_zones = ["eu-west-1a"]
  launch_template { id = aws_launch_template.l.id }
}
