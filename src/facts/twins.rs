//! Documents whose texts are equal: what is known of one is known of all, at other places.

use std::hash::Hash;
use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::document::{NodeId, Tree};

/// For each of some documents the first whose text is equal, and that is asked the same.
pub(super) struct Twins {
    /// The position of the first, and the nodes of both.
    of: Vec<Option<(usize, Shift)>>,
}

/// From the nodes of one document to those of another with the same text.
#[derive(Clone, Debug)]
pub(super) struct Shift {
    from: Range<NodeId>,
    to: NodeId,
}

impl Twins {
    /// Compares documents, each with the question about it.
    pub(super) fn of<Q: Eq + Hash>(tree: &Tree, documents: impl Iterator<Item = (NodeId, Q)>) -> Self {
        let mut known: FxHashMap<(&str, Q), (usize, Range<NodeId>)> = FxHashMap::default();
        let twin = |(at, (root, question)): (usize, (NodeId, Q))| {
            let (text, nodes) = tree.inside(root)?;
            let (first, from) = known.entry((text, question)).or_insert((at, nodes.clone()));
            (*first != at).then(|| (*first, Shift { from: from.clone(), to: nodes.start }))
        };
        Self { of: documents.enumerate().map(twin).collect() }
    }

    /// Whether nothing is known of a document from another one.
    pub(super) fn is_first(&self, at: usize) -> bool {
        self.of.get(at).is_none_or(Option::is_none)
    }

    /// The document from which everything about another one is known.
    pub(super) fn get(&self, at: usize) -> Option<&(usize, Shift)> {
        self.of.get(at)?.as_ref()
    }
}

impl Shift {
    /// The node that stands where another one stands in the other document.
    pub(super) fn node(&self, node: NodeId) -> NodeId {
        if self.from.contains(&node) {
            NodeId::from_index(node.index() - self.from.start.index() + self.to.index())
        } else {
            node
        }
    }
}
