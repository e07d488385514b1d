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
resource "aws_iam_role_policy_attachment" "runbook0" {
  role = aws_iam_role.runbook.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonSSMAutomationRole"
}
