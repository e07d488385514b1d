# Secrets wherever a plan can hold them.
variable "secret" {
  type      = string
  default   = "planted-variable"
  sensitive = true
}

provider "aws" {
  region     = "eu-west-1"
  access_key = "AKIAPLANTEDPROVIDERK"
  secret_key = "planted-provider-secret"
}

locals {
  broken = "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Sid\": \"${var.secret}\", ]}"
}

resource "aws_iam_role" "app" {
  name               = "app-${var.secret}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:role/${var.secret}" }, Action = "sts:AssumeRole" }] })
  tags = {
    "rolecall:ignore" = "IAM-TRU-99 ${var.secret}"
  }
}

resource "aws_iam_role_policy" "app" {
  name = "inline-${var.secret}"
  role = aws_iam_role.app.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Sid = var.secret, Effect = "Allow", Action = ["*"], Resource = ["*"] },
    { Effect = "Allow", Action = ["s3:${var.secret}", "iam:PassRole", "lambda:CreateFunction"], Resource = ["arn:aws:s3:::${var.secret}/*", "arn:aws:iam::*:role/${var.secret}"], Condition = { StringLike = { "aws:${var.secret}" = var.secret } } },
  ] })
}

resource "aws_iam_policy" "broken" {
  name   = "broken"
  policy = local.broken
}

resource "aws_iam_role_policy_attachment" "app" {
  role       = aws_iam_role.app.name
  policy_arn = "arn:aws:iam::aws:policy/${var.secret}"
}

resource "aws_iam_user" "app" {
  name = var.secret
}

resource "aws_instance" "app" {
  ami           = "ami-12345678"
  instance_type = "t3.micro"
  user_data     = "export TOKEN=${var.secret}"
}

resource "aws_ssm_parameter" "app" {
  name  = "/app/${var.secret}"
  type  = "String"
  value = "password=${var.secret}"
}

resource "aws_ssm_document" "app" {
  name            = "run-${var.secret}"
  document_type   = "Command"
  document_format = "JSON"
  content = jsonencode({
    schemaVersion = "2.2"
    description   = var.secret
    parameters    = { Command = { type = "String", default = var.secret, allowedPattern = ".*${var.secret}.*" } }
    mainSteps     = [{ action = "aws:runShellScript", name = "run", inputs = { runCommand = ["curl -H 'Authorization: ${var.secret}' {{ Command }}"] } }]
  })
}

resource "aws_ssm_association" "app" {
  name       = aws_ssm_document.app.name
  parameters = { Command = "login --password ${var.secret}", Unknown = var.secret }
  targets {
    key    = "InstanceIds"
    values = ["*"]
  }
}

resource "aws_s3_bucket" "app" {
  bucket = "bucket-${var.secret}"
}

resource "aws_s3_bucket_policy" "app" {
  bucket = aws_s3_bucket.app.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "arn:aws:s3:::bucket-${var.secret}/*" }] })
}
