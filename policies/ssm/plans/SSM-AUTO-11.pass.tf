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
        Action = "ec2:StopInstances"
        Resource = "arn:aws:ec2:*:444455556666:instance/*"
        Condition = {
          StringEquals = {
            "aws:ResourceTag/Team" = "blue"
          }
        }
      }]
  })
}
