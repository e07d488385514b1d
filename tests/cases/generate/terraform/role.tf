data "aws_partition" "current" {}

data "aws_region" "current" {}

resource "aws_iam_role" "runbook_role" {
  name        = "RunbookRole"
  description = "what the runbook runbook needs"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "ssm.amazonaws.com"
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "210987654321"
          }
          ArnLike = {
            "aws:SourceArn" = "arn:${data.aws_partition.current.partition}:ssm:${data.aws_region.current.region}:210987654321:automation-execution/*"
          }
        }
      },
    ]
  })
}

resource "aws_iam_policy" "runbook_role" {
  name = "RunbookRolePolicy"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # the step `record` (`aws:executeAwsApi`)
      {
        Sid      = "Runbook1"
        Effect   = "Allow"
        Action   = "dynamodb:PutItem"
        Resource = "arn:${data.aws_partition.current.partition}:dynamodb:${data.aws_region.current.region}:210987654321:table/Restarts"
      },
      # the step `restart` (`aws:changeInstanceState`); the step `patch` (`aws:runCommand`)
      {
        Sid    = "Runbook2"
        Effect = "Allow"
        Action = [
          "ec2:DescribeInstanceStatus",
          "ec2:DescribeInstances",
          "ssm:DescribeInstanceInformation",
          "ssm:ListCommandInvocations",
          "ssm:ListCommands",
        ]
        Resource = "*"
      },
      # the step `restart` (`aws:changeInstanceState`)
      {
        Sid      = "TaggedNodes1"
        Effect   = "Allow"
        Action   = "ec2:StartInstances"
        Resource = "arn:${data.aws_partition.current.partition}:ec2:${data.aws_region.current.region}:210987654321:instance/*"
        Condition = {
          StringEquals = {
            "aws:ResourceTag/Automation" = "allowed"
          }
        }
      },
      # the step `notify` (`aws:invokeLambdaFunction`)
      {
        Sid      = "Runbook3"
        Effect   = "Allow"
        Action   = "lambda:InvokeFunction"
        Resource = "arn:${data.aws_partition.current.partition}:lambda:${data.aws_region.current.region}:210987654321:function:Notify"
      },
      # the step `template` (`aws:executeAwsApi`)
      {
        Sid      = "Runbook4"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "arn:${data.aws_partition.current.partition}:s3:::shop-config/web/settings.json"
      },
      # the step `script` (`aws:executeScript`)
      {
        Sid      = "Runbook5"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = "arn:${data.aws_partition.current.partition}:sqs:${data.aws_region.current.region}:210987654321:*"
      },
      # the step `settings` (`aws:executeAwsApi`)
      {
        Sid      = "Runbook6"
        Effect   = "Allow"
        Action   = "ssm:GetParameter"
        Resource = "arn:${data.aws_partition.current.partition}:ssm:${data.aws_region.current.region}:210987654321:parameter/shop/settings"
      },
      # the step `patch` (`aws:runCommand`)
      {
        Sid    = "TaggedNodes2"
        Effect = "Allow"
        Action = "ssm:SendCommand"
        Resource = [
          "arn:${data.aws_partition.current.partition}:ec2:${data.aws_region.current.region}:210987654321:instance/*",
          "arn:${data.aws_partition.current.partition}:ssm:${data.aws_region.current.region}:210987654321:managed-instance/*",
        ]
        Condition = {
          StringEquals = {
            "aws:ResourceTag/Automation" = "allowed"
          }
        }
      },
      # the step `patch` (`aws:runCommand`)
      {
        Sid      = "Runbook7"
        Effect   = "Allow"
        Action   = "ssm:SendCommand"
        Resource = "arn:${data.aws_partition.current.partition}:ssm:${data.aws_region.current.region}::document/AWS-RunPatchBaseline"
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "runbook_role" {
  role       = aws_iam_role.runbook_role.name
  policy_arn = aws_iam_policy.runbook_role.arn
}
