resource "aws_iam_role" "mw" {
  name = "mw"
  assume_role_policy = jsonencode({Version="2012-10-17",Statement=[{Effect="Allow",Principal={Service="ssm.amazonaws.com"},Action="sts:AssumeRole",Condition={StringEquals={"aws:SourceAccount"="210987654321"}}}]})
}
resource "aws_ssm_maintenance_window_task" "t" {
  window_id = "mw-0123456789abcdef0"
  task_type = "RUN_COMMAND"
  task_arn = "AWS-RunShellScript"
  max_concurrency = "1"
  max_errors = "1"
  service_role_arn = aws_iam_role.mw.arn
  targets {
    key = "WindowTargetIds"
    values = ["x"]
  }
}
