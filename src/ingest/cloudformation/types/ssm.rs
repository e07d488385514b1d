//! Systems Manager: documents, parameters, patching and settings.

use crate::document::{NodeId, Piece, View};
use crate::ingest::assembly::Assembly;
use crate::ingest::inside;
use crate::ingest::table::{Field, Properties, Row, records, secret, to, value};
use crate::model::{EntityId, Kind, Relation};

use super::{BUCKETS, KEYS, ROLES, TARGET, tie};

const PATCH_RULE: &[Field] = &[
    value("approve_after_days", "ApproveAfterDays"),
    value("approve_until_date", "ApproveUntilDate"),
    value("compliance_level", "ComplianceLevel"),
    value("enable_non_security", "EnableNonSecurity"),
    records("filters", "PatchFilterGroup.PatchFilters", TARGET),
];

pub(super) const ROWS: &[Row] = &[
    Row {
        ty: "AWS::SSM::Document",
        kind: Kind::Document,
        fields: &[
            value("name", "Name"),
            value("document_type", "DocumentType"),
            value("format", "DocumentFormat"),
            value("target_type", "TargetType"),
            value("version_name", "VersionName"),
            value("attachments", "Attachments"),
            value("requires", "Requires"),
            value("update_method", "UpdateMethod"),
            value("tags", "Tags"),
        ],
        ties: &[],
        more: Some(document_content),
    },
    Row {
        ty: "AWS::SSM::Parameter",
        kind: Kind::Parameter,
        fields: &[
            value("name", "Name"),
            value("parameter_type", "Type"),
            secret("value", "Value"),
            value("tier", "Tier"),
            value("allowed_pattern", "AllowedPattern"),
            value("data_type", "DataType"),
            value("policies", "Policies"),
            value("description", "Description"),
            value("tags", "Tags"),
        ],
        ties: &[],
        more: None,
    },
    Row {
        ty: "AWS::SSM::ResourceDataSync",
        kind: Kind::DataSync,
        fields: &[
            value("name", "SyncName"),
            value("bucket", "BucketName"),
            value("bucket", "S3Destination.BucketName"),
            value("prefix", "BucketPrefix"),
            value("prefix", "S3Destination.BucketPrefix"),
            value("region", "BucketRegion"),
            value("region", "S3Destination.BucketRegion"),
            value("kms_key", "KMSKeyArn"),
            value("kms_key", "S3Destination.KMSKeyArn"),
            value("sync_type", "SyncType"),
            value("source", "SyncSource"),
        ],
        ties: &[
            to(Relation::Uses, "BucketName", BUCKETS),
            to(Relation::Uses, "S3Destination.BucketName", BUCKETS),
            to(Relation::Uses, "KMSKeyArn", KEYS),
            to(Relation::Uses, "S3Destination.KMSKeyArn", KEYS),
        ],
        more: None,
    },
    Row {
        ty: "AWS::SSM::PatchBaseline",
        kind: Kind::PatchBaseline,
        fields: &[
            value("name", "Name"),
            value("operating_system", "OperatingSystem"),
            records("rules", "ApprovalRules.PatchRules", PATCH_RULE),
            value("approved_patches", "ApprovedPatches"),
            value("rejected_patches", "RejectedPatches"),
            value("rejected_patches_action", "RejectedPatchesAction"),
            value("sources", "Sources"),
            value("source_configurations", "Sources.Configuration"),
            value("patch_groups", "PatchGroups"),
            value("default", "DefaultBaseline"),
        ],
        ties: &[],
        more: None,
    },
    Row {
        ty: "AWS::SSM::ServiceSetting",
        kind: Kind::ServiceSetting,
        fields: &[value("value", "SettingValue")],
        ties: &[],
        more: Some(setting),
    },
];

/// The content of a document: a map, or JSON or YAML in a string.
fn document_content(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    let Some(content) = properties.at(assembly, "Content") else { return };
    let format = properties.at(assembly, "DocumentFormat");
    let is_text = format.and_then(|node| assembly.tree.string(node)).is_some_and(|format| format == "TEXT");
    let read = if is_text { content } else { inside::document(assembly, content, inside::Written::Either) };
    assembly.set(entity, "content", Some(read));
    let language = match assembly.tree.view(content) {
        _ if read == content => None,
        View::String(text) => Some(language_of(text)),
        View::Text(pieces) => match pieces.first() {
            Some(Piece::Literal(text)) => Some(language_of(text)),
            _ => None,
        },
        _ => None,
    };
    let language = language.map(|language| assembly.tree.derive_string(content, language));
    assembly.set(entity, "written_as", language);
}

/// What a document in a text is written in.
fn language_of(text: &str) -> &'static str {
    if text.trim_start().starts_with('{') { "JSON" } else { "YAML" }
}

/// A setting: its path without the ARN before it, and the role that it may name.
fn setting(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    let Some(id) = properties.at(assembly, "SettingId") else { return };
    let path = path_of_setting(assembly, id);
    assembly.set(entity, "setting", Some(path));
    let names_role = assembly
        .tree
        .string(path)
        .is_some_and(|path| path.ends_with("/default-ec2-instance-management-role"));
    if !names_role {
        return;
    }
    let Some(role) = properties.at(assembly, "SettingValue") else { return };
    // The name may stand behind its path.
    let name =
        assembly.tree.string(role).and_then(|name| name.rsplit_once('/')).map(|(_, name)| name.to_owned());
    let role = name.map_or(role, |name| assembly.tree.derive_string(role, &name));
    tie(assembly, Relation::Passes, entity, role, ROLES);
}

fn path_of_setting(assembly: &mut Assembly, id: NodeId) -> NodeId {
    const MARK: &str = ":servicesetting";
    let path = match assembly.tree.view(id) {
        View::String(text) => text.split_once(MARK).map(|(_, path)| path.to_owned()),
        View::Text(pieces) => match pieces.last() {
            Some(Piece::Literal(text)) => text.split_once(MARK).map(|(_, path)| path.to_owned()),
            _ => None,
        },
        _ => None,
    };
    path.map_or(id, |path| assembly.tree.derive_string(id, &path))
}
