//! Who is granted what under which conditions: the cases that the conditions of an input make for its principals.
//!
//! What is attached, allowed or trusted only under a condition is there in some cases and not in others. Each case is
//! worked out on its own, so that facts whose conditions contradict each other never meet; what is found in several cases
//! is one finding under all of their conditions. Where there are too many cases to go through, each condition is looked at
//! on its own: then only what it implies is taken to be there.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::catalog;
use crate::document::Condition;
use crate::document::Conditions;
use crate::document::NodeId;
use crate::document::Tree;
use crate::document::Tri;
use crate::iam::Policy;
use crate::iam::PolicyKind;
use crate::iam::effective::Expanded;
use crate::model::EntityId;
use crate::model::Inventory;
use crate::model::Kind;
use crate::model::Link;
use crate::model::Relation;
use crate::model::ResourceId;
use crate::model::Target;

use super::grants::PRINCIPALS;
use super::grants::Worked;
use super::grants::work_out_case;
use super::sheets::Sheet;
use super::worlds;

/// As many cases are gone through.
const CASES: usize = 24;
/// As many principals are worked out, in all cases together.
const SHEETS: usize = 8_000;

/// Works out what all principals of an inventory are granted, in each case.
pub(super) fn work_out(below: &Arc<Tree>, conditions: &mut Conditions, inventory: &Inventory) -> Worked {
    let mut out = Worked::default();
    for case in of(below, conditions, inventory) {
        let worked = work_out_case(below, conditions, inventory, case);
        merge(&mut out, worked, case, conditions);
    }
    out
}

/// The cases of an inventory: one that always holds where nothing is under a condition.
fn of(below: &Tree, conditions: &mut Conditions, inventory: &Inventory) -> Vec<Condition> {
    let unders = unders(below, conditions, inventory);
    if unders.is_empty() {
        return vec![Condition::ALWAYS];
    }
    let principals: usize = PRINCIPALS.iter().map(|kind| inventory.of_kind(*kind).len()).sum();
    let most = (SHEETS / principals.max(1)).clamp(2, 4 * CASES);
    let exact = split(conditions, &unders, CASES.min(most));
    exact.unwrap_or_else(|| std::iter::once(Condition::ALWAYS).chain(unders).take(most).collect())
}

/// The cases that conditions make, if they are not too many.
pub(super) fn split(
    conditions: &mut Conditions,
    unders: &[Condition],
    most: usize,
) -> Option<Vec<Condition>> {
    let mut cases = vec![Condition::ALWAYS];
    for &under in unders {
        let mut next = Vec::with_capacity(cases.len() + 1);
        for case in cases {
            let (inside, outside) = (conditions.and(case, under), conditions.and_not(case, under));
            next.extend([inside, outside].into_iter().filter(|one| !one.is_never()));
        }
        if next.len() > most {
            return None;
        }
        cases = next;
    }
    Some(cases)
}

/// What anything about principals depends on, each condition once.
fn unders(below: &Tree, conditions: &mut Conditions, inventory: &Inventory) -> Vec<Condition> {
    let mut all = Vec::new();
    for &id in PRINCIPALS.iter().flat_map(|kind| inventory.of_kind(*kind)) {
        let there = exists(conditions, inventory, id);
        all.push(there);
        let mut links: Vec<&Link> = Vec::new();
        for relation in [Relation::Inline, Relation::Attached, Relation::Boundary, Relation::Member] {
            links.extend(inventory.links_from(id, relation));
        }
        for relation in [Relation::Contains, Relation::Passes] {
            links.extend(inventory.links_to(id, relation));
        }
        for link in links {
            let under = under_of(conditions, inventory, link);
            all.push(conditions.and(there, under));
        }
    }
    if below.has_choices() {
        for entity in inventory.entities() {
            let (field, kind) = match entity.kind {
                Kind::Role => ("trust", PolicyKind::Trust),
                Kind::ManagedPolicy | Kind::InlinePolicy => ("document", PolicyKind::Identity),
                _ => continue,
            };
            if let Some(document) = entity.get(field) {
                let policy = Policy::read(below, conditions, document, kind);
                all.extend(worlds::unders(&policy));
                all.extend(principals(&policy));
            }
        }
    }
    let mut seen = FxHashSet::default();
    all.retain(|under| !under.is_always() && !under.is_never() && seen.insert(*under));
    all
}

fn principals<'a>(policy: &'a Policy<'_>) -> impl Iterator<Item = Condition> + 'a {
    let all = policy.statements.iter().filter_map(|one| one.principals.as_ref());
    all.flat_map(|all| all.values.iter().map(|one| one.value.under))
}

fn of_resource(inventory: &Inventory, id: ResourceId) -> Condition {
    inventory.resource(id).map_or(Condition::ALWAYS, |resource| resource.under)
}

/// When an entity is there.
pub(super) fn exists(conditions: &mut Conditions, inventory: &Inventory, id: EntityId) -> Condition {
    let Some(entity) = inventory.entity(id) else { return Condition::ALWAYS };
    let of_resource = of_resource(inventory, entity.resource);
    conditions.and(entity.under, of_resource)
}

/// When a link is there, and what it leads to and stands in.
pub(super) fn under_of(conditions: &mut Conditions, inventory: &Inventory, link: &Link) -> Condition {
    let stands_in = of_resource(inventory, link.resource);
    let mut under = conditions.and(link.under, stands_in);
    if let Target::Entity(to, _) = link.to {
        let there = exists(conditions, inventory, to);
        under = conditions.and(under, there);
    }
    let from = exists(conditions, inventory, link.from);
    conditions.and(under, from)
}

/// Whether a link is there in a case.
pub(super) fn is_there(
    conditions: &mut Conditions,
    inventory: &Inventory,
    link: &Link,
    case: Condition,
) -> Tri {
    let under = under_of(conditions, inventory, link);
    worlds::holds(conditions, under, case)
}

/// The links that are not surely there in a case, by where they start and the value that makes them.
pub(super) fn absent(
    conditions: &mut Conditions,
    inventory: &Inventory,
    case: Condition,
) -> FxHashSet<(EntityId, NodeId)> {
    let mut out = FxHashSet::default();
    for &id in PRINCIPALS.iter().flat_map(|kind| inventory.of_kind(*kind)) {
        let links = inventory.links_from(id, Relation::Member);
        let links = links.chain(inventory.links_from(id, Relation::Attached));
        let links = links.chain(inventory.links_to(id, Relation::Contains));
        for link in links.chain(inventory.links_to(id, Relation::Passes)) {
            if is_there(conditions, inventory, link, case) != Tri::Yes {
                out.insert((link.from, link.value));
            }
        }
    }
    out
}

/// The policies of principals as they are in a case.
pub(super) fn specialise<'t>(
    sheets: Vec<Sheet<'t>>,
    conditions: &mut Conditions,
    case: Condition,
) -> Vec<Sheet<'t>> {
    let mut known: FxHashMap<*const Expanded<'t>, Arc<Expanded<'t>>> = FxHashMap::default();
    let mut of = |policies: &mut Vec<Arc<Expanded<'t>>>| {
        for one in policies {
            if worlds::unders(&one.policy).all(Condition::is_always) {
                continue;
            }
            let made = known.entry(Arc::as_ptr(one)).or_insert_with(|| {
                let policy = worlds::specialise(&one.policy, case, conditions);
                Arc::new(Expanded::new(catalog::embedded(), policy))
            });
            *one = Arc::clone(made);
        }
    };
    let specialise = |mut sheet: Sheet<'t>| {
        of(&mut sheet.policies);
        of(&mut sheet.boundary);
        sheet
    };
    sheets.into_iter().map(specialise).collect()
}

/// A trust policy as it is in a case.
pub(super) fn trust_in<'t>(policy: Policy<'t>, conditions: &mut Conditions, case: Condition) -> Policy<'t> {
    let fixed = worlds::unders(&policy).chain(principals(&policy)).all(Condition::is_always);
    if fixed {
        return policy;
    }
    let mut out = worlds::specialise(&policy, case, conditions);
    for statement in &mut out.statements {
        let Some(principals) = &mut statement.principals else { continue };
        principals.values.retain_mut(|one| match worlds::holds(conditions, one.value.under, case) {
            Tri::Yes => {
                one.value.under = Condition::ALWAYS;
                true
            }
            Tri::No => false,
            Tri::Maybe => true,
        });
    }
    out
}

/// Adds what was worked out in a case.
#[expect(clippy::iter_over_hash_type, reason = "each goes to a place of its own")]
fn merge(all: &mut Worked, case: Worked, under: Condition, conditions: &mut Conditions) {
    for (id, gains) in case.gains {
        let known = all.gains.entry(id).or_default();
        for mut gain in gains {
            if let Some(one) = known.iter_mut().find(|one| one.is_like(&gain)) {
                one.under = conditions.or(one.under, under);
                one.add_roles(&gain.roles);
            } else {
                gain.under = under;
                known.push(gain);
            }
        }
    }
    for (own, other) in [
        (&mut all.administrators, case.administrators),
        (&mut all.united, case.united),
        (&mut all.pieced, case.pieced),
        (&mut all.mute, case.mute),
    ] {
        for id in other.into_keys() {
            let known = own.entry(id).or_insert(Condition::NEVER);
            *known = conditions.or(*known, under);
        }
    }
    for (id, services) in case.services {
        let known = all.services.entry(id).or_default();
        for (service, _) in services {
            match known.iter_mut().find(|(own, _)| *own == service) {
                Some((_, own)) => *own = conditions.or(*own, under),
                None => known.push((service, under)),
            }
        }
    }
    merge_flaws(all, case.flaws, under, conditions);
    all.administering.extend(case.administering);
    for (id, reached) in case.reached {
        all.reached.entry(id).or_default().add(reached, under, conditions);
    }
}

fn merge_flaws(
    all: &mut Worked,
    flaws: Vec<crate::iam::inspect::Flaw>,
    case: Condition,
    conditions: &mut Conditions,
) {
    for mut flaw in flaws {
        flaw.under = conditions.and(flaw.under, case);
        let like = |own: &&mut crate::iam::inspect::Flaw| {
            (own.node, own.kind, &own.value, &own.message)
                == (flaw.node, flaw.kind, &flaw.value, &flaw.message)
        };
        match all.flaws.iter_mut().find(like) {
            Some(own) if !case.is_always() => own.under = conditions.or(own.under, flaw.under),
            _ => all.flaws.push(flaw),
        }
    }
}
