resource "aws_iam_role_policy" "app" {
  name   = "app"
  role   = "app"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = "application-cost-profiler:ListReportDefinitions"
      Resource = "*"
    }]
  })
}
