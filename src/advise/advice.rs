//! Which policies a role needs for what the input has it do, and which it does not need.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use crate::document::{Conditions, Location, Tree, Tri};
use crate::facts::able::{Able, managed};
use crate::facts::demands::{self, Purpose, RoleDemands, Scope};
use crate::ingest::Unit;
use crate::model::{EntityId, Inventory, Kind, Relation};
use crate::ssm::generate::narrowed;
use crate::ssm::statement::{Statement, Wanted, statements};

use super::family;
use super::held::{self, Attached};

/// What is preferred where both would do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prefer {
    /// Policies that AWS manages.
    #[default]
    Managed,
    /// Statements that allow what is needed and nothing else.
    Custom,
}

/// What advice is like.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What is preferred.
    pub prefer: Prefer,
    /// How many managed policies a role can have.
    pub quota: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { prefer: Prefer::default(), quota: 10 }
    }
}

/// Why something is needed.
#[derive(Clone, Debug)]
pub struct Reason {
    /// In words.
    pub text: String,
    /// Where the input says so.
    pub place: Option<Location>,
}

/// Something that a role is needed for.
#[derive(Clone, Debug)]
pub struct Feature {
    /// Its name.
    pub name: &'static str,
    /// What of the input calls for it; of many, the first.
    pub why: Vec<Reason>,
    /// How many more there are.
    pub more: usize,
}

/// More reasons than these are only counted.
const REASONS: usize = 8;

/// A managed policy that a role should have.
#[derive(Clone, Debug)]
pub struct Recommended {
    /// Its name.
    pub name: &'static str,
    /// What it is needed for.
    pub features: Vec<&'static str>,
    /// Whether the role has it already.
    pub attached: bool,
}

/// A policy that a role has and does not need.
#[derive(Clone, Debug)]
pub struct Unneeded {
    /// Its name.
    pub name: String,
    /// Why not.
    pub why: String,
    /// Where it is attached.
    pub place: Option<Location>,
}

/// What a role needs.
#[derive(Clone, Debug)]
pub struct RoleAdvice {
    /// The logical id or address.
    pub role: String,
    /// The name in IAM, where it is known.
    pub name: Option<String>,
    /// Whether nodes have it.
    pub of_nodes: bool,
    /// How many nodes, launch templates and the like have it.
    pub nodes: usize,
    /// Where it is declared.
    pub place: Option<Location>,
    /// What it is needed for.
    pub features: Vec<Feature>,
    /// The managed policies that it should have.
    pub managed: Vec<Recommended>,
    /// What it should be able to do beside them, and cannot do by the policies that it keeps.
    pub statements: Vec<Statement>,
    /// Actions that are needed and that it surely cannot do now.
    pub lacks: Vec<String>,
    /// What it has and does not need.
    pub unneeded: Vec<Unneeded>,
    /// The other managed policies that it has: they are about something else, and stay.
    pub other: Vec<String>,
    /// What could not be worked out.
    pub unknown: Vec<String>,
    /// How many managed policies it has now.
    pub now: usize,
    /// How many it would have.
    pub after: usize,
}

/// What each role of an input needs.
pub fn advise(unit: &mut Unit, options: &Options) -> Vec<RoleAdvice> {
    let Unit { tree, conditions, inventory, .. } = unit;
    let all = demands::demands(tree, conditions, inventory);
    all.iter().map(|role| of_role(&mut World { tree, conditions, inventory }, role, options)).collect()
}

/// What is looked at.
pub(super) struct World<'u> {
    pub(super) tree: &'u Tree,
    pub(super) conditions: &'u mut Conditions,
    pub(super) inventory: &'u Inventory,
}

impl World<'_> {
    /// The logical id or address of what declares an entity.
    pub(super) fn id(&self, entity: EntityId) -> String {
        let resource = self.inventory.entity(entity).and_then(|one| self.inventory.resource(one.resource));
        resource.map(|resource| resource.id.to_string()).unwrap_or_default()
    }

    /// The name in IAM of a role.
    pub(super) fn name(&self, role: EntityId) -> Option<String> {
        let node = self.inventory.entity(role)?.get("name")?;
        self.tree.string(node).map(str::to_owned)
    }

    /// Where an entity is declared.
    pub(super) fn place(&self, entity: EntityId) -> Option<Location> {
        self.tree.location(self.inventory.entity(entity)?.node)
    }

    /// How many entities that launch nodes have a role.
    pub(super) fn nodes(&self, role: EntityId) -> usize {
        let profiles = self.inventory.links_to(role, Relation::Contains);
        let by_profile = profiles.flat_map(|link| self.inventory.links_to(link.from, Relation::Profile));
        let passed = self
            .inventory
            .links_to(role, Relation::Passes)
            .filter(|link| self.inventory.entity(link.from).is_some_and(|entity| entity.kind == Kind::Node));
        let mut nodes: Vec<EntityId> = by_profile.chain(passed).map(|link| link.from).collect();
        nodes.sort_unstable();
        nodes.dedup();
        nodes.len()
    }
}

fn of_role(world: &mut World<'_>, role: &RoleDemands, options: &Options) -> RoleAdvice {
    let attached = held::attached(world.tree, world.inventory, role.role);
    let is_ours = |one: &&Attached| is_about_systems_manager(one, role);
    let kept: Vec<&Attached> = attached.iter().filter(|one| !is_ours(one)).collect();
    let ours: Vec<&Attached> = attached.iter().filter(is_ours).collect();
    let plan = cover(world, role, &kept, &attached, options.prefer, options.quota);
    let unneeded = unneeded(&ours, &plan, role, options.prefer);
    let now_able = Able::of(world.tree, world.conditions, world.inventory, role.role);
    let mut lacks: Vec<String> = role
        .needs()
        .into_iter()
        .filter(|(_, need)| need.met_by(&now_able) == Tri::No)
        .map(|(_, need)| need.action.clone())
        .collect();
    lacks.sort();
    lacks.dedup();
    let added = plan.managed.iter().filter(|one| !one.attached).count();
    RoleAdvice {
        role: world.id(role.role),
        name: world.name(role.role),
        of_nodes: role.of_nodes,
        nodes: world.nodes(role.role),
        place: world.place(role.role),
        features: features(world.tree, role),
        lacks,
        other: kept.iter().map(|one| one.name().to_owned()).collect(),
        unknown: plan.unknown,
        now: attached.len(),
        after: (attached.len() + added).saturating_sub(unneeded.len()),
        managed: plan.managed,
        statements: plan.statements,
        unneeded,
    }
}

/// Whether an attached policy is one that advice decides about.
pub(super) fn is_about_systems_manager(attached: &Attached, role: &RoleDemands) -> bool {
    let Some(name) = attached.aws.as_deref() else { return false };
    role.of_nodes && family::not_for_nodes(name).is_some()
        || !role.documents.is_empty() && family::is_broad_for_automations(name)
}

/// What covers the needs of a role.
pub(super) struct Cover {
    pub(super) managed: Vec<Recommended>,
    pub(super) statements: Vec<Statement>,
    pub(super) unknown: Vec<String>,
}

/// The managed policies and the statements that give a role what it needs, beside the policies that it keeps. Where the
/// quota has no room for another managed policy, statements take its place.
pub(super) fn cover(
    world: &mut World<'_>,
    role: &RoleDemands,
    kept: &[&Attached],
    attached: &[Attached],
    prefer: Prefer,
    quota: usize,
) -> Cover {
    let World { tree, conditions, inventory } = world;
    let by_kept = held::able(tree, conditions, inventory, role.role, kept, Vec::new());
    let mut chosen: Vec<Recommended> = Vec::new();
    if prefer == Prefer::Managed {
        let all = role.needs();
        let mut purposes: Vec<Purpose> = Vec::new();
        for (demand, _) in &all {
            if !purposes.contains(&demand.purpose) {
                purposes.push(demand.purpose);
            }
        }
        for purpose in purposes.into_iter().filter(|purpose| !purpose.managed_policies().is_empty()) {
            // A policy that the role has stays where it is needed; another comes only where something is lacking.
            let mut own = all.iter().filter(|(demand, _)| demand.purpose == purpose);
            let lacking = own.any(|(_, need)| need.met_by(&by_kept) != Tri::Yes);
            for &name in purpose.managed_policies() {
                let has_room = kept.len() + chosen.len() < quota;
                let has = attached.iter().any(|one| one.aws.as_deref() == Some(name));
                let for_it = purpose.name();
                match chosen.iter_mut().find(|one| one.name == name) {
                    Some(known) => known.features.push(for_it),
                    None if has || lacking && has_room => {
                        chosen.push(Recommended { name, features: vec![for_it], attached: has });
                    }
                    None => {}
                }
            }
        }
    }
    let policies = chosen.iter().filter_map(|one| managed(one.name)).cloned().collect();
    let able = held::able(tree, conditions, inventory, role.role, kept, policies);
    let mut unknown: Vec<String> = role.open.iter().map(|(_, why)| why.clone()).collect();
    let mut wanted = Vec::new();
    for (demand, need) in role.needs() {
        let made_for = demand.purpose.managed_policies();
        let has_its_own =
            !made_for.is_empty() && made_for.iter().all(|name| chosen.iter().any(|one| one.name == *name));
        match need.met_by(&able) {
            Tri::Yes => continue,
            // Under the conditions that AWS has put into it.
            Tri::Maybe if has_its_own => continue,
            _ => {}
        }
        match &need.on {
            Scope::Unknown(what) => unknown.push(format!("`{}`: {what}", need.action)),
            _ => wanted.push(narrowed(need.wanted(demand), false)),
        }
    }
    unknown.dedup();
    Cover { managed: chosen, statements: statements(&wanted), unknown }
}

fn features(tree: &Tree, role: &RoleDemands) -> Vec<Feature> {
    let mut out: BTreeMap<Purpose, (Feature, FxHashSet<&str>)> = BTreeMap::new();
    for demand in &role.demands {
        let empty = Feature { name: demand.purpose.name(), why: Vec::new(), more: 0 };
        let (feature, seen) = out.entry(demand.purpose).or_insert_with(|| (empty, FxHashSet::default()));
        if !seen.insert(&demand.why) {
            continue;
        }
        if feature.why.len() < REASONS {
            feature.why.push(Reason { text: demand.why.clone(), place: tree.location(demand.place) });
        } else {
            feature.more += 1;
        }
    }
    out.into_values().map(|(feature, _)| feature).collect()
}

/// The policies about Systems Manager that nothing calls for.
fn unneeded(ours: &[&Attached], plan: &Cover, role: &RoleDemands, prefer: Prefer) -> Vec<Unneeded> {
    let mut out = Vec::new();
    for attached in ours {
        let Some(name) = attached.aws.as_deref() else { continue };
        if plan.managed.iter().any(|one| one.name == name) {
            continue;
        }
        let of_documents = !role.documents.is_empty() && family::is_broad_for_automations(name);
        if of_documents && !role.open.is_empty() {
            // Something that is not known may need it.
            continue;
        }
        let why = match family::not_for_nodes(name) {
            _ if of_documents => "the statements allow what the runbooks do",
            // The policy is right, but statements are preferred to it.
            Some(_) if prefer == Prefer::Custom && is_called_for(role, name) => {
                "the statements take its place"
            }
            Some(why) => why,
            None => continue,
        };
        out.push(Unneeded { name: name.to_owned(), why: why.to_owned(), place: attached.place.clone() });
    }
    out
}

/// Whether something that a role does is what a policy was made for.
fn is_called_for(role: &RoleDemands, name: &str) -> bool {
    role.demands.iter().any(|demand| demand.purpose.managed_policies().contains(&name))
}

/// What the nodes of an input need together, and what could not be worked out: for a policy for all of them.
pub fn node_wishes(unit: &mut Unit) -> (Vec<Wanted>, Vec<String>) {
    let Unit { tree, conditions, inventory, .. } = unit;
    let mut wanted = Vec::new();
    let mut unknown = Vec::new();
    for role in demands::demands(tree, conditions, inventory).iter().filter(|role| role.of_nodes) {
        for (demand, need) in
            role.needs().into_iter().filter(|(demand, _)| demand.purpose != Purpose::Automation)
        {
            match &need.on {
                Scope::Unknown(what) => unknown.push(format!("`{}`: {what}", need.action)),
                _ => wanted.push(need.wanted(demand)),
            }
        }
    }
    (wanted, unknown)
}
