resource "aws_vpc_endpoint" "e" {
  for_each = toset(["ssm", "ssmmessages", "ec2messages"])
  vpc_id = "vpc-1"
  service_name = "com.amazonaws.eu-west-1.${each.key}"
  vpc_endpoint_type = "Interface"
  private_dns_enabled = true
}
