//! Inputs that hold one document, and what an account lists of itself.

use crate::document::{Condition, NodeId, Tree, View};
use crate::model::{Change, Entity, EntityId, Kind, Relation, Resource, ResourceId};

use super::assembly::{Assembly, End, Tie};
use super::inside;
use super::kind::wrapped_policy;

/// The type of the resource that a policy in a file of its own is taken for.
pub const POLICY_FILE: &str = "IAM policy";

/// A Systems Manager document on its own.
pub(crate) fn ingest_document(assembly: &mut Assembly, root: NodeId, name: &str) {
    let resource = add(assembly, &stem(name), "SSM document", root);
    let entity = assembly.declare(Kind::Document, resource);
    assembly.set(entity, "content", Some(root));
}

/// An IAM policy document on its own, or as the AWS CLI prints it.
pub(crate) fn ingest_policy(assembly: &mut Assembly, root: NodeId, name: &str) {
    let Some(document) = wrapped_policy(&assembly.tree, root) else { return };
    let resource = add(assembly, &stem(name), POLICY_FILE, root);
    let kind =
        if has_principal(&assembly.tree, document) { Kind::ResourcePolicy } else { Kind::ManagedPolicy };
    let entity = assembly.declare(kind, resource);
    let named = ["PolicyName", "policy_name", "name"].iter().find_map(|key| assembly.tree.get(root, key));
    assembly.set(entity, "name", named);
    assembly.set(entity, "document", Some(document));
}

fn has_principal(tree: &Tree, document: NodeId) -> bool {
    let Some(statement) = tree.get(document, "Statement") else { return false };
    let has =
        |node: NodeId| tree.get(node, "Principal").is_some() || tree.get(node, "NotPrincipal").is_some();
    has(statement) || tree.list(statement).is_some_and(|list| list.iter().any(has))
}

/// The file name without folders and ending.
fn stem(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    base.split_once('.').map_or(base, |(stem, _)| if stem.is_empty() { base } else { stem }).to_owned()
}

fn add(assembly: &mut Assembly, id: &str, ty: &str, node: NodeId) -> ResourceId {
    assembly.inventory.add_resource(Resource {
        id: id.into(),
        ty: ty.into(),
        node,
        under: Condition::ALWAYS,
        change: Change::Declared,
        alias: None,
    })
}

/// The output of `aws iam get-account-authorization-details`.
pub(crate) fn ingest_authorization(assembly: &mut Assembly, root: NodeId) {
    for node in elements(&assembly.tree, root, "Policies") {
        let entity = declare(assembly, node, Kind::ManagedPolicy, "PolicyName");
        let versions = elements(&assembly.tree, node, "PolicyVersionList");
        let is_default = |&version: &NodeId| {
            let flag = assembly.tree.get(version, "IsDefaultVersion");
            flag.is_some_and(|flag| assembly.tree.bool(flag) == Some(true))
        };
        let version = versions.iter().copied().find(is_default).or_else(|| versions.first().copied());
        let document = version.and_then(|version| assembly.tree.get(version, "Document"));
        let document = document.map(|document| policy(assembly, document));
        assembly.set(entity, "document", document);
    }
    for node in elements(&assembly.tree, root, "GroupDetailList") {
        let entity = declare(assembly, node, Kind::Group, "GroupName");
        principal(assembly, entity, node, "GroupPolicyList");
    }
    for node in elements(&assembly.tree, root, "UserDetailList") {
        let entity = declare(assembly, node, Kind::User, "UserName");
        principal(assembly, entity, node, "UserPolicyList");
        if let Some(groups) = assembly.tree.get(node, "GroupList") {
            tie(assembly, Relation::Member, entity, End::Value(groups, &[Kind::Group]));
        }
    }
    for node in elements(&assembly.tree, root, "RoleDetailList") {
        let entity = declare(assembly, node, Kind::Role, "RoleName");
        let trust = assembly.tree.get(node, "AssumeRolePolicyDocument").map(|trust| policy(assembly, trust));
        assembly.set(entity, "trust", trust);
        principal(assembly, entity, node, "RolePolicyList");
        for profile in elements(&assembly.tree, node, "InstanceProfileList") {
            instance_profile(assembly, entity, profile);
        }
    }
}

fn elements(tree: &Tree, node: NodeId, key: &str) -> Vec<NodeId> {
    tree.get(node, key)
        .and_then(|list| tree.list(list))
        .into_iter()
        .flat_map(crate::document::List::iter)
        .collect()
}

fn declare(assembly: &mut Assembly, node: NodeId, kind: Kind, name: &str) -> EntityId {
    let name = assembly.tree.get(node, name);
    // Some tools leave the name out; the ARN ends in it.
    let arn = assembly.tree.get(node, "Arn");
    let last = arn.and_then(|arn| assembly.tree.string(arn)?.rsplit('/').next().map(str::to_owned));
    let name = match (name, arn, &last) {
        (None, Some(arn), Some(last)) => Some(assembly.tree.derive_string(arn, last)),
        (name, ..) => name,
    };
    let id = name.and_then(|name| assembly.tree.string(name)).unwrap_or(kind.name()).to_owned();
    let resource = add(assembly, &id, kind.name(), node);
    let entity = assembly.declare(kind, resource);
    assembly.set(entity, "name", name);
    for (field, key) in [("path", "Path"), ("arn", "Arn"), ("tags", "Tags")] {
        let value = assembly.tree.get(node, key);
        assembly.set(entity, field, value);
    }
    entity
}

/// What roles, users and groups have in common.
fn principal(assembly: &mut Assembly, entity: EntityId, node: NodeId, inline: &str) {
    for attached in elements(&assembly.tree, node, "AttachedManagedPolicies") {
        if let Some(arn) = assembly.tree.get(attached, "PolicyArn") {
            tie(assembly, Relation::Attached, entity, End::Value(arn, &[Kind::ManagedPolicy]));
        }
    }
    if let Some(boundary) = assembly.tree.at(node, &["PermissionsBoundary", "PermissionsBoundaryArn"]) {
        assembly.set(entity, "boundary", Some(boundary));
        tie(assembly, Relation::Boundary, entity, End::Value(boundary, &[Kind::ManagedPolicy]));
    }
    let Some(resource) = assembly.inventory.entity(entity).map(|entity| entity.resource) else { return };
    for item in elements(&assembly.tree, node, inline) {
        let mut made = Entity::new(Kind::InlinePolicy, resource, item, Condition::ALWAYS);
        if let Some(name) = assembly.tree.get(item, "PolicyName") {
            made.set("name", name);
        }
        if let Some(document) = assembly.tree.get(item, "PolicyDocument") {
            made.set("document", policy(assembly, document));
        }
        let made = assembly.inventory.add_entity(made);
        tie(assembly, Relation::Inline, entity, End::Entity(made));
    }
}

fn instance_profile(assembly: &mut Assembly, role: EntityId, node: NodeId) {
    let entity = declare(assembly, node, Kind::InstanceProfile, "InstanceProfileName");
    tie(assembly, Relation::Contains, entity, End::Entity(role));
}

fn tie(assembly: &mut Assembly, relation: Relation, from: EntityId, to: End) {
    let Some(resource) = assembly.inventory.entity(from).map(|entity| entity.resource) else { return };
    let under = Condition::ALWAYS;
    assembly.add_tie(Tie { relation, from: End::Entity(from), to, value: None, resource, under });
}

/// A policy of the listing: a map, or the URL-encoded text that the API sends.
fn policy(assembly: &mut Assembly, value: NodeId) -> NodeId {
    let decoded = match assembly.tree.view(value) {
        View::String(text) if text.trim_start().starts_with('%') => percent_decode(text),
        _ => None,
    };
    match decoded {
        Some(text) => {
            let plain = assembly.tree.derive_string(value, &text);
            inside::policy(assembly, plain)
        }
        None => inside::policy(assembly, value),
    }
}

fn percent_decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            out.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            out.push(if byte == b'+' { b' ' } else { byte });
        }
    }
    String::from_utf8(out).ok()
}
