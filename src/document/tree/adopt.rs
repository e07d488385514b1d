//! Taking in what was read into another tree, as on another thread.

use super::node::{Cell, Extent, Flags};
use super::{Builder, Duplicate, Embedded, HoleKind, Kind, NodeId, Piece, Side, Tree};

impl Tree {
    /// An empty tree over the same sources. A JSON document that is read into it can be
    /// [adopted](Builder::adopt).
    pub(in crate::document) fn beside(&self) -> Self {
        Self { sources: self.sources.clone(), ..Self::default() }
    }
}

impl Builder<'_> {
    /// Adds the document of a tree that was made by [`Tree::beside`], as the next value. Says no, and leaves everything
    /// as it is, where there is none or where there would be too many nodes.
    pub(in crate::document) fn adopt(&mut self, other: Tree) -> bool {
        let tree = &mut *self.tree;
        let Some(&root) = other.side.roots.last() else { return false };
        if tree.cells.len() + other.cells.len() > self.limits.nodes {
            return false;
        }
        let (nodes, edges, decoded) = (tree.end(), length(tree.edges.len()), length(tree.decoded.len()));
        let moved = |node: NodeId| NodeId(node.0 + nodes);
        let mut own = other.extents;
        for cell in &other.cells {
            let by = match cell.kind {
                Kind::List | Kind::Map => edges,
                _ if cell.flags.has(Flags::DECODED) => decoded,
                _ => continue,
            };
            if let Some(extent) = cell.wide().and_then(|at| own.get_mut(at)) {
                extent.a += by;
            }
        }
        let extents = length(tree.extents.len());
        tree.cells.extend(other.cells.into_iter().map(|cell| cell.moved(extents)));
        tree.extents.append(&mut own);
        tree.edges.extend(other.edges.into_iter().map(moved));
        tree.decoded.push_str(&other.decoded);
        let duplicates = other.side.duplicates.into_iter();
        tree.side.duplicates.extend(
            duplicates.map(|twice| Duplicate { first: moved(twice.first), again: moved(twice.again) }),
        );
        tree.side.keys.extend(other.side.keys.into_iter().map(|(map, keys)| (moved(map), keys)));
        self.pending.push(moved(root));
        true
    }
}

/// Where the nodes of an absorbed tree are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moved {
    /// Nodes from here on were those of the tree.
    first: u32,
    by: u32,
}

impl Moved {
    /// What a node of the tree is now. Nodes of the tree below it are what they were.
    pub(crate) fn node(self, node: NodeId) -> NodeId {
        if node.0 < self.first || node.0 == u32::MAX { node } else { NodeId(node.0 + self.by) }
    }
}

/// By how much positions in the tables of a tree are moved.
struct Shift {
    nodes: Moved,
    extents: u32,
    edges: u32,
    decoded: u32,
    texts: u32,
    choices: u32,
    unknowns: u32,
    derived_from: u32,
    stitches: u32,
}

impl Tree {
    /// The tree without the one below it, to be [absorbed](Self::absorb) by that.
    pub(crate) fn detached(self) -> Self {
        Self { below: None, ..self }
    }

    /// Takes in what was added to a tree [above](Tree::above) this one, which may have become larger since. The other tree
    /// must have no sources of its own.
    pub(crate) fn absorb(&mut self, other: Self) -> Moved {
        let Self { first, mut cells, mut extents, edges, decoded, interned, side, .. } = other;
        let shift = Shift {
            nodes: Moved { first, by: self.end() - first },
            extents: length(self.extents.len()),
            edges: length(self.edges.len()),
            decoded: length(self.decoded.len()),
            texts: length(self.side.texts.len()),
            choices: length(self.side.choices.len()),
            unknowns: length(self.side.unknowns.len()),
            derived_from: length(self.side.derived_from.len()),
            stitches: length(self.side.stitches.len()),
        };
        // What was read from a text that was decoded stands in the decoded text.
        let indirect = side.embedded.iter().filter(|one| !one.direct);
        for range in indirect.map(|one| (one.first.0 - first) as usize..(one.end.0 - first) as usize) {
            let inside = cells.get_mut(range).unwrap_or_default();
            for cell in inside {
                shift.read_from_decoded(cell, &mut extents);
            }
        }
        for cell in &mut cells {
            shift.cell(cell, &mut extents);
        }
        self.cells.append(&mut cells);
        self.extents.append(&mut extents);
        self.edges.extend(edges.into_iter().map(|node| shift.nodes.node(node)));
        self.decoded.push_str(&decoded);
        for (text, node) in interned.into_iter().collect::<Vec<_>>() {
            self.interned.entry(text).or_insert(shift.nodes.node(node));
        }
        self.side.absorb(side, &shift);
        shift.nodes
    }
}

impl Shift {
    fn read_from_decoded(&self, cell: &mut Cell, extents: &mut [Extent]) {
        if cell.flags.has(Flags::DERIVED) {
            return;
        }
        cell.start += self.decoded;
        if let Some(extent) = cell.wide().and_then(|at| extents.get_mut(at)) {
            extent.end += self.decoded;
        }
    }

    fn cell(&self, cell: &mut Cell, extents: &mut [Extent]) {
        let is_derived = cell.flags.has(Flags::DERIVED);
        if is_derived {
            cell.start = self.nodes.node(NodeId(cell.start)).0;
        }
        let by = match cell.kind {
            Kind::List | Kind::Map => self.edges,
            Kind::String | Kind::Number if cell.flags.has(Flags::DECODED) => self.decoded,
            Kind::Text => self.texts,
            Kind::Choice => self.choices,
            Kind::Unknown => self.unknowns,
            _ => 0,
        };
        match cell.wide().map(|at| extents.get_mut(at)) {
            Some(Some(extent)) => extent.a += by,
            _ if is_derived => cell.move_entry(by),
            _ => {}
        }
        *cell = cell.moved(self.extents);
    }
}

impl Side {
    fn absorb(&mut self, other: Self, shift: &Shift) {
        let moved = |node: NodeId| shift.nodes.node(node);
        self.roots.extend(other.roots.into_iter().map(moved));
        self.embedded.extend(other.embedded.into_iter().map(|one| Embedded {
            first: moved(one.first),
            end: moved(one.end),
            literal: moved(one.literal),
            base: if one.direct { one.base } else { one.base + shift.decoded },
            stitches: one.stitches.map(|at| at + shift.stitches),
            ..one
        }));
        self.tags.extend(other.tags.into_iter().map(|(node, tag)| (moved(node), tag)));
        self.keys.extend(other.keys.into_iter().map(|(node, keys)| (moved(node), keys)));
        let twice = |one: Duplicate| Duplicate { first: moved(one.first), again: moved(one.again) };
        self.duplicates.extend(other.duplicates.into_iter().map(twice));
        self.texts.extend(other.texts.into_iter().map(|mut pieces| {
            pieces.iter_mut().for_each(|piece| move_hole(piece, shift.nodes));
            pieces
        }));
        self.choices.extend(other.choices.into_iter().map(|mut all| {
            all.iter_mut().for_each(|one| one.value = one.value.map(moved));
            all
        }));
        self.unknowns.extend(other.unknowns);
        let by = shift.derived_from;
        let derivations = other.derivations.into_iter();
        self.derivations
            .extend(derivations.map(|(node, (how, start, end))| (moved(node), (how, start + by, end + by))));
        self.derived_from.extend(other.derived_from.into_iter().map(moved));
        self.parts.extend(other.parts.into_iter().map(|(node, part)| (moved(node), part)));
        self.styles.extend(other.styles.into_iter().map(|(node, style)| (moved(node), style)));
        self.stitches.extend(other.stitches);
        self.aliases |= other.aliases;
    }
}

fn move_hole(piece: &mut Piece, moved: Moved) {
    if let Piece::Hole(hole) = piece
        && let HoleKind::Name { resource }
        | HoleKind::Arn { resource, .. }
        | HoleKind::Attribute { resource, .. } = &mut hole.kind
    {
        *resource = moved.node(*resource);
    }
}

fn length(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
