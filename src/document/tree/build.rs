//! Adding nodes: by readers, in document order, and by resolvers, one derived value at a time.

use std::fmt::Write as _;

use super::node::{Cell, Extent, Flags};
use super::{Alternative, Derivation, Embedded, Kind, NodeId, Part, Piece, Style, Tree, Unknown};
use crate::document::FileId;
use crate::document::limits::{LimitError, Limits};

/// Adds one document to a tree, in document order.
#[derive(Debug)]
pub struct Builder<'t> {
    pub(super) tree: &'t mut Tree,
    file: FileId,
    /// Added to every offset, and to be put on every cell: both differ inside an embedded document.
    base: u32,
    flags: Flags,
    embedded: bool,
    pub(super) pending: Vec<NodeId>,
    open: Vec<(NodeId, usize)>,
    pub(super) limits: Limits,
}

impl<'t> Builder<'t> {
    /// Starts a document of the source `file`.
    pub fn new(tree: &'t mut Tree, file: FileId, limits: Limits) -> Self {
        Self {
            tree,
            file,
            base: 0,
            flags: Flags::default(),
            embedded: false,
            pending: Vec::new(),
            open: Vec::new(),
            limits,
        }
    }

    /// Starts a document whose text is the content of the string `literal`. Offsets then count from the start of that
    /// content.
    pub fn inside(tree: &'t mut Tree, literal: NodeId, limits: Limits) -> Self {
        let mut builder = Self::new(tree, FileId(0), limits);
        builder.enter(literal);
        builder
    }

    fn enter(&mut self, literal: NodeId) {
        let Some((owner, cell)) = self.tree.owner(literal) else { return };
        let own = std::ptr::eq(owner, &raw const *self.tree);
        // Content that stands in the source as it is needs no translation of places.
        let direct = !cell.flags.has(Flags::DECODED);
        let Extent { a, b: length, .. } = owner.extent(cell);
        let cell_flags = cell.flags;
        self.file = cell.file;
        if direct || own {
            self.base = a;
        } else {
            let content = owner.content(cell).to_owned();
            self.base = offset(self.tree.decoded.len());
            self.tree.decoded.push_str(&content);
        }
        if !direct {
            self.flags = Flags::DECODED;
        }
        // What stands in a sensitive string is sensitive.
        self.flags = self.flags.with(Flags::SENSITIVE.when(cell_flags.has(Flags::SENSITIVE)));
        let first = self.tree.id_at(self.tree.cells.len());
        let base = self.base;
        let stitches = None;
        self.tree.side.embedded.push(Embedded { first, end: first, literal, base, length, direct, stitches });
        self.embedded = true;
    }

    /// How many lists and maps are open.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Adds a null.
    pub fn null(&mut self, start: usize, end: usize) -> NodeId {
        let extent = Extent { end: self.base + offset(end), a: 0, b: 0 };
        self.push(Kind::Null, start, extent, Flags::default())
    }

    /// Adds a truth value.
    pub fn bool(&mut self, start: usize, end: usize, value: bool) -> NodeId {
        let extent = Extent { end: self.base + offset(end), a: u32::from(value), b: 0 };
        self.push(Kind::Bool, start, extent, Flags::default())
    }

    /// Adds a number; its text is the range itself.
    pub fn number(&mut self, start: usize, end: usize) -> NodeId {
        self.scalar(Kind::Number, start, end, (start, end - start))
    }

    /// Adds a string whose content stands in the text as it is, from `content.0`, `content.1` bytes long.
    pub fn string(&mut self, start: usize, end: usize, content: (usize, usize)) -> NodeId {
        self.scalar(Kind::String, start, end, content)
    }

    /// The buffer to append the content of a scalar with escapes to, before [`decoded`](Self::decoded).
    pub fn buffer(&mut self) -> &mut String {
        &mut self.tree.decoded
    }

    /// Adds a scalar whose content is what was appended to [`buffer`](Self::buffer) since it was `from` bytes long.
    pub fn decoded(&mut self, kind: Kind, start: usize, end: usize, from: usize) -> NodeId {
        let length = self.tree.decoded.len() - from;
        let extent = Extent { end: self.base + offset(end), a: offset(from), b: offset(length) };
        self.push(kind, start, extent, Flags::DECODED)
    }

    /// Marks the node just added as a YAML plain scalar.
    pub fn mark_plain(&mut self, node: NodeId) {
        if let Some(cell) = self.tree.cell_mut(node) {
            cell.flags = cell.flags.with(Flags::PLAIN);
        }
    }

    /// Remembers how a scalar was written, and whether a tag or anchor stands before it. JSON strings need not be
    /// remembered.
    pub fn mark_style(&mut self, node: NodeId, style: Style, prefixed: bool) {
        self.tree.side.styles.insert(node, (style, prefixed));
    }

    /// Puts a tag on a node.
    pub fn mark_tag(&mut self, node: NodeId, tag: &str) {
        if let Some(cell) = self.tree.cell_mut(node) {
            cell.flags = cell.flags.with(Flags::TAGGED);
            self.tree.side.tags.insert(node, tag.into());
        }
    }

    /// Uses a node that exists already, as an alias does.
    pub fn reuse(&mut self, node: NodeId) {
        self.tree.side.aliases = true;
        self.pending.push(node);
    }

    /// The node that was completed last inside the open list or map.
    pub fn last(&self) -> Option<NodeId> {
        self.pending.last().copied()
    }

    /// The text of the scalar that was completed last inside the open list or map.
    pub fn last_text(&self) -> Option<&str> {
        self.tree.scalar(self.last()?)
    }

    /// The number of children that the open list or map (keys included) has so far.
    pub fn children(&self) -> usize {
        self.pending.len() - self.open.last().map_or(0, |open| open.1)
    }

    /// Opens a list.
    pub fn open_list(&mut self, start: usize) -> Result<NodeId, LimitError> {
        self.open_as(Kind::List, start)
    }

    /// Opens a map. Its children are keys and values in turn.
    pub fn open_map(&mut self, start: usize) -> Result<NodeId, LimitError> {
        self.open_as(Kind::Map, start)
    }

    fn open_as(&mut self, kind: Kind, start: usize) -> Result<NodeId, LimitError> {
        if self.open.len() >= self.limits.depth {
            return Err(LimitError::Depth(self.limits.depth));
        }
        if self.tree.cells.len() >= self.limits.nodes {
            return Err(LimitError::Nodes(self.limits.nodes));
        }
        let node = self.tree.id_at(self.tree.cells.len());
        let start = self.base + offset(start);
        // Until it is closed, it has no edges.
        self.tree.cells.push(Cell { start, rest: u32::MAX, file: self.file, kind, flags: self.flags });
        self.pending.push(node);
        self.open.push((node, self.pending.len()));
        Ok(node)
    }

    /// Replaces YAML's merge keys (`<<`) of the open map by the entries that they bring in. Entries of the map itself
    /// win, then those of the first merged map that has them.
    pub fn merge_keys(&mut self) {
        let Some(&(map, from)) = self.open.last() else { return };
        if self.tree.kind(map) != Kind::Map {
            return;
        }
        let entries = self.pending.get(from..).unwrap_or_default();
        let is_merge = |pair: &[NodeId]| match pair {
            [key, _] => self.tree.is_plain(*key) && self.tree.string(*key) == Some("<<"),
            _ => false,
        };
        if !entries.chunks(2).any(is_merge) {
            return;
        }
        let (merges, mut kept): (Vec<_>, Vec<_>) = entries.chunks(2).partition(|pair| is_merge(pair));
        let mut brought: Vec<[NodeId; 2]> = Vec::new();
        for value in merges.iter().filter_map(|pair| pair.get(1)) {
            let maps = self.tree.list(*value).map_or_else(|| vec![*value], |list| list.iter().collect());
            for source in maps.iter().filter_map(|&node| self.tree.map(node)) {
                for (key, text, value) in source.iter() {
                    let has =
                        |pair: &[NodeId]| pair.first().and_then(|&key| self.tree.scalar(key)) == Some(text);
                    if !kept.iter().any(|pair| has(pair)) && !brought.iter().any(|pair| has(pair)) {
                        brought.push([key, value]);
                    }
                }
            }
        }
        kept.extend(brought.iter().map(<[NodeId; 2]>::as_slice));
        let all = kept.concat();
        self.pending.truncate(from);
        self.pending.extend(all);
    }

    /// Closes the innermost open list or map.
    pub fn close(&mut self, end: usize) {
        let Some((node, from)) = self.open.pop() else { return };
        let mut children = self.pending.get(from..).unwrap_or_default();
        let is_map = self.tree.kind(node) == Kind::Map;
        if is_map && children.len() % 2 == 1 {
            children = children.split_last().map_or(children, |(_, rest)| rest);
        }
        if is_map {
            self.tree.finish_keys(node, children);
        }
        let count = if is_map { children.len() / 2 } else { children.len() };
        let rest = self.tree.add_edges(Some(self.base + offset(end)), count, children);
        if let Some(cell) = self.tree.cell_mut(node) {
            cell.rest = rest;
        }
        self.pending.truncate(from);
    }

    /// Ends the document; its root, if there is a value at all, becomes a root of the tree.
    pub fn finish(mut self) -> Option<NodeId> {
        while !self.open.is_empty() {
            let last = self.tree.cells.last().map_or(0, |cell| self.tree.extent(cell).end);
            let end = last.saturating_sub(self.base);
            self.close(end as usize);
        }
        let end = self.tree.id_at(self.tree.cells.len());
        match self.tree.side.embedded.last_mut() {
            Some(embedded) if self.embedded => embedded.end = end,
            _ => self.tree.side.roots.extend(self.pending.last()),
        }
        self.pending.last().copied()
    }

    fn scalar(&mut self, kind: Kind, start: usize, end: usize, content: (usize, usize)) -> NodeId {
        let (end, a) = (self.base + offset(end), self.base + offset(content.0));
        self.push(kind, start, Extent { end, a, b: offset(content.1) }, Flags::default())
    }

    fn push(&mut self, kind: Kind, start: usize, extent: Extent, flags: Flags) -> NodeId {
        let node = self.tree.id_at(self.tree.cells.len());
        let (start, flags) = (self.base + offset(start), self.flags.with(flags));
        let cell = Cell::written((start, extent), self.file, kind, flags, &mut self.tree.extents);
        self.tree.cells.push(cell);
        self.pending.push(node);
        node
    }
}

fn offset(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// Derived values: each stands at the place of another node and says how it came about.
impl Tree {
    /// A string that was worked out.
    pub fn derive_string(&mut self, place: NodeId, text: &str) -> NodeId {
        let bound = self.add_text(text);
        self.derive(Kind::String, place, bound, Flags::DECODED)
    }

    /// A number that was worked out, as text.
    pub fn derive_number(&mut self, place: NodeId, text: &str) -> NodeId {
        let bound = self.add_text(text);
        self.derive(Kind::Number, place, bound, Flags::DECODED)
    }

    /// How many of something there are.
    pub fn derive_count(&mut self, place: NodeId, count: usize) -> NodeId {
        let start = self.decoded.len();
        // Writing into a string cannot fail.
        let _ = write!(self.decoded, "{count}");
        let bound = self.add_bounds(start);
        self.derive(Kind::Number, place, bound, Flags::DECODED)
    }

    /// A truth value that was worked out.
    pub fn derive_bool(&mut self, place: NodeId, value: bool) -> NodeId {
        self.derive(Kind::Bool, place, u32::from(value), Flags::default())
    }

    /// A null that was worked out.
    pub fn derive_null(&mut self, place: NodeId) -> NodeId {
        self.derive(Kind::Null, place, 0, Flags::default())
    }

    /// A list of existing nodes.
    pub fn derive_list(&mut self, place: NodeId, elements: &[NodeId]) -> NodeId {
        let edges = self.add_edges(None, elements.len(), elements);
        self.derive(Kind::List, place, edges, Flags::default())
    }

    /// A map of existing nodes: key, value, key, value, …
    pub fn derive_map(&mut self, place: NodeId, entries: &[NodeId]) -> NodeId {
        let edges = self.add_edges(None, entries.len() / 2, entries);
        let map = self.derive(Kind::Map, place, edges, Flags::default());
        self.finish_keys(map, entries);
        map
    }

    /// A map whose keys were made by [`key`](Self::key), all of them in this tree.
    pub fn derive_record(&mut self, place: NodeId, entries: &[NodeId]) -> NodeId {
        let edges = self.add_edges(None, entries.len() / 2, entries);
        self.derive(Kind::Map, place, edges, Flags::RECORD)
    }

    /// A text with holes; a string where there are none.
    pub fn derive_text(&mut self, place: NodeId, pieces: Vec<Piece>) -> NodeId {
        let pieces = merge_literals(pieces);
        match pieces.as_slice() {
            [] => self.derive_string(place, ""),
            [Piece::Literal(text)] => self.derive_string(place, text),
            _ => {
                self.side.texts.push(pieces.into());
                self.derive(Kind::Text, place, offset(self.side.texts.len() - 1), Flags::default())
            }
        }
    }

    /// Alternatives, of which at least one should be possible.
    pub fn derive_choice(&mut self, place: NodeId, alternatives: Vec<Alternative>) -> NodeId {
        self.side.choices.push(alternatives.into());
        self.derive(Kind::Choice, place, offset(self.side.choices.len() - 1), Flags::default())
    }

    /// A value that the input does not decide.
    pub fn derive_unknown(&mut self, place: NodeId, unknown: Unknown) -> NodeId {
        self.side.unknowns.push(unknown);
        self.derive(Kind::Unknown, place, offset(self.side.unknowns.len() - 1), Flags::default())
    }

    /// A place for values that are about a part of a scalar: bytes `start..end` of its content; of a text with holes, of
    /// the piece of it that these bytes are a part of. Its own value is null.
    pub fn derive_part(&mut self, scalar: NodeId, start: usize, end: usize, words: &str) -> NodeId {
        let part = match self.kind(scalar) {
            Kind::Text => Part::Words(words.into()),
            _ => Part::Content(start, end),
        };
        let node = self.derive_null(scalar);
        self.side.parts.insert(node, part);
        node
    }

    /// The same value at another place: what a reference stands for, where the reference stands.
    pub fn derive_copy(&mut self, place: NodeId, value: NodeId) -> NodeId {
        let copy = self.copied(place, value);
        if self.is_sensitive(value) {
            self.mark_sensitive(copy);
        }
        copy
    }

    fn copied(&mut self, place: NodeId, value: NodeId) -> NodeId {
        let Some((owner, cell)) = self.owner(value) else { return self.derive_null(place) };
        let cell = *cell;
        let a = owner.extent(&cell).a;
        let same = std::ptr::eq(owner, &raw const *self);
        match cell.kind {
            Kind::String | Kind::Number => {
                let text = owner.content(&cell).to_owned();
                match cell.kind {
                    Kind::String => self.derive_string(place, &text),
                    _ => self.derive_number(place, &text),
                }
            }
            Kind::List | Kind::Map if !same => {
                let edges = owner.edges_of(&cell).to_vec();
                if cell.kind == Kind::List {
                    self.derive_list(place, &edges)
                } else {
                    self.derive_map(place, &edges)
                }
            }
            Kind::Text if !same => {
                let pieces = owner.side.texts.get(a as usize).map(|all| all.to_vec());
                self.derive_text(place, pieces.unwrap_or_default())
            }
            Kind::Choice if !same => {
                let all = owner.side.choices.get(a as usize).map(|all| all.to_vec());
                self.derive_choice(place, all.unwrap_or_default())
            }
            Kind::Unknown if !same => match owner.side.unknowns.get(a as usize).cloned() {
                Some(unknown) => self.derive_unknown(place, unknown),
                None => self.derive_null(place),
            },
            Kind::List | Kind::Map => self.derive(cell.kind, place, cell.rest, Flags::default()),
            kind => self.derive(kind, place, a, Flags::default()),
        }
    }

    /// A string to be used as a key of derived maps; asked for twice, it is the same node.
    pub fn key(&mut self, text: &'static str) -> NodeId {
        if let Some(&known) = self.interned.get(text) {
            return known;
        }
        let bound = self.add_text(text);
        let node = self.derive(Kind::String, NodeId(u32::MAX), bound, Flags::DECODED);
        self.interned.insert(text, node);
        node
    }

    /// Notes how a derived value came about.
    pub fn explain(&mut self, node: NodeId, by: &'static str, from: &[NodeId]) {
        let start = offset(self.side.derived_from.len());
        self.side.derived_from.extend_from_slice(from);
        self.side.derivations.insert(node, (by, start, offset(self.side.derived_from.len())));
    }

    /// Says that a value came about as another one did.
    pub fn explain_as(&mut self, node: NodeId, other: NodeId) {
        if let Some(Derivation { by, from }) = self.derivation(other) {
            let from = from.to_vec();
            self.explain(node, by, &from);
        }
    }

    /// Makes room for so many keys.
    pub(crate) fn expect_keys(&mut self, count: usize) {
        self.interned.reserve(count);
    }

    /// Makes room for so many explanations.
    pub(crate) fn expect_explanations(&mut self, count: usize) {
        self.side.derivations.reserve(count);
        self.side.derived_from.reserve(count * 2);
    }

    /// Marks a value as one that must never be shown.
    pub fn mark_sensitive(&mut self, node: NodeId) {
        if let Some(cell) = self.cell_mut(node) {
            cell.flags = cell.flags.with(Flags::SENSITIVE);
        }
    }

    fn derive(&mut self, kind: Kind, place: NodeId, rest: u32, flags: Flags) -> NodeId {
        let node = self.id_at(self.cells.len());
        let sensitive = Flags::SENSITIVE.when(self.is_sensitive(place));
        let flags = flags.with(Flags::DERIVED).with(sensitive);
        self.cells.push(Cell { start: place.0, rest, file: FileId(0), kind, flags });
        node
    }

    /// Adds the edges of a list or map, and says where they start.
    fn add_edges(&mut self, end: Option<u32>, count: usize, children: &[NodeId]) -> u32 {
        self.edges.extend(end.map(NodeId));
        let start = offset(self.edges.len());
        self.edges.push(NodeId(offset(count)));
        self.edges.extend_from_slice(children);
        start
    }

    /// Adds the text of a derived scalar, and says which bound it starts at.
    fn add_text(&mut self, text: &str) -> u32 {
        let start = self.decoded.len();
        self.decoded.push_str(text);
        self.add_bounds(start)
    }

    /// Says which bound the text starts at that the decoded text has from `start` on.
    fn add_bounds(&mut self, start: usize) -> u32 {
        let start = offset(start);
        if self.bounds.last() != Some(&start) {
            self.bounds.push(start);
        }
        self.bounds.push(offset(self.decoded.len()));
        offset(self.bounds.len() - 2)
    }
}

fn merge_literals(pieces: Vec<Piece>) -> Vec<Piece> {
    let literal = |piece: &Piece| matches!(piece, Piece::Literal(_));
    let is_empty = |piece: &Piece| matches!(piece, Piece::Literal(text) if text.is_empty());
    let side_by_side =
        pieces.iter().zip(pieces.iter().skip(1)).any(|(one, next)| literal(one) && literal(next));
    if !side_by_side && !pieces.iter().any(is_empty) {
        return pieces;
    }
    let mut out: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match (out.last_mut(), piece) {
            (_, Piece::Literal(text)) if text.is_empty() => {}
            (Some(Piece::Literal(before)), Piece::Literal(text)) => {
                let mut joined = String::from(std::mem::take(before));
                joined.push_str(&text);
                *before = joined.into();
            }
            (_, piece) => out.push(piece),
        }
    }
    out
}
