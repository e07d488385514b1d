//! Where a finding's value comes from, ready to be shown.

use crate::document::{Location, NodeId, Tree, origins};

/// One step of the way back.
#[derive(Clone, Debug)]
pub struct Origin {
    /// How many functions and references lie between this value and the finding's.
    pub depth: usize,
    /// Where it stands.
    pub place: Option<Location>,
    /// The function or reference that made it; nothing where it was written as it is.
    pub by: Option<&'static str>,
    /// The value; empty where it is sensitive.
    pub value: String,
}

/// The way back from a value, nearest step first.
pub(super) fn of(tree: &Tree, node: NodeId) -> Vec<Origin> {
    let steps = origins(tree, node).into_iter();
    steps
        .map(|step| Origin {
            depth: step.depth,
            place: tree.location(step.node),
            by: step.by,
            value: if tree.is_sensitive(step.node) {
                String::new()
            } else {
                super::present::cut(tree.display(step.node))
            },
        })
        .collect()
}
