//! Identities, and what gives them permissions.

use crate::document::{Condition, NodeId, Tree, View, spread};
use crate::ingest::assembly::{Assembly, End, Tie};
use crate::ingest::inside;
use crate::ingest::table::{Properties, Row, constant, from, policy, to, value};
use crate::model::{Entity, EntityId, Kind, Relation};

use super::{GROUPS, POLICIES, ROLES, USERS};

pub(super) const ROWS: &[Row] = &[
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
        more: Some(user),
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
        ty: "AWS::IAM::UserToGroupAddition",
        kind: Kind::Attachment,
        fields: &[],
        ties: &[],
        more: Some(membership),
    },
    Row {
        ty: "AWS::IAM::AccessKey",
        kind: Kind::Credential,
        fields: &[constant("credential_type", "access_key"), value("user", "UserName")],
        ties: &[],
        more: None,
    },
    Row {
        ty: "AWS::IAM::ServiceLinkedRole",
        kind: Kind::ServiceLinkedRole,
        fields: &[value("service", "AWSServiceName")],
        ties: &[],
        more: None,
    },
    // IAM Identity Center makes a role of it in each account that it is assigned to.
    Row {
        ty: "AWS::SSO::PermissionSet",
        kind: Kind::Role,
        fields: &[constant("path", "/aws-reserved/sso.amazonaws.com/"), value("tags", "Tags")],
        ties: &[
            to(Relation::Attached, "ManagedPolicies", POLICIES),
            to(Relation::Attached, "CustomerManagedPolicyReferences.Name", POLICIES),
            to(Relation::Boundary, "PermissionsBoundary.ManagedPolicyArn", POLICIES),
            to(Relation::Boundary, "PermissionsBoundary.CustomerManagedPolicyReference.Name", POLICIES),
        ],
        more: Some(set_policy),
    },
    Row {
        ty: "AWS::Organizations::Policy",
        kind: Kind::OrganizationPolicy,
        fields: &[
            value("name", "Name"),
            value("policy_type", "Type"),
            policy("document", "Content"),
            value("targets", "TargetIds"),
        ],
        ties: &[],
        more: None,
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

/// The one inline policy of a permission set.
fn set_policy(assembly: &mut Assembly, properties: &mut dyn Properties, owner: EntityId) {
    let Some(written) = properties.at(assembly, "InlinePolicy") else { return };
    if assembly.tree.string(written).is_some_and(str::is_empty) {
        return;
    }
    let mut entity = Entity::new(Kind::InlinePolicy, properties.resource(), written, Condition::ALWAYS);
    entity.set("document", inside::policy(assembly, written));
    let entity = assembly.inventory.add_entity(entity);
    tie_inline(assembly, owner, entity, written, Condition::ALWAYS);
}

fn tie_inline(assembly: &mut Assembly, owner: EntityId, policy: EntityId, node: NodeId, under: Condition) {
    let Some(resource) = assembly.inventory.entity(policy).map(|entity| entity.resource) else { return };
    let (from, to) = (End::Entity(owner), End::Entity(policy));
    assembly.add_tie(Tie { relation: Relation::Inline, from, to, value: Some(node), resource, under });
}

/// A user: its policies, and its console password.
fn user(assembly: &mut Assembly, properties: &mut dyn Properties, owner: EntityId) {
    inline_policies(assembly, properties, owner);
    let Some(profile) = properties.at(assembly, "LoginProfile") else { return };
    if matches!(assembly.tree.view(profile), View::Unknown(_)) {
        return;
    }
    let login = assembly.tree.derive_bool(profile, true);
    assembly.set(owner, "login", Some(login));
    let mut entity = Entity::new(Kind::Credential, properties.resource(), profile, Condition::ALWAYS);
    entity.set("credential_type", assembly.tree.derive_string(profile, "password"));
    let name = properties.at(assembly, "UserName");
    if let Some(name) = name {
        entity.set("user", name);
    }
    let password = assembly.tree.get(profile, "Password");
    let plain = password.is_some_and(|password| is_written(&assembly.tree, password));
    entity.set("plain", assembly.tree.derive_bool(profile, plain));
    assembly.inventory.add_entity(entity);
}

/// Whether a text stands in the input: itself, or as the default of a parameter.
fn is_written(tree: &Tree, value: NodeId) -> bool {
    let origin = tree.derivation(value).map_or(Some(value), |derivation| derivation.from.first().copied());
    tree.string(value).is_some() && origin.is_some_and(|origin| tree.string(origin).is_some())
}

/// Users that are put into a group.
fn membership(assembly: &mut Assembly, properties: &mut dyn Properties, _entity: EntityId) {
    let users = properties.at(assembly, "Users");
    let group = properties.at(assembly, "GroupName");
    let (Some(users), Some(group)) = (users, group) else { return };
    assembly.add_tie(Tie {
        relation: Relation::Member,
        from: End::Value(users, USERS),
        to: End::Value(group, GROUPS),
        value: None,
        resource: properties.resource(),
        under: Condition::ALWAYS,
    });
}
