//! Reading nodes.

use super::node::{Cell, Flags};
use super::{Alternative, Kind, NodeId, Piece, Tree, Unknown};

/// A node's content.
#[derive(Clone, Copy, Debug)]
pub enum View<'t> {
    /// `null`, `~` or, in YAML, nothing at all.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number, as it was written.
    Number(&'t str),
    /// A string whose content is known.
    String(&'t str),
    /// An ordered list.
    List(List<'t>),
    /// A map.
    Map(Map<'t>),
    /// A text with holes.
    Text(&'t [Piece]),
    /// One of several values, each under a condition.
    Choice(&'t [Alternative]),
    /// A value that the input does not decide.
    Unknown(&'t Unknown),
}

/// The elements of a list.
#[derive(Clone, Copy, Debug)]
pub struct List<'t> {
    edges: &'t [NodeId],
}

/// The entries of a map.
#[derive(Clone, Copy, Debug)]
pub struct Map<'t> {
    tree: &'t Tree,
    node: NodeId,
    edges: &'t [NodeId],
}

impl<'t> List<'t> {
    /// The number of elements.
    pub fn len(self) -> usize {
        self.edges.len()
    }

    /// Whether there are no elements.
    pub fn is_empty(self) -> bool {
        self.edges.is_empty()
    }

    /// The element at `index`, from 0.
    pub fn get(self, index: usize) -> Option<NodeId> {
        self.edges.get(index).copied()
    }

    /// The elements in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = NodeId> + DoubleEndedIterator + 't {
        self.edges.iter().copied()
    }
}

impl<'t> Map<'t> {
    /// The number of entries, repeated keys included.
    pub fn len(self) -> usize {
        self.edges.len() / 2
    }

    /// Whether there are no entries.
    pub fn is_empty(self) -> bool {
        self.edges.is_empty()
    }

    /// The value of a key; of its last entry where it stands twice.
    pub fn get(self, key: &str) -> Option<NodeId> {
        let index = self.tree.find_key(self.node, self.edges, key)?;
        self.edges.get(index * 2 + 1).copied()
    }

    /// Key and value of a key's last entry.
    pub fn entry(self, key: &str) -> Option<(NodeId, NodeId)> {
        let index = self.tree.find_key(self.node, self.edges, key)?;
        Some((self.edges.get(index * 2).copied()?, self.edges.get(index * 2 + 1).copied()?))
    }

    /// The entries as `[key, value]`, in order.
    pub(crate) fn pairs(self) -> &'t [[NodeId; 2]] {
        self.edges.as_chunks::<2>().0
    }

    /// The entries as `(key node, key text, value)`, in order. A key that is no scalar has an empty text.
    pub fn iter(self) -> impl Iterator<Item = (NodeId, &'t str, NodeId)> {
        let tree = self.tree;
        let (pairs, _) = self.edges.as_chunks::<2>();
        pairs.iter().map(move |&[key, value]| (key, tree.scalar(key).unwrap_or(""), value))
    }
}

impl Tree {
    /// What kind of value a node is.
    #[inline]
    pub fn kind(&self, node: NodeId) -> Kind {
        self.owner(node).map_or(Kind::Null, |(_, cell)| cell.kind)
    }

    /// The nodes of a range that have a tag, and the maps with one entry.
    pub(crate) fn tagged_or_single(
        &self,
        range: std::ops::Range<NodeId>,
    ) -> impl Iterator<Item = NodeId> + '_ {
        (range.start.0..range.end.0).map(NodeId).filter(|&node| {
            self.owner(node).is_some_and(|(tree, cell)| {
                cell.flags.has(Flags::TAGGED) || cell.kind == Kind::Map && tree.extent(cell).b == 1
            })
        })
    }

    /// The content of a node.
    pub fn view(&self, node: NodeId) -> View<'_> {
        let Some((tree, cell)) = self.owner(node) else { return View::Null };
        let entry = || tree.extent(cell).a as usize;
        match cell.kind {
            Kind::Null => View::Null,
            Kind::Bool => View::Bool(entry() != 0),
            Kind::Number => View::Number(tree.content(cell)),
            Kind::String => View::String(tree.content(cell)),
            Kind::List => View::List(List { edges: tree.edges_of(cell) }),
            Kind::Map => View::Map(Map { tree: self, node, edges: tree.edges_of(cell) }),
            Kind::Text => View::Text(tree.side.texts.get(entry()).map_or(&[], |pieces| pieces)),
            Kind::Choice => View::Choice(tree.side.choices.get(entry()).map_or(&[], |all| all)),
            Kind::Unknown => tree.side.unknowns.get(entry()).map_or(View::Null, View::Unknown),
        }
    }

    /// The content of a known string.
    #[inline]
    pub fn string(&self, node: NodeId) -> Option<&str> {
        let (tree, cell) = self.owner(node)?;
        (cell.kind == Kind::String).then(|| tree.content(cell))
    }

    /// The text of a known string, number or truth value: what a place that takes strings makes of it.
    #[inline]
    pub fn scalar(&self, node: NodeId) -> Option<&str> {
        let (tree, cell) = self.owner(node)?;
        match cell.kind {
            Kind::String | Kind::Number => Some(tree.content(cell)),
            Kind::Bool => Some(if tree.extent(cell).a != 0 { "true" } else { "false" }),
            _ => None,
        }
    }

    /// The truth value, if the node is one.
    pub fn bool(&self, node: NodeId) -> Option<bool> {
        match self.view(node) {
            View::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The elements, if the node is a list.
    #[inline]
    pub fn list(&self, node: NodeId) -> Option<List<'_>> {
        let (tree, cell) = self.owner(node)?;
        (cell.kind == Kind::List).then(|| List { edges: tree.edges_of(cell) })
    }

    /// The entries, if the node is a map.
    #[inline]
    pub fn map(&self, node: NodeId) -> Option<Map<'_>> {
        let (tree, cell) = self.owner(node)?;
        (cell.kind == Kind::Map).then(|| Map { tree: self, node, edges: tree.edges_of(cell) })
    }

    /// The last element of a list, or the last value of a map.
    pub(crate) fn last_child(&self, node: NodeId) -> Option<NodeId> {
        let (tree, cell) = self.owner(node)?;
        match cell.kind {
            Kind::List | Kind::Map => tree.edges_of(cell).last().copied(),
            _ => None,
        }
    }

    /// The value of a key, if the node is a map that has it.
    pub fn get(&self, node: NodeId, key: &str) -> Option<NodeId> {
        self.map(node)?.get(key)
    }

    /// The value at the end of a path of keys.
    pub fn at(&self, node: NodeId, path: &[&str]) -> Option<NodeId> {
        path.iter().try_fold(node, |at, key| self.get(at, key))
    }

    #[inline]
    pub(super) fn edges_of(&self, cell: &Cell) -> &[NodeId] {
        let behind = self.edges.get(cell.rest as usize..).unwrap_or_default();
        let Some((&NodeId(count), children)) = behind.split_first() else { return &[] };
        let count = if cell.kind == Kind::Map { count as usize * 2 } else { count as usize };
        children.get(..count).unwrap_or_default()
    }
}
