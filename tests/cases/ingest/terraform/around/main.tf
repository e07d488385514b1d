# Buckets in parts, keys, endpoints, users, and nodes of every kind.
resource "aws_s3_bucket" "logs" {
  bucket = "logs"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.logs.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = false
}

resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule { object_ownership = "BucketOwnerEnforced" }
}

resource "aws_kms_key" "logs" {
  enable_key_rotation = true
}

resource "aws_vpc_endpoint" "ssm" {
  vpc_id              = "vpc-1"
  service_name        = "com.amazonaws.eu-west-1.ssm"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = ["subnet-1"]
}

resource "aws_vpc_endpoint_policy" "ssm" {
  vpc_endpoint_id = aws_vpc_endpoint.ssm.id
  policy          = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "*", Resource = "*" }] })
}

resource "aws_iam_group" "ops" {
  name = "ops"
}

resource "aws_iam_user" "ops" {
  for_each = toset(["a", "b"])
  name     = each.key
}

resource "aws_iam_group_membership" "ops" {
  name  = "ops"
  group = aws_iam_group.ops.name
  users = [for user in aws_iam_user.ops : user.name]
}

resource "aws_iam_user_group_membership" "a" {
  user   = aws_iam_user.ops["a"].name
  groups = [aws_iam_group.ops.name]
}

resource "aws_iam_access_key" "a" {
  user = aws_iam_user.ops["a"].name
}

resource "aws_iam_user_login_profile" "b" {
  user    = aws_iam_user.ops["b"].name
  pgp_key = "keybase:x"
}

data "aws_iam_role" "existing" {
  name = "existing"
}

data "aws_iam_policy" "readonly" {
  name = "ReadOnlyAccess"
}

resource "aws_iam_role_policy_attachment" "existing" {
  role       = data.aws_iam_role.existing.name
  policy_arn = data.aws_iam_policy.readonly.arn
}

resource "aws_iam_role" "node" {
  name               = "node"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_instance_profile" "node" {
  name = "node"
  role = aws_iam_role.node.name
}

resource "aws_instance" "plain" {
  ami                  = "ami-12345678"
  instance_type        = "t3.micro"
  iam_instance_profile = aws_iam_instance_profile.node.id
  user_data            = "#!/bin/sh\necho hello\n"
  metadata_options {
    http_tokens = "required"
  }
}

resource "aws_launch_template" "plain" {
  name      = "plain"
  user_data = base64encode("#!/bin/sh\necho template\n")
  iam_instance_profile {
    name = aws_iam_instance_profile.node.name
  }
}

resource "aws_autoscaling_group" "mixed" {
  min_size = 1
  max_size = 1
  mixed_instances_policy {
    launch_template {
      launch_template_specification {
        launch_template_id = aws_launch_template.plain.id
      }
    }
  }
}

resource "aws_eks_node_group" "workers" {
  cluster_name    = "c"
  node_group_name = "workers"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = ["subnet-1"]
  scaling_config {
    desired_size = 1
    max_size     = 1
    min_size     = 1
  }
}

resource "aws_emr_cluster" "emr" {
  name          = "emr"
  release_label = "emr-7.0.0"
  service_role  = aws_iam_role.node.arn
  ec2_attributes {
    instance_profile = aws_iam_instance_profile.node.arn
  }
}

resource "aws_elastic_beanstalk_environment" "web" {
  name        = "web"
  application = "app"
  setting {
    namespace = "aws:autoscaling:launchconfiguration"
    name      = "IamInstanceProfile"
    value     = aws_iam_instance_profile.node.name
  }
  setting {
    namespace = "aws:elasticbeanstalk:environment"
    name      = "EnvironmentType"
    value     = "SingleInstance"
  }
}

resource "aws_ecs_task_definition" "task" {
  family                = "task"
  container_definitions = "[]"
  task_role_arn         = aws_iam_role.node.arn
  execution_role_arn    = aws_iam_role.node.arn
}
