resource "aws_iam_role" "n" {
  name = "n"
  assume_role_policy = jsonencode({Version="2012-10-17",Statement=[{Effect="Allow",Principal={Service=["ec2.amazonaws.com","ssm.amazonaws.com"]},Action="sts:AssumeRole"}]})
}
resource "aws_iam_instance_profile" "n" { role = aws_iam_role.n.name }
resource "aws_ssm_maintenance_window_task" "t" {
  window_id = "mw-0123456789abcdef0"
  task_type = "RUN_COMMAND"
  task_arn = "AWS-RunShellScript"
  max_concurrency = "1"
  max_errors = "1"
  service_role_arn = aws_iam_role.n.arn
  targets {
    key = "WindowTargetIds"
    values = ["x"]
  }
}
