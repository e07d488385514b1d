resource "aws_spot_instance_request" "s" {
  ami = "ami-0123456789abcdef0"
  instance_type = "t3.micro"
  iam_instance_profile = "x"
  metadata_options { http_tokens = "optional" }
}
