resource "aws_ssm_document" "doc" {
  name = "doc-document"
  document_type = "Automation"
  content = jsonencode({
    schemaVersion = "0.3"
    parameters = {
      Next = {
        type = "String"
        allowedValues = ["Team-Patch", "Team-Reboot"]
      }
    }
    mainSteps = [{
        name = "run"
        action = "aws:executeAutomation"
        inputs = {
          DocumentName = "{{ Next }}"
        }
      }]
    assumeRole = "arn:aws:iam::444455556666:role/runbook"
  })
}
