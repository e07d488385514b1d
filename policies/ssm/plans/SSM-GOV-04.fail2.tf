resource "aws_config_configuration_recorder" "r" {
  role_arn = "arn:aws:iam::111122223333:role/c"
  recording_group {
    all_supported = true
    include_global_resource_types = false
  }
}
