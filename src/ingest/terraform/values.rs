//! Putting a planned value together from what is known of it.
//!
//! A plan keeps three parallel structures: the values (`after`), which of them are unknown (`after_unknown`) and which
//! are sensitive (`after_sensitive`). Parts of the latter two are mostly empty, so most values are used as they are.

use crate::document::{NodeId, Reason, Tree, Unknown, View};

/// What is said about a value beside the value.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Marks {
    pub(crate) unknown: Option<NodeId>,
    pub(crate) sensitive: Option<NodeId>,
}

impl Marks {
    /// The marks of an entry of a map.
    pub(crate) fn get(self, tree: &Tree, key: &str) -> Self {
        let part = |marks: Option<NodeId>| match tree.view(marks?) {
            View::Bool(true) => marks,
            _ => tree.get(marks?, key),
        };
        Self { unknown: part(self.unknown), sensitive: part(self.sensitive) }
    }

    fn element(self, tree: &Tree, index: usize) -> Self {
        let part = |marks: Option<NodeId>| match tree.view(marks?) {
            View::Bool(true) => marks,
            View::List(list) => list.get(index),
            _ => None,
        };
        Self { unknown: part(self.unknown), sensitive: part(self.sensitive) }
    }

    fn any(self, tree: &Tree) -> bool {
        [self.unknown, self.sensitive].into_iter().flatten().any(|marks| marked(tree, marks))
    }

    pub(crate) fn is_unknown(self, tree: &Tree) -> bool {
        self.unknown.is_some_and(|marks| tree.bool(marks) == Some(true))
    }

    pub(crate) fn is_sensitive(self, tree: &Tree) -> bool {
        self.sensitive.is_some_and(|marks| tree.bool(marks) == Some(true))
    }
}

/// Whether a structure of marks marks anything.
fn marked(tree: &Tree, marks: NodeId) -> bool {
    match tree.view(marks) {
        View::Bool(mark) => mark,
        View::List(list) => list.iter().any(|inner| marked(tree, inner)),
        View::Map(map) => map.iter().any(|(_, _, inner)| marked(tree, inner)),
        _ => false,
    }
}

/// A value with its unknown parts as unknown values and its sensitive parts marked. `value` is nothing where the plan
/// leaves the value out; `place` is where the value, or what leaves it out, stands. Nothing where there is no value.
pub(crate) fn merge(
    tree: &mut Tree,
    value: Option<NodeId>,
    marks: Marks,
    place: NodeId,
    blocker: &str,
) -> Option<NodeId> {
    if marks.is_unknown(tree) {
        let unknown = Unknown { reason: Reason::AfterApply, blocker: blocker.into() };
        return Some(tree.derive_unknown(place, unknown));
    }
    if !marks.any(tree) {
        return value.filter(|&value| !matches!(tree.view(value), View::Null));
    }
    if marks.is_sensitive(tree) {
        let copy = tree.derive_copy(value?, value?);
        tree.mark_sensitive(copy);
        return Some(copy);
    }
    match value.map(|value| tree.view(value)) {
        Some(View::List(list)) => {
            let elements: Vec<_> = list.iter().collect();
            let merged = elements.iter().enumerate().map(|(index, &element)| {
                let marks = marks.element(tree, index);
                merge(tree, Some(element), marks, element, blocker).unwrap_or(element)
            });
            let merged: Vec<_> = merged.collect();
            Some(tree.derive_list(value?, &merged))
        }
        Some(View::Map(map)) => {
            let entries: Vec<(NodeId, Box<str>, NodeId)> =
                map.iter().map(|(k, text, v)| (k, text.into(), v)).collect();
            let mut merged = Vec::with_capacity(entries.len() * 2);
            for (key, text, element) in &entries {
                let marks = marks.get(tree, text);
                if let Some(element) = merge(tree, Some(*element), marks, *element, blocker) {
                    merged.extend([*key, element]);
                }
            }
            left_out(tree, &entries, marks, blocker, &mut merged);
            Some(tree.derive_map(value?, &merged))
        }
        _ => value,
    }
}

/// Entries that the values leave out because they are unknown.
fn left_out(
    tree: &mut Tree,
    entries: &[(NodeId, Box<str>, NodeId)],
    marks: Marks,
    blocker: &str,
    merged: &mut Vec<NodeId>,
) {
    let unknown: Vec<(NodeId, Box<str>, NodeId)> = marks
        .unknown
        .and_then(|marks| tree.map(marks))
        .into_iter()
        .flat_map(|map| map.iter())
        .filter(|(_, text, _)| !entries.iter().any(|(_, known, _)| **known == **text))
        .map(|(key, text, mark)| (key, text.into(), mark))
        .collect();
    for (key, text, mark) in unknown {
        let marks = Marks { unknown: Some(mark), sensitive: None };
        if let Some(value) = merge(tree, None, marks, mark, &format!("{blocker}.{text}")) {
            merged.extend([key, value]);
        }
    }
}
