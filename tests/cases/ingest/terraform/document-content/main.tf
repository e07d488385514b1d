# Contents of documents: JSON and YAML by heredoc, with marks of documents, and one whose format is not the one that is said.
resource "aws_ssm_document" "yaml" {
  name            = "yaml"
  document_type   = "Command"
  document_format = "YAML"
  content         = <<-DOC
    ---
    schemaVersion: '2.2'
    parameters:
      Name: {type: String}
    mainSteps:
      - action: aws:runShellScript
        name: greet
        inputs:
          runCommand:
            - echo {{ Name }}
  DOC
}

resource "aws_ssm_document" "json" {
  name          = "json"
  document_type = "Automation"
  content       = <<DOC
{
  "schemaVersion": "0.3",
  "mainSteps": [{"name": "sleep", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}}]
}
DOC
}

resource "aws_ssm_document" "said_to_be_json" {
  name            = "said-to-be-json"
  document_type   = "Command"
  document_format = "JSON"
  content         = "schemaVersion: '2.2'\nmainSteps:\n- {action: 'aws:runShellScript', name: x, inputs: {runCommand: [ls]}}\n"
}

resource "aws_ssm_document" "broken" {
  name          = "broken"
  document_type = "Command"
  content       = "{\"schemaVersion\": \"2.2\", "
}
