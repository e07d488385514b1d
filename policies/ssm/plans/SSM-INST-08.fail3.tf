resource "aws_iam_role" "h" {
  name = "h"
  assume_role_policy = jsonencode({Version="2012-10-17",Statement=[{Effect="Allow",Principal={Service="ssm.amazonaws.com"},Action="sts:AssumeRole",Condition={StringEquals={"aws:SourceAccount"="111122223333"},ArnLike={"aws:SourceArn"="arn:aws:ssm:eu-west-1:111122223333:*"}}}]})
}
resource "aws_iam_role_policy_attachment" "h" {
  role = aws_iam_role.h.name
  policy_arn = "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"
}
resource "aws_ssm_activation" "a" {
  iam_role = aws_iam_role.h.name
  registration_limit = 5
  expiration_date = "2026-12-10T00:00:00Z"
}
