resource "aws_ssm_document" "doc" {
  name = "doc-document"
  document_type = "Automation"
  content = jsonencode({
    schemaVersion = "0.3"
    parameters = {
    }
    mainSteps = [{
        name = "ask"
        action = "aws:runCommand"
        inputs = {
          DocumentName = "AWS-RunShellScript"
          InstanceIds = ["i-0123456789abcdef0"]
          Parameters = {
            commands = ["uname -a"]
          }
        }
      }, {
        name = "use"
        action = "aws:runCommand"
        inputs = {
          DocumentName = "AWS-RunShellScript"
          InstanceIds = ["i-0123456789abcdef0"]
          Parameters = {
            commands = ["echo {{ ask.ResponseCode }}"]
          }
        }
      }]
    assumeRole = "arn:aws:iam::444455556666:role/runbook"
  })
}
