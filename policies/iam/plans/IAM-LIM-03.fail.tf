resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Principal = {
        AWS = [
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-000",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-001",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-002",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-003",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-004",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-005",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-006",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-007",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-008",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-009",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-010",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-011",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-012",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-013",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-014",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-015",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-016",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-017",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-018",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-019",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-020",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-021",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-022",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-023",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-024",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-025",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-026",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-027",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-028",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-029",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-030",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-031",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-032",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-033",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-034",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-035",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-036",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-037",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-038",
          "arn:aws:iam::210987654321:role/a-role-with-a-long-name-039",
        ]
      }
      Action = "sts:AssumeRole"
    }]
  })
}
