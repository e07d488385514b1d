# Everything of Systems Manager, tied by references.
data "aws_region" "here" {}

resource "aws_iam_role" "automation" {
  name               = "automation"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ssm.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_s3_bucket" "output" {
  bucket_prefix = "output-"
}

resource "aws_cloudwatch_log_group" "output" {
  name_prefix       = "output-"
  retention_in_days = 0
}

resource "aws_ssm_document" "run" {
  name            = "Run"
  document_type   = "Automation"
  document_format = "YAML"
  content         = <<-EOT
    schemaVersion: '0.3'
    assumeRole: '{{ AutomationAssumeRole }}'
    parameters:
      AutomationAssumeRole:
        type: String
    mainSteps:
      - name: wait
        action: aws:sleep
        inputs:
          Duration: PT1M
  EOT
  permissions = {
    type        = "Share"
    account_ids = "All"
  }
}

resource "aws_ssm_association" "nightly" {
  name                             = aws_ssm_document.run.name
  association_name                 = "nightly"
  schedule_expression              = "cron(0 2 * * ? *)"
  automation_target_parameter_name = "InstanceId"
  parameters = {
    AutomationAssumeRole = aws_iam_role.automation.arn
    Other                = "x"
  }
  targets {
    key    = "tag:Name"
    values = ["web", "app"]
  }
  output_location {
    s3_bucket_name = aws_s3_bucket.output.id
    s3_key_prefix  = "logs/"
  }
}

resource "aws_ssm_maintenance_window" "sunday" {
  name     = "sunday"
  schedule = "cron(0 2 ? * SUN *)"
  duration = 3
  cutoff   = 1
}

resource "aws_ssm_maintenance_window_target" "all" {
  window_id     = aws_ssm_maintenance_window.sunday.id
  resource_type = "INSTANCE"
  targets {
    key    = "InstanceIds"
    values = ["i-0123456789abcdef0"]
  }
}

resource "aws_ssm_maintenance_window_task" "patch" {
  window_id        = aws_ssm_maintenance_window.sunday.id
  task_type        = "RUN_COMMAND"
  task_arn         = "AWS-RunPatchBaseline"
  service_role_arn = aws_iam_role.automation.arn
  priority         = 1
  max_concurrency  = "10%"
  max_errors       = "1"
  targets {
    key    = "WindowTargetIds"
    values = [aws_ssm_maintenance_window_target.all.id]
  }
  task_invocation_parameters {
    run_command_parameters {
      document_version = "$DEFAULT"
      output_s3_bucket = aws_s3_bucket.output.bucket
      parameter {
        name   = "Operation"
        values = ["Install"]
      }
      cloudwatch_config {
        cloudwatch_output_enabled = true
        cloudwatch_log_group_name = aws_cloudwatch_log_group.output.name
      }
    }
  }
}

resource "aws_ssm_maintenance_window_task" "automate" {
  window_id  = aws_ssm_maintenance_window.sunday.id
  task_type  = "AUTOMATION"
  task_arn   = aws_ssm_document.run.arn
  priority   = 2
  task_invocation_parameters {
    automation_parameters {
      document_version = "$LATEST"
      parameter {
        name   = "AutomationAssumeRole"
        values = [aws_iam_role.automation.arn]
      }
    }
  }
}

resource "aws_ssm_activation" "hybrid" {
  name               = "hybrid"
  iam_role           = aws_iam_role.automation.id
  registration_limit = 5
}

resource "aws_ssm_service_setting" "hosts" {
  setting_id    = "arn:aws:ssm:${data.aws_region.here.region}:123456789012:servicesetting/ssm/managed-instance/default-ec2-instance-management-role"
  setting_value = "service-role/${aws_iam_role.automation.name}"
}

resource "aws_ssm_resource_data_sync" "inventory" {
  name = "inventory"
  s3_destination {
    bucket_name = aws_s3_bucket.output.bucket
    region      = "eu-west-1"
  }
}

resource "aws_ssm_patch_baseline" "linux" {
  name             = "linux"
  operating_system = "AMAZON_LINUX_2023"
  approved_patches = ["KB1"]
  source {
    name          = "repo"
    products      = ["AmazonLinux2023"]
    configuration = "[repo]\nbaseurl=http://example.com\n"
  }
}

resource "aws_ssm_patch_group" "web" {
  baseline_id = aws_ssm_patch_baseline.linux.id
  patch_group = "web"
}

resource "aws_ssm_patch_group" "app" {
  baseline_id = aws_ssm_patch_baseline.linux.id
  patch_group = "app"
}

resource "aws_ssm_default_patch_baseline" "linux" {
  baseline_id      = aws_ssm_patch_baseline.linux.id
  operating_system = "AMAZON_LINUX_2023"
}

resource "aws_ssm_parameter" "plain" {
  name           = "/app/flag"
  type           = "String"
  insecure_value = "on"
}

resource "aws_config_config_rule" "encrypted" {
  name             = "encrypted"
  input_parameters = jsonencode({ kmsId = "x" })
  source {
    owner             = "AWS"
    source_identifier = "ENCRYPTED_VOLUMES"
  }
}

resource "aws_config_remediation_configuration" "fix" {
  config_rule_name = aws_config_config_rule.encrypted.name
  target_type      = "SSM_DOCUMENT"
  target_id        = aws_ssm_document.run.name
  automatic        = true
  parameter {
    name         = "AutomationAssumeRole"
    static_value = aws_iam_role.automation.arn
  }
  parameter {
    name           = "InstanceId"
    resource_value = "RESOURCE_ID"
  }
}

resource "aws_cloudwatch_event_target" "run" {
  rule     = "nightly"
  arn      = replace(aws_ssm_document.run.arn, "document/", "automation-definition/")
  role_arn = aws_iam_role.automation.arn
  input    = jsonencode({ InstanceId = ["i-0123456789abcdef0"] })
}

resource "aws_cloudwatch_event_target" "known" {
  rule     = "nightly"
  arn      = "arn:aws:ssm:eu-west-1:123456789012:automation-definition/Run:$DEFAULT"
  role_arn = aws_iam_role.automation.arn
}

resource "aws_scheduler_schedule" "universal" {
  name                = "universal"
  schedule_expression = "rate(1 day)"
  flexible_time_window { mode = "OFF" }
  target {
    arn      = "arn:aws:scheduler:::aws-sdk:ssm:startAutomationExecution"
    role_arn = aws_iam_role.automation.arn
    input    = jsonencode({ DocumentName = "Run", Parameters = { InstanceId = ["i-1"] } })
  }
}
