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
resource "aws_ssm_service_setting" "setting" {
  setting_id = "arn:aws:ssm:eu-north-1:444455556666:servicesetting/ssm/automation/customer-script-log-destination"
  setting_value = "CloudWatch"
}
