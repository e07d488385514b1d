resource "aws_ssm_maintenance_window" "window" {
  name = "night"
  schedule = "rate(7 days)"
  duration = 4
  cutoff = 1
}
