resource "aws_ssm_document" "doc" {
  name = "doc-document"
  document_type = "Automation"
  content = jsonencode({
    schemaVersion = "0.3"
    parameters = {
    }
    mainSteps = [{
        name = "rest"
        action = "aws:sleep"
        inputs = {
          Duration = "PT5S"
        }
      }]
  })
}
