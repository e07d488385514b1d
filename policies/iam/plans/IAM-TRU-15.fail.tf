resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Principal = {
        AWS = [
          "arn:aws:iam::210987654321:role/app",
          "arn:aws:sts::210987654321:assumed-role/app/one",
        ]
      }
      Action = "sts:AssumeRole"
    }]
  })
}
