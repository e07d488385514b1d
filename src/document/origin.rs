//! Where a value comes from: the way back through references and functions to what was written.

use rustc_hash::FxHashSet;

use super::tree::{NodeId, Tree, View};

/// Steps beyond this many are left out.
const STEPS: usize = 256;

/// One step of the way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The value at this step; its place is where it was asked for.
    pub node: NodeId,
    /// What made it: a function or a reference in the words of the input; nothing for what was written.
    pub by: Option<&'static str>,
    /// How many steps the value is away from the one that was asked about.
    pub depth: usize,
}

/// The way from a value back to what was written, each step before those that it was made from.
pub fn origins(tree: &Tree, node: NodeId) -> Vec<Origin> {
    let mut out: Vec<Origin> = Vec::new();
    let mut seen = FxHashSet::default();
    let mut stack = vec![(node, 0)];
    while let Some((node, depth)) = stack.pop() {
        if out.len() >= STEPS || !seen.insert(node) {
            continue;
        }
        let derivation = tree.derivation(node);
        let mut from: Vec<NodeId> = derivation.map_or_else(Vec::new, |derivation| derivation.from.to_vec());
        match tree.view(node) {
            View::Choice(alternatives) => from.extend(alternatives.iter().filter_map(|one| one.value)),
            // Of a list around values that were worked out, these.
            View::List(list) if derivation.is_none() && tree.written(node) != Some(node) => {
                from.extend(list.iter().filter(|&element| tree.written(element) != Some(element)));
            }
            _ => {}
        }
        if derivation.is_none() && from.is_empty() {
            from.extend(tree.written(node).filter(|&written| written != node));
        }
        // A copy at another place, or a list around values that were worked out, is no step of its own.
        let by = derivation.map(|derivation| derivation.by);
        let is_step = by.is_some() || from.is_empty();
        if is_step {
            out.push(Origin { node, by, depth });
        }
        let next = if is_step { depth + 1 } else { depth };
        stack.extend(from.into_iter().rev().map(|node| (node, next)));
    }
    out
}
