resource "aws_ssm_maintenance_window_task" "t" {
  window_id = "mw-1"
  task_type = "RUN_COMMAND"
  task_arn = "Foo"
  priority = 1
  service_role_arn = "arn:aws:iam::111122223333:role/x"
  task_invocation_parameters {
    run_command_parameters {
      parameter {
        name = "Token"
        values = ["AKIAQYLPMN5HHHFPZAM2"]
      }
    }
  }
}
