//! Roles that the policies of resources refuse what their own policies grant, and control policies that withhold it.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::catalog;
use crate::document::Condition;
use crate::document::Conditions;
use crate::document::Tree;
use crate::document::Tri;
use crate::iam::Policy;
use crate::iam::PolicyKind;
use crate::iam::effective::Grants;
use crate::iam::escalation::Reachable;
use crate::iam::glob::Token;
use crate::iam::inspect;
use crate::iam::inspect::Flaw;
use crate::iam::inspect::Holder;
use crate::model::EntityId;
use crate::model::Inventory;
use crate::model::Kind;

use super::cases;
use super::grants::names;
use super::worlds;

/// Roles, and what they are granted.
pub(super) struct Granted<'g> {
    pub(super) roles: &'g [Reachable],
    /// By the numbers of the roles, as are the entities.
    pub(super) grants: &'g [Grants<'g, 'g>],
    pub(super) ids: &'g [EntityId],
}

impl Granted<'_> {
    /// What the policies of resources and control policies take from roles.
    pub(super) fn flaws(
        &self,
        below: &Tree,
        conditions: &mut Conditions,
        inventory: &Inventory,
        case: Condition,
    ) -> Vec<Flaw> {
        let mut out = refused(below, conditions, inventory, case, self);
        out.extend(withheld(below, conditions, inventory, case, self.roles));
        let controls = controls(below, conditions, inventory, case, true);
        if !controls.is_empty() {
            out.extend(self.grants.iter().flat_map(|grants| inspect::taken_by_control(&controls, grants)));
        }
        out
    }
}

/// Roles that the policy of a resource denies, or of a key does not allow, what their own policies grant.
fn refused(
    below: &Tree,
    conditions: &mut Conditions,
    inventory: &Inventory,
    case: Condition,
    granted: &Granted<'_>,
) -> Vec<Flaw> {
    let catalog = catalog::embedded();
    let mut out = Vec::new();
    let mut named: Option<FxHashMap<Vec<Token>, BTreeSet<usize>>> = None;
    let references: FxHashSet<Token> = granted.roles.iter().filter_map(|role| role.reference).collect();
    for kind in [Kind::ResourcePolicy, Kind::Key] {
        for &id in inventory.of_kind(kind) {
            let there = cases::exists(conditions, inventory, id);
            if worlds::holds(conditions, there, case) == Tri::No {
                continue;
            }
            let Some(entity) = inventory.entity(id) else { continue };
            let Some(document) = entity.get("document") else { continue };
            let policy = Policy::read(below, conditions, document, PolicyKind::Resource);
            let policy = cases::trust_in(policy, conditions, case);
            out.extend(inspect::refusals(catalog, &policy, granted.roles));
            let Some((reference, name)) = names(below, inventory, entity, "key") else { continue };
            if kind != Kind::Key || !policy.complete {
                continue;
            }
            // Most roles name no key, and no key is named by most.
            let named = named.get_or_insert_with(|| by_resource(granted));
            let by = [vec![reference], name.clone()];
            let by: BTreeSet<usize> = by.iter().filter_map(|one| named.get(one)).flatten().copied().collect();
            for role in by.into_iter().filter_map(|at| granted.roles.get(at)) {
                let own = granted.ids.get(role.id).and_then(|&id| inventory.entity(id));
                let (Some(own), Some(grants)) = (own, granted.grants.get(role.id)) else { continue };
                let holder = Holder { role, nameless: own.get("name").is_none(), others: &references };
                out.extend(inspect::unlisted(catalog, &policy, (reference, &name), &holder, grants));
            }
        }
    }
    out
}

/// The positions of the roles that are granted something on a resource, by how it is named.
fn by_resource(granted: &Granted<'_>) -> FxHashMap<Vec<Token>, BTreeSet<usize>> {
    let mut out: FxHashMap<Vec<Token>, BTreeSet<usize>> = FxHashMap::default();
    for (at, role) in granted.roles.iter().enumerate() {
        for name in granted.grants.get(role.id).into_iter().flat_map(inspect::named_resources) {
            out.entry(name).or_default().insert(at);
        }
    }
    out
}

/// Service control policies that allow only some actions, and not all that roles of the input need.
fn withheld(
    below: &Tree,
    conditions: &mut Conditions,
    inventory: &Inventory,
    case: Condition,
    roles: &[Reachable],
) -> Vec<Flaw> {
    let policies = controls(below, conditions, inventory, case, false);
    inspect::withheld(catalog::embedded(), &policies, roles).into_iter().collect()
}

/// The service control policies of the input; where they are to apply to it, those for the whole organisation, a unit of it
/// or the account of the deployment.
fn controls<'t>(
    below: &'t Tree,
    conditions: &mut Conditions,
    inventory: &Inventory,
    case: Condition,
    applied: bool,
) -> Vec<Policy<'t>> {
    let is_own = |target: crate::document::NodeId| {
        let text = below.string(target).unwrap_or("");
        text.starts_with("r-") || text.starts_with("ou-") || inventory.account() == Some(text)
    };
    let reaches_it = |entity: &crate::model::Entity| {
        let targets = entity.get("targets").and_then(|node| below.list(node));
        targets.is_some_and(|all| all.iter().any(is_own))
    };
    let documents = inventory.of_kind(Kind::OrganizationPolicy).iter().filter_map(|&id| {
        let entity = inventory.entity(id)?;
        let ty = entity.get("policy_type").and_then(|node| below.string(node));
        let counts = ty == Some("SERVICE_CONTROL_POLICY") && (!applied || reaches_it(entity));
        entity.get("document").filter(|_| counts)
    });
    documents
        .map(|node| {
            let policy = Policy::read(below, conditions, node, PolicyKind::ServiceControl);
            cases::trust_in(policy, conditions, case)
        })
        .collect()
}
