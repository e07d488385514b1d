resource "aws_ssm_maintenance_window_task" "t" {
  window_id = "mw-0123456789abcdef0"
  task_type = "LAMBDA"
  task_arn = "arn:aws:lambda:eu-west-1:111122223333:function:x"
  service_role_arn = "arn:aws:iam::111122223333:role/mw"
  task_invocation_parameters {
    lambda_parameters { payload = jsonencode({token="ghp_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"}) }
  }
}
