//! What was written for a value.

use crate::document::NodeId;
use crate::document::Tree;
use crate::document::View;

/// More texts than these are not looked through.
const TEXTS: usize = 256;

/// The value that a record of the facts, or a choice of one, stands for.
pub(super) fn value(tree: &Tree, node: NodeId) -> NodeId {
    let mut at = node;
    for _ in 0..8 {
        let next = match tree.view(at) {
            View::Choice(all) => match all {
                [one] => one.value,
                _ => None,
            },
            // What was made for the facts stands for what it is about; what the input made says how.
            View::Unknown(_) | View::Text(_) | View::List(_) => None,
            _ => tree.stands_at(at).filter(|_| tree.derivation(at).is_none()),
        };
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    at
}

/// The strings that a value was written with: its own, and those that references and functions bring to it.
pub(super) fn texts(tree: &Tree, node: NodeId) -> Vec<NodeId> {
    let mut out = Vec::new();
    let mut seen = Vec::new();
    let mut stack = vec![node];
    while let Some(at) = stack.pop() {
        if seen.len() > TEXTS || seen.contains(&at) {
            continue;
        }
        seen.push(at);
        if let Some(derivation) = tree.derivation(at) {
            stack.extend(derivation.from.iter().copied());
        }
        match tree.view(at) {
            View::Choice(all) => stack.extend(all.iter().filter_map(|one| one.value)),
            View::List(list) => stack.extend(list.iter()),
            View::Map(map) => stack.extend(map.iter().map(|(.., value)| value)),
            View::String(_) if tree.written(at) == Some(at) => out.push(at),
            _ => {}
        }
        stack.extend(tree.written(at).filter(|&written| written != at));
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// Whether a value is written within another.
pub(super) fn is_within(tree: &Tree, inner: NodeId, outer: NodeId) -> bool {
    match (tree.place(inner), tree.place(outer)) {
        (Some(inner), Some(outer)) => {
            inner.span.file == outer.span.file
                && outer.span.start <= inner.span.start
                && inner.span.end <= outer.span.end
        }
        _ => false,
    }
}

/// Whether a list or map is the argument of a template function, and not what the property holds.
pub(super) fn is_argument(tree: &Tree, node: NodeId) -> bool {
    // The function `Condition` takes the name of a condition; a map under that key is the element of a statement.
    let is_map = tree.map(node).is_some();
    let is_function =
        |name: &str| name.starts_with("Fn::") || name == "Ref" || name == "Condition" && !is_map;
    tree.tag(node).is_some()
        || tree.key_of(node).and_then(|key| tree.string(key)).is_some_and(is_function)
        || tree.map(node).is_some_and(|map| {
            map.len() == 1
                && map.iter().next().is_some_and(|(_, key, _)| key.starts_with("Fn::") || key == "Ref")
        })
}
