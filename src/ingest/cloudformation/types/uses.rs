//! Resources that give a role to a service.

use crate::document::Condition;
use crate::ingest::assembly::{Assembly, End, Tie};
use crate::ingest::table::Properties;
use crate::model::{Kind, Relation};

use super::ROLES;

/// A property that gives a role to a service.
pub(super) struct Use {
    pub(super) ty: &'static str,
    path: &'static str,
    /// The service principal; empty where a role is given to somebody else.
    service: &'static str,
    usage: &'static str,
}

const fn given(ty: &'static str, path: &'static str, service: &'static str, usage: &'static str) -> Use {
    Use { ty, path, service, usage }
}

/// From the CloudFormation template reference.
pub(super) const USES: &[Use] = &[
    given("AWS::Lambda::Function", "Role", "lambda.amazonaws.com", "lambda function"),
    given("AWS::Serverless::Function", "Role", "lambda.amazonaws.com", "lambda function"),
    given("AWS::Serverless::StateMachine", "Role", "states.amazonaws.com", "state machine"),
    given("AWS::ECS::TaskDefinition", "TaskRoleArn", "ecs-tasks.amazonaws.com", "ecs task"),
    given("AWS::ECS::TaskDefinition", "ExecutionRoleArn", "ecs-tasks.amazonaws.com", "ecs task execution"),
    given("AWS::ECS::Service", "Role", "ecs.amazonaws.com", "ecs service"),
    given("AWS::StepFunctions::StateMachine", "RoleArn", "states.amazonaws.com", "state machine"),
    given("AWS::Events::Rule", "RoleArn", "events.amazonaws.com", "event rule"),
    given("AWS::Events::Rule", "Targets.RoleArn", "events.amazonaws.com", "event rule target"),
    given("AWS::Scheduler::Schedule", "Target.RoleArn", "scheduler.amazonaws.com", "schedule"),
    given("AWS::Pipes::Pipe", "RoleArn", "pipes.amazonaws.com", "pipe"),
    given("AWS::CodeBuild::Project", "ServiceRole", "codebuild.amazonaws.com", "build project"),
    given("AWS::CodePipeline::Pipeline", "RoleArn", "codepipeline.amazonaws.com", "pipeline"),
    given(
        "AWS::CodePipeline::Pipeline",
        "Stages.Actions.RoleArn",
        "codepipeline.amazonaws.com",
        "pipeline action",
    ),
    given(
        "AWS::CodeDeploy::DeploymentGroup",
        "ServiceRoleArn",
        "codedeploy.amazonaws.com",
        "deployment group",
    ),
    given("AWS::FIS::ExperimentTemplate", "RoleArn", "fis.amazonaws.com", "experiment"),
    given(
        "AWS::SSMIncidents::ResponsePlan",
        "Actions.SsmAutomation.RoleArn",
        "ssm-incidents.amazonaws.com",
        "incident response",
    ),
    given("AWS::SSM::CloudConnector", "RoleArn", "ssm.amazonaws.com", "cloud connector"),
    given(
        "AWS::SSM::MaintenanceWindowTask",
        "TaskInvocationParameters.MaintenanceWindowRunCommandParameters.ServiceRoleArn",
        "ssm.amazonaws.com",
        "command notification",
    ),
    given(
        "AWS::SSMQuickSetup::LifecycleAutomation",
        "AutomationParameters.AutomationAssumeRole",
        "ssm.amazonaws.com",
        "lifecycle automation",
    ),
    given(
        "AWS::CloudFormation::StackSet",
        "AdministrationRoleARN",
        "cloudformation.amazonaws.com",
        "stack set",
    ),
    given("AWS::Config::ConfigurationRecorder", "RoleARN", "config.amazonaws.com", "config recorder"),
    given(
        "AWS::Config::ConfigurationAggregator",
        "OrganizationAggregationSource.RoleArn",
        "config.amazonaws.com",
        "config aggregator",
    ),
    given("AWS::CloudTrail::Trail", "CloudWatchLogsRoleArn", "cloudtrail.amazonaws.com", "trail logs"),
    given("AWS::EC2::FlowLog", "DeliverLogsPermissionArn", "vpc-flow-logs.amazonaws.com", "flow log"),
    given(
        "AWS::EC2::SpotFleet",
        "SpotFleetRequestConfigData.IamFleetRole",
        "spotfleet.amazonaws.com",
        "spot fleet",
    ),
    given("AWS::EKS::Cluster", "RoleArn", "eks.amazonaws.com", "eks cluster"),
    given(
        "AWS::EKS::FargateProfile",
        "PodExecutionRoleArn",
        "eks-fargate-pods.amazonaws.com",
        "fargate profile",
    ),
    given("AWS::EKS::PodIdentityAssociation", "RoleArn", "pods.eks.amazonaws.com", "pod identity"),
    given("AWS::EKS::Addon", "ServiceAccountRoleArn", "", "eks add-on"),
    given("AWS::Batch::ComputeEnvironment", "ServiceRole", "batch.amazonaws.com", "compute environment"),
    given(
        "AWS::Batch::ComputeEnvironment",
        "ComputeResources.SpotIamFleetRole",
        "spotfleet.amazonaws.com",
        "spot fleet",
    ),
    given(
        "AWS::Batch::JobDefinition",
        "ContainerProperties.JobRoleArn",
        "ecs-tasks.amazonaws.com",
        "batch job",
    ),
    given(
        "AWS::Batch::JobDefinition",
        "ContainerProperties.ExecutionRoleArn",
        "ecs-tasks.amazonaws.com",
        "batch job execution",
    ),
    given("AWS::EMR::Cluster", "ServiceRole", "elasticmapreduce.amazonaws.com", "emr cluster"),
    given("AWS::EMR::Cluster", "AutoScalingRole", "elasticmapreduce.amazonaws.com", "emr scaling"),
    given(
        "AWS::EMRServerless::Application",
        "ExecutionRole",
        "emr-serverless.amazonaws.com",
        "emr application",
    ),
    given("AWS::EMR::Studio", "ServiceRole", "elasticmapreduce.amazonaws.com", "emr studio"),
    given(
        "AWS::ElasticBeanstalk::Application",
        "ResourceLifecycleConfig.ServiceRole",
        "elasticbeanstalk.amazonaws.com",
        "application lifecycle",
    ),
    given(
        "AWS::ElasticBeanstalk::Environment",
        "OperationsRole",
        "elasticbeanstalk.amazonaws.com",
        "environment operations",
    ),
    given("AWS::Glue::Job", "Role", "glue.amazonaws.com", "glue job"),
    given("AWS::Glue::Crawler", "Role", "glue.amazonaws.com", "glue crawler"),
    given("AWS::Glue::DevEndpoint", "RoleArn", "glue.amazonaws.com", "glue endpoint"),
    given("AWS::Glue::MLTransform", "Role", "glue.amazonaws.com", "glue transform"),
    given("AWS::DataBrew::Job", "RoleArn", "databrew.amazonaws.com", "databrew job"),
    given("AWS::SageMaker::NotebookInstance", "RoleArn", "sagemaker.amazonaws.com", "notebook"),
    given("AWS::SageMaker::Model", "ExecutionRoleArn", "sagemaker.amazonaws.com", "model"),
    given(
        "AWS::SageMaker::Domain",
        "DefaultUserSettings.ExecutionRole",
        "sagemaker.amazonaws.com",
        "studio domain",
    ),
    given(
        "AWS::SageMaker::UserProfile",
        "UserSettings.ExecutionRole",
        "sagemaker.amazonaws.com",
        "studio user",
    ),
    given("AWS::SageMaker::Pipeline", "RoleArn", "sagemaker.amazonaws.com", "sagemaker pipeline"),
    given("AWS::SageMaker::FeatureGroup", "RoleArn", "sagemaker.amazonaws.com", "feature group"),
    given("AWS::ApiGateway::Account", "CloudWatchRoleArn", "apigateway.amazonaws.com", "api logs"),
    given(
        "AWS::ApiGateway::Authorizer",
        "AuthorizerCredentials",
        "apigateway.amazonaws.com",
        "api authorizer",
    ),
    given(
        "AWS::ApiGateway::Method",
        "Integration.Credentials",
        "apigateway.amazonaws.com",
        "api integration",
    ),
    given("AWS::ApiGatewayV2::Integration", "CredentialsArn", "apigateway.amazonaws.com", "api integration"),
    given(
        "AWS::ApiGatewayV2::Authorizer",
        "AuthorizerCredentialsArn",
        "apigateway.amazonaws.com",
        "api authorizer",
    ),
    given(
        "AWS::AppSync::GraphQLApi",
        "LogConfig.CloudWatchLogsRoleArn",
        "appsync.amazonaws.com",
        "graphql logs",
    ),
    given("AWS::AppSync::DataSource", "ServiceRoleArn", "appsync.amazonaws.com", "graphql data source"),
    given(
        "AWS::KinesisFirehose::DeliveryStream",
        "S3DestinationConfiguration.RoleARN",
        "firehose.amazonaws.com",
        "delivery stream",
    ),
    given(
        "AWS::KinesisFirehose::DeliveryStream",
        "ExtendedS3DestinationConfiguration.RoleARN",
        "firehose.amazonaws.com",
        "delivery stream",
    ),
    given(
        "AWS::KinesisFirehose::DeliveryStream",
        "KinesisStreamSourceConfiguration.RoleARN",
        "firehose.amazonaws.com",
        "delivery stream source",
    ),
    given(
        "AWS::KinesisFirehose::DeliveryStream",
        "ElasticsearchDestinationConfiguration.RoleARN",
        "firehose.amazonaws.com",
        "delivery stream",
    ),
    given(
        "AWS::KinesisFirehose::DeliveryStream",
        "HttpEndpointDestinationConfiguration.RoleARN",
        "firehose.amazonaws.com",
        "delivery stream",
    ),
    given(
        "AWS::KinesisAnalyticsV2::Application",
        "ServiceExecutionRole",
        "kinesisanalytics.amazonaws.com",
        "analytics application",
    ),
    given("AWS::Logs::SubscriptionFilter", "RoleArn", "logs.amazonaws.com", "log subscription"),
    given("AWS::Logs::Destination", "RoleArn", "logs.amazonaws.com", "log destination"),
    given("AWS::S3::Bucket", "ReplicationConfiguration.Role", "s3.amazonaws.com", "bucket replication"),
    given("AWS::RDS::DBInstance", "MonitoringRoleArn", "monitoring.rds.amazonaws.com", "database monitoring"),
    given("AWS::RDS::DBInstance", "AssociatedRoles.RoleArn", "rds.amazonaws.com", "database"),
    given("AWS::RDS::DBCluster", "AssociatedRoles.RoleArn", "rds.amazonaws.com", "database cluster"),
    given("AWS::RDS::DBCluster", "MonitoringRoleArn", "monitoring.rds.amazonaws.com", "database monitoring"),
    given("AWS::RDS::DBProxy", "RoleArn", "rds.amazonaws.com", "database proxy"),
    given("AWS::Redshift::Cluster", "IamRoles", "redshift.amazonaws.com", "redshift cluster"),
    given("AWS::Neptune::DBCluster", "AssociatedRoles.RoleArn", "rds.amazonaws.com", "graph database"),
    given("AWS::DAX::Cluster", "IAMRoleARN", "dax.amazonaws.com", "dax cluster"),
    given("AWS::DMS::Endpoint", "S3Settings.ServiceAccessRoleArn", "dms.amazonaws.com", "migration endpoint"),
    given(
        "AWS::Cognito::IdentityPoolRoleAttachment",
        "Roles.authenticated",
        "cognito-identity.amazonaws.com",
        "authenticated identities",
    ),
    given(
        "AWS::Cognito::IdentityPoolRoleAttachment",
        "Roles.unauthenticated",
        "cognito-identity.amazonaws.com",
        "unauthenticated identities",
    ),
    given(
        "AWS::Cognito::UserPool",
        "SmsConfiguration.SnsCallerArn",
        "cognito-idp.amazonaws.com",
        "user pool messages",
    ),
    given(
        "AWS::Backup::BackupSelection",
        "BackupSelection.IamRoleArn",
        "backup.amazonaws.com",
        "backup selection",
    ),
    given("AWS::DLM::LifecyclePolicy", "ExecutionRoleArn", "dlm.amazonaws.com", "lifecycle policy"),
    given(
        "AWS::ImageBuilder::LifecyclePolicy",
        "ExecutionRole",
        "imagebuilder.amazonaws.com",
        "image lifecycle",
    ),
    given("AWS::ImageBuilder::Image", "ExecutionRole", "imagebuilder.amazonaws.com", "image build"),
    given(
        "AWS::ImageBuilder::ImagePipeline",
        "ExecutionRole",
        "imagebuilder.amazonaws.com",
        "image pipeline",
    ),
    given("AWS::IoT::RoleAlias", "RoleArn", "credentials.iot.amazonaws.com", "role alias"),
    given("AWS::IoT::ProvisioningTemplate", "ProvisioningRoleArn", "iot.amazonaws.com", "provisioning"),
    given("AWS::AutoScaling::LifecycleHook", "RoleARN", "autoscaling.amazonaws.com", "lifecycle hook"),
    given(
        "AWS::AutoScaling::AutoScalingGroup",
        "LifecycleHookSpecificationList.RoleARN",
        "autoscaling.amazonaws.com",
        "lifecycle hook",
    ),
    given(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "RoleARN",
        "application-autoscaling.amazonaws.com",
        "scaling target",
    ),
    given(
        "AWS::ServiceCatalog::LaunchRoleConstraint",
        "RoleArn",
        "servicecatalog.amazonaws.com",
        "launch constraint",
    ),
    given("AWS::Transfer::Server", "LoggingRole", "transfer.amazonaws.com", "transfer server"),
    given("AWS::Transfer::User", "Role", "transfer.amazonaws.com", "transfer user"),
    given("AWS::Synthetics::Canary", "ExecutionRoleArn", "lambda.amazonaws.com", "canary"),
    given(
        "AWS::AppRunner::Service",
        "InstanceConfiguration.InstanceRoleArn",
        "tasks.apprunner.amazonaws.com",
        "app runner service",
    ),
    given(
        "AWS::AppRunner::Service",
        "SourceConfiguration.AuthenticationConfiguration.AccessRoleArn",
        "build.apprunner.amazonaws.com",
        "app runner build",
    ),
    given("AWS::Amplify::App", "IAMServiceRole", "amplify.amazonaws.com", "amplify app"),
    given("AWS::Bedrock::Agent", "AgentResourceRoleArn", "bedrock.amazonaws.com", "bedrock agent"),
    given("AWS::Bedrock::KnowledgeBase", "RoleArn", "bedrock.amazonaws.com", "knowledge base"),
    given("AWS::Bedrock::Flow", "ExecutionRoleArn", "bedrock.amazonaws.com", "bedrock flow"),
    given("AWS::BedrockAgentCore::Runtime", "RoleArn", "bedrock-agentcore.amazonaws.com", "agent runtime"),
    given("AWS::MWAA::Environment", "ExecutionRoleArn", "airflow-env.amazonaws.com", "airflow environment"),
    given("AWS::OpsWorks::Stack", "ServiceRoleArn", "opsworks.amazonaws.com", "opsworks stack"),
    given("AWS::Chatbot::SlackChannelConfiguration", "IamRoleArn", "chatbot.amazonaws.com", "chat channel"),
    given(
        "AWS::Chatbot::MicrosoftTeamsChannelConfiguration",
        "IamRoleArn",
        "chatbot.amazonaws.com",
        "chat channel",
    ),
    given(
        "AWS::DataSync::LocationS3",
        "S3Config.BucketAccessRoleArn",
        "datasync.amazonaws.com",
        "transfer location",
    ),
    given("AWS::RolesAnywhere::Profile", "RoleArns", "rolesanywhere.amazonaws.com", "roles anywhere profile"),
    given("AWS::EC2::ClientVpnEndpoint", "ConnectionLogOptions.Role", "", "client vpn"),
    given("AWS::GameLift::Build", "StorageLocation.RoleArn", "gamelift.amazonaws.com", "game build"),
    given("AWS::Kendra::Index", "RoleArn", "kendra.amazonaws.com", "search index"),
    given("AWS::Kendra::DataSource", "RoleArn", "kendra.amazonaws.com", "search source"),
    given("AWS::Lex::Bot", "RoleArn", "lexv2.amazonaws.com", "bot"),
    given("AWS::OSIS::Pipeline", "PipelineRoleArn", "osis-pipelines.amazonaws.com", "ingestion pipeline"),
    given("AWS::OpenSearchService::Domain", "CognitoOptions.RoleArn", "es.amazonaws.com", "search domain"),
    given("AWS::Elasticsearch::Domain", "CognitoOptions.RoleArn", "es.amazonaws.com", "search domain"),
    given(
        "AWS::Proton::EnvironmentAccountConnection",
        "RoleArn",
        "proton.amazonaws.com",
        "proton environment",
    ),
    given("AWS::SES::ReceiptRule", "Rule.Actions.S3Action.IamRoleArn", "ses.amazonaws.com", "mail receipt"),
    given("AWS::SNS::Subscription", "SubscriptionRoleArn", "sns.amazonaws.com", "topic subscription"),
    given(
        "AWS::SNS::Topic",
        "DeliveryStatusLogging.SuccessFeedbackRoleArn",
        "sns.amazonaws.com",
        "delivery log",
    ),
    given(
        "AWS::SNS::Topic",
        "DeliveryStatusLogging.FailureFeedbackRoleArn",
        "sns.amazonaws.com",
        "delivery log",
    ),
    given(
        "AWS::Timestream::ScheduledQuery",
        "ScheduledQueryExecutionRoleArn",
        "timestream.amazonaws.com",
        "scheduled query",
    ),
    given(
        "AWS::Lambda::CapacityProvider",
        "PermissionsConfig.CapacityProviderOperatorRoleArn",
        "lambda.amazonaws.com",
        "capacity provider",
    ),
    given(
        "AWS::KinesisFirehose::DeliveryStream",
        "AmazonopensearchserviceDestinationConfiguration.RoleARN",
        "firehose.amazonaws.com",
        "delivery stream",
    ),
    given(
        "AWS::KinesisFirehose::DeliveryStream",
        "RedshiftDestinationConfiguration.RoleARN",
        "firehose.amazonaws.com",
        "delivery stream",
    ),
    given(
        "AWS::KinesisFirehose::DeliveryStream",
        "SplunkDestinationConfiguration.S3Configuration.RoleARN",
        "firehose.amazonaws.com",
        "delivery stream",
    ),
    given(
        "AWS::CloudWatch::MetricStream",
        "RoleArn",
        "streams.metrics.cloudwatch.amazonaws.com",
        "metric stream",
    ),
    given(
        "AWS::KafkaConnect::Connector",
        "ServiceExecutionRoleArn",
        "kafkaconnect.amazonaws.com",
        "connector",
    ),
    given(
        "AWS::DMS::Endpoint",
        "DynamoDbSettings.ServiceAccessRoleArn",
        "dms.amazonaws.com",
        "migration endpoint",
    ),
    given(
        "AWS::DMS::Endpoint",
        "KinesisSettings.ServiceAccessRoleArn",
        "dms.amazonaws.com",
        "migration endpoint",
    ),
    given("AWS::StorageGateway::NFSFileShare", "Role", "storagegateway.amazonaws.com", "file share"),
    given("AWS::IoTEvents::DetectorModel", "RoleArn", "iotevents.amazonaws.com", "detector model"),
    given("AWS::Grafana::Workspace", "RoleArn", "grafana.amazonaws.com", "grafana workspace"),
    given(
        "AWS::GuardDuty::MalwareProtectionPlan",
        "Role",
        "malware-protection-plan.guardduty.amazonaws.com",
        "malware protection",
    ),
];

/// The actions of a rule of AWS `IoT` that use a role, each by its key.
macro_rules! rule_actions {
    ($($key:literal),* $(,)?) => {
        &[$(
            given(
                "AWS::IoT::TopicRule",
                concat!("TopicRulePayload.Actions.", $key, ".RoleArn"),
                "iot.amazonaws.com",
                "iot rule",
            ),
            given(
                "AWS::IoT::TopicRule",
                concat!("TopicRulePayload.ErrorAction.", $key, ".RoleArn"),
                "iot.amazonaws.com",
                "iot rule",
            ),
        )*]
    };
}

/// What rules of AWS `IoT` do with a role.
pub(super) const RULE_ACTIONS: &[Use] = rule_actions![
    "CloudwatchAlarm",
    "CloudwatchLogs",
    "CloudwatchMetric",
    "DynamoDB",
    "DynamoDBv2",
    "Elasticsearch",
    "Firehose",
    "IotAnalytics",
    "IotEvents",
    "IotSiteWise",
    "Kinesis",
    "Location",
    "OpenSearch",
    "Republish",
    "S3",
    "Sns",
    "Sqs",
    "StepFunctions",
    "Timestream",
];

/// Properties that hold the name of a resource, whatever its type calls it.
const NAMES: &[&str] = &["Name", "FunctionName", "StateMachineName", "ProjectName", "Family", "ClusterName"];

impl Use {
    /// Declares the use, if the resource gives a role.
    pub(super) fn declare(&self, assembly: &mut Assembly, properties: &mut dyn Properties) {
        let Some(role) = properties.at(assembly, self.path) else { return };
        let resource = properties.resource();
        let entity = assembly.declare(Kind::RoleUser, resource);
        let name = NAMES.iter().find_map(|path| properties.at(assembly, path));
        assembly.set(entity, "name", name);
        if !self.service.is_empty() {
            let service = assembly.tree.derive_string(role, self.service);
            assembly.set(entity, "service", Some(service));
        }
        let usage = assembly.tree.derive_string(role, self.usage);
        assembly.set(entity, "use", Some(usage));
        assembly.set(entity, "role_arn", Some(role));
        let (from, to) = (End::Entity(entity), End::Value(role, ROLES));
        let under = Condition::ALWAYS;
        assembly.add_tie(Tie { relation: Relation::Passes, from, to, value: None, resource, under });
    }
}
