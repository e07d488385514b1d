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
        let (mut own, mut links) = (other.extents, other.edges);
        for cell in &other.cells {
            if cell.is_branch() {
                for node in children_mut(&mut links, cell) {
                    *node = moved(*node);
                }
            } else if cell.flags.has(Flags::DECODED)
                && let Some(extent) = cell.wide().and_then(|at| own.get_mut(at))
            {
                extent.a += decoded;
            }
        }
        let extents = length(tree.extents.len());
        tree.cells.extend(other.cells.into_iter().map(|cell| match cell.wide() {
            _ if cell.is_branch() => Cell { rest: cell.rest + edges, ..cell },
            Some(_) => Cell { rest: cell.rest + extents, ..cell },
            None => cell,
        }));
        tree.extents.append(&mut own);
        tree.edges.append(&mut links);
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
    bounds: u32,
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
    pub(crate) fn absorb(&mut self, mut other: Self) -> Moved {
        let first = other.first;
        let shift = Shift {
            nodes: Moved { first, by: self.end() - first },
            extents: length(self.extents.len()),
            edges: length(self.edges.len()),
            bounds: length(self.bounds.len()),
            decoded: length(self.decoded.len()),
            texts: length(self.side.texts.len()),
            choices: length(self.side.choices.len()),
            unknowns: length(self.side.unknowns.len()),
            derived_from: length(self.side.derived_from.len()),
            stitches: length(self.side.stitches.len()),
        };
        shift.read_from_decoded(&mut other);
        shift.edges(&mut other);
        for cell in &mut other.cells {
            shift.cell(cell, &mut other.extents);
        }
        self.cells.append(&mut other.cells);
        self.extents.append(&mut other.extents);
        self.edges.append(&mut other.edges);
        self.bounds.extend(other.bounds.into_iter().map(|bound| bound + shift.decoded));
        self.decoded.push_str(&other.decoded);
        for (text, node) in other.interned.into_iter().collect::<Vec<_>>() {
            self.interned.entry(text).or_insert(shift.nodes.node(node));
        }
        self.side.absorb(other.side, &shift);
        shift.nodes
    }
}

impl Shift {
    /// What was read from a text that was decoded stands in the decoded text.
    fn read_from_decoded(&self, tree: &mut Tree) {
        let indirect = tree.side.embedded.iter().filter(|one| !one.direct);
        let range = |one: &Embedded| (one.first.0 - tree.first) as usize..(one.end.0 - tree.first) as usize;
        for range in indirect.map(range) {
            let inside = tree.cells.get_mut(range).unwrap_or_default();
            for cell in inside.iter_mut().filter(|cell| !cell.flags.has(Flags::DERIVED)) {
                cell.start += self.decoded;
                if cell.is_branch() {
                    if let Some(end) = tree.edges.get_mut((cell.rest as usize).saturating_sub(1)) {
                        end.0 += self.decoded;
                    }
                } else if let Some(extent) = cell.wide().and_then(|at| tree.extents.get_mut(at)) {
                    extent.end += self.decoded;
                }
            }
        }
    }

    /// Moves children. Copies share them.
    fn edges(&self, tree: &mut Tree) {
        let mut branches: Vec<&Cell> = tree.cells.iter().filter(|cell| cell.is_branch()).collect();
        branches.sort_unstable_by_key(|cell| cell.rest);
        branches.dedup_by_key(|cell| cell.rest);
        for cell in branches {
            for child in children_mut(&mut tree.edges, cell) {
                *child = self.nodes.node(*child);
            }
        }
    }

    fn cell(&self, cell: &mut Cell, extents: &mut [Extent]) {
        let is_derived = cell.flags.has(Flags::DERIVED);
        if is_derived {
            cell.start = self.nodes.node(NodeId(cell.start)).0;
        }
        if let Some(at) = cell.wide() {
            if let Some(extent) = extents.get_mut(at) {
                extent.a += match cell.kind {
                    Kind::Text => self.texts,
                    _ if cell.flags.has(Flags::DECODED) => self.decoded,
                    _ => 0,
                };
            }
            cell.rest += self.extents;
            return;
        }
        cell.rest += match cell.kind {
            Kind::List | Kind::Map => self.edges,
            Kind::String | Kind::Number if is_derived => self.bounds,
            Kind::Text => self.texts,
            Kind::Choice => self.choices,
            Kind::Unknown => self.unknowns,
            _ => 0,
        };
    }
}

/// The children of a list or map.
fn children_mut<'e>(edges: &'e mut [NodeId], cell: &Cell) -> &'e mut [NodeId] {
    let behind = edges.get_mut(cell.rest as usize..).unwrap_or_default();
    let Some((&mut NodeId(count), children)) = behind.split_first_mut() else { return &mut [] };
    let count = if cell.kind == Kind::Map { count as usize * 2 } else { count as usize };
    children.get_mut(..count).unwrap_or_default()
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
