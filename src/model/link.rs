//! How entities refer to each other.

use super::{EntityId, ResourceId};
use crate::document::{Condition, NodeId, Tri};

/// What a link means, from its first entity to its second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// A role, user or group has a managed policy.
    Attached,
    /// A role, user or group has an inline policy.
    Inline,
    /// A role or user is limited by a managed policy.
    Boundary,
    /// An instance profile contains a role.
    Contains,
    /// A node has an instance profile.
    Profile,
    /// A node is launched from a launch template or configuration.
    Launches,
    /// A user is in a group.
    Member,
    /// A resource gives a role to a service.
    Passes,
    /// An association, task, remediation or trigger runs a document.
    Runs,
    /// A task or target belongs to a window.
    Window,
    /// A policy applies to a resource.
    Protects,
    /// A document, task or sync writes to a bucket or log group, or uses a key.
    Uses,
}

/// The other end of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// An entity of the inventory; `Maybe` where a name with holes only may be its name.
    Entity(EntityId, Tri),
    /// Something that the value names, but that the input does not declare.
    Outside,
    /// The value is not known.
    Unknown,
}

/// A reference from one entity to another.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// What it means.
    pub relation: Relation,
    /// The entity that has it.
    pub from: EntityId,
    /// The entity that it leads to.
    pub to: Target,
    /// The value that makes the link: what a person would change to undo it.
    pub value: NodeId,
    /// The resource in which that value stands.
    pub resource: ResourceId,
    /// When the link exists (the entities' own conditions not counted).
    pub under: Condition,
}
