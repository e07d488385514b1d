resource "aws_ssm_document" "doc" {
  name = "doc-document"
  document_type = "Automation"
  content = jsonencode({
    schemaVersion = "0.3"
    parameters = {
    }
    mainSteps = [{
        name = "drop"
        action = "aws:deleteStack"
        inputs = {
          StackName = "old"
        }
      }]
    assumeRole = "arn:aws:iam::444455556666:role/runbook"
  })
}
