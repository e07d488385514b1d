//! What is said about a value beside the value.
//!
//! A plan keeps parallel structures: the values (`after`), and which of them are unknown (`after_unknown`). The latter is
//! mostly empty, so most values are used as they are. The configuration is a third: the expressions that values are made
//! by.

use crate::document::{NodeId, Tree, View};

/// Marks that say which parts of a value are unknown.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Marks(pub(crate) Option<NodeId>);

impl Marks {
    /// The marks of an entry of a map.
    pub(crate) fn get(self, tree: &Tree, key: &str) -> Self {
        self.part(tree, |marks| tree.get(marks, key))
    }

    /// The marks of an element of a list.
    pub(crate) fn element(self, tree: &Tree, index: usize) -> Self {
        self.part(tree, |marks| tree.list(marks)?.get(index))
    }

    /// A mark on the whole is a mark on every part.
    fn part(self, tree: &Tree, inner: impl Fn(NodeId) -> Option<NodeId>) -> Self {
        let Some(marks) = self.0 else { return self };
        if tree.bool(marks) == Some(true) { self } else { Self(inner(marks)) }
    }

    /// Whether any part is unknown.
    pub(crate) fn any(self, tree: &Tree) -> bool {
        self.0.is_some_and(|marks| marked(tree, marks))
    }

    /// Whether the whole is unknown.
    pub(crate) fn all(self, tree: &Tree) -> bool {
        self.0.is_some_and(|marks| tree.bool(marks) == Some(true))
    }
}

/// Whether a structure of marks marks anything.
pub(crate) fn marked(tree: &Tree, marks: NodeId) -> bool {
    match tree.view(marks) {
        View::Bool(mark) => mark,
        View::List(list) => list.iter().any(|inner| marked(tree, inner)),
        View::Map(map) => map.iter().any(|(_, _, inner)| marked(tree, inner)),
        _ => false,
    }
}

/// Whether a node of the configuration is an expression, not a block with arguments of its own.
pub(crate) fn is_expression(tree: &Tree, node: NodeId) -> bool {
    tree.map(node).is_some_and(|map| map.is_empty() || map.get("references").is_some())
        || tree.get(node, "constant_value").is_some()
}

/// The expressions of an argument, given those of what it is an argument of. An expression of the whole is one of every
/// part.
pub(crate) fn argument(tree: &Tree, whole: &[NodeId], key: &str) -> Vec<NodeId> {
    let mut out = Vec::new();
    for &node in whole {
        match tree.list(node) {
            Some(list) => out.extend(argument(tree, &list.iter().collect::<Vec<_>>(), key)),
            None if is_expression(tree, node) => out.push(node),
            None => out.extend(tree.get(node, key)),
        }
    }
    out
}

/// The expressions of the element at `index` of a list. Blocks that stand in a set have no order: those whose constants
/// differ from what is known of the element are left out.
pub(crate) fn element(tree: &Tree, whole: &[NodeId], index: usize, value: Option<NodeId>) -> Vec<NodeId> {
    let mut out = Vec::new();
    for &node in whole {
        let Some(list) = tree.list(node) else {
            out.push(node);
            continue;
        };
        let can_be = |block: &NodeId| value.is_none_or(|value| agrees(tree, *block, value));
        match list.get(index).filter(can_be) {
            Some(block) if list.len() == 1 || is_distinct(tree, block) => out.push(block),
            _ => out.extend(list.iter().filter(can_be)),
        }
    }
    out
}

/// The constant that an expression is. Of configuration in JSON, plans give the text of templates as constants too.
pub(crate) fn constant(tree: &Tree, expression: NodeId) -> Option<NodeId> {
    let value = tree.get(expression, "constant_value")?;
    let is_template = |text: &str| text.contains("${") || text.contains("%{");
    let refers = tree.get(expression, "references").is_some();
    (!refers && !tree.string(value).is_some_and(is_template)).then_some(value)
}

/// Whether a block has a constant that can tell it from others.
fn is_distinct(tree: &Tree, block: NodeId) -> bool {
    let entries = tree.map(block).into_iter().flat_map(crate::document::Map::iter);
    entries.into_iter().any(|(_, _, expression)| constant(tree, expression).is_some())
}

/// Whether the constants of a block are what is known of an element.
fn agrees(tree: &Tree, block: NodeId, value: NodeId) -> bool {
    let entries = tree.map(block).into_iter().flat_map(crate::document::Map::iter);
    entries.into_iter().all(|(_, key, expression)| {
        let constant = constant(tree, expression).and_then(|node| tree.scalar(node));
        let known = tree.get(value, key).and_then(|node| tree.scalar(node));
        constant.is_none() || known.is_none() || constant == known
    })
}
