//! The cells of the arena.
//!
//! A node is 20 bytes; a scalar's text is a range of the source (or, where it had escapes, of the tree's buffer of
//! decoded text), a list's or map's children are a range of the tree's edges. Nothing is copied when a tree is built.

use crate::document::FileId;

/// A node of a [`Tree`](super::Tree). Ids grow in document order: a node's id is larger than its parent's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(super) u32);

impl NodeId {
    /// The position in the arena, for tables beside the tree.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The id at a position that [`index`](Self::index) gave.
    pub fn from_index(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }
}

/// What a node is, without its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `null`, `~` or, in YAML, nothing at all.
    Null,
    /// A truth value.
    Bool,
    /// A number, kept as it was written.
    Number,
    /// A string whose content is known.
    String,
    /// An ordered list.
    List,
    /// A map; keys keep their order and their places.
    Map,
    /// A string of which parts are known only by their kind.
    Text,
    /// One of several values, each under a condition.
    Choice,
    /// A value that the input does not decide.
    Unknown,
}

/// The cell of one node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    /// Where the node stands: a byte range of its file or of the decoded buffer, or (derived nodes) `start` is the
    /// node whose place it takes.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Scalars: offset of the content. Lists and maps: first edge. Others: first entry of their table.
    pub(super) a: u32,
    /// Scalars: length of the content. Lists: number of children. Maps: number of entries. Others: their own use.
    pub(super) b: u32,
    pub(super) file: FileId,
    pub(super) kind: Kind,
    pub(super) flags: Flags,
}

/// Facts about a cell that are no part of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Flags(u8);

impl Flags {
    /// The content is in the tree's decoded buffer, not in the source's text.
    pub(super) const DECODED: Self = Self(1);
    /// A map whose keys are all among the tree's interned ones.
    pub(super) const RECORD: Self = Self(2);
    /// The place is that of another node: the value was worked out, not written.
    pub(super) const DERIVED: Self = Self(4);
    /// A YAML tag stands before the node.
    pub(super) const TAGGED: Self = Self(8);
    /// The value must never be shown.
    pub(super) const SENSITIVE: Self = Self(16);
    /// A YAML plain scalar, whose kind depends on who reads it.
    pub(super) const PLAIN: Self = Self(32);
    /// A YAML scalar whose place starts with its tag or anchor.
    pub(super) const PREFIXED: Self = Self(64);

    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// `self` where `when` holds, else nothing.
    pub(super) fn when(self, when: bool) -> Self {
        if when { self } else { Self::default() }
    }
}
