//! AWS Config and what starts documents: remediations and event targets.

use crate::document::{Condition, NodeId, View};
use crate::ingest::assembly::{Assembly, End, Tie};
use crate::ingest::inside;
use crate::ingest::table::{Field, Properties, Row, records, to, value};
use crate::model::{EntityId, Kind, Relation};

use super::ssm::roles_in_parameters;
use super::{DOCUMENTS, Giver, ROLES, give, named_blocks, place};

const TARGET: &[Field] = &[value("key", "key"), value("values", "values")];

pub(super) const ROWS: &[Row] = &[
    Row {
        ty: "aws_config_configuration_recorder",
        kind: Kind::ConfigRecorder,
        fields: &[
            value("name", "name"),
            value("all_supported", "recording_group.all_supported"),
            value("global_types", "recording_group.include_global_resource_types"),
            value("types", "recording_group.resource_types"),
            value("excluded_types", "recording_group.exclusion_by_resource_types.resource_types"),
            value("strategy", "recording_group.recording_strategy.use_only"),
        ],
        ties: &[],
        more: None,
    },
    Row {
        ty: "aws_config_config_rule",
        kind: Kind::ConfigRule,
        fields: &[
            value("name", "name"),
            value("owner", "source.owner"),
            value("identifier", "source.source_identifier"),
            value("scope", "scope"),
        ],
        ties: &[],
        more: Some(rule_parameters),
    },
    Row {
        ty: "aws_config_organization_managed_rule",
        kind: Kind::ConfigRule,
        fields: &[value("name", "name"), value("identifier", "rule_identifier")],
        ties: &[],
        more: Some(rule_parameters),
    },
    Row {
        ty: "aws_config_remediation_configuration",
        kind: Kind::Remediation,
        fields: &[
            value("rule", "config_rule_name"),
            value("document_name", "target_id"),
            value("document_version", "target_version"),
            value("automatic", "automatic"),
        ],
        ties: &[to(Relation::Runs, "target_id", DOCUMENTS)],
        more: Some(remediation),
    },
];

pub(super) const GIVERS: &[(&str, Giver)] = &[
    ("aws_config_configuration_recorder_status", recorder_status),
    ("aws_cloudwatch_event_target", event_target),
    ("aws_scheduler_schedule", schedule),
];

/// The parameters of a rule are JSON in a string.
fn rule_parameters(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    let Some(parameters) = properties.at(assembly, "input_parameters") else { return };
    let read = inside::document(assembly, parameters, inside::Written::Json);
    assembly.set(entity, "parameters", Some(read));
}

fn remediation(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    let Some(blocks) = properties.at(assembly, "parameter") else { return };
    let value = |assembly: &Assembly, block: NodeId| {
        let set = |&value: &NodeId| match assembly.tree.view(value) {
            View::String(text) => !text.is_empty(),
            View::List(list) => !list.is_empty(),
            View::Null => false,
            _ => true,
        };
        let part = |key: &str| assembly.tree.get(block, key).filter(set);
        part("static_value").or_else(|| part("static_values")).or_else(|| part("resource_value"))
    };
    let parameters = named_blocks(assembly, blocks, "name", value);
    assembly.set(entity, "parameters", Some(parameters));
    roles_in_parameters(assembly, properties, entity, parameters, "parameter");
}

fn recorder_status(assembly: &mut Assembly, properties: &mut dyn Properties) {
    let enabled = properties.at(assembly, "is_enabled");
    give(assembly, properties, ("name", &[Kind::ConfigRecorder]), "enabled", enabled);
}

/// Whether a target is a document: its ARN says so, or the reference that it is made of.
fn runs_document(assembly: &mut Assembly, properties: &mut dyn Properties, path: &str) -> Option<NodeId> {
    let target = properties.link(assembly, path, DOCUMENTS)?;
    let text = assembly.tree.display(target);
    let by_name = text.contains(":ssm:")
        && [":automation-definition/", ":document/"].iter().any(|part| text.contains(part));
    let by_reference = text.contains("aws_ssm_document.");
    (by_name || by_reference).then_some(target)
}

fn trigger(assembly: &mut Assembly, properties: &mut dyn Properties, document: NodeId) -> EntityId {
    let resource = properties.resource();
    let entity = assembly.declare(Kind::Trigger, resource);
    assembly.set(entity, "document_name", Some(document));
    assembly.add_tie(Tie {
        relation: Relation::Runs,
        from: End::Entity(entity),
        to: End::Value(document, DOCUMENTS),
        value: None,
        resource,
        under: Condition::ALWAYS,
    });
    entity
}

/// Ties a trigger to the role that starts its document.
fn started_with(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId, path: &str) {
    let Some(role) = properties.link(assembly, path, ROLES) else { return };
    assembly.set(entity, "role", Some(role));
    assembly.add_tie(Tie {
        relation: Relation::Passes,
        from: End::Entity(entity),
        to: End::Value(role, ROLES),
        value: None,
        resource: properties.resource(),
        under: Condition::ALWAYS,
    });
}

fn event_target(assembly: &mut Assembly, properties: &mut dyn Properties) {
    let Some(document) = runs_document(assembly, properties, "arn") else { return };
    let entity = trigger(assembly, properties, document);
    let name = properties.at(assembly, "rule");
    assembly.set(entity, "name", name);
    if let Some(input) = properties.at(assembly, "input") {
        let read = inside::document(assembly, input, inside::Written::Json);
        let read = super::lists(assembly, read);
        assembly.set(entity, "parameters", Some(read));
        roles_in_parameters(assembly, properties, entity, read, "input");
    }
    let transformed = super::is_set(assembly, properties, "input_transformer");
    let place = place(assembly, properties);
    let transformed = assembly.tree.derive_bool(place, transformed);
    assembly.set(entity, "transformed", Some(transformed));
    if let Some(targets) = properties.at(assembly, "run_command_targets") {
        let read = crate::ingest::table::read(assembly, targets, records("targets", "", TARGET).read);
        assembly.set(entity, "targets", Some(read));
    }
    started_with(assembly, properties, entity, "role_arn");
}

/// A schedule that starts an automation by the universal target of the scheduler.
fn schedule(assembly: &mut Assembly, properties: &mut dyn Properties) {
    let target = properties.at(assembly, "target.arn");
    let universal = target.and_then(|arn| assembly.tree.string(arn)).is_some_and(|arn| {
        arn.ends_with("aws-sdk:ssm:startAutomationExecution") || arn.ends_with("aws-sdk:ssm:sendCommand")
    });
    if !universal {
        return;
    }
    let Some(input) = properties.at(assembly, "target.input") else { return };
    let read = inside::document(assembly, input, inside::Written::Json);
    let Some(document) = assembly.tree.get(read, "DocumentName") else { return };
    let entity = trigger(assembly, properties, document);
    let name = properties.at(assembly, "name");
    assembly.set(entity, "name", name);
    if let Some(parameters) = assembly.tree.get(read, "Parameters") {
        let parameters = super::lists(assembly, parameters);
        assembly.set(entity, "parameters", Some(parameters));
        roles_in_parameters(assembly, properties, entity, parameters, "target.input");
    }
    started_with(assembly, properties, entity, "target.role_arn");
}
