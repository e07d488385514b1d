resource "aws_ssm_document" "doc" {
  name = "aws-uptime"
  document_type = "Command"
  content = jsonencode({
    schemaVersion = "2.2"
    parameters = {
    }
    mainSteps = [{
        action = "aws:runShellScript"
        name = "run"
        inputs = {
          runCommand = ["uptime"]
        }
      }]
  })
}
