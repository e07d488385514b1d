//! Policies: of IAM, of organisations, and of the resources of other services.

use crate::document::Condition;
use crate::ingest::assembly::{Assembly, End, Tie};
use crate::ingest::table::{Field, Properties, Row, constant, from, policy, value};
use crate::model::{EntityId, Kind, Relation};

use super::{BUCKETS, GROUPS, Giver, KEYS, ROLES, USERS, give, give_one_of_many};

const INLINE: &[Field] = &[value("name", "name"), policy("document", "policy")];

/// A policy on a resource of a service; the argument that names the resource says what it protects.
macro_rules! resource_policy {
    ($ty:literal, $service:literal, $document:literal, $protects:literal) => {
        Row {
            ty: $ty,
            kind: Kind::ResourcePolicy,
            fields: &[
                constant("service", $service),
                policy("document", $document),
                value("protects", $protects),
            ],
            ties: &[],
            more: None,
        }
    };
}

pub(super) const ROWS: &[Row] = &[
    Row {
        ty: "aws_iam_policy",
        kind: Kind::ManagedPolicy,
        fields: &[value("name", "name"), value("path", "path"), policy("document", "policy")],
        ties: &[],
        more: None,
    },
    Row {
        ty: "data.aws_iam_policy",
        kind: Kind::ManagedPolicy,
        fields: &[
            value("name", "name"),
            value("path", "path"),
            value("arn", "arn"),
            policy("document", "policy"),
        ],
        ties: &[],
        more: None,
    },
    Row {
        ty: "aws_iam_role_policy",
        kind: Kind::InlinePolicy,
        fields: INLINE,
        ties: &[from(Relation::Inline, "role", ROLES)],
        more: None,
    },
    Row {
        ty: "aws_iam_user_policy",
        kind: Kind::InlinePolicy,
        fields: INLINE,
        ties: &[from(Relation::Inline, "user", USERS)],
        more: None,
    },
    Row {
        ty: "aws_iam_group_policy",
        kind: Kind::InlinePolicy,
        fields: INLINE,
        ties: &[from(Relation::Inline, "group", GROUPS)],
        more: None,
    },
    Row {
        ty: "aws_organizations_policy",
        kind: Kind::OrganizationPolicy,
        fields: &[value("name", "name"), value("policy_type", "type"), policy("document", "content")],
        ties: &[],
        more: Some(default_type),
    },
    Row {
        ty: "aws_s3_bucket_policy",
        kind: Kind::ResourcePolicy,
        fields: &[constant("service", "s3"), policy("document", "policy"), value("protects", "bucket")],
        ties: &[],
        more: Some(of_bucket),
    },
    resource_policy!("aws_kms_key_policy", "kms", "policy", "key_id"),
    resource_policy!("aws_sns_topic_policy", "sns", "policy", "arn"),
    resource_policy!("aws_sqs_queue_policy", "sqs", "policy", "queue_url"),
    resource_policy!("aws_secretsmanager_secret_policy", "secretsmanager", "policy", "secret_arn"),
    resource_policy!("aws_ecr_repository_policy", "ecr", "policy", "repository"),
    resource_policy!("aws_ecr_registry_policy", "ecr", "policy", "registry_id"),
    resource_policy!("aws_cloudwatch_log_resource_policy", "logs", "policy_document", "policy_name"),
    resource_policy!("aws_cloudwatch_event_bus_policy", "events", "policy", "event_bus_name"),
    resource_policy!("aws_dynamodb_resource_policy", "dynamodb", "policy", "resource_arn"),
    resource_policy!("aws_kinesis_resource_policy", "kinesis", "policy", "resource_arn"),
    resource_policy!("aws_efs_file_system_policy", "elasticfilesystem", "policy", "file_system_id"),
    resource_policy!("aws_elasticsearch_domain_policy", "es", "access_policies", "domain_name"),
    resource_policy!("aws_opensearch_domain_policy", "es", "access_policies", "domain_name"),
    resource_policy!("aws_glue_resource_policy", "glue", "policy", "id"),
    resource_policy!("aws_backup_vault_policy", "backup", "policy", "backup_vault_name"),
    resource_policy!("aws_glacier_vault", "glacier", "access_policy", "name"),
    resource_policy!("aws_s3_access_point", "s3", "policy", "name"),
    resource_policy!("aws_s3control_access_point_policy", "s3", "policy", "access_point_arn"),
    resource_policy!(
        "aws_codeartifact_domain_permissions_policy",
        "codeartifact",
        "policy_document",
        "domain"
    ),
    resource_policy!("aws_ses_identity_policy", "ses", "policy", "identity"),
    resource_policy!("aws_media_store_container_policy", "mediastore", "policy", "container_name"),
];

pub(super) const GIVERS: &[(&str, Giver)] = &[
    ("aws_kms_key_policy", key_policy),
    ("aws_organizations_policy_attachment", target),
    ("aws_sqs_queue", queue),
    ("aws_sns_topic", topic),
];

/// An organisation's policy is a service control policy where nothing else is said.
fn default_type(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    if properties.at(assembly, "type").is_none() {
        let place = super::place(assembly, properties);
        let ty = assembly.tree.derive_string(place, "SERVICE_CONTROL_POLICY");
        assembly.set(entity, "policy_type", Some(ty));
    }
}

fn target(assembly: &mut Assembly, properties: &mut dyn Properties) {
    let target = properties.at(assembly, "target_id");
    give_one_of_many(assembly, properties, ("policy_id", &[Kind::OrganizationPolicy]), "targets", target);
}

fn of_bucket(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    let document = assembly.inventory.entity(entity).and_then(|entity| entity.get("document"));
    give(assembly, properties, ("bucket", BUCKETS), "document", document);
    if let Some(bucket) = properties.link(assembly, "bucket", BUCKETS) {
        assembly.add_tie(Tie {
            relation: Relation::Protects,
            from: End::Entity(entity),
            to: End::Value(bucket, BUCKETS),
            value: None,
            resource: properties.resource(),
            under: Condition::ALWAYS,
        });
    }
}

fn key_policy(assembly: &mut Assembly, properties: &mut dyn Properties) {
    let policy = properties.at(assembly, "policy");
    let document = policy.map(|policy| crate::ingest::inside::policy(assembly, policy));
    give(assembly, properties, ("key_id", KEYS), "document", document);
}

fn queue(assembly: &mut Assembly, properties: &mut dyn Properties) {
    own_policy(assembly, properties, "sqs");
}

fn topic(assembly: &mut Assembly, properties: &mut dyn Properties) {
    own_policy(assembly, properties, "sns");
}

/// A policy that stands in the resource that it protects.
fn own_policy(assembly: &mut Assembly, properties: &mut dyn Properties, service: &str) {
    let Some(policy) = properties.at(assembly, "policy") else { return };
    if assembly.tree.string(policy).is_some_and(str::is_empty) {
        return;
    }
    let document = crate::ingest::inside::policy(assembly, policy);
    let entity = assembly.declare(Kind::ResourcePolicy, properties.resource());
    let service = assembly.tree.derive_string(document, service);
    let name = properties.at(assembly, "name");
    for (field, value) in [("service", Some(service)), ("document", Some(document)), ("protects", name)] {
        assembly.set(entity, field, value);
    }
}
