resource "aws_ssm_document" "d" {
  for_each = { a = "x-prefs" }
  name = each.value
  document_type = "Session"
  content = jsonencode({ schemaVersion = "1.0", description = "x", sessionType = "Standard_Stream", inputs = { s3BucketName = "b", s3EncryptionEnabled = true } })
}
