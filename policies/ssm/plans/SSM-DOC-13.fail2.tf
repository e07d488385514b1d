resource "aws_ssm_document" "d" {
  name = "Doc"
  document_type = "Command"
  content = yamlencode({ schemaVersion = "2.2", mainSteps = [{ name = "a", action = "aws:runShellScript", inputs = { runCommand = ["ls"] } }] })
}
