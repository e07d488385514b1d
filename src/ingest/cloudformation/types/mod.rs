//! Which CloudFormation type declares which entity.
//!
//! A type may have several rows: a task definition gives two roles away.

mod automation;
mod iam;
mod nodes;
mod policies;
mod services;
mod ssm;
mod storage;
mod tasks;
mod triggers;
mod uses;

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::document::{Condition, NodeId, View, spread};
use crate::ingest::assembly::{Assembly, End, Tie};
use crate::ingest::permission::Permission;
use crate::ingest::table::{self, Field, Properties, Row, value};
use crate::model::{EntityId, Kind, Relation};

const POLICIES: &[Kind] = &[Kind::ManagedPolicy];
const ROLES: &[Kind] = &[Kind::Role];
const USERS: &[Kind] = &[Kind::User];
const GROUPS: &[Kind] = &[Kind::Group];
const PROFILES: &[Kind] = &[Kind::InstanceProfile];
const NODES: &[Kind] = &[Kind::Node];
const DOCUMENTS: &[Kind] = &[Kind::Document];
const WINDOWS: &[Kind] = &[Kind::MaintenanceWindow];
const BUCKETS: &[Kind] = &[Kind::Bucket];
const LOG_GROUPS: &[Kind] = &[Kind::LogGroup];
const KEYS: &[Kind] = &[Kind::Key];

/// What operations on nodes select them by.
const TARGET: &[Field] = &[value("key", "Key"), value("values", "Values")];

/// Something that a type declares.
enum Declares {
    Row(&'static Row),
    Use(&'static uses::Use),
    Policy(&'static policies::Carried),
    Permission(&'static Permission),
    More(table::More),
}

static BY_TYPE: LazyLock<FxHashMap<&'static str, Vec<Declares>>> = LazyLock::new(|| {
    let mut map: FxHashMap<&'static str, Vec<Declares>> = FxHashMap::default();
    let tables = [iam::ROWS, nodes::ROWS, ssm::ROWS, tasks::ROWS, storage::ROWS, services::ROWS];
    for row in tables.into_iter().flatten() {
        map.entry(row.ty).or_default().push(Declares::Row(row));
    }
    for carried in policies::CARRIED {
        map.entry(carried.ty).or_default().push(Declares::Policy(carried));
    }
    for permission in policies::PERMISSIONS {
        map.entry(permission.ty).or_default().push(Declares::Permission(permission));
    }
    for usage in uses::USES.iter().chain(uses::RULE_ACTIONS) {
        map.entry(usage.ty).or_default().push(Declares::Use(usage));
    }
    let more = triggers::MORE.iter().chain(automation::MORE).chain(nodes::MORE).chain(policies::MORE);
    for &(ty, more) in more {
        map.entry(ty).or_default().push(Declares::More(more));
    }
    map
});

/// Declares everything that a resource of a type stands for.
pub(super) fn declare(assembly: &mut Assembly, properties: &mut dyn Properties, ty: &str) {
    for declares in BY_TYPE.get(ty).map_or(&[] as &[Declares], Vec::as_slice) {
        match declares {
            Declares::Row(row) => {
                table::declare(assembly, properties, row);
            }
            Declares::Use(usage) => usage.declare(assembly, properties),
            Declares::Policy(carried) => carried.declare(assembly, properties),
            Declares::Permission(permission) => permission.declare(assembly, properties),
            // What the code declares belongs to no entity of its own.
            Declares::More(more) => more(assembly, properties, EntityId(0)),
        }
    }
}

/// Adds a link from an entity to what a value names.
fn tie(assembly: &mut Assembly, relation: Relation, from: EntityId, to: NodeId, kinds: &'static [Kind]) {
    let Some(resource) = assembly.inventory.entity(from).map(|entity| entity.resource) else { return };
    let (from, to) = (End::Entity(from), End::Value(to, kinds));
    assembly.add_tie(Tie { relation, from, to, value: None, resource, under: Condition::ALWAYS });
}

/// Ties an automation to the role that one of its parameters gives it.
fn tie_assumed_role(assembly: &mut Assembly, entity: EntityId, parameters: NodeId) {
    for name in ["AutomationAssumeRole", "AssumeRole", "automationAssumeRole", "assumeRole"] {
        if let Some(role) = assembly.tree.get(parameters, name) {
            tie(assembly, Relation::Passes, entity, role, ROLES);
        }
    }
}

/// One list of everything in a list of lists.
fn flat(assembly: &mut Assembly, place: NodeId, lists: &[NodeId]) -> NodeId {
    let mut all = Vec::new();
    for &list in lists {
        for (under, node) in spread(&assembly.tree, &mut assembly.conditions, list) {
            all.push(if under.is_always() { node } else { only_under(assembly, node, under) });
        }
    }
    assembly.tree.derive_list(place, &all)
}

/// A value that is there only under a condition.
fn only_under(assembly: &mut Assembly, node: NodeId, under: Condition) -> NodeId {
    let otherwise = assembly.conditions.not(under);
    let there = crate::document::Alternative { condition: under, value: Some(node) };
    let absent = crate::document::Alternative { condition: otherwise, value: None };
    assembly.tree.derive_choice(node, vec![there, absent])
}

/// The elements of a list, or the value itself.
fn elements(assembly: &Assembly, node: NodeId) -> Vec<NodeId> {
    match assembly.tree.view(node) {
        View::List(list) => list.iter().collect(),
        _ => vec![node],
    }
}
