resource "aws_s3_bucket" "b" { bucket = "outb" }
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_role_policy_attachment" "a" {
  role = aws_iam_role.r.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}
resource "aws_ssm_maintenance_window_task" "t" {
  window_id = "mw-1"
  task_type = "RUN_COMMAND"
  task_arn = "AWS-RunPatchBaseline"
  priority = 1
  task_invocation_parameters {
    run_command_parameters {
      output_s3_bucket = aws_s3_bucket.b.id
      parameter {
        name = "Operation"
        values = ["Scan"]
      }
    }
  }
}
