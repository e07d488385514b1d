resource "aws_ssm_document" "d" {
  name = "Doc"
  document_type = "Command"
  permissions = { type = "Share", account_ids = "111122223333,all" }
  content = jsonencode({ schemaVersion = "2.2", mainSteps = [{ name = "a", action = "aws:runShellScript", inputs = { runCommand = ["ls"] } }] })
}
