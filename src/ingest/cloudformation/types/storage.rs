//! Where output goes, and what protects it: buckets, log groups, keys, trails, endpoints.

use crate::document::NodeId;
use crate::ingest::assembly::Assembly;
use crate::ingest::table::{Properties, Row, policy, to, value};
use crate::model::{EntityId, Kind, Relation};

use super::{KEYS, elements, flat};

pub(super) const ROWS: &[Row] = &[
    Row {
        ty: "AWS::S3::Bucket",
        kind: Kind::Bucket,
        fields: &[
            value("name", "BucketName"),
            value(
                "encryption",
                "BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.SSEAlgorithm",
            ),
            value(
                "kms_key",
                "BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.KMSMasterKeyID",
            ),
            value("block_public_acls", "PublicAccessBlockConfiguration.BlockPublicAcls"),
            value("block_public_policy", "PublicAccessBlockConfiguration.BlockPublicPolicy"),
            value("ignore_public_acls", "PublicAccessBlockConfiguration.IgnorePublicAcls"),
            value("restrict_public_buckets", "PublicAccessBlockConfiguration.RestrictPublicBuckets"),
            value("object_ownership", "OwnershipControls.Rules.ObjectOwnership"),
            value("versioning", "VersioningConfiguration.Status"),
            value("lifecycle", "LifecycleConfiguration"),
            value("tags", "Tags"),
        ],
        ties: &[to(
            Relation::Uses,
            "BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.KMSMasterKeyID",
            KEYS,
        )],
        more: None,
    },
    Row {
        ty: "AWS::Logs::LogGroup",
        kind: Kind::LogGroup,
        fields: &[
            value("name", "LogGroupName"),
            value("kms_key", "KmsKeyId"),
            value("retention_days", "RetentionInDays"),
        ],
        ties: &[to(Relation::Uses, "KmsKeyId", KEYS)],
        more: None,
    },
    Row {
        ty: "AWS::KMS::Key",
        kind: Kind::Key,
        fields: &[policy("document", "KeyPolicy"), value("rotation", "EnableKeyRotation")],
        ties: &[],
        more: None,
    },
    Row {
        ty: "AWS::CloudTrail::Trail",
        kind: Kind::Trail,
        fields: &[
            value("name", "TrailName"),
            value("logging", "IsLogging"),
            value("multi_region", "IsMultiRegionTrail"),
        ],
        ties: &[to(Relation::Uses, "KMSKeyId", KEYS)],
        more: Some(trail),
    },
    Row {
        ty: "AWS::EC2::VPCEndpoint",
        kind: Kind::VpcEndpoint,
        fields: &[
            value("service_name", "ServiceName"),
            value("endpoint_type", "VpcEndpointType"),
            value("vpc", "VpcId"),
            policy("document", "PolicyDocument"),
            value("private_dns", "PrivateDnsEnabled"),
            value("subnets", "SubnetIds"),
            value("security_groups", "SecurityGroupIds"),
        ],
        ties: &[],
        more: Some(endpoint),
    },
];

fn endpoint(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    let policy = properties.at(assembly, "PolicyDocument");
    let place = policy.or_else(|| assembly.inventory.entity(entity).map(|entity| entity.node));
    let Some(place) = place else { return };
    let has = assembly.tree.derive_bool(place, policy.is_some());
    assembly.set(entity, "has_policy", Some(has));
}

/// Selectors of both generations, and the sources that they leave out.
fn trail(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    let simple = properties.at(assembly, "EventSelectors");
    let advanced = properties.at(assembly, "AdvancedEventSelectors");
    assembly.set(entity, "selectors", simple.or(advanced));
    let mut lists = Vec::new();
    lists.extend(properties.at(assembly, "EventSelectors.ExcludeManagementEventSources"));
    if let Some(fields) = properties.at(assembly, "AdvancedEventSelectors.FieldSelectors") {
        lists.extend(left_out(assembly, fields));
    }
    if let Some(&first) = lists.first() {
        let all = flat(assembly, first, &lists);
        assembly.set(entity, "excluded_sources", Some(all));
    }
}

/// What `eventSource` must not be.
fn left_out(assembly: &Assembly, fields: NodeId) -> Vec<NodeId> {
    let mut out = Vec::new();
    let mut stack = elements(assembly, fields);
    while let Some(node) = stack.pop() {
        if assembly.tree.list(node).is_some() {
            stack.extend(elements(assembly, node));
            continue;
        }
        let field = assembly.tree.get(node, "Field").and_then(|field| assembly.tree.string(field));
        if field == Some("eventSource") {
            out.extend(assembly.tree.get(node, "NotEquals"));
        }
    }
    out
}
