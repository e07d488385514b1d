# Another team's plan: it attaches to the role by its name, and by its ARN passes it on.
resource "aws_iam_role_policy_attachment" "legacy" {
  role       = "node"
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonEC2RoleforSSM"
}

resource "aws_ssm_maintenance_window_task" "scan" {
  window_id        = "mw-0123456789abcdef0"
  task_type        = "RUN_COMMAND"
  task_arn         = "AWS-RunPatchBaseline"
  service_role_arn = "arn:aws:iam::123456789012:role/node"
  max_concurrency  = "1"
  max_errors       = "1"
  targets {
    key    = "InstanceIds"
    values = ["i-0123456789abcdef0"]
  }
}
