resource "aws_iam_role" "d" {
  name = "Dhmc"
  path = "/service-role/"
  assume_role_policy = jsonencode({Version="2012-10-17",Statement=[{Effect="Allow",Principal={Service="ssm.amazonaws.com"},Action="sts:AssumeRole"}]})
}
resource "aws_ssm_service_setting" "s" {
  setting_id = "/ssm/managed-instance/default-ec2-instance-management-role"
  setting_value = "service-role/${aws_iam_role.d.name}"
}
