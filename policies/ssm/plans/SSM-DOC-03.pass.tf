resource "aws_ssm_document" "doc" {
  name = "doc-document"
  document_type = "Automation"
  content = jsonencode({
    schemaVersion = "0.3"
    parameters = {
      Label = {
        type = "String"
        allowedPattern = "^PT[0-9]+[SM]$"
      }
    }
    mainSteps = [{
        name = "tag"
        action = "aws:sleep"
        inputs = {
          Duration = "{{ Label }}"
        }
      }]
    assumeRole = "arn:aws:iam::444455556666:role/runbook"
  })
}
