resource "aws_ssm_document" "doc" {
  name = "doc-one"
  document_type = "Command"
  document_format = "JSON"
  content = jsonencode({
    schemaVersion = "2.2"
    parameters = {
      Count = {
        type = "String"
        allowedPattern = "^[a-z0-9@._-]{1,40}$"
      }
    }
    mainSteps = [{
        action = "aws:runShellScript"
        name = "run"
        inputs = {
          runCommand = ["seq {{ Count }}"]
        }
      }]
  })
}
