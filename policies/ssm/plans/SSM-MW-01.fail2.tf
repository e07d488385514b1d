resource "aws_ssm_maintenance_window_task" "t" {
  window_id = "mw-1"
  task_type = "RUN_COMMAND"
  task_arn = "AWS-RunPatchBaseline"
  priority = 1
}
