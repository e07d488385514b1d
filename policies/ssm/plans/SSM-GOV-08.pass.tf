resource "aws_cloudwatch_log_group" "logs" {
  name = "ssm-shells"
  kms_key_id = "arn:aws:kms:eu-north-1:444455556666:key/0a1b2c3d-0000-4000-8000-000000000000"
  retention_in_days = 400
}
