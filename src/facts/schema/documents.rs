//! The tables of Systems Manager: documents and what runs them.

use super::tables::{TEXTS, attribute, entity};
use super::{Attribute, Kind, Type};

use Type::{Bool, Entity, List, Map, Number, Raw, Record, Text};

/// What a targeted operation selects nodes by.
pub(super) const TARGET: &[Attribute] = &[
    attribute("key", Text, "`InstanceIds`, `tag:NAME`, `resource-groups:Name`, …"),
    attribute("values", TEXTS, "the values that are selected"),
];

const PARAMETERS: Type = Map(&TEXTS);

/// A value that a document refuses, or does not have.
pub(super) const PARAMETER_PROBLEM: &[Attribute] = &[
    attribute(
        "problem",
        Text,
        "`unknown`: the document has no such parameter; `missing`: it needs one more; `refused`: it refuses the value",
    ),
    attribute("message", Text, "what is wrong"),
    attribute(
        "suggestion",
        Text,
        "the name of the parameter that is probably meant; absent where nobody knows",
    ),
];

const DOCUMENT_PARAMETER: &[Attribute] = &[
    attribute("name", Text, "the name"),
    attribute("type", Text, "the type, as written"),
    attribute("default", Raw, "the default value"),
    attribute("allowed_pattern", Text, "the regular expression that values must match"),
    attribute("allowed_values", TEXTS, "the values that are allowed"),
    attribute("interpolation_type", Text, "`ENV_VAR` where the value is passed in the environment"),
    attribute("used", Bool, "whether a step refers to it"),
    attribute(
        "sunk",
        Bool,
        "whether it reaches a script, a document, a role, an API or other text that is parsed",
    ),
];

/// A value on its way to something that it can change.
const FLOW: &[Attribute] = &[
    attribute(
        "source",
        Text,
        "where the value comes from: a parameter, an output (`step.Output`), a stored parameter",
    ),
    attribute("source_kind", Text, "`parameter`, `output` or `store`"),
    attribute(
        "trust",
        Text,
        "who chooses the value: `caller`, `node`, `external`, `config`, `aws_id` or `system`",
    ),
    attribute(
        "sink",
        Text,
        "what it reaches: `shell`, `powershell`, `python`, `argument`, `command_line`, `url`, `path`, `document`, `role`, \
         `api`, `api_parameter`, `json` or `target`",
    ),
    attribute(
        "context",
        Text,
        "how it stands there: `unquoted`, `double-quoted`, `JSON string`, `whole value`, …",
    ),
    attribute("action", Text, "the action or plugin that it reaches, which may be one of another document"),
    attribute("input", Text, "the input that it reaches"),
    attribute("step", Text, "the name of the step"),
    attribute("operation", Text, "for an API: the service and the operation, as `iam:AttachRolePolicy`"),
    attribute("verdict", Text, "`safe`, `unsafe` or `unknown`"),
    attribute(
        "witness",
        Text,
        "a value that passes all constraints and does harm, where the verdict is `unsafe`",
    ),
    attribute("reason", Text, "why the verdict is `unknown`"),
    attribute("rendered", Text, "the line of the script with that value in it"),
    attribute("pattern", Text, "the pattern that the value has to match"),
    attribute("known_values", Text, "the values that the input gives to it, where all are known, in JSON"),
    attribute("payload", Text, "the map that stands for a payload which is a text, in JSON"),
    attribute("input_map", Text, "the map that stands for another input which is a text, in JSON"),
    attribute("validated", Bool, "whether anything limits the value"),
    attribute("passthrough", Bool, "whether the value is the whole script: a shell by design"),
    attribute("crosses", Bool, "whether it reaches another document's step"),
    attribute("by_environment", Bool, "whether the value is passed in the environment as well"),
    attribute("written", Text, "the reference as it is written, where `variable` can stand for it"),
    attribute("variable", Text, "what a script says instead that takes the value from its environment"),
    attribute("code", Bool, "whether what it reaches is run"),
    attribute("severity", Text, "how bad it is where the verdict is `unsafe`"),
    attribute("path", List(&Record(HOP)), "the places that the value passes, the source first"),
];

pub(super) const HOP: &[Attribute] = &[attribute("what", Text, "what happens to the value there")];

/// Something that is wrong with a document on its own.
const PROBLEM: &[Attribute] = &[
    attribute(
        "topic",
        Text,
        "`structure`, `schema`, `limit`, `pattern`, `default`, `environment`, `retired`, `secret`, `integrity` or \
         `destructive`",
    ),
    attribute("problem", Text, "which problem it is, such as `unknown_step` or `duplicate_step`"),
    attribute("message", Text, "what is wrong"),
    attribute("note", Bool, "whether it is only worth knowing"),
    attribute("suggestion", Text, "what should probably stand there; absent where nobody knows"),
    attribute("text", Text, "the part of the value that it is about; absent where that is all of it"),
];

const STEP: &[Attribute] = &[
    attribute("name", Text, "the step's name"),
    attribute("action", Text, "the action or plugin, such as `aws:runCommand`"),
    attribute("inputs", Raw, "the inputs, as written"),
];

pub(super) const DOCUMENT: Kind = entity!(
    "ssm_documents",
    "ssm_document",
    "A Systems Manager document.",
    [
        attribute("name", Text, "the document's name"),
        attribute("likely_name", Text, "the name, where a stack is called `stack`"),
        attribute(
            "document_type",
            Text,
            "`Automation`, `Command`, `Session`, `Package`, …; absent where it is not said"
        ),
        attribute("format", Text, "`JSON`, `YAML` or `TEXT`"),
        attribute("target_type", Text, "the resource type that the document acts on"),
        attribute("version_name", Text, "the name of the version"),
        attribute("attachments", Raw, "the attachments, as written"),
        attribute("requires", Raw, "the documents that it requires, as written"),
        attribute("update_method", Text, "`Replace` or `NewVersion`"),
        attribute("permissions", Raw, "whom it is shared with, as written"),
        attribute("content", Raw, "the content"),
        attribute("schema_version", Text, "the schema version"),
        attribute("description", Text, "the description"),
        attribute("assume_role", Text, "the role that an automation runs with"),
        attribute(
            "hidden_parameter",
            Text,
            "the parameter of the template in the content whose value the template hides (`NoEcho`)"
        ),
        attribute("session_type", Text, "for session documents: `Standard_Stream`, `InteractiveCommands`, …"),
        attribute("inputs", Raw, "for session documents: the preferences"),
        attribute("parameters", List(&Record(DOCUMENT_PARAMETER)), "the parameters"),
        attribute("steps", List(&Record(STEP)), "the main steps"),
        attribute("document_kind", Text, "the type, as declared or as the content says"),
        attribute(
            "written_as",
            Text,
            "`JSON` or `YAML` where the content is text in the input; absent where it is an object"
        ),
        attribute("size", Number, "the bytes of the content as compact JSON"),
        attribute("role_parameter", Record(DOCUMENT_PARAMETER), "the parameter that the role is taken from"),
        attribute(
            "role_definition",
            Text,
            "the definition of that parameter, in JSON, as one whose value is a role and has to be given"
        ),
        attribute("run_as_elevated", List(&Bool), "for session documents: whether commands run as root"),
        attribute(
            "log_group",
            Entity("log_group"),
            "for session documents: the log group that sessions are written to, where the input declares it"
        ),
        attribute("named_in_policies", Bool, "for session documents: whether a policy of the input names it"),
        attribute("flows", List(&Record(FLOW)), "what values reach: scripts, documents, roles, APIs"),
        attribute(
            "problems",
            List(&Record(PROBLEM)),
            "what the service or the agent would refuse, and what is unwise"
        ),
        attribute(
            "call_problems",
            List(&Record(PARAMETER_PROBLEM)),
            "values that its steps give to other documents, which refuse them"
        ),
        attribute("tags", Raw, "the tags, as written"),
    ]
);

pub(super) const ASSOCIATION: Kind = entity!(
    "ssm_associations",
    "ssm_association",
    "A State Manager association.",
    [
        attribute("name", Text, "the association's own name"),
        attribute("document_name", Text, "the name or ARN of the document"),
        attribute("document", Entity("ssm_document"), "the document, where the input declares it"),
        attribute("document_version", Text, "the version of the document"),
        attribute("targets", List(&Record(TARGET)), "what it applies to"),
        attribute("parameters", PARAMETERS, "the values of the document's parameters"),
        attribute("parameter_problems", List(&Record(PARAMETER_PROBLEM)), "values that the document refuses"),
        attribute("secret_parameters", TEXTS, "values that look like secrets"),
        attribute("schedule", Text, "the schedule expression"),
        attribute("output_bucket", Text, "the bucket that output is written to"),
        attribute("output_prefix", Text, "the prefix of the output"),
        attribute("output_region", Text, "the Region of the bucket"),
        attribute("max_concurrency", Text, "how many targets at once"),
        attribute("max_errors", Text, "after how many errors it stops"),
        attribute("compliance_severity", Text, "the severity of a failure"),
        attribute("calendars", TEXTS, "the change calendars"),
        attribute("automation_target_parameter", Text, "the parameter that targets are bound to"),
        attribute("dispatch_role", Text, "the role that dispatches the association"),
    ]
);

pub(super) const WINDOW: Kind = entity!(
    "maintenance_windows",
    "maintenance_window",
    "A maintenance window.",
    [
        attribute("name", Text, "the name"),
        attribute("schedule", Text, "the schedule expression"),
        attribute("schedule_timezone", Text, "the time zone"),
        attribute("duration", Number, "the length, in hours"),
        attribute("cutoff", Number, "how many hours before the end no task starts"),
        attribute("allow_unassociated", Bool, "whether tasks may run on nodes that are no targets"),
        attribute("enabled", Bool, "whether it is enabled"),
        attribute("end_date", Text, "when it ends for good"),
        attribute("ended", Bool, "whether that day is over"),
        attribute(
            "has_room",
            Bool,
            "whether the cutoff is before the end; absent where one of them is not known"
        ),
    ]
);

pub(super) const WINDOW_TARGET: Kind = entity!(
    "window_targets",
    "window_target",
    "The targets of a maintenance window.",
    [
        attribute("window", Entity("maintenance_window"), "the window, where the input declares it"),
        attribute("resource_type", Text, "`INSTANCE` or `RESOURCE_GROUP`"),
        attribute("targets", List(&Record(TARGET)), "what is targeted"),
    ]
);

pub(super) const WINDOW_TASK: Kind = entity!(
    "window_tasks",
    "window_task",
    "A task of a maintenance window.",
    [
        attribute("window", Entity("maintenance_window"), "the window, where the input declares it"),
        attribute("task_type", Text, "`RUN_COMMAND`, `AUTOMATION`, `LAMBDA` or `STEP_FUNCTIONS`"),
        attribute("task", Text, "the document, function or state machine that is run"),
        attribute("document", Entity("ssm_document"), "the document, where the input declares it"),
        attribute("document_version", Text, "the version of the document"),
        attribute("document_hash", Text, "the hash of the document's content"),
        attribute("service_role", Text, "the role that the task runs with"),
        attribute("service_linked", Bool, "whether that surely is the role that Systems Manager itself has"),
        attribute("window_role", Text, "a reference to the one role of the input that is for such tasks"),
        attribute(
            "roles",
            List(&Entity("role")),
            "the roles that it is given, where the input declares them"
        ),
        attribute("notification_role", Text, "the role that sends notifications"),
        attribute("targets", List(&Record(TARGET)), "what it applies to"),
        attribute("parameters", PARAMETERS, "the values of the document's parameters"),
        attribute("parameter_problems", List(&Record(PARAMETER_PROBLEM)), "values that the document refuses"),
        attribute("secret_parameters", TEXTS, "values that look like secrets"),
        attribute("payload", Raw, "the input of a function or state machine"),
        attribute("output_bucket", Text, "the bucket that output is written to"),
        attribute("output_prefix", Text, "the prefix of the output"),
        attribute("log_group", Text, "the log group that output is written to"),
        attribute("cloudwatch_output", Bool, "whether output is written to CloudWatch Logs"),
        attribute("max_concurrency", Text, "how many targets at once"),
        attribute("max_errors", Text, "after how many errors it stops"),
        attribute("cutoff_behavior", Text, "`CANCEL_TASK` or `CONTINUE_TASK`"),
        attribute("priority", Number, "the order among the window's tasks"),
    ]
);

pub(super) const PARAMETER: Kind = entity!(
    "ssm_parameters",
    "ssm_parameter",
    "A Parameter Store parameter.",
    [
        attribute("name", Text, "the name, with its path"),
        attribute("likely_name", Text, "the name, where a stack is called `stack`"),
        attribute("parameter_type", Text, "`String`, `StringList` or `SecureString`"),
        attribute("value", Text, "the value; used in comparisons, never shown where it is secret"),
        attribute(
            "value_in_plan",
            Bool,
            "whether the value stands in plan and state, not in a write-only argument"
        ),
        attribute("looks_secret", Bool, "whether name or value say that it is a secret"),
        attribute("secret", Bool, "whether the template hides the value (`NoEcho`)"),
        attribute("activation_code", Bool, "whether the value is the code of an activation"),
        attribute(
            "secret_source",
            Text,
            "what the value of a Terraform configuration is made of that is secret: a generated password, a private key, a sensitive variable"
        ),
        attribute("tier", Text, "`Standard`, `Advanced` or `Intelligent-Tiering`"),
        attribute("key_id", Text, "the KMS key of a `SecureString`"),
        attribute("allowed_pattern", Text, "the regular expression that values must match"),
        attribute("data_type", Text, "`text` or `aws:ec2:image`"),
        attribute("policies", Raw, "the parameter policies, as written"),
        attribute("description", Text, "the description"),
        attribute("overwrite", Bool, "whether an existing parameter is overwritten"),
        attribute("tags", Raw, "the tags, as written"),
    ]
);

pub(super) const PARAMETER_READ: Kind = entity!(
    "parameter_reads",
    "parameter_read",
    "A Parameter Store parameter that a Terraform configuration reads.",
    [
        attribute("name", Text, "the name, with its path"),
        attribute("parameter_type", Text, "`String`, `StringList` or `SecureString`, where it has been read"),
        attribute("with_decryption", Bool, "whether the value of a `SecureString` is decrypted"),
        attribute(
            "asks_to_decrypt",
            Bool,
            "whether the configuration itself says that it is to be decrypted"
        ),
        attribute(
            "revealed_in",
            TEXTS,
            "where the value goes and is no secret any more: user data, environments, outputs that are not sensitive"
        ),
    ]
);

pub(super) const ACTIVATION: Kind = entity!(
    "ssm_activations",
    "ssm_activation",
    "A hybrid activation.",
    [
        attribute("name", Text, "the default name of nodes"),
        attribute("role", Text, "the role that registered machines get"),
        attribute("expiration", Text, "when it expires"),
        attribute("days_left", Number, "in how many days that is"),
        attribute("in_output", Bool, "whether its code is an output that is not marked as sensitive"),
        attribute("registration_limit", Number, "how many machines may register"),
        attribute("tags", Raw, "the tags, as written"),
    ]
);

pub(super) const DATA_SYNC: Kind = entity!(
    "resource_data_syncs",
    "resource_data_sync",
    "A resource data sync.",
    [
        attribute("name", Text, "the name"),
        attribute("bucket", Text, "the destination bucket"),
        attribute("prefix", Text, "the prefix in the bucket"),
        attribute("region", Text, "the Region of the bucket"),
        attribute("kms_key", Text, "the KMS key of the destination"),
        attribute("sync_type", Text, "`SyncToDestination` or `SyncFromSource`"),
        attribute("source", Raw, "the source, as written"),
    ]
);

const PATCH_RULE: &[Attribute] = &[
    attribute("approve_after_days", Number, "after how many days patches are approved"),
    attribute("approve_until_date", Text, "until which release date patches are approved"),
    attribute("compliance_level", Text, "the severity of a missing patch"),
    attribute("enable_non_security", Bool, "whether other than security patches are approved"),
    attribute("filters", List(&Record(TARGET)), "which patches the rule is about"),
];

pub(super) const PATCH_BASELINE: Kind = entity!(
    "patch_baselines",
    "patch_baseline",
    "A patch baseline.",
    [
        attribute("name", Text, "the name"),
        attribute("operating_system", Text, "the operating system"),
        attribute("rules", List(&Record(PATCH_RULE)), "the approval rules"),
        attribute("approved_patches", TEXTS, "patches that are approved by name"),
        attribute("rejected_patches", TEXTS, "patches that are rejected by name"),
        attribute("rejected_patches_action", Text, "`ALLOW_AS_DEPENDENCY` or `BLOCK`"),
        attribute("sources", Raw, "alternative repositories, as written"),
        attribute("source_configurations", TEXTS, "the configurations of alternative repositories"),
        attribute("patch_groups", TEXTS, "the patch groups that use it"),
        attribute("default", Bool, "whether it is the default baseline"),
    ]
);

pub(super) const PATCH_GROUP: Kind = entity!(
    "patch_groups",
    "patch_group",
    "A patch group.",
    [
        attribute("name", Text, "the name of the group"),
        attribute("baseline", Text, "the baseline that it uses"),
    ]
);

pub(super) const SERVICE_SETTING: Kind = entity!(
    "service_settings",
    "service_setting",
    "An account setting of Systems Manager.",
    [
        attribute(
            "setting",
            Text,
            "the setting's path, such as `/ssm/documents/console/public-sharing-permission`"
        ),
        attribute("value", Text, "the value"),
    ]
);

pub(super) const TRIGGER: Kind = entity!(
    "triggers",
    "trigger",
    "Something that starts a document: an event rule, a schedule.",
    [
        attribute("name", Text, "the name"),
        attribute("document_name", Text, "the name or ARN of the document"),
        attribute("document", Entity("ssm_document"), "the document, where the input declares it"),
        attribute("role", Text, "the role that starts the document"),
        attribute("parameters", PARAMETERS, "the values of the document's parameters"),
        attribute("parameter_problems", List(&Record(PARAMETER_PROBLEM)), "values that the document refuses"),
        attribute("secret_parameters", TEXTS, "values that look like secrets"),
        attribute("transformed", Bool, "whether values are taken from the event"),
        attribute("targets", List(&Record(TARGET)), "the nodes that a command runs on"),
    ]
);

pub(super) const QUICK_SETUP: Kind = entity!(
    "quick_setups",
    "quick_setup",
    "A Quick Setup configuration.",
    [
        attribute("name", Text, "the name"),
        attribute(
            "setup_type",
            Text,
            "the type of the configuration, such as `AWSQuickSetupType-PatchPolicy`"
        ),
        attribute("parameters", Raw, "the parameters, as written"),
    ]
);
