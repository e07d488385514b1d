# Sensitive values, nulls, and secrets in several places.
variable "password" {
  type      = string
  default   = "hunter2-planted"
  sensitive = true
}

resource "aws_ssm_parameter" "secret" {
  name  = "/app/password"
  type  = "SecureString"
  value = var.password
}

resource "aws_ssm_parameter" "constant" {
  name  = "/app/token"
  type  = "SecureString"
  value = "token-planted"
}

resource "aws_iam_role" "secret" {
  name                 = "secret"
  permissions_boundary = null
  description          = var.password
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = var.password, Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_ssm_patch_baseline" "linux" {
  name             = "linux"
  operating_system = "AMAZON_LINUX_2"
  approval_rule {
    approve_after_days = 7
    patch_filter {
      key    = "CLASSIFICATION"
      values = ["Security", "Bugfix"]
    }
  }
}

output "password" {
  value     = var.password
  sensitive = true
}
