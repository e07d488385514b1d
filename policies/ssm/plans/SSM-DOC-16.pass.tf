resource "aws_ssm_document" "doc" {
  name = "doc-document"
  document_type = "Automation"
  content = jsonencode({
    schemaVersion = "0.3"
    parameters = {
      Unit = {
        type = "String"
        allowedPattern = "^[a-z][a-z0-9-]{0,30}$"
      }
    }
    mainSteps = [{
        name = "rest"
        action = "aws:sleep"
        inputs = {
          Duration = "{{ Unit }}"
        }
      }]
    assumeRole = "arn:aws:iam::444455556666:role/runbook"
  })
}
