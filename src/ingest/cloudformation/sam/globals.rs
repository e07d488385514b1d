//! The `Globals` section: properties that all resources of a type share.

use crate::document::{NodeId, Tree, View};

use super::super::call::call;

/// The properties of a resource with those that its type shares: lists are joined, maps are merged, and else the
/// resource's own value wins.
pub(super) fn merged(tree: &mut Tree, shared: Option<NodeId>, own: Option<NodeId>) -> Option<NodeId> {
    let (Some(shared), Some(own)) = (shared, own) else { return own.or(shared) };
    if call(tree, shared).is_some() || call(tree, own).is_some() {
        return Some(own);
    }
    match (tree.view(shared), tree.view(own)) {
        (View::List(first), View::List(second)) => {
            let all: Vec<_> = first.iter().chain(second.iter()).collect();
            Some(tree.derive_list(own, &all))
        }
        (View::Map(first), View::Map(second)) => {
            let mut entries: Vec<(NodeId, Option<NodeId>, Option<NodeId>)> =
                first.iter().map(|(key, text, value)| (key, Some(value), second.get(text))).collect();
            let added = second.iter().filter(|(_, text, _)| first.get(text).is_none());
            entries.extend(added.map(|(key, _, value)| (key, None, Some(value))));
            let mut nodes = Vec::with_capacity(entries.len() * 2);
            for (key, shared, own) in entries {
                if let Some(value) = merged(tree, shared, own) {
                    nodes.extend([key, value]);
                }
            }
            Some(tree.derive_map(own, &nodes))
        }
        _ => Some(own),
    }
}
