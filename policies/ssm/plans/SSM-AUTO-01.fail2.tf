resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_instance_profile" "p" { role = aws_iam_role.r.name }
resource "aws_ssm_document" "d" {
  name = "Doc"
  document_type = "Automation"
  content = jsonencode({ schemaVersion = "0.3", assumeRole = "arn:aws:iam::111122223333:role/r", mainSteps = [{ name = "a", action = "aws:sleep", inputs = { Duration = "PT1M" } }] })
}
