# Policies as the strings that people write: heredocs, blanks, escapes, and one that is no JSON.
resource "aws_iam_policy" "heredoc" {
  name   = "heredoc"
  policy = <<-EOT


    {
      "Version": "2012-10-17",
      "Statement": {"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "*"}
    }

  EOT
}

resource "aws_iam_policy" "carriage_returns" {
  name   = "carriage-returns"
  policy = "{\r\n\t\"Version\": \"2012-10-17\",\r\n\t\"Statement\": [{\"Effect\": \"Allow\", \"Action\": [\"s3:GetObject\"], \"Resource\": \"arn:aws:s3:::b\\u00fccket/*\"}]\r\n}"
}

resource "aws_iam_policy" "cut_short" {
  name   = "cut-short"
  policy = "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\""
}

resource "aws_iam_policy" "text" {
  name   = "text"
  policy = "see the wiki"
}

resource "aws_iam_role" "blanks" {
  name               = "blanks"
  assume_role_policy = "  {\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"Service\": \"ec2.amazonaws.com\"}, \"Action\": \"sts:AssumeRole\"}]}  "
}

resource "aws_organizations_policy" "control" {
  name    = "control"
  content = "{ \"Version\": \"2012-10-17\", \"Statement\": { \"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\" } }"
}
