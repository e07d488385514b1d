//! Policies and what they are attached to.

use rustc_hash::FxHashSet;

use crate::catalog;
use crate::document::{Hole, HoleKind, Map, NodeId, Piece, Reason, Tree, Tri, Unknown, View};
use crate::iam::inspect::size;
use crate::ingest::POLICY_FILE;
use crate::model::{Entity, EntityId, Kind, Relation, Target};

use super::build::Maker;
use super::principals;
use super::record::Record;
use super::remedies;
use super::statements;
use super::wants::Group;

/// A customer managed, inline or resource policy.
pub(super) fn policy(maker: &mut Maker<'_>, record: &mut Record, id: EntityId, entity: &Entity) {
    let ty = match entity.kind {
        Kind::InlinePolicy => "inline",
        Kind::ResourcePolicy => "resource",
        _ => "managed",
    };
    record.text(&mut maker.tree, "policy_type", ty);
    record.bool(&mut maker.tree, "aws_managed", false);
    let bare = maker.inventory.resource(entity.resource).is_some_and(|resource| &*resource.ty == POLICY_FILE);
    if bare {
        record.text(&mut maker.tree, "quota_severity", "medium");
    }
    if let Some(document) = entity.get("document") {
        let version = maker.tree.get(document, "Version");
        record.put(&mut maker.tree, "version", version);
        if maker.wants(Group::Statements) {
            let statements = statements::of_document(maker, document);
            record.list(&mut maker.tree, "statements", &statements);
        }
        if maker.wants(Group::Size) {
            let length = size(&maker.tree, document);
            record.number(&mut maker.tree, "size", length);
        }
        if maker.wants(Group::Complexity) {
            let complexity = complexity(&maker.tree, document);
            record.number(&mut maker.tree, "complexity", complexity);
        }
    }
    owners(maker, record, id);
    if maker.wants(Group::Named) {
        remedies::of_policy(maker, record);
    }
    if maker.wants(Group::Amount) {
        principals::escalations(maker, record, id);
    }
}

/// How hard a document is to read: a point for each statement, for each that denies beside others that allow, for each
/// element that says what it is not about, for each wildcard inside a name, and for each condition.
fn complexity(tree: &Tree, document: NodeId) -> usize {
    let Some(list) = tree.get(document, "Statement") else { return 0 };
    let statements: Vec<_> = match tree.view(list) {
        View::List(list) => list.iter().filter_map(|node| tree.map(node)).collect(),
        _ => tree.map(list).into_iter().collect(),
    };
    let denies =
        |statement: &Map<'_>| statement.get("Effect").and_then(|effect| tree.string(effect)) == Some("Deny");
    let mixed = statements.iter().any(denies) && !statements.iter().all(denies);
    let mut total = 0;
    for statement in &statements {
        total += 1 + usize::from(mixed && denies(statement));
        for (_, key, value) in statement.iter() {
            total += usize::from(matches!(key, "NotAction" | "NotResource" | "NotPrincipal"));
            total += match (key, tree.view(value)) {
                ("Action" | "NotAction" | "Resource" | "NotResource", View::List(list)) => {
                    list.iter().filter(|node| has_wildcard(tree, *node)).count()
                }
                ("Action" | "NotAction" | "Resource" | "NotResource", _) => {
                    usize::from(has_wildcard(tree, value))
                }
                ("Condition", View::Map(operators)) => {
                    operators.iter().filter_map(|(.., keys)| tree.map(keys)).map(Map::len).sum()
                }
                _ => 0,
            };
        }
    }
    total
}

/// A wildcard inside a name; `*` alone is easily read.
fn has_wildcard(tree: &Tree, node: NodeId) -> bool {
    let text = tree.display(node);
    text != "*" && text.contains(['*', '?'])
}

/// The roles, users and groups that have a policy.
fn owners(maker: &mut Maker<'_>, record: &mut Record, id: EntityId) {
    let inventory = maker.inventory;
    let links = [Relation::Attached, Relation::Inline]
        .into_iter()
        .flat_map(|relation| inventory.links_to(id, relation));
    let links: Vec<_> = links.copied().collect();
    let mut owners = Vec::with_capacity(links.len());
    for link in links {
        let Some(owner) = inventory.entity(link.from) else { continue };
        let name = inventory.resource(owner.resource).map_or("", |resource| &resource.id);
        let mut inner = Record::new(link.value);
        inner.text(&mut maker.tree, "kind", owner.kind.name());
        inner.text(&mut maker.tree, "id", name);
        let node = inner.finish(&mut maker.tree);
        owners.push(maker.under(node, link.under));
    }
    record.list(&mut maker.tree, "owners", &owners);
}

/// The managed policies of a role, user or group: records that stand at the value that attaches them.
pub(super) fn attached(maker: &mut Maker<'_>, id: EntityId, relation: Relation) -> Vec<NodeId> {
    let inventory = maker.inventory;
    let links: Vec<_> = inventory.links_from(id, relation).copied().collect();
    let administering = &maker.worked().administering;
    let mut out = Vec::with_capacity(links.len());
    for link in links {
        let mut record = Record::new(link.value);
        let tree = &mut maker.tree;
        record.put(tree, "arn", Some(link.value));
        if let Some(resource) = inventory.resource(link.resource) {
            record.text(tree, "attached_by", &resource.id);
        }
        let attachment = inventory.declared_by(link.resource).first().and_then(|&id| inventory.entity(id));
        record.put(tree, "exclusive", attachment.and_then(|attachment| attachment.get("exclusive")));
        match link.to {
            Target::Entity(policy, _) => {
                record.bool(tree, "aws_managed", false);
                let policy = maker.entity(policy);
                record.put(&mut maker.tree, "policy", Some(policy));
            }
            Target::Outside | Target::Unknown => {
                aws_managed(tree, &mut record, link.value, administering);
            }
        }
        let node = record.finish(&mut maker.tree);
        out.push(maker.under(node, link.under));
    }
    out
}

/// What is known of an AWS managed policy from a value that names it. The partition may be open; where the value is more
/// open than that, whether AWS manages the policy is unknown, and so is which one it is.
fn aws_managed(tree: &mut Tree, record: &mut Record, value: NodeId, administering: &FxHashSet<String>) {
    let is_aws = match tree.view(value) {
        // Nearly always the text is known, and no automaton is needed.
        View::String(text) => Tri::from(is_aws_policy(text)),
        _ => tree.text_matches(value, "^arn:aws[a-z-]*:iam::aws:policy/."),
    };
    match is_aws {
        Tri::No => record.bool(tree, "aws_managed", false),
        Tri::Yes => {
            let text = match tree.view(value) {
                View::Text(_) => tree.display(value),
                _ => tree.string(value).unwrap_or("").to_owned(),
            };
            let path = text.split_once(":policy/").map_or("", |(_, path)| path);
            record.bool(tree, "aws_managed", true);
            record.text(tree, "aws_path", path);
            record.text(tree, "aws_name", path.rsplit('/').next().unwrap_or(""));
            about_managed(tree, record, path, administering);
        }
        Tri::Maybe => {
            let unknown = match tree.view(value) {
                View::Unknown(unknown) => unknown.clone(),
                _ => Unknown { reason: open_by(tree, value), blocker: tree.display(value).into() },
            };
            let unknown = tree.derive_unknown(value, unknown);
            for name in ["aws_managed", "aws_path", "aws_name"] {
                record.put(tree, name, Some(unknown));
            }
        }
    }
}

/// What the catalogue says of an AWS managed policy.
fn about_managed(tree: &mut Tree, record: &mut Record, path: &str, administering: &FxHashSet<String>) {
    let name = path.rsplit('/').next().unwrap_or("");
    let catalog = catalog::embedded();
    let found = catalog.managed_policy(name);
    let exact = found.filter(|policy| format!("{}{name}", policy.path().trim_start_matches('/')) == path);
    record.bool(tree, "aws_exists", exact.is_some());
    let Some(policy) = exact else {
        let near = found.or_else(|| {
            let names = catalog.managed_policies().map(catalog::Managed::name);
            catalog::nearest(name, names).and_then(|near| catalog.managed_policy(near))
        });
        if let Some(near) = near {
            record.text(tree, "aws_suggestion", &near.arn("aws"));
        }
        return;
    };
    let status = match policy.status() {
        catalog::Status::Active => "active",
        catalog::Status::Withdrawn => "withdrawn",
        catalog::Status::ServiceLinked => "service_linked",
    };
    record.text(tree, "aws_status", status);
    record.bool(tree, "aws_advised_against", policy.is_advised_against());
    if let Some((since, _)) = policy.withdrawn() {
        record.text(tree, "aws_withdrawn_since", &since.to_string());
    }
    let successors: Vec<&str> = policy.successors().collect();
    if let [only] = successors.as_slice()
        && let Some(only) = catalog.managed_policy(only)
    {
        let path = format!("{}{}", only.path().trim_start_matches('/'), only.name());
        record.text(tree, "aws_successor_path", &path);
    }
    record.texts(tree, "aws_successors", successors.into_iter());
    record.bool(tree, "aws_administers", administering.contains(policy.name()));
}

/// Whether a text is the ARN of a policy that AWS manages.
fn is_aws_policy(text: &str) -> bool {
    let Some((partition, rest)) = text.strip_prefix("arn:").and_then(|rest| rest.split_once(':')) else {
        return false;
    };
    partition.starts_with("aws")
        && partition.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        && rest.strip_prefix("iam::aws:policy/").is_some_and(|name| !name.is_empty())
}

/// The inline policies of a role, user or group.
pub(super) fn inline(maker: &mut Maker<'_>, id: EntityId) -> Vec<NodeId> {
    let inventory = maker.inventory;
    let links: Vec<_> = inventory.links_from(id, Relation::Inline).copied().collect();
    let mut out = Vec::with_capacity(links.len());
    for link in links {
        if let Target::Entity(policy, _) = link.to {
            let node = maker.entity(policy);
            out.push(maker.under(node, link.under));
        }
    }
    out
}

/// What leaves a text open.
fn open_by(tree: &Tree, value: NodeId) -> Reason {
    let View::Text(pieces) = tree.view(value) else { return Reason::Parameter };
    let of_hole = |piece: &Piece| match piece {
        Piece::Hole(Hole { kind: HoleKind::Any(reason), .. }) => Some(*reason),
        Piece::Hole(Hole { kind: HoleKind::Dynamic, .. }) => Some(Reason::Account),
        _ => None,
    };
    pieces.iter().find_map(of_hole).unwrap_or(Reason::Parameter)
}
