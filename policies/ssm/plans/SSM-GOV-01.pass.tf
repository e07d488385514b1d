resource "aws_config_configuration_recorder" "rec" {
  name = "main"
  role_arn = "arn:aws:iam::444455556666:role/config"
  recording_group {
    all_supported = true
    include_global_resource_types = true
  }
}
resource "aws_config_config_rule" "legacy" {
  name = "legacy"
  source {
    owner = "AWS"
    source_identifier = "IAM_POLICY_BLACKLISTED_CHECK"
  }
  input_parameters = jsonencode({
    policyArns = "arn:aws:iam::aws:policy/service-role/AmazonEC2RoleforSSM"
  })
}
