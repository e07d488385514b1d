resource "aws_imagebuilder_infrastructure_configuration" "i" {
  name = "i"
  instance_profile_name = "x"
}
