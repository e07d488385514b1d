//! Things in the inventory.

use super::{Kind, ResourceId};
use crate::document::{Condition, Moved, NodeId};

/// An entity, by its position in the inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityId(pub(crate) u32);

impl EntityId {
    /// The position in [`Inventory::entities`](super::Inventory::entities).
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A thing of a known kind with normalised fields.
#[derive(Clone, Debug)]
pub struct Entity {
    /// What it is.
    pub kind: Kind,
    /// The resource that declares it.
    pub resource: ResourceId,
    /// What stands for it in the input: the resource, or the part of it that declares this entity.
    pub node: NodeId,
    /// When it exists.
    pub under: Condition,
    /// Its fields by normalised name; absent fields are not there. Few enough for a scan.
    fields: Vec<(&'static str, NodeId)>,
}

impl Entity {
    /// An entity without fields.
    pub fn new(kind: Kind, resource: ResourceId, node: NodeId, under: Condition) -> Self {
        Self { kind, resource, node, under, fields: Vec::new() }
    }

    /// The value of a field.
    pub fn get(&self, field: &str) -> Option<NodeId> {
        self.fields.iter().find(|(name, _)| *name == field).map(|&(_, node)| node)
    }

    /// Sets a field; a field that is set already is replaced.
    pub fn set(&mut self, field: &'static str, value: NodeId) {
        match self.fields.iter_mut().find(|(name, _)| *name == field) {
            Some(slot) => slot.1 = value,
            None => self.fields.push((field, value)),
        }
    }

    /// Says where its nodes are now.
    pub(crate) fn move_nodes(&mut self, moved: Moved) {
        self.node = moved.node(self.node);
        self.fields.iter_mut().for_each(|(_, node)| *node = moved.node(*node));
    }

    /// Takes a field away.
    pub fn take(&mut self, field: &str) {
        self.fields.retain(|(name, _)| *name != field);
    }

    /// All fields, in the order in which they were set.
    pub fn fields(&self) -> &[(&'static str, NodeId)] {
        &self.fields
    }
}
