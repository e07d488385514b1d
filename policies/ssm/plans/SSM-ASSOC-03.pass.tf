resource "aws_ssm_document" "doc" {
  name = "Team-Reload"
  document_type = "Command"
  content = jsonencode({
    schemaVersion = "2.2"
    parameters = {
      Unit = {
        type = "String"
        allowedPattern = "^[a-z0-9@._-]{1,40}$"
      }
    }
    mainSteps = [{
        action = "aws:runShellScript"
        name = "run"
        inputs = {
          runCommand = ["service {{ Unit }} reload"]
        }
      }]
  })
}
resource "aws_ssm_association" "assoc" {
  name = aws_ssm_document.doc.name
  targets {
    key = "tag:Team"
    values = ["blue"]
  }
  parameters = {
    Unit = "nginx"
  }
}
