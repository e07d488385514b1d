variable "n" { default = "x" }
resource "aws_ssm_document" "d" {
  name = "Doc"
  document_type = "Command"
  document_format = "YAML"
  content = <<-EOT
    schemaVersion: '2.2'
    description: ${var.n}
    parameters:
      Svc: {type: String}
    mainSteps:
      - action: aws:runShellScript
        name: a
        inputs:
          runCommand: ['systemctl restart {{ Svc }}']
  EOT
}
