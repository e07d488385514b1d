//! Resources that give a role to a service.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::document::Condition;
use crate::ingest::assembly::{Assembly, End, Tie};
use crate::ingest::table::Properties;
use crate::model::{Kind, Relation};

use super::{ROLES, place};

/// An argument that names a role, the service that must be able to assume it, and what it is for.
struct Use {
    ty: &'static str,
    path: &'static str,
    service: &'static str,
    purpose: &'static str,
}

const fn by(ty: &'static str, path: &'static str, service: &'static str, purpose: &'static str) -> Use {
    Use { ty, path, service, purpose }
}

/// Sorted by type.
const USES: &[Use] = &[
    by("aws_amplify_app", "iam_service_role_arn", "amplify.amazonaws.com", "amplify app"),
    by("aws_api_gateway_account", "cloudwatch_role_arn", "apigateway.amazonaws.com", "api logging"),
    by("aws_api_gateway_integration", "credentials", "apigateway.amazonaws.com", "api integration"),
    by("aws_apigatewayv2_integration", "credentials_arn", "apigateway.amazonaws.com", "api integration"),
    by("aws_appautoscaling_target", "role_arn", "application-autoscaling.amazonaws.com", "scaling"),
    by(
        "aws_apprunner_service",
        "instance_configuration.instance_role_arn",
        "tasks.apprunner.amazonaws.com",
        "app runner service",
    ),
    by(
        "aws_apprunner_service",
        "source_configuration.authentication_configuration.access_role_arn",
        "build.apprunner.amazonaws.com",
        "app runner build",
    ),
    by("aws_appsync_datasource", "service_role_arn", "appsync.amazonaws.com", "appsync data source"),
    by(
        "aws_appsync_graphql_api",
        "log_config.cloudwatch_logs_role_arn",
        "appsync.amazonaws.com",
        "graphql logs",
    ),
    by("aws_autoscaling_lifecycle_hook", "role_arn", "autoscaling.amazonaws.com", "lifecycle hook"),
    by("aws_backup_selection", "iam_role_arn", "backup.amazonaws.com", "backup"),
    by("aws_batch_compute_environment", "service_role", "batch.amazonaws.com", "batch environment"),
    by("aws_bedrockagent_agent", "agent_resource_role_arn", "bedrock.amazonaws.com", "bedrock agent"),
    by("aws_bedrockagent_knowledge_base", "role_arn", "bedrock.amazonaws.com", "bedrock knowledge base"),
    by("aws_bedrockagentcore_agent_runtime", "role_arn", "bedrock-agentcore.amazonaws.com", "agent runtime"),
    by("aws_cloudformation_stack", "iam_role_arn", "cloudformation.amazonaws.com", "cloudformation stack"),
    by(
        "aws_cloudformation_stack_set",
        "administration_role_arn",
        "cloudformation.amazonaws.com",
        "cloudformation stack set",
    ),
    by("aws_cloudtrail", "cloud_watch_logs_role_arn", "cloudtrail.amazonaws.com", "trail logging"),
    by("aws_cloudwatch_event_rule", "role_arn", "events.amazonaws.com", "event rule"),
    by("aws_cloudwatch_event_target", "role_arn", "events.amazonaws.com", "event target"),
    by("aws_cloudwatch_log_subscription_filter", "role_arn", "logs.amazonaws.com", "log subscription"),
    by(
        "aws_cloudwatch_metric_stream",
        "role_arn",
        "streams.metrics.cloudwatch.amazonaws.com",
        "metric stream",
    ),
    by("aws_codebuild_project", "service_role", "codebuild.amazonaws.com", "build project"),
    by("aws_codedeploy_deployment_group", "service_role_arn", "codedeploy.amazonaws.com", "deployment group"),
    by("aws_codepipeline", "role_arn", "codepipeline.amazonaws.com", "pipeline"),
    by("aws_codepipeline", "stage.action.role_arn", "codepipeline.amazonaws.com", "pipeline action"),
    by(
        "aws_cognito_identity_pool_roles_attachment",
        "roles.authenticated",
        "cognito-identity.amazonaws.com",
        "authenticated identities",
    ),
    by(
        "aws_cognito_identity_pool_roles_attachment",
        "roles.unauthenticated",
        "cognito-identity.amazonaws.com",
        "unauthenticated identities",
    ),
    by(
        "aws_cognito_user_pool",
        "sms_configuration.sns_caller_arn",
        "cognito-idp.amazonaws.com",
        "user pool messages",
    ),
    by(
        "aws_config_configuration_aggregator",
        "organization_aggregation_source.role_arn",
        "config.amazonaws.com",
        "config aggregator",
    ),
    by("aws_config_configuration_recorder", "role_arn", "config.amazonaws.com", "configuration recorder"),
    by("aws_datapipeline_pipeline_definition", "role_arn", "datapipeline.amazonaws.com", "data pipeline"),
    by(
        "aws_datasync_location_s3",
        "s3_config.bucket_access_role_arn",
        "datasync.amazonaws.com",
        "transfer location",
    ),
    by("aws_dax_cluster", "iam_role_arn", "dax.amazonaws.com", "dax cluster"),
    by("aws_db_instance", "monitoring_role_arn", "monitoring.rds.amazonaws.com", "database monitoring"),
    by("aws_db_instance_role_association", "role_arn", "rds.amazonaws.com", "database"),
    by("aws_db_proxy", "role_arn", "rds.amazonaws.com", "database proxy"),
    by("aws_dlm_lifecycle_policy", "execution_role_arn", "dlm.amazonaws.com", "lifecycle policy"),
    by("aws_dms_replication_task", "service_access_role_arn", "dms.amazonaws.com", "replication"),
    by("aws_dms_s3_endpoint", "service_access_role_arn", "dms.amazonaws.com", "migration endpoint"),
    by("aws_ecs_service", "iam_role", "ecs.amazonaws.com", "ecs service"),
    by("aws_ecs_task_definition", "execution_role_arn", "ecs-tasks.amazonaws.com", "ecs task execution"),
    by("aws_ecs_task_definition", "task_role_arn", "ecs-tasks.amazonaws.com", "ecs task"),
    by("aws_eks_cluster", "role_arn", "eks.amazonaws.com", "eks cluster"),
    by("aws_eks_fargate_profile", "pod_execution_role_arn", "eks-fargate-pods.amazonaws.com", "fargate pods"),
    by("aws_eks_pod_identity_association", "role_arn", "pods.eks.amazonaws.com", "pod identity"),
    by(
        "aws_elasticbeanstalk_environment",
        "service_role",
        "elasticbeanstalk.amazonaws.com",
        "beanstalk environment",
    ),
    by("aws_emr_cluster", "service_role", "elasticmapreduce.amazonaws.com", "emr cluster"),
    by("aws_fis_experiment_template", "role_arn", "fis.amazonaws.com", "fault injection experiment"),
    by("aws_flow_log", "iam_role_arn", "vpc-flow-logs.amazonaws.com", "flow log"),
    by("aws_glue_crawler", "role", "glue.amazonaws.com", "glue crawler"),
    by("aws_glue_dev_endpoint", "role_arn", "glue.amazonaws.com", "glue endpoint"),
    by("aws_glue_job", "role_arn", "glue.amazonaws.com", "glue job"),
    by("aws_grafana_workspace", "role_arn", "grafana.amazonaws.com", "grafana workspace"),
    by(
        "aws_guardduty_malware_protection_plan",
        "role",
        "malware-protection-plan.guardduty.amazonaws.com",
        "malware protection",
    ),
    by("aws_imagebuilder_image_pipeline", "execution_role", "imagebuilder.amazonaws.com", "image pipeline"),
    by("aws_iot_role_alias", "role_arn", "credentials.iot.amazonaws.com", "role alias"),
    by(
        "aws_kinesis_firehose_delivery_stream",
        "elasticsearch_configuration.role_arn",
        "firehose.amazonaws.com",
        "delivery stream",
    ),
    by(
        "aws_kinesis_firehose_delivery_stream",
        "extended_s3_configuration.role_arn",
        "firehose.amazonaws.com",
        "delivery stream",
    ),
    by(
        "aws_kinesis_firehose_delivery_stream",
        "http_endpoint_configuration.role_arn",
        "firehose.amazonaws.com",
        "delivery stream",
    ),
    by(
        "aws_kinesis_firehose_delivery_stream",
        "kinesis_source_configuration.role_arn",
        "firehose.amazonaws.com",
        "delivery stream",
    ),
    by(
        "aws_kinesis_firehose_delivery_stream",
        "opensearch_configuration.role_arn",
        "firehose.amazonaws.com",
        "delivery stream",
    ),
    by(
        "aws_kinesis_firehose_delivery_stream",
        "opensearchserverless_configuration.role_arn",
        "firehose.amazonaws.com",
        "delivery stream",
    ),
    by(
        "aws_kinesis_firehose_delivery_stream",
        "redshift_configuration.role_arn",
        "firehose.amazonaws.com",
        "delivery stream",
    ),
    by(
        "aws_kinesis_firehose_delivery_stream",
        "s3_configuration.role_arn",
        "firehose.amazonaws.com",
        "delivery stream",
    ),
    by(
        "aws_kinesis_firehose_delivery_stream",
        "snowflake_configuration.role_arn",
        "firehose.amazonaws.com",
        "delivery stream",
    ),
    by(
        "aws_kinesisanalyticsv2_application",
        "service_execution_role",
        "kinesisanalytics.amazonaws.com",
        "analytics application",
    ),
    by("aws_lambda_function", "role", "lambda.amazonaws.com", "lambda function"),
    by("aws_mskconnect_connector", "service_execution_role_arn", "kafkaconnect.amazonaws.com", "connector"),
    by("aws_mwaa_environment", "execution_role_arn", "airflow-env.amazonaws.com", "airflow environment"),
    by("aws_opensearch_domain", "cognito_options.role_arn", "es.amazonaws.com", "search domain"),
    by("aws_osis_pipeline", "pipeline_role_arn", "osis-pipelines.amazonaws.com", "ingestion pipeline"),
    by("aws_pipes_pipe", "role_arn", "pipes.amazonaws.com", "pipe"),
    by("aws_rds_cluster", "monitoring_role_arn", "monitoring.rds.amazonaws.com", "database monitoring"),
    by("aws_rds_cluster_role_association", "role_arn", "rds.amazonaws.com", "database cluster"),
    by("aws_redshift_cluster", "iam_roles", "redshift.amazonaws.com", "redshift cluster"),
    by("aws_redshift_cluster_iam_roles", "iam_role_arns", "redshift.amazonaws.com", "redshift cluster"),
    by("aws_rolesanywhere_profile", "role_arns", "rolesanywhere.amazonaws.com", "roles anywhere profile"),
    by("aws_s3_bucket", "replication_configuration.role", "s3.amazonaws.com", "replication"),
    by("aws_s3_bucket_replication_configuration", "role", "s3.amazonaws.com", "replication"),
    by(
        "aws_sagemaker_domain",
        "default_user_settings.execution_role",
        "sagemaker.amazonaws.com",
        "sagemaker domain",
    ),
    by(
        "aws_sagemaker_endpoint_configuration",
        "execution_role_arn",
        "sagemaker.amazonaws.com",
        "sagemaker endpoint",
    ),
    by("aws_sagemaker_model", "execution_role_arn", "sagemaker.amazonaws.com", "sagemaker model"),
    by("aws_sagemaker_notebook_instance", "role_arn", "sagemaker.amazonaws.com", "sagemaker notebook"),
    by("aws_scheduler_schedule", "target.role_arn", "scheduler.amazonaws.com", "schedule"),
    by("aws_sfn_state_machine", "role_arn", "states.amazonaws.com", "state machine"),
    by("aws_spot_fleet_request", "iam_fleet_role", "spotfleet.amazonaws.com", "spot fleet"),
    by(
        "aws_ssmincidents_response_plan",
        "action.ssm_automation.role_arn",
        "ssm-incidents.amazonaws.com",
        "response plan",
    ),
    by("aws_storagegateway_nfs_file_share", "role_arn", "storagegateway.amazonaws.com", "file share"),
    by("aws_synthetics_canary", "execution_role_arn", "lambda.amazonaws.com", "canary"),
    by(
        "aws_timestreamquery_scheduled_query",
        "execution_role_arn",
        "timestream.amazonaws.com",
        "scheduled query",
    ),
    by("aws_transfer_server", "logging_role", "transfer.amazonaws.com", "transfer server"),
    by("aws_transfer_user", "role", "transfer.amazonaws.com", "transfer user"),
];

/// The blocks of a rule of AWS `IoT` that use a role.
macro_rules! rule_actions {
    ($($block:literal),* $(,)?) => {
        &[$(
            by("aws_iot_topic_rule", concat!($block, ".role_arn"), "iot.amazonaws.com", "iot rule"),
            by("aws_iot_topic_rule", concat!("error_action.", $block, ".role_arn"), "iot.amazonaws.com", "iot rule"),
        )*]
    };
}

/// What rules of AWS `IoT` do with a role.
const RULE_ACTIONS: &[Use] = rule_actions![
    "cloudwatch_alarm",
    "cloudwatch_logs",
    "cloudwatch_metric",
    "dynamodb",
    "dynamodbv2",
    "elasticsearch",
    "firehose",
    "iot_analytics",
    "iot_events",
    "kinesis",
    "republish",
    "s3",
    "sns",
    "sqs",
    "step_functions",
    "timestream",
];

static TABLE: LazyLock<FxHashMap<&'static str, Vec<&'static Use>>> = LazyLock::new(|| {
    let mut table: FxHashMap<&'static str, Vec<&'static Use>> = FxHashMap::default();
    for one in USES.iter().chain(RULE_ACTIONS) {
        table.entry(one.ty).or_default().push(one);
    }
    table
});

/// Declares every use of a role that a resource makes.
pub(super) fn declare(assembly: &mut Assembly, properties: &mut dyn Properties, ty: &str) {
    for one in TABLE.get(ty).into_iter().flatten() {
        let Some(role) = properties.link(assembly, one.path, ROLES) else { continue };
        if assembly.tree.string(role).is_some_and(str::is_empty) {
            continue;
        }
        let resource = properties.resource();
        let entity = assembly.declare(Kind::RoleUser, resource);
        let place = place(assembly, properties);
        let service = assembly.tree.derive_string(place, one.service);
        let purpose = assembly.tree.derive_string(place, one.purpose);
        let name = ["name", "function_name", "family"].iter().find_map(|path| properties.at(assembly, path));
        for (field, value) in
            [("name", name), ("service", Some(service)), ("use", Some(purpose)), ("role_arn", Some(role))]
        {
            assembly.set(entity, field, value);
        }
        assembly.add_tie(Tie {
            relation: Relation::Passes,
            from: End::Entity(entity),
            to: End::Value(role, ROLES),
            value: None,
            resource,
            under: Condition::ALWAYS,
        });
    }
}
