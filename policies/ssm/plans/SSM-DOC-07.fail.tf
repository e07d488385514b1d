resource "aws_ssm_document" "doc" {
  name = "doc-document"
  document_type = "Automation"
  content = jsonencode({
    schemaVersion = "0.3"
    parameters = {
      Arn = {
        type = "String"
      }
    }
    mainSteps = [{
        name = "grant"
        action = "aws:executeAwsApi"
        inputs = {
          Service = "iam"
          Api = "AttachRolePolicy"
          RoleName = "team-app"
          PolicyArn = "{{ Arn }}"
        }
      }]
    assumeRole = "arn:aws:iam::444455556666:role/runbook"
  })
}
