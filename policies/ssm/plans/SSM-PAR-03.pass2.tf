data "aws_ssm_parameter" "db" {
  name = "/app/db"
  with_decryption = false
}
resource "aws_instance" "i" {
  ami = "ami-1"
  instance_type = "t3.micro"
  user_data = "#!/bin/sh\necho ${data.aws_ssm_parameter.db.value} > /etc/x"
}
