//! Policies: of IAM, of organisations, and of the resources of other services.

use crate::document::Condition;
use crate::ingest::assembly::{Assembly, End, Tie};
use crate::ingest::permission::Permission;
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
    resource_policy!("aws_api_gateway_rest_api_policy", "execute-api", "policy", "rest_api_id"),
    resource_policy!("aws_ecrpublic_repository_policy", "ecr-public", "policy", "repository_name"),
    resource_policy!(
        "aws_codeartifact_repository_permissions_policy",
        "codeartifact",
        "policy_document",
        "repository"
    ),
    resource_policy!("aws_msk_cluster_policy", "kafka", "policy", "cluster_arn"),
    resource_policy!("aws_networkfirewall_resource_policy", "network-firewall", "policy", "resource_arn"),
    resource_policy!("aws_organizations_resource_policy", "organizations", "content", "id"),
    resource_policy!("aws_vpclattice_auth_policy", "vpc-lattice", "policy", "resource_identifier"),
    resource_policy!("aws_vpclattice_resource_policy", "vpc-lattice", "policy", "resource_arn"),
    resource_policy!("aws_schemas_registry_policy", "schemas", "policy", "registry_name"),
    resource_policy!("aws_s3tables_table_bucket_policy", "s3tables", "resource_policy", "table_bucket_arn"),
    resource_policy!("aws_sesv2_email_identity_policy", "ses", "policy", "email_identity"),
    resource_policy!("aws_media_store_container_policy", "mediastore", "policy", "container_name"),
];

pub(super) const GIVERS: &[(&str, Giver)] = &[
    ("aws_kms_key_policy", key_policy),
    ("aws_organizations_policy_attachment", target),
    ("aws_sqs_queue", |assembly, properties| own_policy(assembly, properties, "policy", "sqs")),
    ("aws_sns_topic", |assembly, properties| own_policy(assembly, properties, "policy", "sns")),
    ("aws_secretsmanager_secret", |assembly, properties| {
        own_policy(assembly, properties, "policy", "secretsmanager");
    }),
    ("aws_efs_file_system", |assembly, properties| {
        own_policy(assembly, properties, "policy", "elasticfilesystem");
    }),
    ("aws_elasticsearch_domain", |assembly, properties| {
        own_policy(assembly, properties, "access_policies", "es");
    }),
    ("aws_opensearch_domain", |assembly, properties| {
        own_policy(assembly, properties, "access_policies", "es");
    }),
    ("aws_api_gateway_rest_api", |assembly, properties| {
        own_policy(assembly, properties, "policy", "execute-api");
    }),
    ("aws_kms_external_key", |assembly, properties| own_policy(assembly, properties, "policy", "kms")),
    ("aws_kms_replica_key", |assembly, properties| own_policy(assembly, properties, "policy", "kms")),
    ("aws_kms_replica_external_key", |assembly, properties| {
        own_policy(assembly, properties, "policy", "kms");
    }),
    ("aws_lambda_permission", |assembly, properties| FUNCTION.declare(assembly, properties)),
    ("aws_lambda_layer_version_permission", |assembly, properties| LAYER.declare(assembly, properties)),
    ("aws_cloudwatch_event_permission", |assembly, properties| BUS.declare(assembly, properties)),
];

const FUNCTION: Permission = Permission {
    ty: "aws_lambda_permission",
    service: "lambda",
    action: ("action", "lambda:InvokeFunction"),
    principal: "principal",
    conditions: &[
        ("ArnLike", "aws:SourceArn", "source_arn"),
        ("StringEquals", "aws:SourceAccount", "source_account"),
        ("StringEquals", "aws:PrincipalOrgID", "principal_org_id"),
        ("StringEquals", "lambda:FunctionUrlAuthType", "function_url_auth_type"),
        ("StringEquals", "lambda:EventSourceToken", "event_source_token"),
    ],
    condition: None,
};

const LAYER: Permission = Permission {
    ty: "aws_lambda_layer_version_permission",
    service: "lambda",
    action: ("action", "lambda:GetLayerVersion"),
    principal: "principal",
    conditions: &[("StringEquals", "aws:PrincipalOrgID", "organization_id")],
    condition: None,
};

const BUS: Permission = Permission {
    ty: "aws_cloudwatch_event_permission",
    service: "events",
    action: ("action", "events:PutEvents"),
    principal: "principal",
    conditions: &[],
    condition: Some(("condition", ["type", "key", "value"])),
};

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

/// A policy that stands in the resource that it protects.
fn own_policy(assembly: &mut Assembly, properties: &mut dyn Properties, path: &str, service: &str) {
    let Some(policy) = properties.at(assembly, path) else { return };
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
