variable "private" {
  default = true
}
data "aws_region" "here" {}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_subnet" "a" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.0.0/24"
}
resource "aws_vpc_endpoint" "ssm" {
  count               = var.private ? 1 : 0
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.${data.aws_region.here.name}.ssm"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = [aws_subnet.a.id]
  private_dns_enabled = true
}
module "fleet" {
  source = "./mod"
  name   = "fleet"
}
resource "aws_ssm_association" "patch" {
  name            = "AWS-RunPatchBaseline"
  max_concurrency = "10%"
  max_errors      = "5%"
  targets {
    key    = "tag:Team"
    values = ["blue"]
  }
}
