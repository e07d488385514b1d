resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ssm.amazonaws.com" }, Action = "sts:AssumeRole", Condition = { StringEquals = { "aws:SourceAccount" = "111122223333" }, ArnLike = { "aws:SourceArn" = "arn:aws:ssm:*:111122223333:automation-execution/*" } } }] })
}
resource "aws_iam_role_policy" "p" {
  role = aws_iam_role.r.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "ec2:DescribeInstances", Resource = "*" }] })
}
resource "aws_ssm_document" "d" {
  name = "Doc"
  document_type = "Automation"
  document_format = "YAML"
  content = yamlencode({ schemaVersion = "0.3", assumeRole = "arn:aws:iam::111122223333:role/r", mainSteps = [{ name = "a", action = "aws:executeAwsApi", inputs = { Service = "ec2", Api = "StopInstances", InstanceIds = ["i-0123456789abcdef0"] } }] })
}
