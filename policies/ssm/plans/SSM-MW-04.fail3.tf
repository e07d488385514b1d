resource "aws_cloudwatch_event_target" "t" {
  rule = "r"
  arn = "arn:aws:ssm:eu-west-1:111122223333:automation-definition/Deploy"
  role_arn = "arn:aws:iam::111122223333:role/x"
  input = jsonencode({ Token = ["ghp_0123456789abcdefghijABCDEFGHIJ012345"] })
}
