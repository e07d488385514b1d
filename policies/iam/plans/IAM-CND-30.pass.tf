resource "aws_iam_role_policy" "app" {
  name   = "app"
  role   = "app"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = "dynamodb:Query"
      Resource = "arn:aws:dynamodb:eu-west-1:210987654321:table/app"
      Condition = {
        "ForAllValues:StringEquals" = {
          "dynamodb:Attributes" = ["id"]
        }
        StringEqualsIfExists = {
          "dynamodb:Select" = "SPECIFIC_ATTRIBUTES"
        }
      }
    }]
  })
}
