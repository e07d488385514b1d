resource "aws_iam_role" "n" {
  name = "n"
  assume_role_policy = jsonencode({Version="2012-10-17",Statement=[{Effect="Allow",Principal={Service="lambda.amazonaws.com"},Action="sts:AssumeRole"}]})
}
resource "aws_iam_role_policy" "p" {
  role = aws_iam_role.n.name
  policy = jsonencode({Version="2012-10-17",Statement=[{Effect="Allow",Action=["ssm:SendCommand"],Resource=["arn:aws:ec2:*:*:instance/*","arn:aws:ssm:*::document/AWS-RunPatchBaseline","arn:aws:ssm:*::document/AWS-RunRemoteScript"]}]})
}
