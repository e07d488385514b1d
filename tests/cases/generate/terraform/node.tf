data "aws_partition" "current" {}

data "aws_region" "current" {}

resource "aws_iam_role" "node_role" {
  name        = "NodeRole"
  description = "what nodes under Systems Manager need"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "ec2.amazonaws.com"
        }
        Action = "sts:AssumeRole"
      },
    ]
  })
}

resource "aws_iam_policy" "node_role" {
  name = "NodeRolePolicy"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # core; patching
      {
        Sid    = "OwnNode1"
        Effect = "Allow"
        Action = [
          "ssm:PutComplianceItems",
          "ssm:UpdateInstanceInformation",
        ]
        Resource = [
          "arn:${data.aws_partition.current.partition}:ec2:${data.aws_region.current.region}:210987654321:instance/*",
          "arn:${data.aws_partition.current.partition}:ssm:${data.aws_region.current.region}:210987654321:managed-instance/*",
        ]
        Condition = {
          ArnLike = {
            "ec2:SourceInstanceARN" = "arn:${data.aws_partition.current.partition}:ec2:${data.aws_region.current.region}:210987654321:instance/*"
          }
        }
      },
      # core
      {
        Sid    = "Channels"
        Effect = "Allow"
        Action = [
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ]
        Resource = "*"
      },
      # associations
      {
        Sid      = "Associations1"
        Effect   = "Allow"
        Action   = "ssm:ListAssociations"
        Resource = "*"
      },
      # associations
      {
        Sid    = "Associations2"
        Effect = "Allow"
        Action = "ssm:ListInstanceAssociations"
        Resource = [
          "arn:${data.aws_partition.current.partition}:ec2:${data.aws_region.current.region}:210987654321:instance/*",
          "arn:${data.aws_partition.current.partition}:ssm:${data.aws_region.current.region}:210987654321:managed-instance/*",
        ]
      },
      # associations
      {
        Sid    = "Associations3"
        Effect = "Allow"
        Action = "ssm:DescribeAssociation"
        Resource = [
          "arn:${data.aws_partition.current.partition}:ec2:${data.aws_region.current.region}:210987654321:instance/*",
          "arn:${data.aws_partition.current.partition}:ssm:${data.aws_region.current.region}:210987654321:association/*",
          "arn:${data.aws_partition.current.partition}:ssm:${data.aws_region.current.region}:210987654321:document/*",
          "arn:${data.aws_partition.current.partition}:ssm:${data.aws_region.current.region}:210987654321:managed-instance/*",
          "arn:${data.aws_partition.current.partition}:ssm:${data.aws_region.current.region}::document/AWS*",
        ]
      },
      # associations
      {
        Sid    = "Associations4"
        Effect = "Allow"
        Action = [
          "ssm:DescribeDocument",
          "ssm:GetDocument",
        ]
        Resource = [
          "arn:${data.aws_partition.current.partition}:ssm:${data.aws_region.current.region}:210987654321:document/*",
          "arn:${data.aws_partition.current.partition}:ssm:${data.aws_region.current.region}::document/AWS*",
        ]
      },
      # associations
      {
        Sid    = "OwnNode2"
        Effect = "Allow"
        Action = "ssm:UpdateAssociationStatus"
        Resource = [
          "arn:${data.aws_partition.current.partition}:ec2:${data.aws_region.current.region}:210987654321:instance/*",
          "arn:${data.aws_partition.current.partition}:ssm:${data.aws_region.current.region}:210987654321:document/*",
          "arn:${data.aws_partition.current.partition}:ssm:${data.aws_region.current.region}:210987654321:managed-instance/*",
          "arn:${data.aws_partition.current.partition}:ssm:${data.aws_region.current.region}::document/AWS*",
        ]
        Condition = {
          ArnLike = {
            "ec2:SourceInstanceARN" = "arn:${data.aws_partition.current.partition}:ec2:${data.aws_region.current.region}:210987654321:instance/*"
          }
        }
      },
      # associations
      {
        Sid    = "OwnNode3"
        Effect = "Allow"
        Action = "ssm:UpdateInstanceAssociationStatus"
        Resource = [
          "arn:${data.aws_partition.current.partition}:ec2:${data.aws_region.current.region}:210987654321:instance/*",
          "arn:${data.aws_partition.current.partition}:ssm:${data.aws_region.current.region}:210987654321:association/*",
          "arn:${data.aws_partition.current.partition}:ssm:${data.aws_region.current.region}:210987654321:managed-instance/*",
        ]
        Condition = {
          ArnLike = {
            "ec2:SourceInstanceARN" = "arn:${data.aws_partition.current.partition}:ec2:${data.aws_region.current.region}:210987654321:instance/*"
          }
        }
      },
      # patching
      {
        Sid    = "Patching"
        Effect = "Allow"
        Action = [
          "ssm:GetDeployablePatchSnapshotForInstance",
          "ssm:PutInventory",
        ]
        Resource = "*"
      },
      # cloudwatch-agent
      {
        Sid      = "CloudWatchAgent1"
        Effect   = "Allow"
        Action   = "cloudwatch:PutMetricData"
        Resource = "*"
        Condition = {
          StringEquals = {
            "cloudwatch:namespace" = "CWAgent"
          }
        }
      },
      # cloudwatch-agent; output
      {
        Sid    = "CloudWatchAgent2"
        Effect = "Allow"
        Action = [
          "logs:CreateLogStream",
          "logs:PutLogEvents",
        ]
        Resource = [
          "arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.region}:210987654321:log-group:*:log-stream:*",
          "arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.region}:210987654321:log-group:/ssm/commands:*",
        ]
      },
      # cloudwatch-agent; output
      {
        Sid    = "CloudWatchAgent3"
        Effect = "Allow"
        Action = [
          "ec2:DescribeTags",
          "ec2:DescribeVolumes",
          "logs:DescribeLogGroups",
        ]
        Resource = "*"
      },
      # cloudwatch-agent; output
      {
        Sid    = "CloudWatchAgent4"
        Effect = "Allow"
        Action = [
          "logs:CreateLogGroup",
          "logs:DescribeLogStreams",
          "logs:PutRetentionPolicy",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.region}:210987654321:log-group:*"
      },
      # cloudwatch-agent
      {
        Sid      = "CloudWatchAgent5"
        Effect   = "Allow"
        Action   = "ssm:GetParameter"
        Resource = "arn:${data.aws_partition.current.partition}:ssm:${data.aws_region.current.region}:210987654321:parameter/AmazonCloudWatch-*"
      },
      # parameters
      {
        Sid      = "Parameters"
        Effect   = "Allow"
        Action   = "ssm:GetParameters"
        Resource = "arn:${data.aws_partition.current.partition}:ssm:${data.aws_region.current.region}:210987654321:parameter/shop/*"
      },
      # output
      {
        Sid      = "Output"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = "arn:${data.aws_partition.current.partition}:s3:::logs/ssm/*"
      },
      # output
      {
        Sid      = "OutputEncryption"
        Effect   = "Allow"
        Action   = "s3:GetEncryptionConfiguration"
        Resource = "arn:${data.aws_partition.current.partition}:s3:::logs"
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "node_role" {
  role       = aws_iam_role.node_role.name
  policy_arn = aws_iam_policy.node_role.arn
}

resource "aws_iam_instance_profile" "node_role" {
  name = "NodeRole"
  role = aws_iam_role.node_role.name
}
