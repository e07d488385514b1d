//! Taking values apart that are lists, alternatives, or lists of alternatives.

use super::{Condition, Conditions, Kind, NodeId, Tree, View};

/// The single values that a value consists of: elements of lists, alternatives of choices, each with when it applies.
pub fn spread(tree: &Tree, conditions: &mut Conditions, node: NodeId) -> Vec<(Condition, NodeId)> {
    let is_single = |node: NodeId| !matches!(tree.kind(node), Kind::List | Kind::Choice | Kind::Null);
    // Nearly everything is a single value, or a list of such.
    match tree.list(node) {
        Some(list) if list.iter().all(is_single) => {
            return list.iter().map(|element| (Condition::ALWAYS, element)).collect();
        }
        None if is_single(node) => return vec![(Condition::ALWAYS, node)],
        _ => {}
    }
    let mut out = Vec::new();
    let mut stack = vec![(Condition::ALWAYS, node)];
    while let Some((under, node)) = stack.pop() {
        match tree.view(node) {
            View::List(list) => stack.extend(list.iter().rev().map(|element| (under, element))),
            View::Choice(alternatives) => {
                for alternative in alternatives.iter().rev() {
                    let both = conditions.and(under, alternative.condition);
                    if let (Some(value), false) = (alternative.value, both.is_never()) {
                        stack.push((both, value));
                    }
                }
            }
            View::Null => {}
            _ => out.push((under, node)),
        }
    }
    out
}
