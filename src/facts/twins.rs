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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Limits, Source, json};

    #[test]
    fn documents_with_one_text_are_twins_node_by_node() {
        let text = r#"["{\"a\": [1, \"x\"]}", "{\"a\": [1, \"x\"]}", "{\"a\": [2]}", "{\"a\": [1, \"x\"]}"]"#;
        let mut tree = Tree::new();
        let file = tree.add_source(Source::from_text("t.json", text));
        let (list, _) = json::read(&mut tree, file, text, 0, Limits::default()).unwrap();
        let literals: Vec<NodeId> = tree.list(list).unwrap().iter().collect();
        let mut read = |&literal: &NodeId| json::read_inside(&mut tree, literal, Limits::default()).unwrap();
        let roots: Vec<NodeId> = literals.iter().map(&mut read).collect();
        let twins =
            Twins::of(&tree, roots.iter().zip([1, 1, 1, 2]).map(|(&root, question)| (root, question)));
        assert_eq!([0, 1, 2, 3].map(|at| twins.is_first(at)), [true, false, true, true]);
        let (first, shift) = twins.get(1).unwrap();
        assert_eq!(*first, 0);
        let (_, nodes) = tree.inside(roots[0]).unwrap();
        for node in (nodes.start.index()..nodes.end.index()).map(NodeId::from_index) {
            assert_eq!(tree.display(shift.node(node)), tree.display(node));
            assert_eq!(tree.literal_around(shift.node(node)), Some(literals[1]));
        }
        assert_eq!(shift.node(list), list);
    }
}
