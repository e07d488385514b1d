resource "aws_ssm_document" "d" {
  name = "Doc"
  document_type = "Command"
  content = jsonencode({ schemaVersion = "2.2", parameters = { Svc = { type = "String", default = "a", allowedValues = ["a"] } }, mainSteps = [{ name = "a", action = "aws:runShellScript", inputs = { runCommand = ["ls {{ Svc }}"] } }] })
}
resource "aws_ssm_association" "a" {
  name = aws_ssm_document.d.name
  parameters = { Service = "a" }
  targets {
    key = "tag:x"
    values = ["y"]
  }
}
