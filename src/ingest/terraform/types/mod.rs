//! Which Terraform type declares which entity.

mod around;
mod config;
mod iam;
mod nodes;
mod policies;
mod ssm;
mod uses;

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::document::{NodeId, View};
use crate::ingest::assembly::{Assembly, Gift};
use crate::ingest::table::{self, Properties, Row};
use crate::model::Kind;

const POLICIES: &[Kind] = &[Kind::ManagedPolicy];
const ROLES: &[Kind] = &[Kind::Role];
const USERS: &[Kind] = &[Kind::User];
const GROUPS: &[Kind] = &[Kind::Group];
const PROFILES: &[Kind] = &[Kind::InstanceProfile];
const NODES: &[Kind] = &[Kind::Node];
const DOCUMENTS: &[Kind] = &[Kind::Document];
const WINDOWS: &[Kind] = &[Kind::MaintenanceWindow];
const BUCKETS: &[Kind] = &[Kind::Bucket];
const KEYS: &[Kind] = &[Kind::Key];
const LOG_GROUPS: &[Kind] = &[Kind::LogGroup];

static TABLE: LazyLock<FxHashMap<&'static str, &'static Row>> = LazyLock::new(|| {
    let parts = [iam::ROWS, policies::ROWS, nodes::ROWS, ssm::ROWS, around::ROWS, config::ROWS];
    parts.into_iter().flatten().map(|row| (row.ty, row)).collect()
});

/// Types that declare no entity, but say something of others.
type Giver = fn(&mut Assembly, &mut dyn Properties);

static GIVERS: LazyLock<FxHashMap<&'static str, Giver>> = LazyLock::new(|| {
    let parts = [iam::GIVERS, policies::GIVERS, ssm::GIVERS, around::GIVERS, config::GIVERS];
    parts.into_iter().flatten().map(|&(ty, giver)| (ty, giver)).collect()
});

/// The row of a type.
pub(super) fn find(ty: &str) -> Option<&'static Row> {
    TABLE.get(ty).copied()
}

/// Declares everything that an instance of a type stands for. `read` is for what the plan only reads.
pub(super) fn declare(assembly: &mut Assembly, properties: &mut dyn Properties, ty: &str, read: bool) {
    if let Some(row) = find(ty) {
        if read && iam::is_aws_managed(assembly, properties, ty) {
            return;
        }
        let entity = table::declare(assembly, properties, row);
        if read {
            let place = assembly.inventory.entity(entity).map(|entity| entity.node);
            let outside = place.map(|place| assembly.tree.derive_bool(place, true));
            assembly.set(entity, "outside", outside);
        }
    }
    if read {
        return;
    }
    if let Some(giver) = GIVERS.get(ty) {
        giver(assembly, properties);
    }
    uses::declare(assembly, properties, ty);
}

/// Gives a field to the entity that an argument names.
fn give(
    assembly: &mut Assembly,
    properties: &mut dyn Properties,
    to: (&'static str, &'static [Kind]),
    field: &'static str,
    value: Option<NodeId>,
) {
    give_as(assembly, properties, to, field, value, false);
}

/// Likewise, for a field that is a list.
fn give_one_of_many(
    assembly: &mut Assembly,
    properties: &mut dyn Properties,
    to: (&'static str, &'static [Kind]),
    field: &'static str,
    value: Option<NodeId>,
) {
    give_as(assembly, properties, to, field, value, true);
}

fn give_as(
    assembly: &mut Assembly,
    properties: &mut dyn Properties,
    (path, kinds): (&'static str, &'static [Kind]),
    field: &'static str,
    value: Option<NodeId>,
    many: bool,
) {
    let (Some(value), Some(to)) = (value, properties.link(assembly, path, kinds)) else { return };
    let resource = properties.resource();
    assembly.add_gift(Gift { to, kinds, resource, field, value, many });
}

/// The resource's own node, as the place of what is said of it.
fn place(assembly: &Assembly, properties: &dyn Properties) -> NodeId {
    let resource = assembly.inventory.resource(properties.resource());
    resource.map_or(NodeId::from_index(0), |resource| resource.node)
}

/// Whether an argument is set to something, known or not.
fn is_set(assembly: &mut Assembly, properties: &mut dyn Properties, path: &str) -> bool {
    let value = properties.at(assembly, path);
    value.is_some_and(|value| match assembly.tree.view(value) {
        View::String(text) => !text.is_empty(),
        View::List(list) => !list.is_empty(),
        _ => true,
    })
}

/// A map from the names of blocks to their values: `parameter { name = …, values = … }`.
fn named_blocks(
    assembly: &mut Assembly,
    blocks: NodeId,
    name: &str,
    values: impl Fn(&Assembly, NodeId) -> Option<NodeId>,
) -> NodeId {
    let View::List(list) = assembly.tree.view(blocks) else { return blocks };
    let blocks_of: Vec<NodeId> = list.iter().collect();
    let mut entries = Vec::new();
    for block in blocks_of {
        let key = assembly.tree.get(block, name).filter(|&key| assembly.tree.string(key).is_some());
        if let (Some(key), Some(value)) = (key, values(assembly, block)) {
            let value = as_list(assembly, value);
            entries.extend([key, value]);
        }
    }
    assembly.tree.derive_map(blocks, &entries)
}

/// A single value as a list of one.
fn as_list(assembly: &mut Assembly, value: NodeId) -> NodeId {
    match assembly.tree.view(value) {
        View::List(_) | View::Unknown(_) => value,
        _ => assembly.tree.derive_list(value, &[value]),
    }
}

/// A map whose values are lists: what is one value is a list of one.
fn lists(assembly: &mut Assembly, map: NodeId) -> NodeId {
    let View::Map(entries) = assembly.tree.view(map) else { return map };
    let entries: Vec<(NodeId, NodeId)> = entries.iter().map(|(key, _, value)| (key, value)).collect();
    let mut made = Vec::with_capacity(entries.len() * 2);
    for (key, value) in entries {
        made.extend([key, as_list(assembly, value)]);
    }
    assembly.tree.derive_map(map, &made)
}
