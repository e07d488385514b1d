# One role, policy and profile, referred to by name, id and ARN, known and not.
resource "aws_iam_role" "made" {
  name_prefix        = "made-"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_policy" "made" {
  name_prefix = "made-"
  policy      = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}

resource "aws_iam_instance_profile" "made" {
  name_prefix = "made-"
  role        = aws_iam_role.made.id
}

resource "aws_iam_role_policy_attachment" "name_and_arn" {
  role       = aws_iam_role.made.name
  policy_arn = aws_iam_policy.made.arn
}

resource "aws_iam_role_policy_attachment" "ids" {
  role       = aws_iam_role.made.id
  policy_arn = aws_iam_policy.made.id
}

resource "aws_iam_role_policy" "id" {
  role   = aws_iam_role.made.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "ssm:GetParameter", Resource = "*" }] })
}

resource "aws_launch_template" "arn" {
  iam_instance_profile {
    arn = aws_iam_instance_profile.made.arn
  }
}

resource "aws_launch_template" "id" {
  iam_instance_profile {
    name = aws_iam_instance_profile.made.id
  }
}

resource "aws_instance" "name" {
  ami                  = "ami-12345678"
  instance_type        = "t3.micro"
  iam_instance_profile = aws_iam_instance_profile.made.name
}

resource "aws_ssm_activation" "id" {
  iam_role = aws_iam_role.made.id
}

resource "aws_ssm_maintenance_window_task" "arn" {
  window_id        = "mw-0123456789abcdef0"
  task_type        = "RUN_COMMAND"
  task_arn         = "AWS-RunShellScript"
  service_role_arn = aws_iam_role.made.arn
}

resource "aws_iam_role" "named" {
  name               = "Named"
  path               = "/team/"
  assume_role_policy = aws_iam_role.made.assume_role_policy
}

resource "aws_iam_role_policy_attachment" "other_case" {
  role       = "named"
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_lambda_function" "known_arn" {
  function_name = "f"
  role          = "arn:aws:iam::123456789012:role/team/Named"
  filename      = "f.zip"
  handler       = "f.f"
  runtime       = "python3.12"
}
