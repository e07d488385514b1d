//! Policies that stand on resources of services.

use crate::document::Condition;
use crate::ingest::assembly::{Assembly, End, Tie};
use crate::ingest::inside;
use crate::ingest::permission::{self, Permission};
use crate::ingest::table::{More, Properties};
use crate::model::{EntityId, Kind, Relation};

/// A property that holds the policy of a resource.
pub(super) struct Carried {
    pub(super) ty: &'static str,
    /// The property with the policy.
    path: &'static str,
    /// The property that names the resource; none where the resource carries the policy itself.
    protects: Option<&'static str>,
    service: &'static str,
}

const fn on(ty: &'static str, path: &'static str, protects: &'static str, service: &'static str) -> Carried {
    Carried { ty, path, protects: Some(protects), service }
}

const fn own(ty: &'static str, path: &'static str, service: &'static str) -> Carried {
    Carried { ty, path, protects: None, service }
}

pub(super) const CARRIED: &[Carried] = &[
    on("AWS::S3::BucketPolicy", "PolicyDocument", "Bucket", "s3"),
    own("AWS::S3::AccessPoint", "Policy", "s3"),
    on("AWS::S3::MultiRegionAccessPointPolicy", "Policy", "MrapName", "s3"),
    on(
        "AWS::S3ObjectLambda::AccessPointPolicy",
        "PolicyDocument",
        "ObjectLambdaAccessPoint",
        "s3-object-lambda",
    ),
    on("AWS::S3Outposts::BucketPolicy", "PolicyDocument", "Bucket", "s3-outposts"),
    on("AWS::S3Express::BucketPolicy", "PolicyDocument", "Bucket", "s3express"),
    on("AWS::S3Tables::TableBucketPolicy", "ResourcePolicy", "TableBucketARN", "s3tables"),
    on("AWS::SNS::TopicPolicy", "PolicyDocument", "Topics", "sns"),
    on("AWS::SNS::TopicInlinePolicy", "PolicyDocument", "TopicArn", "sns"),
    on("AWS::SQS::QueuePolicy", "PolicyDocument", "Queues", "sqs"),
    on("AWS::SQS::QueueInlinePolicy", "PolicyDocument", "Queue", "sqs"),
    on("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy", "SecretId", "secretsmanager"),
    on("AWS::SSM::ResourcePolicy", "Policy", "ResourceArn", "ssm"),
    own("AWS::KMS::ReplicaKey", "KeyPolicy", "kms"),
    own("AWS::KMS::Key", "KeyPolicy", "kms"),
    own("AWS::ECR::Repository", "RepositoryPolicyText", "ecr"),
    own("AWS::ECR::PublicRepository", "RepositoryPolicyText", "ecr-public"),
    own("AWS::ECR::RegistryPolicy", "PolicyText", "ecr"),
    own("AWS::EFS::FileSystem", "FileSystemPolicy", "elasticfilesystem"),
    own("AWS::Elasticsearch::Domain", "AccessPolicies", "es"),
    own("AWS::OpenSearchService::Domain", "AccessPolicies", "es"),
    own("AWS::Backup::BackupVault", "AccessPolicy", "backup"),
    own("AWS::ApiGateway::RestApi", "Policy", "execute-api"),
    own("AWS::Events::EventBus", "Policy", "events"),
    own("AWS::Logs::ResourcePolicy", "PolicyDocument", "logs"),
    own("AWS::Organizations::ResourcePolicy", "Content", "organizations"),
    own("AWS::CodeArtifact::Domain", "PermissionsPolicyDocument", "codeartifact"),
    own("AWS::CodeArtifact::Repository", "PermissionsPolicyDocument", "codeartifact"),
    on("AWS::Kinesis::ResourcePolicy", "ResourcePolicy", "ResourceArn", "kinesis"),
    own("AWS::DynamoDB::Table", "ResourcePolicy.PolicyDocument", "dynamodb"),
    own("AWS::MediaStore::Container", "Policy", "mediastore"),
    on("AWS::VpcLattice::AuthPolicy", "Policy", "ResourceIdentifier", "vpc-lattice"),
    on("AWS::VpcLattice::ResourcePolicy", "Policy", "ResourceArn", "vpc-lattice"),
    on("AWS::Lex::ResourcePolicy", "Policy", "ResourceArn", "lex"),
    on("AWS::CloudTrail::ResourcePolicy", "ResourcePolicy", "ResourceArn", "cloudtrail"),
    on("AWS::EventSchemas::RegistryPolicy", "Policy", "RegistryName", "schemas"),
    on("AWS::MSK::ClusterPolicy", "Policy", "ClusterArn", "kafka"),
    on("AWS::NetworkFirewall::ResourcePolicy", "Policy", "ResourceArn", "network-firewall"),
    on("AWS::S3Tables::TablePolicy", "ResourcePolicy", "TableARN", "s3tables"),
    on("AWS::XRay::ResourcePolicy", "PolicyDocument", "PolicyName", "xray"),
];

const FUNCTION: &[(&str, &str, &str)] = &[
    ("ArnLike", "aws:SourceArn", "SourceArn"),
    ("StringEquals", "aws:SourceAccount", "SourceAccount"),
    ("StringEquals", "aws:PrincipalOrgID", "PrincipalOrgID"),
    ("StringEquals", "lambda:FunctionUrlAuthType", "FunctionUrlAuthType"),
    ("StringEquals", "lambda:EventSourceToken", "EventSourceToken"),
];

pub(super) const PERMISSIONS: &[Permission] = &[
    Permission {
        ty: "AWS::Lambda::Permission",
        service: "lambda",
        action: ("Action", "lambda:InvokeFunction"),
        principal: "Principal",
        conditions: FUNCTION,
        condition: None,
    },
    Permission {
        ty: "AWS::Lambda::LayerVersionPermission",
        service: "lambda",
        action: ("Action", "lambda:GetLayerVersion"),
        principal: "Principal",
        conditions: &[("StringEquals", "aws:PrincipalOrgID", "OrganizationId")],
        condition: None,
    },
    Permission {
        ty: "AWS::Events::EventBusPolicy",
        service: "events",
        action: ("Action", "events:PutEvents"),
        principal: "Principal",
        conditions: &[],
        condition: Some(("Condition", ["Type", "Key", "Value"])),
    },
];

/// Types that hold one statement, not a document.
pub(super) const MORE: &[(&str, More)] = &[("AWS::Events::EventBusPolicy", statement)];

fn statement(assembly: &mut Assembly, properties: &mut dyn Properties, _entity: EntityId) {
    if let Some(statement) = properties.at(assembly, "Statement") {
        let statement = inside::quietly(assembly, statement);
        permission::declare(assembly, properties, "events", statement);
    }
}

impl Carried {
    /// Declares the policy, if the resource has one.
    pub(super) fn declare(&self, assembly: &mut Assembly, properties: &mut dyn Properties) {
        let Some(written) = properties.at(assembly, self.path) else { return };
        let resource = properties.resource();
        let entity = assembly.declare(Kind::ResourcePolicy, resource);
        let document = inside::policy(assembly, written);
        assembly.set(entity, "document", Some(document));
        let service = assembly.tree.derive_string(written, self.service);
        assembly.set(entity, "service", Some(service));
        let Some(protected) = self.protects.and_then(|path| properties.at(assembly, path)) else { return };
        assembly.set(entity, "protects", Some(protected));
        assembly.add_tie(Tie {
            relation: Relation::Protects,
            from: End::Entity(entity),
            to: End::Value(protected, &[Kind::Bucket, Kind::Document, Kind::Parameter, Kind::Key]),
            value: None,
            resource,
            under: Condition::ALWAYS,
        });
    }
}
