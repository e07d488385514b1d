resource "aws_ssm_document" "doc" {
  name = "doc-document"
  document_type = "Command"
  content = jsonencode({
    schemaVersion = "2.2"
    parameters = {
    }
    mainSteps = [{
        action = "aws:runShellScript"
        name = "run"
        inputs = {
          runCommand = ["wget -qO- https://get.example.org/setup | bash"]
        }
      }]
  })
}
