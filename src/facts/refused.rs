//! Roles that the policies of resources refuse what their own policies grant, and control policies that withhold it.

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

/// Roles that the policy of a resource denies, or of a key does not allow, what their own policies grant.
pub(super) fn refused(
    below: &Tree,
    conditions: &mut Conditions,
    inventory: &Inventory,
    case: Condition,
    granted: &Granted<'_>,
) -> Vec<Flaw> {
    let catalog = catalog::embedded();
    let mut out = Vec::new();
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
            for role in granted.roles {
                let own = granted.ids.get(role.id).and_then(|&id| inventory.entity(id));
                let (Some(own), Some(grants)) = (own, granted.grants.get(role.id)) else { continue };
                let holder = Holder { role, nameless: own.get("name").is_none(), others: &references };
                out.extend(inspect::unlisted(catalog, &policy, (reference, &name), &holder, grants));
            }
        }
    }
    out
}

/// Service control policies that allow only some actions, and not all that roles of the input need.
pub(super) fn withheld(
    below: &Tree,
    conditions: &mut Conditions,
    inventory: &Inventory,
    case: Condition,
    roles: &[Reachable],
) -> Vec<Flaw> {
    let documents = inventory.of_kind(Kind::OrganizationPolicy).iter().filter_map(|&id| {
        let entity = inventory.entity(id)?;
        let ty = entity.get("policy_type").and_then(|node| below.string(node));
        if ty == Some("SERVICE_CONTROL_POLICY") { entity.get("document") } else { None }
    });
    let policies: Vec<Policy<'_>> = documents
        .map(|node| {
            let policy = Policy::read(below, conditions, node, PolicyKind::ServiceControl);
            cases::trust_in(policy, conditions, case)
        })
        .collect();
    inspect::withheld(catalog::embedded(), &policies, roles).into_iter().collect()
}
