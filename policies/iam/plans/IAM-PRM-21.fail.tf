resource "aws_iam_policy" "app" {
  name = "app"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Deny"
        NotAction = ["s3:Get*", "s3:List*"]
        Resource  = "arn:aws:s3:::bucket-0/*"
        Condition = { StringEquals = { "aws:RequestedRegion" = "eu-west-1" } }
      },
      {
        Effect    = "Allow"
        NotAction = ["s3:Get*", "s3:List*"]
        Resource  = "arn:aws:s3:::bucket-1/*"
        Condition = { StringEquals = { "aws:RequestedRegion" = "eu-west-1" } }
      },
      {
        Effect    = "Allow"
        NotAction = ["s3:Get*", "s3:List*"]
        Resource  = "arn:aws:s3:::bucket-2/*"
        Condition = { StringEquals = { "aws:RequestedRegion" = "eu-west-1" } }
      },
      {
        Effect    = "Allow"
        NotAction = ["s3:Get*", "s3:List*"]
        Resource  = "arn:aws:s3:::bucket-3/*"
        Condition = { StringEquals = { "aws:RequestedRegion" = "eu-west-1" } }
      },
      {
        Effect    = "Allow"
        NotAction = ["s3:Get*", "s3:List*"]
        Resource  = "arn:aws:s3:::bucket-4/*"
        Condition = { StringEquals = { "aws:RequestedRegion" = "eu-west-1" } }
      },
      {
        Effect    = "Deny"
        NotAction = ["s3:Get*", "s3:List*"]
        Resource  = "arn:aws:s3:::bucket-5/*"
        Condition = { StringEquals = { "aws:RequestedRegion" = "eu-west-1" } }
      },
      {
        Effect    = "Allow"
        NotAction = ["s3:Get*", "s3:List*"]
        Resource  = "arn:aws:s3:::bucket-6/*"
        Condition = { StringEquals = { "aws:RequestedRegion" = "eu-west-1" } }
      },
      {
        Effect    = "Allow"
        NotAction = ["s3:Get*", "s3:List*"]
        Resource  = "arn:aws:s3:::bucket-7/*"
        Condition = { StringEquals = { "aws:RequestedRegion" = "eu-west-1" } }
      },
      {
        Effect    = "Allow"
        NotAction = ["s3:Get*", "s3:List*"]
        Resource  = "arn:aws:s3:::bucket-8/*"
        Condition = { StringEquals = { "aws:RequestedRegion" = "eu-west-1" } }
      },
      {
        Effect    = "Allow"
        NotAction = ["s3:Get*", "s3:List*"]
        Resource  = "arn:aws:s3:::bucket-9/*"
        Condition = { StringEquals = { "aws:RequestedRegion" = "eu-west-1" } }
      },
    ]
  })
}
