//! Where each principal's permissions come from: what questions about principals are answered by.
//!
//! Only references: nothing is read before somebody asks.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::document::Condition;
use crate::document::Conditions;
use crate::document::NodeId;
use crate::document::Tree;
use crate::model::EntityId;
use crate::model::Inventory;
use crate::model::Kind;
use crate::model::Link;
use crate::model::Relation;
use crate::model::Target;

use super::grants::Worked;
use super::paths::Reached;

/// A policy that a principal has.
#[derive(Clone, Debug)]
pub(super) struct Holding {
    /// When it has it.
    pub(super) under: Condition,
    /// The value that a person would change to take it away.
    pub(super) place: NodeId,
    pub(super) source: Source,
}

/// Where a policy document is.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// In the input.
    Document(NodeId),
    /// Among those that AWS manages, by name.
    Aws(Box<str>),
    /// The input only names it.
    Elsewhere,
}

/// The policies of one principal, and who may become it.
#[derive(Clone, Debug, Default)]
pub(super) struct Holdings {
    pub(super) identity: Vec<Holding>,
    pub(super) boundary: Vec<Holding>,
    pub(super) trust: Option<NodeId>,
}

/// The policies of all principals.
#[derive(Debug, Default)]
pub struct Authority {
    pub(super) principals: BTreeMap<EntityId, Holdings>,
    /// Whom each principal can become.
    pub(super) reached: FxHashMap<EntityId, Reached>,
    /// Those that can become everybody, and when.
    pub(super) administrators: FxHashMap<EntityId, Condition>,
}

impl Authority {
    /// Collects what an inventory says.
    pub(super) fn of(
        tree: &Tree,
        conditions: &mut Conditions,
        inventory: &Inventory,
        worked: Worked,
    ) -> Self {
        let Worked { reached, administrators, .. } = worked;
        let mut out = Self { reached, administrators, ..Self::default() };
        for kind in [Kind::Role, Kind::User, Kind::Group] {
            for &id in inventory.of_kind(kind) {
                let trust = inventory.entity(id).and_then(|entity| entity.get("trust"));
                let identity = identity(tree, conditions, inventory, id);
                let boundary = inventory.links_from(id, Relation::Boundary);
                let boundary = boundary.map(|link| holding(tree, inventory, link)).collect();
                out.principals.insert(id, Holdings { identity, boundary, trust });
            }
        }
        out
    }
}

/// The policies of a principal and of its groups.
fn identity(tree: &Tree, conditions: &mut Conditions, inventory: &Inventory, id: EntityId) -> Vec<Holding> {
    let mut out = Vec::new();
    let mut add = |holder: EntityId, member: Condition, conditions: &mut Conditions| {
        for relation in [Relation::Inline, Relation::Attached] {
            for link in inventory.links_from(holder, relation) {
                let mut one = holding(tree, inventory, link);
                one.under = conditions.and(member, one.under);
                out.push(one);
            }
        }
    };
    add(id, Condition::ALWAYS, conditions);
    for link in inventory.links_from(id, Relation::Member) {
        if let Target::Entity(group, _) = link.to {
            add(group, link.under, conditions);
        }
    }
    out
}

fn holding(tree: &Tree, inventory: &Inventory, link: &Link) -> Holding {
    let document = |id: EntityId| inventory.entity(id)?.get("document");
    let aws = || {
        let text = tree.display(link.value);
        let (_, path) = text.split_once(":iam::aws:policy/")?;
        path.rsplit('/').next().map(|name| Source::Aws(name.into()))
    };
    let source = match link.to {
        Target::Entity(policy, crate::document::Tri::Yes) => document(policy).map(Source::Document),
        Target::Entity(..) | Target::Unknown => None,
        Target::Outside => aws(),
    };
    Holding { under: link.under, place: link.value, source: source.unwrap_or(Source::Elsewhere) }
}
