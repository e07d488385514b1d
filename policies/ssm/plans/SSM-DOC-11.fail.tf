resource "aws_ssm_document" "doc" {
  name = "doc-document"
  document_type = "Command"
  content = jsonencode({
    schemaVersion = "2.2"
    parameters = {
      Unit = {
        type = "String"
        allowedPattern = "^[a-z]+$"
        default = ""
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
