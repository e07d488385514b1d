//! Which CloudFormation type declares which entity.

use crate::document::{Condition, NodeId, View, spread};
use crate::ingest::assembly::{Assembly, End, Tie};
use crate::ingest::inside;
use crate::ingest::table::{Properties, Row, from, policy, to, value};
use crate::model::{Entity, EntityId, Kind, Relation};

/// The row of a type.
pub(super) fn find(ty: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.ty == ty)
}

const POLICIES: &[Kind] = &[Kind::ManagedPolicy];
const ROLES: &[Kind] = &[Kind::Role];
const USERS: &[Kind] = &[Kind::User];
const GROUPS: &[Kind] = &[Kind::Group];
const PROFILES: &[Kind] = &[Kind::InstanceProfile];
const NODES: &[Kind] = &[Kind::Node];

const ROWS: &[Row] = &[
    Row {
        ty: "AWS::IAM::Role",
        kind: Kind::Role,
        fields: &[
            value("name", "RoleName"),
            value("path", "Path"),
            policy("trust", "AssumeRolePolicyDocument"),
            value("max_session_duration", "MaxSessionDuration"),
            value("boundary", "PermissionsBoundary"),
            value("tags", "Tags"),
        ],
        ties: &[
            to(Relation::Attached, "ManagedPolicyArns", POLICIES),
            to(Relation::Boundary, "PermissionsBoundary", POLICIES),
        ],
        more: Some(inline_policies),
    },
    Row {
        ty: "AWS::IAM::User",
        kind: Kind::User,
        fields: &[
            value("name", "UserName"),
            value("path", "Path"),
            value("boundary", "PermissionsBoundary"),
            value("tags", "Tags"),
        ],
        ties: &[
            to(Relation::Attached, "ManagedPolicyArns", POLICIES),
            to(Relation::Boundary, "PermissionsBoundary", POLICIES),
            to(Relation::Member, "Groups", GROUPS),
        ],
        more: Some(inline_policies),
    },
    Row {
        ty: "AWS::IAM::Group",
        kind: Kind::Group,
        fields: &[value("name", "GroupName"), value("path", "Path")],
        ties: &[to(Relation::Attached, "ManagedPolicyArns", POLICIES)],
        more: Some(inline_policies),
    },
    Row {
        ty: "AWS::IAM::ManagedPolicy",
        kind: Kind::ManagedPolicy,
        fields: &[
            value("name", "ManagedPolicyName"),
            value("path", "Path"),
            policy("document", "PolicyDocument"),
        ],
        ties: &[
            from(Relation::Attached, "Roles", ROLES),
            from(Relation::Attached, "Users", USERS),
            from(Relation::Attached, "Groups", GROUPS),
        ],
        more: None,
    },
    Row {
        ty: "AWS::IAM::Policy",
        kind: Kind::InlinePolicy,
        fields: &[value("name", "PolicyName"), policy("document", "PolicyDocument")],
        ties: &[
            from(Relation::Inline, "Roles", ROLES),
            from(Relation::Inline, "Users", USERS),
            from(Relation::Inline, "Groups", GROUPS),
        ],
        more: None,
    },
    Row {
        ty: "AWS::IAM::RolePolicy",
        kind: Kind::InlinePolicy,
        fields: &[value("name", "PolicyName"), policy("document", "PolicyDocument")],
        ties: &[from(Relation::Inline, "RoleName", ROLES)],
        more: None,
    },
    Row {
        ty: "AWS::IAM::UserPolicy",
        kind: Kind::InlinePolicy,
        fields: &[value("name", "PolicyName"), policy("document", "PolicyDocument")],
        ties: &[from(Relation::Inline, "UserName", USERS)],
        more: None,
    },
    Row {
        ty: "AWS::IAM::GroupPolicy",
        kind: Kind::InlinePolicy,
        fields: &[value("name", "PolicyName"), policy("document", "PolicyDocument")],
        ties: &[from(Relation::Inline, "GroupName", GROUPS)],
        more: None,
    },
    Row {
        ty: "AWS::IAM::InstanceProfile",
        kind: Kind::InstanceProfile,
        fields: &[value("name", "InstanceProfileName"), value("path", "Path")],
        ties: &[to(Relation::Contains, "Roles", ROLES)],
        more: None,
    },
    Row {
        ty: "AWS::EC2::Instance",
        kind: Kind::Node,
        fields: &[
            value("profile", "IamInstanceProfile"),
            value("user_data", "UserData"),
            value("metadata_options", "MetadataOptions"),
            value("tags", "Tags"),
        ],
        ties: &[
            to(Relation::Profile, "IamInstanceProfile", PROFILES),
            to(Relation::Launches, "LaunchTemplate.LaunchTemplateId", NODES),
            to(Relation::Launches, "LaunchTemplate.LaunchTemplateName", NODES),
        ],
        more: None,
    },
    Row {
        ty: "AWS::EC2::LaunchTemplate",
        kind: Kind::Node,
        fields: &[
            value("name", "LaunchTemplateName"),
            value("profile", "LaunchTemplateData.IamInstanceProfile"),
            value("user_data", "LaunchTemplateData.UserData"),
            value("metadata_options", "LaunchTemplateData.MetadataOptions"),
        ],
        ties: &[
            to(Relation::Profile, "LaunchTemplateData.IamInstanceProfile.Name", PROFILES),
            to(Relation::Profile, "LaunchTemplateData.IamInstanceProfile.Arn", PROFILES),
        ],
        more: None,
    },
    Row {
        ty: "AWS::AutoScaling::LaunchConfiguration",
        kind: Kind::Node,
        fields: &[
            value("name", "LaunchConfigurationName"),
            value("profile", "IamInstanceProfile"),
            value("user_data", "UserData"),
            value("metadata_options", "MetadataOptions"),
        ],
        ties: &[to(Relation::Profile, "IamInstanceProfile", PROFILES)],
        more: None,
    },
    Row {
        ty: "AWS::AutoScaling::AutoScalingGroup",
        kind: Kind::Node,
        fields: &[value("name", "AutoScalingGroupName"), value("tags", "Tags")],
        ties: &[
            to(Relation::Launches, "LaunchTemplate.LaunchTemplateId", NODES),
            to(Relation::Launches, "LaunchTemplate.LaunchTemplateName", NODES),
            to(Relation::Launches, "LaunchConfigurationName", NODES),
            to(
                Relation::Launches,
                "MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateId",
                NODES,
            ),
        ],
        more: None,
    },
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
];

/// The `Policies` of a role, user or group.
fn inline_policies(assembly: &mut Assembly, properties: &mut dyn Properties, owner: EntityId) {
    let Some(policies) = properties.at(assembly, "Policies") else { return };
    let resource = properties.resource();
    for (under, node) in spread(&assembly.tree, &mut assembly.conditions, policies) {
        if !matches!(assembly.tree.view(node), View::Map(_) | View::Unknown(_)) {
            continue;
        }
        let mut entity = Entity::new(Kind::InlinePolicy, resource, node, under);
        if let Some(name) = assembly.tree.get(node, "PolicyName") {
            entity.set("name", name);
        }
        let document = assembly.tree.get(node, "PolicyDocument").unwrap_or(node);
        entity.set("document", inside::policy(assembly, document));
        let entity = assembly.inventory.add_entity(entity);
        tie_inline(assembly, owner, entity, node, under);
    }
}

fn tie_inline(assembly: &mut Assembly, owner: EntityId, policy: EntityId, node: NodeId, under: Condition) {
    let Some(resource) = assembly.inventory.entity(policy).map(|entity| entity.resource) else { return };
    let (from, to) = (End::Entity(owner), End::Entity(policy));
    assembly.add_tie(Tie { relation: Relation::Inline, from, to, value: Some(node), resource, under });
}

/// The content of a document: a map, or JSON or YAML in a string.
fn document_content(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    let Some(content) = properties.at(assembly, "Content") else { return };
    let format = properties.at(assembly, "DocumentFormat");
    let is_text = format.and_then(|node| assembly.tree.string(node)).is_some_and(|format| format == "TEXT");
    let read = if is_text { content } else { inside::document(assembly, content, inside::Written::Either) };
    assembly.set(entity, "content", Some(read));
}
