//! Which service an ARN of a resource names.
//!
//! The ARN of a declared resource is mostly not known before it is made, but its service is, and that alone decides most
//! questions: a bucket's ARN is not that of a document. Source: the resource types of the Service Authorization Reference.

/// Namespaces of resource types, and the service in the ARNs of their resources; only those where all types agree.
const NAMESPACES: &[(&str, &str)] = &[
    ("AppSync", "appsync"),
    ("Athena", "athena"),
    ("AutoScaling", "autoscaling"),
    ("Backup", "backup"),
    ("Batch", "batch"),
    ("Bedrock", "bedrock"),
    ("CertificateManager", "acm"),
    ("CloudFront", "cloudfront"),
    ("CloudTrail", "cloudtrail"),
    ("CloudWatch", "cloudwatch"),
    ("CodeBuild", "codebuild"),
    ("CodeCommit", "codecommit"),
    ("CodePipeline", "codepipeline"),
    ("Config", "config"),
    ("DMS", "dms"),
    ("DynamoDB", "dynamodb"),
    ("EC2", "ec2"),
    ("ECR", "ecr"),
    ("ECS", "ecs"),
    ("EFS", "elasticfilesystem"),
    ("EKS", "eks"),
    ("ElasticLoadBalancing", "elasticloadbalancing"),
    ("ElasticLoadBalancingV2", "elasticloadbalancing"),
    ("Elasticsearch", "es"),
    ("Events", "events"),
    ("Glue", "glue"),
    ("IAM", "iam"),
    ("KMS", "kms"),
    ("Kinesis", "kinesis"),
    ("KinesisFirehose", "firehose"),
    ("Lambda", "lambda"),
    ("Logs", "logs"),
    ("MSK", "kafka"),
    ("OpenSearchService", "es"),
    ("Organizations", "organizations"),
    ("RDS", "rds"),
    ("Redshift", "redshift"),
    ("S3", "s3"),
    ("SES", "ses"),
    ("SNS", "sns"),
    ("SQS", "sqs"),
    ("SSM", "ssm"),
    ("SageMaker", "sagemaker"),
    ("Scheduler", "scheduler"),
    ("SecretsManager", "secretsmanager"),
    ("StepFunctions", "states"),
    ("Transfer", "transfer"),
    ("WAFv2", "wafv2"),
];

/// Types of the Serverless Application Model whose ARN is that of what they expand to.
const SERVERLESS: &[(&str, &str)] = &[
    ("AWS::Serverless::Function", "lambda"),
    ("AWS::Serverless::SimpleTable", "dynamodb"),
    ("AWS::Serverless::StateMachine", "states"),
];

/// Beginnings of Terraform types, and the service in the ARNs of their resources.
const PREFIXES: &[(&str, &str)] = &[
    ("aws_cloudtrail", "cloudtrail"),
    ("aws_cloudwatch_event_", "events"),
    ("aws_cloudwatch_log_", "logs"),
    ("aws_codebuild_", "codebuild"),
    ("aws_codecommit_", "codecommit"),
    ("aws_codepipeline", "codepipeline"),
    ("aws_dynamodb_", "dynamodb"),
    ("aws_ecr_", "ecr"),
    ("aws_ecs_", "ecs"),
    ("aws_efs_", "elasticfilesystem"),
    ("aws_eks_", "eks"),
    ("aws_iam_", "iam"),
    ("aws_kinesis_firehose_", "firehose"),
    ("aws_kinesis_stream", "kinesis"),
    ("aws_kms_", "kms"),
    ("aws_lambda_", "lambda"),
    ("aws_s3_bucket", "s3"),
    ("aws_secretsmanager_", "secretsmanager"),
    ("aws_sfn_", "states"),
    ("aws_sns_", "sns"),
    ("aws_sqs_", "sqs"),
    ("aws_ssm_", "ssm"),
];

/// The service in the ARN of a resource of this type, CloudFormation's or Terraform's; empty where that is not sure.
pub(crate) fn of_type(ty: &str) -> &'static str {
    if let Some((_, service)) = SERVERLESS.iter().find(|(own, _)| *own == ty) {
        return service;
    }
    if let Some(rest) = ty.strip_prefix("AWS::") {
        let namespace = rest.split("::").next().unwrap_or("");
        let row = NAMESPACES.iter().find(|(own, _)| *own == namespace);
        return row.map_or("", |(_, service)| service);
    }
    PREFIXES.iter().find(|(prefix, _)| ty.starts_with(prefix)).map_or("", |(_, service)| service)
}

#[cfg(test)]
mod tests {
    use super::of_type;

    #[test]
    fn services_of_types_are_known_or_left_open() {
        for (ty, service) in [
            ("AWS::S3::Bucket", "s3"),
            ("AWS::KinesisFirehose::DeliveryStream", "firehose"),
            ("AWS::Serverless::Function", "lambda"),
            ("AWS::ApiGateway::RestApi", ""),
            ("aws_sfn_state_machine", "states"),
            ("aws_instance", ""),
            ("Custom::Thing", ""),
        ] {
            assert_eq!(of_type(ty), service, "{ty}");
        }
    }
}
