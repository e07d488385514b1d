resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Principal = {
        AWS = "arn:aws:iam::210987654321:role/ci"
      }
      Action = "sts:AssumeRole"
      Condition = {
        StringEquals = {
          "aws:RequestTag/team" = "app"
        }
      }
    }]
  })
}
