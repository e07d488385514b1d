resource "aws_ssm_document" "doc" {
  name = "SSM-SessionManagerRunShell"
  document_type = "Session"
  content = jsonencode({
    schemaVersion = "1.0"
    sessionType = "Standard_Stream"
    inputs = {
      cloudWatchLogGroupName = "shells"
      cloudWatchEncryptionEnabled = true
      kmsKeyId = "alias/shells"
      runAsEnabled = true
      runAsDefaultUser = "ops"
      idleSessionTimeout = "10"
      maxSessionDuration = "120"
    }
  })
}
