
provider "aws" { region = "eu-west-1" }
resource "aws_iam_role" "a" {
  
  name = "a"
  assume_role_policy = jsonencode({Version="2012-10-17",Statement=[{Effect="Allow",Action="sts:AssumeRole",Principal={Service="ec2.amazonaws.com"}}]})
  
}

check "name" {
  data "aws_iam_role" "x" { name = aws_iam_role.a.name }
  assert { 
    condition = data.aws_iam_role.x.arn != ""
    error_message = "no" 
  }
}
resource "aws_iam_role_policy_attachment" "x" {
  role = aws_iam_role.a.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
  lifecycle { 
    precondition { 
      condition = aws_iam_role.a.name == "a" 
      error_message = "x" 
    } 
  }
}
resource "aws_iam_instance_profile" "p" { 
  name = "p" 
  role = aws_iam_role.a.name
}
