data "aws_ssm_parameter" "db" {
  name = "/app/db"
  with_decryption = true
}
resource "aws_ssm_parameter" "p" {
  name = "/x/y"
  type = "SecureString"
  value_wo = data.aws_ssm_parameter.db.value
  value_wo_version = 1
  key_id = "alias/x"
}
