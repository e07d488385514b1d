variable "token" {
  type      = string
  sensitive = true
  default   = "abc"
}
variable "plain" {
  type    = string
  default = "abc"
}
resource "random_password" "db" {
  length = 20
}
resource "random_string" "suffix" {
  length = 4
}
resource "tls_private_key" "k" {
  algorithm = "ED25519"
}
locals {
  pw = random_password.db.result
}
resource "aws_ssm_parameter" "a" {
  name  = "/app/a"
  type  = "String"
  value = random_password.db.result
}
resource "aws_ssm_parameter" "b" {
  name  = "/app/b"
  type  = "String"
  value = local.pw
}
resource "aws_ssm_parameter" "c" {
  name  = "/app/c"
  type  = "String"
  value = "postgres://u:${random_password.db.result}@host/db"
}
resource "aws_ssm_parameter" "d" {
  name  = "/app/d"
  type  = "String"
  value = jsonencode({ user = "u", pw = random_password.db.result })
}
resource "aws_ssm_parameter" "e" {
  name  = "/app/e"
  type  = "String"
  value = tls_private_key.k.private_key_pem
}
resource "aws_ssm_parameter" "f" {
  name  = "/app/f"
  type  = "String"
  value = tls_private_key.k.public_key_openssh
}
resource "aws_ssm_parameter" "g" {
  name  = "/app/g"
  type  = "String"
  value = "bucket-${random_string.suffix.result}"
}
resource "aws_ssm_parameter" "h" {
  name  = "/app/h"
  type  = "String"
  value = var.token
}
resource "aws_ssm_parameter" "i" {
  name  = "/app/i"
  type  = "String"
  value = var.plain
}
resource "aws_ssm_parameter" "j" {
  name  = "/app/j"
  type  = "SecureString"
  value_wo = random_password.db.result
  value_wo_version = 1
}
resource "aws_ssm_parameter" "k" {
  name  = "/app/k"
  type  = "String"
  value = module.m.pw
}
resource "aws_ssm_parameter" "l" {
  for_each = toset(["x", "y"])
  name  = "/app/l/${each.key}"
  type  = "StringList"
  value = join(",", [random_password.db.result, each.key])
}
module "m" {
  source = "./mod"
  pw = random_password.db.result
}
resource "aws_iam_access_key" "k" {
  user = "bob"
}
resource "aws_ssm_parameter" "m" {
  name  = "/app/m"
  type  = "String"
  value = aws_iam_access_key.k.secret
}
resource "aws_ssm_parameter" "n" {
  name  = "/app/n"
  type  = "String"
  value = aws_iam_access_key.k.id
}
resource "aws_ssm_parameter" "o" {
  name  = "/app/o"
  type  = "String"
  value = aws_ssm_parameter.i.value
}
resource "aws_ssm_parameter" "p" {
  name  = "/app/p"
  type  = "String"
  insecure_value = nonsensitive(random_password.db.result)
}
resource "aws_ssm_parameter" "q" {
  name  = "/app/q"
  type  = "String"
  value = sha256(random_password.db.result)
}
