//! Where a value comes from: back through references and functions to what was written.

use std::sync::Arc;

use crate::document::{Location, NodeId, Tree};

/// Values deeper than this are not followed.
const DEPTH: usize = 32;
/// A chain with more steps than this is cut.
const STEPS: usize = 200;

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
    let mut out = Vec::new();
    follow(tree, node, 0, &mut out);
    out
}

fn follow(tree: &Tree, node: NodeId, depth: usize, out: &mut Vec<Origin>) {
    if depth > DEPTH || out.len() > STEPS {
        return;
    }
    let derivation = tree.derivation(node);
    let place = tree
        .place(node)
        .and_then(|place| Some(Location::new(Arc::clone(tree.source(place.span.file)?), place.span)));
    let value = if tree.is_sensitive(node) { String::new() } else { super::present::cut(tree.display(node)) };
    out.push(Origin { depth, place, by: derivation.map(|derivation| derivation.by), value });
    for &from in derivation.into_iter().flat_map(|derivation| derivation.from.iter()) {
        if from != node {
            follow(tree, from, depth + 1, out);
        }
    }
}
