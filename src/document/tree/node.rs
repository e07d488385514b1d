//! The cells of the arena.
//!
//! A node is 12 bytes, and up to 12 more where where it stands does not say what it holds: a scalar's text is a range of
//! the source (or, where it had escapes, of the tree's buffer of decoded text), a list's or map's children are a range of
//! the tree's edges. Nothing is copied when a tree is built.

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
    /// Where the node stands: the first byte, in its file or in the decoded buffer; of derived nodes, the node whose place
    /// it takes.
    pub(super) start: u32,
    /// What else there is to know, by what it is. Lists and maps: where their edges start, with their number; before
    /// that is where they end, if they were written. Derived scalars: the bound that their text starts at. Other derived
    /// nodes: the entry of their table. What was written: how long it is, or where its extent is in the tree's table.
    pub(super) rest: u32,
    pub(super) file: FileId,
    pub(super) kind: Kind,
    pub(super) flags: Flags,
}

/// What a cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// Behind the last byte of what was written; 0 for derived nodes.
    pub(super) end: u32,
    /// Scalars: offset of the content. Lists and maps: first edge. Others: first entry of their table.
    pub(super) a: u32,
    /// Scalars: length of the content. Lists: number of children. Maps: number of entries. Others: nothing.
    pub(super) b: u32,
}

impl Cell {
    /// The cell of a scalar that was written. Its extent goes into the table only if it cannot be told from the start and
    /// one number: a string is mostly what stands between its quotes, a number is what stands there.
    pub(super) fn written(
        (start, extent): (u32, Extent),
        file: FileId,
        kind: Kind,
        flags: Flags,
        table: &mut Vec<Extent>,
    ) -> Self {
        let bare = Flags::BARE.when(kind == Kind::String && extent.a == start);
        let mut cell = Self { start, rest: 0, file, kind, flags: flags.with(bare) };
        let length = extent.end.wrapping_sub(start);
        cell.rest = if kind == Kind::Bool { length << 1 | extent.a & 1 } else { length };
        if cell.short_extent() != extent {
            cell.widen(extent, table);
        }
        cell
    }

    /// Puts the extent into the table.
    #[inline]
    pub(super) fn widen(&mut self, extent: Extent, table: &mut Vec<Extent>) {
        self.flags = self.flags.with(Flags::WIDE);
        self.rest = u32::try_from(table.len()).unwrap_or(u32::MAX);
        table.push(extent);
    }

    /// The extent of a scalar that was written, if it is not in the table.
    #[inline]
    pub(super) fn short_extent(&self) -> Extent {
        let rest = self.rest;
        let end = self.start.wrapping_add(rest);
        match self.kind {
            Kind::String if self.flags.has(Flags::BARE) => Extent { end, a: self.start, b: rest },
            Kind::String => Extent { end, a: self.start.wrapping_add(1), b: rest.wrapping_sub(2) },
            Kind::Number => Extent { end, a: self.start, b: rest },
            Kind::Bool => Extent { end: self.start.wrapping_add(rest >> 1), a: rest & 1, b: 0 },
            _ => Extent { end, a: 0, b: 0 },
        }
    }

    /// Where its extent is in the table, if it is there.
    #[inline]
    pub(super) fn wide(&self) -> Option<usize> {
        self.flags.has(Flags::WIDE).then_some(self.rest as usize)
    }

    /// Whether it has edges.
    #[inline]
    pub(super) fn is_branch(&self) -> bool {
        matches!(self.kind, Kind::List | Kind::Map)
    }
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
    /// A string that starts where its content does.
    const BARE: Self = Self(64);
    /// The extent is in the tree's table.
    const WIDE: Self = Self(128);

    #[inline]
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
