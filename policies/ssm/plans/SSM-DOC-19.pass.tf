resource "aws_ssm_document" "doc" {
  name = "doc-document"
  document_type = "Automation"
  content = jsonencode({
    schemaVersion = "0.3"
    parameters = {
    }
    mainSteps = [{
        name = "okay"
        action = "aws:approve"
        inputs = {
          Approvers = ["arn:aws:iam::444455556666:role/oncall"]
        }
      }, {
        name = "drop"
        action = "aws:deleteStack"
        inputs = {
          StackName = "old"
        }
      }, {
        name = "watch"
        action = "aws:waitForAwsResourceProperty"
        inputs = {
          Service = "ec2"
          Api = "DescribeInstances"
          PropertySelector = "$.x"
          DesiredValues = ["y"]
        }
      }]
    assumeRole = "arn:aws:iam::444455556666:role/runbook"
  })
}
