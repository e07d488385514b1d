resource "aws_ssm_document" "doc" {
  name = "doc-document"
  document_type = "Automation"
  content = jsonencode({
    schemaVersion = "0.3"
    parameters = {
    }
    mainSteps = [{
        name = "calc"
        action = "aws:executeScript"
        inputs = {
          Runtime = "python3.11"
          Handler = "main"
          Script = "def main(events, context):\n  return {}\n"
        }
      }]
    assumeRole = "arn:aws:iam::444455556666:role/runbook"
  })
}
