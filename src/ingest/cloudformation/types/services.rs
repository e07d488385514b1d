//! AWS Config.

use crate::document::NodeId;
use crate::ingest::assembly::Assembly;
use crate::ingest::inside;
use crate::ingest::table::{Properties, Row, to, value};
use crate::model::{EntityId, Kind, Relation};

use super::{DOCUMENTS, tie_assumed_role};

pub(super) const ROWS: &[Row] = &[
    Row {
        ty: "AWS::Config::ConfigurationRecorder",
        kind: Kind::ConfigRecorder,
        fields: &[
            value("name", "Name"),
            value("all_supported", "RecordingGroup.AllSupported"),
            value("global_types", "RecordingGroup.IncludeGlobalResourceTypes"),
            value("types", "RecordingGroup.ResourceTypes"),
            value("excluded_types", "RecordingGroup.ExclusionByResourceTypes.ResourceTypes"),
            value("strategy", "RecordingGroup.RecordingStrategy.UseOnly"),
        ],
        ties: &[],
        more: None,
    },
    Row {
        ty: "AWS::Config::ConfigRule",
        kind: Kind::ConfigRule,
        fields: &[
            value("name", "ConfigRuleName"),
            value("owner", "Source.Owner"),
            value("identifier", "Source.SourceIdentifier"),
            value("scope", "Scope"),
        ],
        ties: &[],
        more: Some(rule),
    },
    Row {
        ty: "AWS::Config::RemediationConfiguration",
        kind: Kind::Remediation,
        fields: &[
            value("rule", "ConfigRuleName"),
            value("document_name", "TargetId"),
            value("document_version", "TargetVersion"),
            value("automatic", "Automatic"),
        ],
        ties: &[to(Relation::Runs, "TargetId", DOCUMENTS)],
        more: Some(remediation),
    },
];

/// The parameters of a rule: a map, or JSON in a string.
fn rule(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    let Some(parameters) = properties.at(assembly, "InputParameters") else { return };
    let read = inside::document(assembly, parameters, inside::Written::Json);
    assembly.set(entity, "parameters", Some(read));
}

/// The parameters of a remediation: values, or the resource that was found.
fn remediation(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    let Some(parameters) = properties.at(assembly, "Parameters") else { return };
    let entries: Vec<(NodeId, NodeId)> = match assembly.tree.map(parameters) {
        Some(map) => map.iter().map(|(key, _, value)| (key, value)).collect(),
        None => Vec::new(),
    };
    let mut values = Vec::with_capacity(entries.len() * 2);
    for (key, value) in entries {
        let fixed = assembly.tree.at(value, &["StaticValue", "Values"]);
        let fixed = fixed.or_else(|| assembly.tree.at(value, &["StaticValue", "Value"]));
        let found = fixed.or_else(|| assembly.tree.at(value, &["ResourceValue", "Value"]));
        if let Some(found) = found {
            values.extend([key, found]);
        }
    }
    let map = assembly.tree.derive_map(parameters, &values);
    assembly.set(entity, "parameters", Some(map));
    tie_assumed_role(assembly, entity, map);
}
