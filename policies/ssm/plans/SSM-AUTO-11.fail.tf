resource "aws_iam_role" "runbook" {
  name = "runbook"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
        Effect = "Allow"
        Principal = {
          Service = "ssm.amazonaws.com"
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "444455556666"
          }
          ArnLike = {
            "aws:SourceArn" = "arn:aws:ssm:*:444455556666:automation-execution/*"
          }
        }
      }]
  })
}
resource "aws_iam_role_policy" "runbook" {
  role = aws_iam_role.runbook.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
        Effect = "Allow"
        Action = ["ec2:StopInstances", "ec2:TerminateInstances"]
        Resource = "arn:aws:ec2:*:444455556666:instance/*"
      }, {
        Effect = "Allow"
        Action = ["ec2:DescribeInstances", "ec2:DescribeInstanceStatus"]
        Resource = "*"
      }]
  })
}
resource "aws_ssm_document" "doc" {
  name = "doc-document"
  document_type = "Automation"
  content = jsonencode({
    schemaVersion = "0.3"
    parameters = {
    }
    mainSteps = [{
        name = "stop"
        action = "aws:changeInstanceState"
        inputs = {
          InstanceIds = ["i-0123456789abcdef0"]
          DesiredState = "stopped"
        }
      }]
    assumeRole = "arn:aws:iam::444455556666:role/runbook"
  })
}
