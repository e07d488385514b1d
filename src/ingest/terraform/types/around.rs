//! Resources around roles and documents: buckets, keys, log groups, endpoints, trails.

use crate::document::{NodeId, View};
use crate::ingest::assembly::Assembly;
use crate::ingest::inside;
use crate::ingest::table::{Field, Properties, Row, policy, to, value};
use crate::model::{EntityId, Kind, Relation};

use super::{BUCKETS, Giver, KEYS, give, is_set, place};

pub(super) const ROWS: &[Row] = &[
    Row {
        ty: "aws_s3_bucket",
        kind: Kind::Bucket,
        fields: &[
            value("name", "bucket"),
            value(
                "encryption",
                "server_side_encryption_configuration.rule.apply_server_side_encryption_by_default.sse_algorithm",
            ),
            value(
                "kms_key",
                "server_side_encryption_configuration.rule.apply_server_side_encryption_by_default.kms_master_key_id",
            ),
            value("lifecycle", "lifecycle_rule"),
            value("tags", "tags"),
        ],
        ties: &[],
        more: Some(bucket),
    },
    Row {
        ty: "aws_cloudwatch_log_group",
        kind: Kind::LogGroup,
        fields: &[value("name", "name"), value("kms_key", "kms_key_id")],
        ties: &[to(Relation::Uses, "kms_key_id", KEYS)],
        more: Some(retention),
    },
    Row {
        ty: "aws_kms_key",
        kind: Kind::Key,
        fields: &[policy("document", "policy"), value("rotation", "enable_key_rotation")],
        ties: &[],
        more: None,
    },
    Row {
        ty: "aws_cloudtrail",
        kind: Kind::Trail,
        fields: TRAIL,
        ties: &[to(Relation::Uses, "s3_bucket_name", BUCKETS), to(Relation::Uses, "kms_key_id", KEYS)],
        more: Some(trail),
    },
    Row {
        ty: "aws_vpc_endpoint",
        kind: Kind::VpcEndpoint,
        fields: &[
            value("service_name", "service_name"),
            value("endpoint_type", "vpc_endpoint_type"),
            value("vpc", "vpc_id"),
            value("private_dns", "private_dns_enabled"),
            value("subnets", "subnet_ids"),
            value("security_groups", "security_group_ids"),
        ],
        ties: &[],
        more: Some(endpoint),
    },
];

const TRAIL: &[Field] = &[
    value("name", "name"),
    value("logging", "enable_logging"),
    value("multi_region", "is_multi_region_trail"),
    value("excluded_sources", "event_selector.exclude_management_event_sources"),
    value("selectors", "event_selector"),
];

pub(super) const GIVERS: &[(&str, Giver)] = &[
    ("aws_s3_bucket_server_side_encryption_configuration", encryption),
    ("aws_s3_bucket_public_access_block", public_access),
    ("aws_s3_bucket_ownership_controls", ownership),
    ("aws_s3_bucket_versioning", versioning),
    ("aws_s3_bucket_lifecycle_configuration", lifecycle),
    ("aws_vpc_endpoint_policy", endpoint_policy),
];

/// What older providers say in the bucket itself.
fn bucket(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    if is_set(assembly, properties, "policy") {
        let policy = properties.at(assembly, "policy");
        let document = policy.map(|policy| inside::policy(assembly, policy));
        assembly.set(entity, "document", document);
    }
    if let Some(enabled) = properties.at(assembly, "versioning.enabled") {
        let versioning = match assembly.tree.bool(enabled) {
            Some(true) => assembly.tree.derive_string(enabled, "Enabled"),
            Some(false) => assembly.tree.derive_string(enabled, "Suspended"),
            None => enabled,
        };
        assembly.set(entity, "versioning", Some(versioning));
    }
}

/// Selectors of the newer generation stand for those of the older one.
fn trail(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    if is_set(assembly, properties, "advanced_event_selector") {
        let advanced = properties.at(assembly, "advanced_event_selector");
        assembly.set(entity, "selectors", advanced);
    }
}

/// Zero days are for ever.
fn retention(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    let days = properties.at(assembly, "retention_in_days");
    let days = days.filter(|&days| assembly.tree.scalar(days) != Some("0"));
    assembly.set(entity, "retention_days", days);
}

fn endpoint(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    let has = is_set(assembly, properties, "policy");
    if has {
        let policy = properties.at(assembly, "policy");
        let document = policy.map(|policy| inside::policy(assembly, policy));
        assembly.set(entity, "document", document);
    }
    let place = place(assembly, properties);
    let has = assembly.tree.derive_bool(place, has);
    assembly.set(entity, "has_policy", Some(has));
}

fn endpoint_policy(assembly: &mut Assembly, properties: &mut dyn Properties) {
    let Some(policy) = properties.at(assembly, "policy") else { return };
    let to: (&str, &'static [Kind]) = ("vpc_endpoint_id", &[Kind::VpcEndpoint]);
    let document = inside::policy(assembly, policy);
    let has = assembly.tree.derive_bool(policy, true);
    give(assembly, properties, to, "document", Some(document));
    give(assembly, properties, to, "has_policy", Some(has));
}

/// Gives the values at paths to the bucket that the resource is about.
fn give_each(
    assembly: &mut Assembly,
    properties: &mut dyn Properties,
    fields: &[(&'static str, &'static str)],
) {
    for (field, path) in fields {
        let value = properties.at(assembly, path);
        give(assembly, properties, ("bucket", BUCKETS), field, value);
    }
}

fn encryption(assembly: &mut Assembly, properties: &mut dyn Properties) {
    let fields = [
        ("encryption", "rule.apply_server_side_encryption_by_default.sse_algorithm"),
        ("kms_key", "rule.apply_server_side_encryption_by_default.kms_master_key_id"),
    ];
    give_each(assembly, properties, &fields);
}

fn public_access(assembly: &mut Assembly, properties: &mut dyn Properties) {
    let fields = [
        ("block_public_acls", "block_public_acls"),
        ("block_public_policy", "block_public_policy"),
        ("ignore_public_acls", "ignore_public_acls"),
        ("restrict_public_buckets", "restrict_public_buckets"),
    ];
    give_each(assembly, properties, &fields);
}

fn ownership(assembly: &mut Assembly, properties: &mut dyn Properties) {
    give_each(assembly, properties, &[("object_ownership", "rule.object_ownership")]);
}

fn versioning(assembly: &mut Assembly, properties: &mut dyn Properties) {
    give_each(assembly, properties, &[("versioning", "versioning_configuration.status")]);
}

fn lifecycle(assembly: &mut Assembly, properties: &mut dyn Properties) {
    let rules: Option<NodeId> = properties.at(assembly, "rule");
    let rules = rules.filter(|&rules| !matches!(assembly.tree.view(rules), View::Null));
    give(assembly, properties, ("bucket", BUCKETS), "lifecycle", rules);
}
