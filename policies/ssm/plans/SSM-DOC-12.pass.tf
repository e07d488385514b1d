resource "aws_ssm_document" "doc" {
  name = "doc-document"
  document_type = "Automation"
  content = jsonencode({
    schemaVersion = "0.3"
    parameters = {
      Unused = {
        type = "String"
      }
    }
    mainSteps = [{
        name = "rest"
        action = "aws:sleep"
        inputs = {
          Duration = "PT5S"
        }
      }]
    assumeRole = "arn:aws:iam::444455556666:role/runbook"
  })
}
