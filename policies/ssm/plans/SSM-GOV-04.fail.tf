resource "aws_config_configuration_recorder" "rec" {
  name = "main"
  role_arn = "arn:aws:iam::444455556666:role/config"
  recording_group {
    all_supported = true
    include_global_resource_types = false
  }
}
