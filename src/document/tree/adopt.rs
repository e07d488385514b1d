//! Taking in what was read into another tree, as on another thread.

use super::{Builder, Duplicate, Kind, NodeId, Tree};
use crate::document::tree::node::Flags;

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

fn length(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
