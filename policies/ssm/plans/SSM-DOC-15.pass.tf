resource "aws_ssm_document" "doc" {
  name = "team-uptime"
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
  permissions = {
    type = "Share"
    account_ids = "777788889999"
  }
}
