//! What can be said about each policy document on its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::catalog;
use crate::document::Conditions;
use crate::document::NodeId;
use crate::document::Tree;
use crate::document::View;
use crate::document::spread;
use crate::iam::Effect;
use crate::iam::PolicyKind;
use crate::iam::inspect::Flaw;
use crate::iam::inspect::FlawKind;
use crate::iam::inspect::Inspector;
use crate::iam::inspect::Surroundings;
use crate::ingest::POLICY_FILE;
use crate::model::Entity;
use crate::model::EntityId;
use crate::model::Inventory;
use crate::model::Kind;
use crate::model::Relation;

use super::build::Maker;
use super::principals::manages_hosts;
use super::record::Record;
use super::twins::Twins;
use super::wants::Group;

/// A policy document, and what it is for.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) node: NodeId,
    pub(super) kind: PolicyKind,
    pub(super) service: Option<String>,
    /// Whether it is a file of its own, of which nobody knows what it is for.
    pub(super) alone: bool,
    /// Whether it says who may assume the role of default host management: the service, for its own use.
    pub(super) of_hosts: bool,
}

/// The flaws of policy documents, each a record at the place that it is about. A document that is not known stands for
/// itself.
pub(super) fn of(maker: &mut Maker<'_>, below: &Arc<Tree>, documents: &[Document]) -> Vec<NodeId> {
    let mut out = Vec::new();
    for (document, flaws) in documents.iter().zip(inspected(maker, below, documents)) {
        for (under, node) in spread(below, maker.conditions, document.node) {
            if matches!(below.view(node), View::Unknown(_) | View::Text(_)) {
                out.push(maker.under(node, under));
            }
        }
        let is_meant = |flaw: &Flaw| document.of_hosts && flaw.kind == FlawKind::GuardMissing;
        for flaw in flaws.iter().filter(|flaw| !is_meant(flaw)) {
            out.push(record(maker, flaw, document.kind, document.alone));
        }
    }
    out
}

/// The flaws that several policies or entities have together.
pub(super) fn together(maker: &mut Maker<'_>, below: &Arc<Tree>) -> Vec<NodeId> {
    let mut all = twins(maker, below);
    all.extend(crowded(maker, below));
    let worked = maker.worked();
    all.iter().chain(&worked.flaws).map(|flaw| record(maker, flaw, PolicyKind::Identity, false)).collect()
}

/// The flaws of each document. Without choices there are no conditions to be worked out, and documents are inspected
/// side by side.
fn inspected(maker: &mut Maker<'_>, below: &Tree, documents: &[Document]) -> Vec<Vec<Flaw>> {
    let account = maker.inventory.account().map(str::to_owned);
    let inspect = |conditions: &mut Conditions, document: &Document| {
        let around = Surroundings {
            service: document.service.clone(),
            account: account.clone(),
            ..Surroundings::default()
        };
        Inspector::new(catalog::embedded(), below, document.kind, &around).run(conditions, document.node)
    };
    if below.has_choices() {
        return documents.iter().map(|document| inspect(maker.conditions, document)).collect();
    }
    let each = documents.iter().map(|one| (one.node, (one.kind, one.service.as_deref())));
    let twins = Twins::of(below, each);
    let first = |conditions: &mut Conditions, (at, document): (usize, &Document)| {
        if twins.is_first(at) { inspect(conditions, document) } else { Vec::new() }
    };
    let mut out: Vec<Vec<Flaw>> = documents.par_iter().enumerate().map_init(Conditions::new, first).collect();
    for at in 0..out.len() {
        let Some((first, shift)) = twins.get(at) else { continue };
        let mut flaws = out.get(*first).cloned().unwrap_or_default();
        for flaw in &mut flaws {
            flaw.node = shift.node(flaw.node);
            flaw.statement = flaw.statement.map(|statement| shift.node(statement));
        }
        if let Some(own) = out.get_mut(at) {
            *own = flaws;
        }
    }
    out
}

/// Names that differ from an earlier one of their kind only by case; IAM takes them for one.
fn twins(maker: &Maker<'_>, below: &Tree) -> Vec<Flaw> {
    let mut out = Vec::new();
    for kind in [Kind::Role, Kind::User, Kind::Group, Kind::ManagedPolicy, Kind::InstanceProfile] {
        let mut seen: rustc_hash::FxHashMap<String, &str> = rustc_hash::FxHashMap::default();
        for &id in maker.inventory.of_kind(kind) {
            let entity = maker.inventory.entity(id).filter(|entity| entity.under.is_always());
            let Some(node) = entity.and_then(|entity| entity.get("name")) else { continue };
            let Some(name) = below.string(node) else { continue };
            match seen.insert(name.to_ascii_lowercase(), name) {
                Some(other) if other != name => {
                    let message = format!(
                        "`{name}` differs from `{other}` only by case, which IAM does not tell apart"
                    );
                    out.push(flaw_of(FlawKind::NameTwin, node, name, message));
                }
                _ => {}
            }
        }
    }
    out
}

/// Targets with more control policies than AWS takes: ten service control policies, and four resource control policies
/// beside its own.
fn crowded(maker: &Maker<'_>, below: &Tree) -> Vec<Flaw> {
    let mut counts: BTreeMap<(&str, String), (usize, NodeId)> = BTreeMap::new();
    for &id in maker.inventory.of_kind(Kind::OrganizationPolicy) {
        let Some(entity) = maker.inventory.entity(id).filter(|entity| entity.under.is_always()) else {
            continue;
        };
        let ty = entity.get("policy_type").and_then(|node| below.string(node)).unwrap_or("");
        let targets = entity.get("targets").and_then(|node| below.list(node));
        let targets: Vec<NodeId> = targets.into_iter().flat_map(crate::document::List::iter).collect();
        for target in targets {
            if matches!(below.view(target), View::String(_) | View::Text(_)) {
                let known = counts.entry((ty, below.display(target))).or_insert((0, target));
                *known = (known.0 + 1, target);
            }
        }
    }
    let over = counts.into_iter().filter_map(|((ty, target), (count, node))| {
        let limit = match ty {
            "SERVICE_CONTROL_POLICY" => 10,
            "RESOURCE_CONTROL_POLICY" => 4,
            _ => return None,
        };
        let message = format!("`{target}` has {count} policies of this type, AWS takes {limit} of one's own");
        (count > limit).then(|| flaw_of(FlawKind::ControlCrowded, node, &target, message))
    });
    over.collect()
}

/// A flaw that is in no statement.
fn flaw_of(kind: FlawKind, node: NodeId, value: &str, message: String) -> Flaw {
    Flaw {
        kind,
        node,
        under: crate::document::Condition::ALWAYS,
        statement: None,
        effect: Effect::Unknown,
        negated: false,
        value: value.to_owned(),
        message,
        replacement: None,
        actions: Vec::new(),
        sure: true,
    }
}

/// The policy documents of an inventory, each once for a kind, in the order of its entities.
pub(super) fn documents(below: &Tree, inventory: &Inventory) -> Vec<Document> {
    let mut out = Vec::new();
    for (index, entity) in (0u32..).zip(inventory.entities()) {
        let id = EntityId(index);
        if let Some(trust) = entity.get("trust") {
            let of_hosts = manages_hosts(below, inventory, id, entity);
            out.push(Document {
                node: trust,
                kind: PolicyKind::Trust,
                service: None,
                alone: false,
                of_hosts,
            });
        }
        if let Some(node) = entity.get("document")
            && let Some(kind) = kind_of(below, inventory, id, entity)
        {
            let service = match entity.kind {
                Kind::Key => Some("kms".to_owned()),
                _ => entity.get("service").and_then(|node| below.string(node)).map(str::to_owned),
            };
            let resource = inventory.resource(entity.resource);
            let alone = resource.is_some_and(|resource| &*resource.ty == POLICY_FILE);
            let is_trust = alone && kind == PolicyKind::Resource && is_of_a_role(below, node);
            let kind = if is_trust { PolicyKind::Trust } else { kind };
            out.push(Document { node, kind, service, alone, of_hosts: false });
        }
    }
    let mut seen = FxHashSet::default();
    out.retain(|document| seen.insert((document.node, document.kind)));
    out
}

/// Whether a policy of which nobody knows what it is for is that of a role: it says who may assume it, and nothing else.
fn is_of_a_role(below: &Tree, policy: NodeId) -> bool {
    let one_or_all = |node: NodeId| match below.list(node) {
        Some(list) => list.iter().collect(),
        None => vec![node],
    };
    let Some(statements) = below.get(policy, "Statement") else { return false };
    let assumes = |action: NodeId| {
        let text = below.string(action).unwrap_or("").to_ascii_lowercase();
        text.starts_with("sts:assumerole") || matches!(&*text, "sts:tagsession" | "sts:setsourceidentity")
    };
    let statements: Vec<NodeId> = one_or_all(statements);
    let all = |statement: &NodeId| {
        below.get(*statement, "Action").is_some_and(|action| one_or_all(action).into_iter().all(assumes))
    };
    !statements.is_empty() && statements.iter().all(all)
}

fn kind_of(below: &Tree, inventory: &Inventory, id: EntityId, entity: &Entity) -> Option<PolicyKind> {
    Some(match entity.kind {
        Kind::InlinePolicy => PolicyKind::Identity,
        Kind::ManagedPolicy => {
            let attached = inventory.links_to(id, Relation::Attached).next().is_some();
            let bounds = inventory.links_to(id, Relation::Boundary).next().is_some();
            if bounds && !attached { PolicyKind::Boundary } else { PolicyKind::Identity }
        }
        Kind::ResourcePolicy | Kind::Key => PolicyKind::Resource,
        Kind::VpcEndpoint => PolicyKind::Endpoint,
        Kind::OrganizationPolicy => {
            let ty = entity.get("policy_type").and_then(|node| below.string(node));
            match ty.unwrap_or("SERVICE_CONTROL_POLICY") {
                "SERVICE_CONTROL_POLICY" => PolicyKind::ServiceControl,
                "RESOURCE_CONTROL_POLICY" => PolicyKind::ResourceControl,
                _ => return None,
            }
        }
        _ => return None,
    })
}

/// The word of rules for a kind of policy document.
pub(super) fn kind_name(kind: PolicyKind) -> &'static str {
    match kind {
        PolicyKind::Identity => "identity",
        PolicyKind::Boundary => "boundary",
        PolicyKind::Session => "session",
        PolicyKind::Trust => "trust",
        PolicyKind::Resource => "resource",
        PolicyKind::Endpoint => "endpoint",
        PolicyKind::ServiceControl => "service_control",
        PolicyKind::ResourceControl => "resource_control",
    }
}

fn record(maker: &mut Maker<'_>, flaw: &Flaw, kind: PolicyKind, alone: bool) -> NodeId {
    let mut record = Record::new(flaw.node);
    let wants_actions = maker.wants(Group::Concerned);
    let effect = match flaw.effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
        Effect::Unknown | Effect::Malformed => "",
    };
    let tree = &mut maker.tree;
    record.text(tree, "flaw", flaw.kind.as_str());
    record.put(tree, "value", Some(flaw.node));
    record.text(tree, "text", &flaw.value);
    record.text(tree, "message", &flaw.message);
    record.text(tree, "policy", kind_name(kind));
    record.text(tree, "effect", effect);
    record.bool(tree, "negated", flaw.negated);
    record.bool(tree, "sure", flaw.sure);
    record.bool(tree, "alone", alone);
    if let Some(replacement) = &flaw.replacement {
        record.text(tree, "suggestion", replacement);
    }
    if wants_actions {
        record.texts(tree, "actions", flaw.actions.iter().map(AsRef::as_ref));
    }
    let node = record.finish(tree);
    maker.under(node, flaw.under)
}
