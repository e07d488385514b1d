variable "prefix" { type = string }

resource "aws_iam_role" "this" {
  name_prefix        = var.prefix
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ssm.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

output "name" { value = aws_iam_role.this.name }
output "role" { value = aws_iam_role.this }
