//! Declared things, whatever their type.

use crate::document::{Condition, NodeId};

/// A resource, by its position in the inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId(pub(crate) u32);

impl ResourceId {
    /// The position in [`Inventory::resources`](super::Inventory::resources).
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a deployment does to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// The input describes a state, not a change: a template, a state file.
    Declared,
    /// It is created.
    Create,
    /// It is changed in place.
    Update,
    /// It is destroyed and created again.
    Replace,
    /// It exists and stays as it is.
    NoOp,
    /// It exists and becomes managed.
    Import,
    /// It is destroyed.
    Delete,
    /// It stays, but is no longer managed.
    Forget,
    /// It is only read: a data source.
    Read,
}

impl Change {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::NoOp => "no-op",
            Self::Import => "import",
            Self::Delete => "delete",
            Self::Forget => "forget",
            Self::Read => "read",
        }
    }
}

/// A declared thing in a template or plan.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The CloudFormation logical id or the Terraform address.
    pub id: Box<str>,
    /// The type, as the input spells it: `AWS::IAM::Role`, `aws_iam_role`.
    pub ty: Box<str>,
    /// The node that declares it.
    pub node: NodeId,
    /// When it exists.
    pub under: Condition,
    /// What happens to it.
    pub change: Change,
    /// Another name that a person may know it by: the construct path of CDK, the logical id within a nested stack.
    pub alias: Option<Box<str>>,
}
