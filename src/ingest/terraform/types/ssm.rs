//! Systems Manager: documents and what runs them.

use crate::document::{Condition, NodeId, View};
use crate::ingest::assembly::{Assembly, End, Tie};
use crate::ingest::inside;
use crate::ingest::table::{Field, Properties, Row, records, to, value};
use crate::model::{EntityId, Kind, Relation};

use super::{
    BUCKETS, DOCUMENTS, Giver, LOG_GROUPS, ROLES, WINDOWS, give, give_one_of_many, is_set, lists,
    named_blocks, place,
};

const TARGET: &[Field] = &[value("key", "key"), value("values", "values")];

const PATCH_RULE: &[Field] = &[
    value("approve_after_days", "approve_after_days"),
    value("approve_until_date", "approve_until_date"),
    value("compliance_level", "compliance_level"),
    value("enable_non_security", "enable_non_security"),
    records("filters", "patch_filter", TARGET),
];

const RUN: &str = "task_invocation_parameters.run_command_parameters";

pub(super) const ROWS: &[Row] = &[
    Row {
        ty: "aws_ssm_document",
        kind: Kind::Document,
        fields: &[
            value("name", "name"),
            value("document_type", "document_type"),
            value("format", "document_format"),
            value("target_type", "target_type"),
            value("version_name", "version_name"),
            value("attachments", "attachments_source"),
            value("permissions", "permissions"),
            value("tags", "tags"),
        ],
        ties: &[],
        more: Some(document_content),
    },
    Row {
        ty: "data.aws_ssm_document",
        kind: Kind::Document,
        fields: &[
            value("name", "name"),
            value("arn", "arn"),
            value("document_type", "document_type"),
            value("format", "document_format"),
        ],
        ties: &[],
        more: Some(document_content),
    },
    Row {
        ty: "aws_ssm_association",
        kind: Kind::Association,
        fields: &[
            value("name", "association_name"),
            value("document_name", "name"),
            value("document_version", "document_version"),
            records("targets", "targets", TARGET),
            value("schedule", "schedule_expression"),
            value("output_bucket", "output_location.s3_bucket_name"),
            value("output_prefix", "output_location.s3_key_prefix"),
            value("output_region", "output_location.s3_region"),
            value("max_concurrency", "max_concurrency"),
            value("max_errors", "max_errors"),
            value("compliance_severity", "compliance_severity"),
            value("calendars", "calendar_names"),
            value("automation_target_parameter", "automation_target_parameter_name"),
            value("dispatch_role", "association_dispatch_assume_role"),
        ],
        ties: &[
            to(Relation::Runs, "name", DOCUMENTS),
            to(Relation::Uses, "output_location.s3_bucket_name", BUCKETS),
            to(Relation::Passes, "association_dispatch_assume_role", ROLES),
        ],
        more: Some(association),
    },
    Row {
        ty: "aws_ssm_maintenance_window",
        kind: Kind::MaintenanceWindow,
        fields: &[
            value("name", "name"),
            value("schedule", "schedule"),
            value("schedule_timezone", "schedule_timezone"),
            value("duration", "duration"),
            value("cutoff", "cutoff"),
            value("allow_unassociated", "allow_unassociated_targets"),
            value("end_date", "end_date"),
            value("enabled", "enabled"),
        ],
        ties: &[],
        more: None,
    },
    Row {
        ty: "aws_ssm_maintenance_window_target",
        kind: Kind::WindowTarget,
        fields: &[
            value("name", "name"),
            value("resource_type", "resource_type"),
            records("targets", "targets", TARGET),
        ],
        ties: &[to(Relation::Window, "window_id", WINDOWS)],
        more: None,
    },
    Row {
        ty: "aws_ssm_maintenance_window_task",
        kind: Kind::WindowTask,
        fields: &[
            value("name", "name"),
            value("task_type", "task_type"),
            value("task", "task_arn"),
            value("service_role", "service_role_arn"),
            value("notification_role", "task_invocation_parameters.run_command_parameters.service_role_arn"),
            value("document_hash", "task_invocation_parameters.run_command_parameters.document_hash"),
            records("targets", "targets", TARGET),
            value("output_bucket", "task_invocation_parameters.run_command_parameters.output_s3_bucket"),
            value("output_prefix", "task_invocation_parameters.run_command_parameters.output_s3_key_prefix"),
            value(
                "log_group",
                "task_invocation_parameters.run_command_parameters.cloudwatch_config.cloudwatch_log_group_name",
            ),
            value(
                "cloudwatch_output",
                "task_invocation_parameters.run_command_parameters.cloudwatch_config.cloudwatch_output_enabled",
            ),
            value("max_concurrency", "max_concurrency"),
            value("max_errors", "max_errors"),
            value("cutoff_behavior", "cutoff_behavior"),
            value("priority", "priority"),
        ],
        ties: &[
            to(Relation::Window, "window_id", WINDOWS),
            to(Relation::Runs, "task_arn", DOCUMENTS),
            to(Relation::Passes, "service_role_arn", ROLES),
            to(Relation::Passes, "task_invocation_parameters.run_command_parameters.service_role_arn", ROLES),
            to(Relation::Uses, "task_invocation_parameters.run_command_parameters.output_s3_bucket", BUCKETS),
            to(
                Relation::Uses,
                "task_invocation_parameters.run_command_parameters.cloudwatch_config.cloudwatch_log_group_name",
                LOG_GROUPS,
            ),
        ],
        more: Some(task),
    },
    Row {
        ty: "aws_ssm_parameter",
        kind: Kind::Parameter,
        fields: &[
            value("name", "name"),
            value("parameter_type", "type"),
            value("tier", "tier"),
            value("key_id", "key_id"),
            value("allowed_pattern", "allowed_pattern"),
            value("data_type", "data_type"),
            value("description", "description"),
            value("overwrite", "overwrite"),
            value("tags", "tags"),
        ],
        ties: &[to(Relation::Uses, "key_id", super::KEYS)],
        more: Some(parameter),
    },
    Row {
        ty: "data.aws_ssm_parameter",
        kind: Kind::ParameterRead,
        fields: &[
            value("name", "name"),
            value("parameter_type", "type"),
            value("with_decryption", "with_decryption"),
        ],
        ties: &[],
        more: None,
    },
    Row {
        ty: "aws_ssm_activation",
        kind: Kind::Activation,
        fields: &[
            value("name", "name"),
            value("role", "iam_role"),
            value("expiration", "expiration_date"),
            value("registration_limit", "registration_limit"),
            value("tags", "tags"),
        ],
        ties: &[to(Relation::Passes, "iam_role", ROLES)],
        more: None,
    },
    Row {
        ty: "aws_ssm_resource_data_sync",
        kind: Kind::DataSync,
        fields: &[
            value("name", "name"),
            value("bucket", "s3_destination.bucket_name"),
            value("prefix", "s3_destination.prefix"),
            value("region", "s3_destination.region"),
            value("kms_key", "s3_destination.kms_key_arn"),
        ],
        ties: &[
            to(Relation::Uses, "s3_destination.bucket_name", BUCKETS),
            to(Relation::Uses, "s3_destination.kms_key_arn", super::KEYS),
        ],
        more: None,
    },
    Row {
        ty: "aws_ssm_patch_baseline",
        kind: Kind::PatchBaseline,
        fields: &[
            value("name", "name"),
            value("operating_system", "operating_system"),
            records("rules", "approval_rule", PATCH_RULE),
            value("approved_patches", "approved_patches"),
            value("rejected_patches", "rejected_patches"),
            value("rejected_patches_action", "rejected_patches_action"),
            value("sources", "source"),
            value("source_configurations", "source.configuration"),
        ],
        ties: &[],
        more: None,
    },
    Row {
        ty: "aws_ssm_patch_group",
        kind: Kind::PatchGroup,
        fields: &[value("name", "patch_group"), value("baseline", "baseline_id")],
        ties: &[],
        more: None,
    },
    Row {
        ty: "aws_ssm_service_setting",
        kind: Kind::ServiceSetting,
        fields: &[value("value", "setting_value")],
        ties: &[],
        more: Some(setting),
    },
    Row {
        ty: "aws_ssmquicksetup_configuration_manager",
        kind: Kind::QuickSetup,
        fields: &[
            value("name", "name"),
            value("setup_type", "configuration_definition.type"),
            value("parameters", "configuration_definition.parameters"),
        ],
        ties: &[],
        more: None,
    },
];

pub(super) const GIVERS: &[(&str, Giver)] =
    &[("aws_ssm_patch_group", patch_group), ("aws_ssm_default_patch_baseline", default_baseline)];

/// The content of a document, JSON or YAML in a string.
fn document_content(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    let Some(content) = properties.at(assembly, "content") else { return };
    let format = properties.at(assembly, "document_format");
    let is_text = format.and_then(|node| assembly.tree.string(node)).is_some_and(|format| format == "TEXT");
    let read = if is_text { content } else { inside::document(assembly, content, inside::Written::Either) };
    assembly.set(entity, "content", Some(read));
}

/// The parameters of an association: a map of texts. A parameter that names a role gives it to the automation.
fn association(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    if let Some(parameters) = properties.at(assembly, "parameters") {
        let parameters = lists(assembly, parameters);
        assembly.set(entity, "parameters", Some(parameters));
        roles_in_parameters(assembly, properties, entity, parameters, "parameters");
    }
}

/// Ties an entity to the role that it passes as a parameter of its document.
pub(super) fn roles_in_parameters(
    assembly: &mut Assembly,
    properties: &mut dyn Properties,
    entity: EntityId,
    parameters: NodeId,
    path: &str,
) {
    for name in ["AutomationAssumeRole", "AssumeRole", "automationAssumeRole", "assumeRole"] {
        let Some(mut role) = assembly.tree.get(parameters, name) else { continue };
        let single = assembly.tree.list(role).and_then(|list| list.get(0)).unwrap_or(role);
        if !matches!(assembly.tree.view(single), View::String(_)) {
            role = properties.link(assembly, &format!("{path}.{name}"), ROLES).unwrap_or(role);
        }
        if assembly.tree.string(single).is_some_and(|text| text.is_empty() || text.starts_with("{{")) {
            continue;
        }
        assembly.add_tie(Tie {
            relation: Relation::Passes,
            from: End::Entity(entity),
            to: End::Value(role, ROLES),
            value: None,
            resource: properties.resource(),
            under: Condition::ALWAYS,
        });
    }
}

/// What a task of a maintenance window passes on.
fn task(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    const AUTOMATION: &str = "task_invocation_parameters.automation_parameters";
    for base in [RUN, AUTOMATION] {
        if let Some(blocks) = properties.at(assembly, &format!("{base}.parameter")) {
            let parameters =
                named_blocks(assembly, blocks, "name", |assembly, block| assembly.tree.get(block, "values"));
            assembly.set(entity, "parameters", Some(parameters));
            roles_in_parameters(assembly, properties, entity, parameters, &format!("{base}.parameter"));
        }
        let version = properties.at(assembly, &format!("{base}.document_version"));
        assembly.set(entity, "document_version", version);
    }
    let payload = [
        "task_invocation_parameters.lambda_parameters.payload",
        "task_invocation_parameters.step_functions_parameters.input",
    ];
    let payload = payload.iter().find_map(|path| properties.at(assembly, path));
    assembly.set(entity, "payload", payload);
}

/// The value of a parameter, and whether it stands in plan and state. A `SecureString` is secret whatever the plan says.
fn parameter(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    let value = ["value", "insecure_value"].iter().find_map(|path| properties.at(assembly, path));
    let write_only = is_set(assembly, properties, "value_wo")
        || is_set(assembly, properties, "value_wo_version") && value.is_none();
    let ty = properties.at(assembly, "type");
    let secret = ty.and_then(|ty| assembly.tree.string(ty)) == Some("SecureString");
    let value = value.map(|value| {
        let copy = assembly.tree.derive_copy(value, value);
        if secret {
            assembly.tree.mark_sensitive(copy);
        }
        copy
    });
    let place = place(assembly, properties);
    let in_plan = assembly.tree.derive_bool(place, value.is_some() && !write_only);
    if !secret {
        let source = ["value", "insecure_value"].iter().find_map(|name| properties.secret(assembly, name));
        let source = source.map(|source| assembly.tree.derive_string(ty.unwrap_or(place), &source));
        assembly.set(entity, "secret_source", source);
    }
    assembly.set(entity, "value", value);
    assembly.set(entity, "value_in_plan", Some(in_plan));
}

/// The setting's path, whether the path or the ARN is given; the default role of hosts is given by such a setting.
fn setting(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    const HOSTS: &str = "/ssm/managed-instance/default-ec2-instance-management-role";
    let Some(id) = properties.at(assembly, "setting_id") else { return };
    let path = assembly.tree.string(id).and_then(|text| text.split_once(":servicesetting"));
    let id = match path.map(|(_, path)| path.to_owned()) {
        Some(path) => assembly.tree.derive_string(id, &path),
        None => id,
    };
    assembly.set(entity, "setting", Some(id));
    if assembly.tree.string(id) != Some(HOSTS) {
        return;
    }
    let Some(role) = properties.link(assembly, "setting_value", ROLES) else { return };
    let name = assembly.tree.string(role).and_then(|role| role.rsplit('/').next()).map(str::to_owned);
    let role = match name {
        Some(name) => assembly.tree.derive_string(role, &name),
        None => role,
    };
    assembly.add_tie(Tie {
        relation: Relation::Passes,
        from: End::Entity(entity),
        to: End::Value(role, ROLES),
        value: None,
        resource: properties.resource(),
        under: Condition::ALWAYS,
    });
}

fn patch_group(assembly: &mut Assembly, properties: &mut dyn Properties) {
    let group = properties.at(assembly, "patch_group");
    give_one_of_many(assembly, properties, ("baseline_id", &[Kind::PatchBaseline]), "patch_groups", group);
}

fn default_baseline(assembly: &mut Assembly, properties: &mut dyn Properties) {
    let place = place(assembly, properties);
    let default = assembly.tree.derive_bool(place, true);
    give(assembly, properties, ("baseline_id", &[Kind::PatchBaseline]), "default", Some(default));
}
