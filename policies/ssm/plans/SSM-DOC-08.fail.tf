resource "aws_ssm_document" "doc" {
  name = "doc-document"
  document_type = "Automation"
  content = jsonencode({
    schemaVersion = "0.3"
    parameters = {
      Who = {
        type = "String"
      }
    }
    mainSteps = [{
        name = "call"
        action = "aws:invokeLambdaFunction"
        inputs = {
          FunctionName = "notify"
          Payload = "{\"who\": \"{{ Who }}\"}"
        }
      }]
    assumeRole = "arn:aws:iam::444455556666:role/runbook"
  })
}
