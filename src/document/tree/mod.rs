//! One arena for everything that rules can query.
//!
//! A template, a policy inside one of its strings, the values that its functions resolve to and the facts that are
//! worked out from them are nodes of the same kind of [`Tree`]. A tree can stand on another one ([`Tree::above`]): it
//! then adds nodes without copying or changing the tree below, which other threads may be reading.
//!
//! **Invariant:** a node's children exist before the node is closed, and ids are never reused; a place is always a
//! place in a file that a person can open.

mod adopt;
mod build;
mod holes;
mod keys;
mod node;
mod place;
mod value;
mod view;

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::document::{FileId, Source};

pub(crate) use adopt::Moved;
pub use build::Builder;
pub use holes::Rendered;
pub use keys::Duplicate;
pub use node::{Kind, NodeId};
pub use place::{Frame, Place, Step};
pub use value::{Alternative, Derivation, Hole, HoleKind, Piece, Reason, Unknown};
pub use view::{List, Map, View};

use holes::Stitch;
use keys::KeyIndex;
use node::{Cell, Extent, Flags};

/// An arena of nodes over one or more sources.
#[derive(Debug, Default)]
pub struct Tree {
    below: Option<Arc<Tree>>,
    /// Ids below this one belong to the tree below; likewise for edges, and for files.
    first: u32,
    sources: Vec<Arc<Source>>,
    cells: Vec<Cell>,
    /// What does not fit into cells.
    extents: Vec<Extent>,
    /// The children of lists and maps, before those their number, and before that, if they were written, where they end.
    edges: Vec<NodeId>,
    /// Where the texts of derived scalars start and end in the decoded text.
    bounds: Vec<u32>,
    /// Text of scalars whose source text differs from their content.
    decoded: String,
    interned: FxHashMap<&'static str, NodeId>,
    side: Side,
}

/// What only few nodes have.
#[derive(Debug, Default)]
struct Side {
    roots: Vec<NodeId>,
    embedded: Vec<Embedded>,
    tags: FxHashMap<NodeId, Box<str>>,
    keys: FxHashMap<NodeId, KeyIndex>,
    duplicates: Vec<Duplicate>,
    texts: Vec<Box<[Piece]>>,
    choices: Vec<Box<[Alternative]>>,
    unknowns: Vec<Unknown>,
    /// By what a value came about, and where what it was worked out from starts and ends in the next list.
    derivations: FxHashMap<NodeId, (&'static str, u32, u32)>,
    derived_from: Vec<NodeId>,
    parts: FxHashMap<NodeId, Part>,
    /// How scalars were written, and whether a tag or anchor stands before them.
    styles: FxHashMap<NodeId, (Style, bool)>,
    stitches: Vec<Box<[Stitch]>>,
    aliases: bool,
}

/// The part of a scalar that a derived value is about.
#[derive(Clone, Debug)]
enum Part {
    /// Bytes of the content.
    Content(usize, usize),
    /// What the scalar holds once as it was written: of a text with holes, only the pieces have an extent.
    Words(Box<str>),
}

impl Side {
    /// Forgets everything, and keeps the room for it.
    fn clear(&mut self) {
        let Self { roots, embedded, tags, keys, duplicates, texts, choices, unknowns, .. } = self;
        roots.clear();
        embedded.clear();
        tags.clear();
        keys.clear();
        duplicates.clear();
        texts.clear();
        choices.clear();
        unknowns.clear();
        self.derivations.clear();
        self.derived_from.clear();
        self.parts.clear();
        self.styles.clear();
        self.stitches.clear();
        self.aliases = false;
    }
}

/// How long the parts of a tree were.
#[derive(Clone, Debug)]
pub(in crate::document) struct Mark {
    cells: usize,
    extents: usize,
    edges: usize,
    decoded: usize,
    roots: usize,
    embedded: usize,
    duplicates: usize,
}

/// A document inside a string: nodes `first..end` were read from the content of `literal`.
#[derive(Clone, Copy, Debug)]
struct Embedded {
    first: NodeId,
    end: NodeId,
    literal: NodeId,
    /// Where the content starts in the decoded buffer or, if `direct`, in the source.
    base: u32,
    /// How long the text that was read is.
    length: u32,
    direct: bool,
    /// For a text with holes: which of its parts stand in the written string, and where.
    stitches: Option<u32>,
}

/// How a scalar was written, where it matters for finding places inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A JSON string.
    Json,
    /// A YAML plain scalar.
    Plain,
    /// A YAML scalar in single quotes.
    SingleQuoted,
    /// A YAML scalar in double quotes.
    DoubleQuoted,
    /// A YAML literal block (`|`).
    LiteralBlock,
    /// A YAML folded block (`>`).
    FoldedBlock,
}

impl Tree {
    /// An empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty tree that stands on another one and sees all its nodes.
    pub fn above(below: Arc<Tree>) -> Self {
        let first = below.end();
        Self { below: Some(below), first, ..Self::default() }
    }

    /// An empty tree that stands on another one, with the room that this one took.
    #[must_use]
    pub fn emptied(mut self, below: Arc<Tree>) -> Self {
        self.cells.clear();
        self.extents.clear();
        self.bounds.clear();
        self.edges.clear();
        self.decoded.clear();
        self.sources.clear();
        self.interned.clear();
        self.side.clear();
        let first = below.end();
        Self { below: Some(below), first, ..self }
    }

    /// Registers a source; nodes read from it refer to it by the id.
    pub fn add_source(&mut self, source: Arc<Source>) -> FileId {
        let taken = self.below.as_ref().map_or(0, |below| below.source_count());
        self.sources.push(source);
        FileId(u16::try_from(taken + self.sources.len() - 1).unwrap_or(u16::MAX))
    }

    /// The source with this id, if the tree has it.
    pub fn source(&self, file: FileId) -> Option<&Arc<Source>> {
        let taken = self.below.as_ref().map_or(0, |below| below.source_count());
        match file.index().checked_sub(taken) {
            Some(own) => self.sources.get(own),
            None => self.below.as_ref()?.source(file),
        }
    }

    /// The number of sources, those of the trees below included.
    pub fn source_count(&self) -> usize {
        self.below.as_ref().map_or(0, |below| below.source_count()) + self.sources.len()
    }

    /// The roots of the documents that were read into this tree (not those below), in order.
    pub fn roots(&self) -> &[NodeId] {
        &self.side.roots
    }

    /// The number of nodes, those of the trees below included.
    pub fn len(&self) -> usize {
        self.end() as usize
    }

    /// The number of its own nodes, without those of the trees below.
    pub fn own(&self) -> usize {
        self.cells.len()
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.end() == 0
    }

    /// The YAML tag before a node, without its leading `!`.
    pub fn tag(&self, node: NodeId) -> Option<&str> {
        let (tree, cell) = self.owner(node)?;
        if cell.flags.has(Flags::TAGGED) { tree.side.tags.get(&node).map(|tag| &**tag) } else { None }
    }

    /// Whether the value must never be shown.
    pub fn is_sensitive(&self, node: NodeId) -> bool {
        self.owner(node).is_some_and(|(_, cell)| cell.flags.has(Flags::SENSITIVE))
    }

    /// Whether a scalar is a YAML plain scalar, whose kind depends on who reads it.
    pub fn is_plain(&self, node: NodeId) -> bool {
        self.owner(node).is_some_and(|(_, cell)| cell.flags.has(Flags::PLAIN))
    }

    /// How a derived value came about; nothing for values that were written.
    pub fn derivation(&self, node: NodeId) -> Option<Derivation<'_>> {
        let (tree, cell) = self.owner(node)?;
        if !cell.flags.has(Flags::DERIVED) {
            return None;
        }
        let &(by, start, end) = tree.side.derivations.get(&node)?;
        let from = tree.side.derived_from.get(start as usize..end as usize).unwrap_or_default();
        Some(Derivation { by, from })
    }

    /// Whether a node has more than one parent somewhere.
    pub fn has_aliases(&self) -> bool {
        self.side.aliases || self.below.as_ref().is_some_and(|below| below.has_aliases())
    }

    /// The nodes with a tag, in no particular order.
    pub fn tagged(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.side.tags.keys().copied()
    }

    /// Keys that were written more than once, in the order in which their maps ended.
    pub fn duplicates(&self) -> &[Duplicate] {
        &self.side.duplicates
    }

    /// The state to which [`reset`](Self::reset) can go back.
    pub(in crate::document) fn mark(&self) -> Mark {
        Mark {
            cells: self.cells.len(),
            extents: self.extents.len(),
            edges: self.edges.len(),
            decoded: self.decoded.len(),
            roots: self.side.roots.len(),
            embedded: self.side.embedded.len(),
            duplicates: self.side.duplicates.len(),
        }
    }

    /// Forgets all nodes that were read since the mark; nothing must have been derived in between.
    pub(in crate::document) fn reset(&mut self, mark: &Mark) {
        let gone = self.id_at(mark.cells);
        self.cells.truncate(mark.cells);
        self.extents.truncate(mark.extents);
        self.edges.truncate(mark.edges);
        self.decoded.truncate(mark.decoded);
        self.side.roots.truncate(mark.roots);
        self.side.embedded.truncate(mark.embedded);
        self.side.duplicates.truncate(mark.duplicates);
        self.side.tags.retain(|&node, _| node < gone);
        self.side.keys.retain(|&node, _| node < gone);
        self.side.styles.retain(|&node, _| node < gone);
    }

    /// Whether a value of the tree, or of one below, is one of several.
    pub fn has_choices(&self) -> bool {
        !self.side.choices.is_empty() || self.below.as_ref().is_some_and(|below| below.has_choices())
    }

    /// Whether a node is of this tree, and not of one below.
    pub fn owns(&self, node: NodeId) -> bool {
        node.0 >= self.first
    }

    fn end(&self) -> u32 {
        self.first + u32::try_from(self.cells.len()).unwrap_or(u32::MAX)
    }

    fn id_at(&self, own: usize) -> NodeId {
        NodeId(self.first + u32::try_from(own).unwrap_or(u32::MAX))
    }

    /// The cell of a node, with the tree of the stack that owns it.
    #[inline]
    fn owner(&self, node: NodeId) -> Option<(&Tree, &Cell)> {
        let mut tree = self;
        while node.0 < tree.first {
            tree = tree.below.as_deref()?;
        }
        let cell = tree.cells.get((node.0 - tree.first) as usize)?;
        Some((tree, cell))
    }

    fn cell_mut(&mut self, node: NodeId) -> Option<&mut Cell> {
        let own = node.0.checked_sub(self.first)?;
        self.cells.get_mut(own as usize)
    }

    /// What a cell of this tree says.
    fn extent(&self, cell: &Cell) -> Extent {
        let is_derived = cell.flags.has(Flags::DERIVED);
        if let Some(at) = cell.wide() {
            return self.extents.get(at).copied().unwrap_or(Extent { end: cell.start, a: 0, b: 0 });
        }
        let edge = |at: u32| self.edges.get(at as usize).map_or(0, |edge| edge.0);
        match cell.kind {
            Kind::List | Kind::Map if cell.rest == u32::MAX => Extent { end: cell.start, a: 0, b: 0 },
            Kind::List | Kind::Map => {
                let end = if is_derived { 0 } else { edge(cell.rest.wrapping_sub(1)) };
                Extent { end, a: cell.rest.wrapping_add(1), b: edge(cell.rest) }
            }
            Kind::String | Kind::Number if is_derived => {
                let bounds = self.bounds.get(cell.rest as usize..).and_then(<[u32]>::first_chunk::<2>);
                let [start, end] = bounds.copied().unwrap_or_default();
                Extent { end: 0, a: start, b: end - start }
            }
            _ if is_derived => Extent { end: 0, a: cell.rest, b: 0 },
            _ => cell.short_extent(),
        }
    }

    /// Where the content of a string or number is in its buffer, and how long it is.
    #[inline]
    fn content_at(&self, cell: &Cell) -> (usize, usize) {
        if cell.flags.has(Flags::DERIVED) || cell.wide().is_some() {
            let Extent { a, b, .. } = self.extent(cell);
            return (a as usize, b as usize);
        }
        let Extent { a, b, .. } = cell.short_extent();
        (a as usize, b as usize)
    }

    /// The bytes of a scalar's content, if there are so many.
    #[inline]
    fn bytes_of_length(&self, cell: &Cell, length: usize) -> Option<&[u8]> {
        let (start, own) = self.content_at(cell);
        (own == length).then(|| self.buffer(cell).as_bytes().get(start..start + own).unwrap_or_default())
    }

    /// What a scalar's content is a part of.
    #[inline]
    fn buffer(&self, cell: &Cell) -> &str {
        if cell.flags.has(Flags::DECODED) {
            return &self.decoded;
        }
        let own =
            if self.below.is_none() { self.sources.get(cell.file.index()) } else { self.source(cell.file) };
        own.map_or("", |source| source.text())
    }

    /// The text of a scalar's content; empty for all other nodes.
    #[inline]
    fn content(&self, cell: &Cell) -> &str {
        let (start, length) = self.content_at(cell);
        self.buffer(cell).get(start..start + length).unwrap_or("")
    }
}
