resource "aws_ssm_maintenance_window_task" "task" {
  window_id = "mw-0123456789abcdef0"
  task_arn = "AWS-RunPatchBaseline"
  task_type = "RUN_COMMAND"
  priority = 1
  max_concurrency = "2"
  max_errors = "1"
  targets {
    key = "WindowTargetIds"
    values = ["a0"]
  }
}
