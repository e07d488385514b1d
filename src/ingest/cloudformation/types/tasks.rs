//! What runs documents on a schedule: associations and maintenance windows.

use crate::document::NodeId;
use crate::ingest::assembly::Assembly;
use crate::ingest::table::{Properties, Row, records, to, value};
use crate::model::{EntityId, Kind, Relation};

use super::{BUCKETS, DOCUMENTS, LOG_GROUPS, ROLES, TARGET, WINDOWS, tie_assumed_role};

pub(super) const ROWS: &[Row] = &[
    Row {
        ty: "AWS::SSM::Association",
        kind: Kind::Association,
        fields: &[
            value("name", "AssociationName"),
            value("document_name", "Name"),
            value("document_version", "DocumentVersion"),
            records("targets", "Targets", TARGET),
            value("parameters", "Parameters"),
            value("schedule", "ScheduleExpression"),
            value("output_bucket", "OutputLocation.S3Location.OutputS3BucketName"),
            value("output_prefix", "OutputLocation.S3Location.OutputS3KeyPrefix"),
            value("output_region", "OutputLocation.S3Location.OutputS3Region"),
            value("max_concurrency", "MaxConcurrency"),
            value("max_errors", "MaxErrors"),
            value("compliance_severity", "ComplianceSeverity"),
            value("calendars", "CalendarNames"),
            value("automation_target_parameter", "AutomationTargetParameterName"),
            value("dispatch_role", "AssociationDispatchAssumeRole"),
        ],
        ties: &[
            to(Relation::Runs, "Name", DOCUMENTS),
            to(Relation::Passes, "AssociationDispatchAssumeRole", ROLES),
            to(Relation::Uses, "OutputLocation.S3Location.OutputS3BucketName", BUCKETS),
        ],
        more: Some(association),
    },
    Row {
        ty: "AWS::SSM::MaintenanceWindow",
        kind: Kind::MaintenanceWindow,
        fields: &[
            value("name", "Name"),
            value("schedule", "Schedule"),
            value("schedule_timezone", "ScheduleTimezone"),
            value("duration", "Duration"),
            value("cutoff", "Cutoff"),
            value("allow_unassociated", "AllowUnassociatedTargets"),
            value("end_date", "EndDate"),
        ],
        ties: &[],
        more: None,
    },
    Row {
        ty: "AWS::SSM::MaintenanceWindowTarget",
        kind: Kind::WindowTarget,
        fields: &[
            value("name", "Name"),
            value("resource_type", "ResourceType"),
            records("targets", "Targets", TARGET),
        ],
        ties: &[to(Relation::Window, "WindowId", WINDOWS)],
        more: None,
    },
    Row {
        ty: "AWS::SSM::MaintenanceWindowTask",
        kind: Kind::WindowTask,
        fields: &[
            value("task_type", "TaskType"),
            value("task", "TaskArn"),
            value("service_role", "ServiceRoleArn"),
            records("targets", "Targets", TARGET),
            value("parameters", "TaskParameters"),
            value("output_bucket", "LoggingInfo.S3Bucket"),
            value("output_prefix", "LoggingInfo.S3Prefix"),
            value("max_concurrency", "MaxConcurrency"),
            value("max_errors", "MaxErrors"),
            value("cutoff_behavior", "CutoffBehavior"),
            value("priority", "Priority"),
        ],
        ties: &[
            to(Relation::Window, "WindowId", WINDOWS),
            to(Relation::Runs, "TaskArn", DOCUMENTS),
            to(Relation::Passes, "ServiceRoleArn", ROLES),
        ],
        more: Some(window_task),
    },
];

/// An association with one node by its id, and the role of an automation.
fn association(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    if let Some(instance) = properties.at(assembly, "InstanceId") {
        let values = assembly.tree.derive_list(instance, &[instance]);
        let key = assembly.tree.derive_string(instance, "InstanceIds");
        let entries = [assembly.tree.key("key"), key, assembly.tree.key("values"), values];
        let target = assembly.tree.derive_map(instance, &entries);
        let targets = assembly.tree.derive_list(instance, &[target]);
        assembly.set(entity, "targets", Some(targets));
    }
    if let Some(parameters) = properties.at(assembly, "Parameters") {
        tie_assumed_role(assembly, entity, parameters);
    }
}

/// What the kind of a task brings with it.
fn window_task(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    let Some(invocation) = properties.at(assembly, "TaskInvocationParameters") else { return };
    let get = |assembly: &mut Assembly, path: &str| {
        crate::ingest::project::project(&mut assembly.tree, invocation, path)
    };
    let command = "MaintenanceWindowRunCommandParameters";
    let automation = "MaintenanceWindowAutomationParameters";
    let fields: [(&'static str, String); 13] = [
        ("parameters", format!("{command}.Parameters")),
        ("parameters", format!("{automation}.Parameters")),
        ("document_version", format!("{command}.DocumentVersion")),
        ("document_version", format!("{automation}.DocumentVersion")),
        ("document_hash", format!("{command}.DocumentHash")),
        ("notification_role", format!("{command}.ServiceRoleArn")),
        ("output_bucket", format!("{command}.OutputS3BucketName")),
        ("output_prefix", format!("{command}.OutputS3KeyPrefix")),
        ("log_group", format!("{command}.CloudWatchOutputConfig.CloudWatchLogGroupName")),
        ("cloudwatch_output", format!("{command}.CloudWatchOutputConfig.CloudWatchOutputEnabled")),
        ("payload", "MaintenanceWindowLambdaParameters.Payload".to_owned()),
        ("payload", "MaintenanceWindowStepFunctionsParameters.Input".to_owned()),
        ("", format!("{automation}.Parameters")),
    ];
    for (field, path) in fields {
        let Some(found) = get(assembly, &path) else { continue };
        if field.is_empty() {
            tie_assumed_role(assembly, entity, found);
        } else {
            assembly.set(entity, field, Some(found));
        }
        if field == "notification_role" {
            super::tie(assembly, Relation::Passes, entity, found, ROLES);
        }
    }
    uses(assembly, properties, entity);
}

/// Where a task writes to.
fn uses(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    let bucket = assembly.inventory.entity(entity).and_then(|entity| entity.get("output_bucket"));
    let group = assembly.inventory.entity(entity).and_then(|entity| entity.get("log_group"));
    let logged = properties.at(assembly, "LoggingInfo.S3Bucket");
    let mut add = |value: Option<NodeId>, kinds| {
        if let Some(value) = value {
            super::tie(assembly, Relation::Uses, entity, value, kinds);
        }
    };
    add(bucket.or(logged), BUCKETS);
    add(group, LOG_GROUPS);
}
