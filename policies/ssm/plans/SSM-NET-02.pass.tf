resource "aws_vpc_endpoint" "gate" {
  vpc_id = "vpc-0a1b2c3d"
  service_name = "com.amazonaws.eu-north-1.ssm"
  vpc_endpoint_type = "Interface"
  private_dns_enabled = true
}
resource "aws_vpc_endpoint" "talk" {
  vpc_id = "vpc-0a1b2c3d"
  service_name = "com.amazonaws.eu-north-1.ssmmessages"
  vpc_endpoint_type = "Interface"
  private_dns_enabled = true
}
resource "aws_vpc_endpoint" "older" {
  vpc_id = "vpc-0a1b2c3d"
  service_name = "com.amazonaws.eu-north-1.ec2messages"
  vpc_endpoint_type = "Interface"
  private_dns_enabled = true
}
