resource "aws_launch_template" "i" {
  image_id = "ami-1"
  tag_specifications {
    resource_type = "instance"
    tags = { Role = "web" }
  }
}
resource "aws_autoscaling_group" "g" {
  min_size = 1
  max_size = 1
  launch_template { id = aws_launch_template.i.id }
}
resource "aws_ssm_association" "a" {
  name = "AWS-GatherSoftwareInventory"
  targets {
    key = "tag:Role"
    values = ["web"]
  }
}
