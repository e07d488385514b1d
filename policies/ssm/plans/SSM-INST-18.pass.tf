resource "aws_iam_role" "hybridnodes" {
  name = "hybridnodes"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
        Effect = "Allow"
        Principal = {
          Service = "ssm.amazonaws.com"
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "444455556666"
          }
          ArnEquals = {
            "aws:SourceArn" = "arn:aws:ssm:eu-north-1:444455556666:*"
          }
        }
      }]
  })
}
resource "aws_iam_role_policy_attachment" "hybridnodes0" {
  role = aws_iam_role.hybridnodes.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}
resource "aws_ssm_activation" "office" {
  iam_role = aws_iam_role.hybridnodes.id
  registration_limit = 3
}
