resource "aws_iam_role" "web" {
  name               = "web"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_role_policy_attachment" "web" {
  role       = aws_iam_role.web.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonEC2RoleforSSM"
}

resource "aws_iam_instance_profile" "web" {
  role = aws_iam_role.web.name
}

resource "aws_s3_bucket" "out" {
  bucket = "ssm-out"
}

resource "aws_ssm_association" "patch" {
  name = "AWS-RunPatchBaseline"
  targets {
    key    = "tag:Role"
    values = ["web"]
  }
  output_location {
    s3_bucket_name = aws_s3_bucket.out.id
  }
}

resource "aws_ssm_association" "cwa" {
  name = "AmazonCloudWatch-ManageAgent"
  targets {
    key    = "tag:Role"
    values = ["web"]
  }
}

resource "aws_iam_user" "old" {
  name = "old"
}

resource "aws_iam_user_policy_attachment" "old" {
  user       = aws_iam_user.old.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonEC2RoleforSSM"
}
