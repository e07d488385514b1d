//! Roles, users, groups, and what attaches policies to them.

use crate::document::{Condition, NodeId, View};
use crate::ingest::assembly::{Assembly, End, Tie};
use crate::ingest::inside;
use crate::ingest::table::{Properties, Row, constant, flag, from, policy, to, value};
use crate::model::{Entity, EntityId, Kind, Relation};

use super::{GROUPS, Giver, POLICIES, PROFILES, ROLES, USERS, give, is_set, place};

const NAME_AND_PATH: &[crate::ingest::table::Field] = &[value("name", "name"), value("path", "path")];

const NAME: &[crate::ingest::table::Field] = &[value("name", "name")];

const fn attachment(ty: &'static str) -> Row {
    Row { ty, kind: Kind::Attachment, fields: NAME, ties: &[], more: Some(attach) }
}

/// Everything else that attaches the same is undone.
const EXCLUSIVE: &[crate::ingest::table::Field] = &[value("name", "name"), flag("exclusive", true)];

const fn exclusive(ty: &'static str) -> Row {
    Row { ty, kind: Kind::Attachment, fields: EXCLUSIVE, ties: &[], more: Some(attach) }
}

const fn membership(ty: &'static str) -> Row {
    Row { ty, kind: Kind::Attachment, fields: &[], ties: &[], more: Some(join) }
}

pub(super) const ROWS: &[Row] = &[
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
        ty: "data.aws_iam_role",
        kind: Kind::Role,
        fields: &[
            value("name", "name"),
            value("path", "path"),
            value("arn", "arn"),
            policy("trust", "assume_role_policy"),
            value("max_session_duration", "max_session_duration"),
            value("boundary", "permissions_boundary"),
            value("tags", "tags"),
        ],
        ties: &[to(Relation::Boundary, "permissions_boundary", POLICIES)],
        more: None,
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
        ty: "data.aws_iam_user",
        kind: Kind::User,
        fields: &[value("name", "user_name"), value("path", "path"), value("arn", "arn")],
        ties: &[],
        more: None,
    },
    Row { ty: "aws_iam_group", kind: Kind::Group, fields: NAME_AND_PATH, ties: &[], more: None },
    Row {
        ty: "data.aws_iam_group",
        kind: Kind::Group,
        fields: &[value("name", "group_name"), value("path", "path"), value("arn", "arn")],
        ties: &[],
        more: None,
    },
    Row {
        ty: "aws_iam_instance_profile",
        kind: Kind::InstanceProfile,
        fields: NAME_AND_PATH,
        ties: &[to(Relation::Contains, "role", ROLES), to(Relation::Contains, "roles", ROLES)],
        more: None,
    },
    Row {
        ty: "data.aws_iam_instance_profile",
        kind: Kind::InstanceProfile,
        fields: NAME_AND_PATH,
        ties: &[to(Relation::Contains, "role_name", ROLES)],
        more: None,
    },
    attachment("aws_iam_role_policy_attachment"),
    attachment("aws_iam_user_policy_attachment"),
    attachment("aws_iam_group_policy_attachment"),
    exclusive("aws_iam_policy_attachment"),
    exclusive("aws_iam_role_policy_attachments_exclusive"),
    exclusive("aws_iam_user_policy_attachments_exclusive"),
    exclusive("aws_iam_group_policy_attachments_exclusive"),
    membership("aws_iam_user_group_membership"),
    membership("aws_iam_group_membership"),
    Row {
        ty: "aws_ssoadmin_permission_set",
        kind: Kind::Role,
        fields: &[constant("path", "/aws-reserved/sso.amazonaws.com/"), value("tags", "tags")],
        ties: &[],
        more: None,
    },
    Row {
        ty: "aws_ssoadmin_permission_set_inline_policy",
        kind: Kind::InlinePolicy,
        fields: &[policy("document", "inline_policy")],
        ties: &[from(Relation::Inline, "permission_set_arn", ROLES)],
        more: None,
    },
    attachment("aws_ssoadmin_managed_policy_attachment"),
    attachment("aws_ssoadmin_managed_policy_attachments_exclusive"),
    attachment("aws_ssoadmin_customer_managed_policy_attachment"),
    Row {
        ty: "aws_ssoadmin_permissions_boundary_attachment",
        kind: Kind::Attachment,
        fields: &[],
        ties: &[],
        more: Some(bound),
    },
    Row {
        ty: "aws_iam_service_linked_role",
        kind: Kind::ServiceLinkedRole,
        fields: &[value("service", "aws_service_name")],
        ties: &[],
        more: None,
    },
    Row {
        ty: "aws_iam_access_key",
        kind: Kind::Credential,
        fields: &[constant("credential_type", "access_key"), value("user", "user")],
        ties: &[],
        more: Some(credential),
    },
    Row {
        ty: "aws_iam_user_login_profile",
        kind: Kind::Credential,
        fields: &[constant("credential_type", "password"), value("user", "user")],
        ties: &[],
        more: Some(credential),
    },
    Row {
        ty: "aws_iam_service_specific_credential",
        kind: Kind::Credential,
        fields: &[constant("credential_type", "service_specific"), value("user", "user_name")],
        ties: &[],
        more: Some(credential),
    },
    Row {
        ty: "aws_iam_account_password_policy",
        kind: Kind::PasswordPolicy,
        fields: &[
            value("minimum_length", "minimum_password_length"),
            value("require_lowercase", "require_lowercase_characters"),
            value("require_uppercase", "require_uppercase_characters"),
            value("require_numbers", "require_numbers"),
            value("require_symbols", "require_symbols"),
            value("reuse_prevention", "password_reuse_prevention"),
            value("max_age", "max_password_age"),
        ],
        ties: &[],
        more: None,
    },
];

pub(super) const GIVERS: &[(&str, Giver)] = &[
    ("aws_iam_role", exclusive_arguments),
    ("aws_iam_role_policies_exclusive", only_inline),
    ("aws_iam_role_policy_attachments_exclusive", only_attached),
    ("aws_iam_user_login_profile", login),
];

/// What a role configures itself is all that it will have.
fn exclusive_arguments(assembly: &mut Assembly, properties: &mut dyn Properties) {
    let resource = properties.resource();
    let Some(&role) = assembly.inventory.declared_by(resource).first() else { return };
    for (argument, field) in
        [("managed_policy_arns", "exclusive_attachments"), ("inline_policy", "exclusive_inline")]
    {
        if properties.is_configured(assembly, argument) {
            let place = properties.at(assembly, argument).unwrap_or_else(|| place(assembly, properties));
            let only = assembly.tree.derive_bool(place, true);
            assembly.set(role, field, Some(only));
        }
    }
}

fn only_inline(assembly: &mut Assembly, properties: &mut dyn Properties) {
    let place = place(assembly, properties);
    let only = assembly.tree.derive_bool(place, true);
    give(assembly, properties, ("role_name", ROLES), "exclusive_inline", Some(only));
}

fn only_attached(assembly: &mut Assembly, properties: &mut dyn Properties) {
    let place = place(assembly, properties);
    let only = assembly.tree.derive_bool(place, true);
    give(assembly, properties, ("role_name", ROLES), "exclusive_attachments", Some(only));
}

/// The policy that limits a permission set.
fn bound(assembly: &mut Assembly, properties: &mut dyn Properties, _entity: EntityId) {
    let set = properties.link(assembly, "permission_set_arn", ROLES);
    let paths = [
        "permissions_boundary.managed_policy_arn",
        "permissions_boundary.customer_managed_policy_reference.name",
    ];
    let policy = paths.iter().find_map(|path| {
        properties
            .link(assembly, path, POLICIES)
            .filter(|&found| !matches!(assembly.tree.view(found), View::Null))
    });
    let (Some(set), Some(policy)) = (set, policy) else { return };
    assembly.add_tie(Tie {
        relation: Relation::Boundary,
        from: End::Value(set, ROLES),
        to: End::Value(policy, POLICIES),
        value: None,
        resource: properties.resource(),
        under: Condition::ALWAYS,
    });
}

const POLICY_PATHS: &[&str] = &[
    "policy_arn",
    "policy_arns",
    "managed_policy_arn",
    "managed_policy_arns",
    "customer_managed_policy_reference.name",
];

/// Ties every principal that an attachment names to every policy that it names.
fn attach(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    let policies = POLICY_PATHS.iter().find_map(|path| properties.link(assembly, path, POLICIES));
    let Some(policies) = policies else { return };
    assembly.set(entity, "policy_arn", Some(policies));
    let principals: &[(&str, &'static [Kind])] = &[
        ("role", ROLES),
        ("role_name", ROLES),
        ("roles", ROLES),
        ("permission_set_arn", ROLES),
        ("user", USERS),
        ("user_name", USERS),
        ("users", USERS),
        ("group", GROUPS),
        ("group_name", GROUPS),
        ("groups", GROUPS),
    ];
    for (path, kinds) in principals {
        let Some(principal) = properties.link(assembly, path, kinds) else { continue };
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
fn join(assembly: &mut Assembly, properties: &mut dyn Properties, _entity: EntityId) {
    let users = ["user", "users"].iter().find_map(|path| properties.link(assembly, path, USERS));
    let groups = ["group", "groups"].iter().find_map(|path| properties.link(assembly, path, GROUPS));
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
    let blocks: Vec<NodeId> = match assembly.tree.view(blocks) {
        View::List(list) => list.iter().collect(),
        _ => vec![blocks],
    };
    for node in blocks {
        let Some(document) = document_of_block(assembly, node) else { continue };
        let mut entity = Entity::new(Kind::InlinePolicy, resource, node, Condition::ALWAYS);
        if let Some(name) = assembly.tree.get(node, "name") {
            entity.set("name", name);
        }
        entity.set("document", inside::policy(assembly, document));
        let entity = assembly.inventory.add_entity(entity);
        let (from, to) = (End::Entity(owner), End::Entity(entity));
        let (value, under) = (Some(node), Condition::ALWAYS);
        assembly.add_tie(Tie { relation: Relation::Inline, from, to, value, resource, under });
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

/// A credential whose secret is not encrypted for somebody stands in the state in clear text.
fn credential(assembly: &mut Assembly, properties: &mut dyn Properties, entity: EntityId) {
    let plain = !is_set(assembly, properties, "pgp_key");
    let place = place(assembly, properties);
    let plain = assembly.tree.derive_bool(place, plain);
    assembly.set(entity, "plain", Some(plain));
}

fn login(assembly: &mut Assembly, properties: &mut dyn Properties) {
    let place = place(assembly, properties);
    let login = assembly.tree.derive_bool(place, true);
    give(assembly, properties, ("user", USERS), "login", Some(login));
}

/// Whether a data source looks up a policy of AWS. Those are known by their ARN and not declared.
pub(super) fn is_aws_managed(assembly: &mut Assembly, properties: &mut dyn Properties, ty: &str) -> bool {
    let arn = if ty == "data.aws_iam_policy" { properties.at(assembly, "arn") } else { None };
    arn.and_then(|arn| assembly.tree.string(arn)).is_some_and(|arn| arn.contains(":iam::aws:policy/"))
}

/// The instance profile of something, by name or ARN.
pub(super) const fn profile(path: &'static str) -> crate::ingest::table::Wire {
    to(Relation::Profile, path, PROFILES)
}
