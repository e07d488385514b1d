resource "aws_ssm_document" "doc" {
  name = "doc-document"
  document_type = "Command"
  content = jsonencode({
    schemaVersion = "2.2"
    parameters = {
      Unit = {
        type = "String"
        interpolationType = "ENV_VAR"
        allowedPattern = "^[a-z]+$"
      }
    }
    mainSteps = [{
        action = "aws:runShellScript"
        name = "run"
        inputs = {
          runCommand = ["service \"$SSM_Unit\" reload", "echo \"{{ Unit }}\""]
        }
      }]
  })
}
