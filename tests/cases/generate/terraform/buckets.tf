data "aws_partition" "current" {}

resource "aws_iam_policy" "agent_buckets" {
  name = "AgentBuckets"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # agents in eu-west-1
      {
        Sid    = "BucketsOfAwsEuWest1"
        Effect = "Allow"
        Action = "s3:GetObject"
        Resource = [
          "arn:${data.aws_partition.current.partition}:s3:::aws-ssm-eu-west-1/*",
          "arn:${data.aws_partition.current.partition}:s3:::amazon-ssm-eu-west-1/*",
          "arn:${data.aws_partition.current.partition}:s3:::patch-baseline-snapshot-eu-west-1/*",
          "arn:${data.aws_partition.current.partition}:s3:::aws-patch-manager-eu-west-1-5522fb710/*",
        ]
      },
      # agents in me-south-1
      {
        Sid    = "BucketsOfAwsMeSouth1"
        Effect = "Allow"
        Action = "s3:GetObject"
        Resource = [
          "arn:${data.aws_partition.current.partition}:s3:::aws-ssm-me-south-1/*",
          "arn:${data.aws_partition.current.partition}:s3:::amazon-ssm-me-south-1/*",
          "arn:${data.aws_partition.current.partition}:s3:::patch-baseline-snapshot-me-south-1-uduvl7q8/*",
          "arn:${data.aws_partition.current.partition}:s3:::aws-patch-manager-me-south-1-a53fc9dce/*",
        ]
      },
    ]
  })
}
