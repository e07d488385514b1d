resource "aws_ssm_document" "session_preferences" {
  name            = "SSM-SessionManagerRunShell"
  document_type   = "Session"
  document_format = "JSON"

  content = jsonencode({
    schemaVersion = "1.0"
    description   = "Preferences of Session Manager"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName                = ""
      s3KeyPrefix                 = ""
      s3EncryptionEnabled         = true
      cloudWatchLogGroupName      = "/ssm/commands"
      cloudWatchEncryptionEnabled = true
      cloudWatchStreamingEnabled  = true
      kmsKeyId                    = "alias/sessions"
      runAsEnabled                = true
      runAsDefaultUser            = "operator"
      idleSessionTimeout          = "20"
      maxSessionDuration          = "480"
      shellProfile = {
        linux   = ""
        windows = ""
      }
    }
  })
}
