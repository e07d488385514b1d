resource "aws_iam_role" "fleet" {
  name = "fleet"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
        Effect = "Allow"
        Principal = {
          Service = "ec2.amazonaws.com"
        }
        Action = "sts:AssumeRole"
      }]
  })
}
resource "aws_iam_role_policy" "fleet" {
  role = aws_iam_role.fleet.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
        Effect = "Allow"
        Action = ["ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"]
        Resource = "*"
      }]
  })
}
resource "aws_iam_instance_profile" "fleet" {
  role = aws_iam_role.fleet.name
}
resource "aws_ssm_association" "assoc" {
  name = "AWS-GatherSoftwareInventory"
  targets {
    key = "tag:Team"
    values = ["blue"]
  }
}
