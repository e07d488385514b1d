//! Which Terraform type declares which entity.

use crate::document::{Condition, NodeId, View, spread};
use crate::ingest::assembly::{Assembly, End, Tie};
use crate::ingest::inside;
use crate::ingest::table::{Properties, Row, policy, to, value};
use crate::model::{Entity, EntityId, Kind, Relation};

/// The row of a type.
pub(super) fn find(ty: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.ty == ty)
}

/// Arguments whose value names another resource.
pub(super) fn is_link(name: &str) -> bool {
    matches!(
        name,
        "role"
            | "roles"
            | "user"
            | "users"
            | "group"
            | "groups"
            | "policy_arn"
            | "permissions_boundary"
            | "iam_instance_profile"
            | "launch_configuration"
    )
}

const POLICIES: &[Kind] = &[Kind::ManagedPolicy];
const ROLES: &[Kind] = &[Kind::Role];
const USERS: &[Kind] = &[Kind::User];
const GROUPS: &[Kind] = &[Kind::Group];
const PROFILES: &[Kind] = &[Kind::InstanceProfile];
const NODES: &[Kind] = &[Kind::Node];

const ROWS: &[Row] = &[
    Row {
        ty: "aws_iam_role",
        kind: Kind::Role,
        fields: &[
            value("name", "name"),
            value("path", "path"),
            policy("trust", "assume_role_policy"),
            value("max_session_duration", "max_session_duration"),
            value("boundary", "permissions_boundary"),
            value("tags", "tags"),
        ],
        ties: &[
            to(Relation::Attached, "managed_policy_arns", POLICIES),
            to(Relation::Boundary, "permissions_boundary", POLICIES),
        ],
        more: Some(inline_blocks),
    },
    Row {
        ty: "aws_iam_user",
        kind: Kind::User,
        fields: &[
            value("name", "name"),
            value("path", "path"),
            value("boundary", "permissions_boundary"),
            value("tags", "tags"),
        ],
        ties: &[to(Relation::Boundary, "permissions_boundary", POLICIES)],
        more: None,
    },
    Row {
        ty: "aws_iam_group",
        kind: Kind::Group,
        fields: &[value("name", "name"), value("path", "path")],
        ties: &[],
        more: None,
    },
    Row {
        ty: "aws_iam_policy",
        kind: Kind::ManagedPolicy,
        fields: &[value("name", "name"), value("path", "path"), policy("document", "policy")],
        ties: &[],
        more: None,
    },
    Row {
        ty: "aws_iam_role_policy",
        kind: Kind::InlinePolicy,
        fields: &[value("name", "name"), policy("document", "policy")],
        ties: &[crate::ingest::table::from(Relation::Inline, "role", ROLES)],
        more: None,
    },
    Row {
        ty: "aws_iam_user_policy",
        kind: Kind::InlinePolicy,
        fields: &[value("name", "name"), policy("document", "policy")],
        ties: &[crate::ingest::table::from(Relation::Inline, "user", USERS)],
        more: None,
    },
    Row {
        ty: "aws_iam_group_policy",
        kind: Kind::InlinePolicy,
        fields: &[value("name", "name"), policy("document", "policy")],
        ties: &[crate::ingest::table::from(Relation::Inline, "group", GROUPS)],
        more: None,
    },
    Row {
        ty: "aws_iam_role_policy_attachment",
        kind: Kind::Attachment,
        fields: &[value("policy_arn", "policy_arn")],
        ties: &[],
        more: Some(attachment),
    },
    Row {
        ty: "aws_iam_user_policy_attachment",
        kind: Kind::Attachment,
        fields: &[value("policy_arn", "policy_arn")],
        ties: &[],
        more: Some(attachment),
    },
    Row {
        ty: "aws_iam_group_policy_attachment",
        kind: Kind::Attachment,
        fields: &[value("policy_arn", "policy_arn")],
        ties: &[],
        more: Some(attachment),
    },
    Row {
        ty: "aws_iam_policy_attachment",
        kind: Kind::Attachment,
        fields: &[value("name", "name"), value("policy_arn", "policy_arn")],
        ties: &[],
        more: Some(attachment),
    },
    Row {
        ty: "aws_iam_role_policy_attachments_exclusive",
        kind: Kind::Attachment,
        fields: &[value("policy_arn", "policy_arns")],
        ties: &[],
        more: Some(attachment),
    },
    Row {
        ty: "aws_iam_user_group_membership",
        kind: Kind::Attachment,
        fields: &[],
        ties: &[],
        more: Some(membership),
    },
    Row {
        ty: "aws_iam_group_membership",
        kind: Kind::Attachment,
        fields: &[],
        ties: &[],
        more: Some(membership),
    },
    Row {
        ty: "aws_iam_instance_profile",
        kind: Kind::InstanceProfile,
        fields: &[value("name", "name"), value("path", "path")],
        ties: &[to(Relation::Contains, "role", ROLES), to(Relation::Contains, "roles", ROLES)],
        more: None,
    },
    Row {
        ty: "aws_instance",
        kind: Kind::Node,
        fields: &[
            value("profile", "iam_instance_profile"),
            value("user_data", "user_data"),
            value("metadata_options", "metadata_options"),
            value("tags", "tags"),
        ],
        ties: &[
            to(Relation::Profile, "iam_instance_profile", PROFILES),
            to(Relation::Launches, "launch_template.id", NODES),
            to(Relation::Launches, "launch_template.name", NODES),
        ],
        more: None,
    },
    Row {
        ty: "aws_launch_template",
        kind: Kind::Node,
        fields: &[
            value("name", "name"),
            value("profile", "iam_instance_profile"),
            value("user_data", "user_data"),
            value("metadata_options", "metadata_options"),
        ],
        ties: &[
            to(Relation::Profile, "iam_instance_profile.name", PROFILES),
            to(Relation::Profile, "iam_instance_profile.arn", PROFILES),
        ],
        more: None,
    },
    Row {
        ty: "aws_launch_configuration",
        kind: Kind::Node,
        fields: &[
            value("name", "name"),
            value("profile", "iam_instance_profile"),
            value("user_data", "user_data"),
            value("metadata_options", "metadata_options"),
        ],
        ties: &[to(Relation::Profile, "iam_instance_profile", PROFILES)],
        more: None,
    },
    Row {
        ty: "aws_autoscaling_group",
        kind: Kind::Node,
        fields: &[value("name", "name"), value("tags", "tag")],
        ties: &[
            to(Relation::Launches, "launch_template.id", NODES),
            to(Relation::Launches, "launch_template.name", NODES),
            to(Relation::Launches, "launch_configuration", NODES),
            to(
                Relation::Launches,
                "mixed_instances_policy.launch_template.launch_template_specification.launch_template_id",
                NODES,
            ),
        ],
        more: None,
    },
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
];

/// Ties every principal that an attachment names to every policy that it names.
fn attachment(assembly: &mut Assembly, properties: &mut dyn Properties, _entity: EntityId) {
    let policies = ["policy_arn", "policy_arns"].iter().find_map(|path| properties.at(assembly, path));
    let Some(policies) = policies else { return };
    let principals: &[(&str, &'static [Kind])] = &[
        ("role", ROLES),
        ("role_name", ROLES),
        ("roles", ROLES),
        ("user", USERS),
        ("users", USERS),
        ("group", GROUPS),
        ("groups", GROUPS),
    ];
    for (path, kinds) in principals {
        let Some(principal) = properties.at(assembly, path) else { continue };
        assembly.add_tie(Tie {
            relation: Relation::Attached,
            from: End::Value(principal, kinds),
            to: End::Value(policies, POLICIES),
            value: None,
            resource: properties.resource(),
            under: Condition::ALWAYS,
        });
    }
}

/// Users of groups, whichever side lists the other.
fn membership(assembly: &mut Assembly, properties: &mut dyn Properties, _entity: EntityId) {
    let users = ["user", "users"].iter().find_map(|path| properties.at(assembly, path));
    let groups = ["group", "groups"].iter().find_map(|path| properties.at(assembly, path));
    let (Some(users), Some(groups)) = (users, groups) else { return };
    assembly.add_tie(Tie {
        relation: Relation::Member,
        from: End::Value(users, USERS),
        to: End::Value(groups, GROUPS),
        value: None,
        resource: properties.resource(),
        under: Condition::ALWAYS,
    });
}

/// The `inline_policy` blocks of a role. An empty block removes all inline policies and declares none.
fn inline_blocks(assembly: &mut Assembly, properties: &mut dyn Properties, owner: EntityId) {
    let Some(blocks) = properties.at(assembly, "inline_policy") else { return };
    let resource = properties.resource();
    for (under, node) in spread(&assembly.tree, &mut assembly.conditions, blocks) {
        let Some(document) = document_of_block(assembly, node) else { continue };
        let mut entity = Entity::new(Kind::InlinePolicy, resource, node, under);
        if let Some(name) = assembly.tree.get(node, "name") {
            entity.set("name", name);
        }
        entity.set("document", inside::policy(assembly, document));
        let entity = assembly.inventory.add_entity(entity);
        let (from, to) = (End::Entity(owner), End::Entity(entity));
        assembly.add_tie(Tie { relation: Relation::Inline, from, to, value: Some(node), resource, under });
    }
}

fn document_of_block(assembly: &Assembly, block: NodeId) -> Option<NodeId> {
    match assembly.tree.view(block) {
        View::Map(map) => {
            let document = map.get("policy")?;
            let empty = assembly.tree.string(document).is_some_and(str::is_empty);
            (!empty && !matches!(assembly.tree.view(document), View::Null)).then_some(document)
        }
        View::Unknown(_) => Some(block),
        _ => None,
    }
}

/// The content of a document, JSON or YAML in a string.
fn document_content(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    let Some(content) = properties.at(assembly, "content") else { return };
    let format = properties.at(assembly, "document_format");
    let is_text = format.and_then(|node| assembly.tree.string(node)).is_some_and(|format| format == "TEXT");
    let read = if is_text { content } else { inside::document(assembly, content, inside::Written::Either) };
    assembly.set(entity, "content", Some(read));
}
