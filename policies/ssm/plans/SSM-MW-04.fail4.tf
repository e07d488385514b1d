resource "aws_config_remediation_configuration" "t" {
  config_rule_name = "r"
  target_id = "Fix"
  target_type = "SSM_DOCUMENT"
  parameter {
    name = "Password"
    static_value = "Sup3rS3cret!x"
  }
}
