//! Following a path through values of which some are lists, alternatives or unknown.

use crate::document::{Alternative, NodeId, Tree, View};

/// The value at the end of a dotted path. Lists on the way are followed in each element (Terraform writes every block as
/// a list), alternatives in each alternative; an unknown value on the way is the answer.
pub(crate) fn project(tree: &mut Tree, node: NodeId, path: &str) -> Option<NodeId> {
    if path.is_empty() {
        return Some(node);
    }
    match tree.view(node) {
        View::Map(map) => {
            let (key, rest) = path.split_once('.').unwrap_or((path, ""));
            let next = map.get(key)?;
            project(tree, next, rest)
        }
        View::List(list) => {
            let elements: Vec<_> = list.iter().collect();
            let found: Vec<_> =
                elements.into_iter().filter_map(|element| project(tree, element, path)).collect();
            match found.as_slice() {
                [] => None,
                [one] => Some(*one),
                _ => Some(tree.derive_list(node, &found)),
            }
        }
        View::Choice(alternatives) => {
            let all = alternatives.to_vec();
            let found: Vec<_> = all
                .into_iter()
                .map(|one| Alternative {
                    value: one.value.and_then(|value| project(tree, value, path)),
                    ..one
                })
                .collect();
            if found.iter().all(|one| one.value.is_none()) {
                return None;
            }
            Some(tree.derive_choice(node, found))
        }
        View::Unknown(_) => Some(node),
        _ => None,
    }
}
