resource "aws_ssm_service_setting" "setting" {
  setting_id = "arn:aws:ssm:eu-north-1:444455556666:servicesetting/ssm/documents/console/public-sharing-permission"
  setting_value = "Enable"
}
