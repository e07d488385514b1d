//! Statements of policies, each of which says one thing.
//!
//! Where a part of a statement is one of several values, the statement becomes one of several statements, each under the
//! conditions of its parts. What grants together is then seen together, and what cannot hold together is not.

use crate::document::{Alternative, Condition, NodeId, View};

use super::assembly::Assembly;

/// A statement with more alternatives than this is left as it is.
const LIMIT: usize = 16;

/// A value and when it is that; nothing where it is then absent.
type World = (Condition, Option<NodeId>);

/// A policy document in whose statements nothing is left open but which of them are there.
pub(crate) fn of_policy(assembly: &mut Assembly, document: NodeId) -> NodeId {
    if !assembly.tree.has_choices() {
        return document;
    }
    match assembly.tree.view(document) {
        View::Choice(alternatives) => {
            let all = alternatives.to_vec();
            let lifted = all
                .into_iter()
                .map(|one| Alternative { value: one.value.map(|inner| of_policy(assembly, inner)), ..one })
                .collect();
            assembly.tree.derive_choice(document, lifted)
        }
        View::Map(map) => {
            let Some(written) = map.get("Statement") else { return document };
            let lifted = statements(assembly, written);
            if lifted == written {
                return document;
            }
            let entries = assembly.tree.map(document).into_iter().flat_map(crate::document::Map::iter);
            let nodes: Vec<_> = entries
                .flat_map(|(key, _, value)| [key, if value == written { lifted } else { value }])
                .collect();
            assembly.tree.derive_map(document, &nodes)
        }
        _ => document,
    }
}

/// One statement, a list of them, or alternatives of either.
fn statements(assembly: &mut Assembly, node: NodeId) -> NodeId {
    match assembly.tree.view(node) {
        View::List(list) => {
            let written: Vec<_> = list.iter().collect();
            let lifted: Vec<_> = written.iter().map(|&one| statements(assembly, one)).collect();
            if lifted == written { node } else { assembly.tree.derive_list(node, &lifted) }
        }
        View::Choice(alternatives) => {
            let all = alternatives.to_vec();
            let mut lifted = Vec::with_capacity(all.len());
            for one in &all {
                let value = one.value.map(|inner| statements(assembly, inner));
                match value.map(|value| assembly.tree.view(value)) {
                    Some(View::Choice(inner)) => {
                        let inner = inner.to_vec();
                        for alternative in inner {
                            let condition = assembly.conditions.and(one.condition, alternative.condition);
                            if !condition.is_never() {
                                lifted.push(Alternative { condition, ..alternative });
                            }
                        }
                    }
                    _ => lifted.push(Alternative { value, ..*one }),
                }
            }
            if lifted == all { node } else { assembly.tree.derive_choice(node, lifted) }
        }
        View::Map(_) if holds_choice(assembly, node) => match worlds(assembly, node) {
            Some(all) if all.len() > 1 => {
                let all = all.into_iter().map(|(condition, value)| Alternative { condition, value });
                assembly.tree.derive_choice(node, all.collect())
            }
            _ => node,
        },
        _ => node,
    }
}

/// Whether something below a node is one of several values.
fn holds_choice(assembly: &Assembly, node: NodeId) -> bool {
    let mut stack = vec![node];
    while let Some(node) = stack.pop() {
        match assembly.tree.view(node) {
            View::Choice(_) => return true,
            View::List(list) => stack.extend(list.iter()),
            View::Map(map) => stack.extend(map.iter().map(|(_, _, value)| value)),
            _ => {}
        }
    }
    false
}

/// Everything that a value may be; nothing where that is too much.
fn worlds(assembly: &mut Assembly, node: NodeId) -> Option<Vec<World>> {
    if !holds_choice(assembly, node) {
        return Some(vec![(Condition::ALWAYS, Some(node))]);
    }
    match assembly.tree.view(node) {
        View::Choice(alternatives) => {
            let all = alternatives.to_vec();
            let mut out = Vec::with_capacity(all.len());
            for one in all {
                let inner = match one.value {
                    Some(value) => worlds(assembly, value)?,
                    None => vec![(Condition::ALWAYS, None)],
                };
                for (under, value) in inner {
                    let under = assembly.conditions.and(one.condition, under);
                    if !under.is_never() {
                        out.push((under, value));
                    }
                }
            }
            (out.len() <= LIMIT).then_some(out)
        }
        View::List(list) => {
            let parts = list.iter().map(|element| (None, element)).collect();
            let all = combined(assembly, parts)?;
            Some(
                all.into_iter()
                    .map(|(under, nodes)| (under, Some(assembly.tree.derive_list(node, &nodes))))
                    .collect(),
            )
        }
        View::Map(map) => {
            let parts = map.iter().map(|(key, _, value)| (Some(key), value)).collect();
            let all = combined(assembly, parts)?;
            Some(
                all.into_iter()
                    .map(|(under, nodes)| (under, Some(assembly.tree.derive_map(node, &nodes))))
                    .collect(),
            )
        }
        _ => Some(vec![(Condition::ALWAYS, Some(node))]),
    }
}

/// All parts of a list or map, each with its key, in every way that can hold together.
fn combined(
    assembly: &mut Assembly,
    parts: Vec<(Option<NodeId>, NodeId)>,
) -> Option<Vec<(Condition, Vec<NodeId>)>> {
    let mut out: Vec<(Condition, Vec<NodeId>)> = vec![(Condition::ALWAYS, Vec::new())];
    for (key, part) in parts {
        let all = worlds(assembly, part)?;
        let mut next = Vec::with_capacity(out.len() * all.len());
        for (before, nodes) in &out {
            for &(under, value) in &all {
                let under = assembly.conditions.and(*before, under);
                if under.is_never() {
                    continue;
                }
                let mut nodes = nodes.clone();
                nodes.extend(value.into_iter().flat_map(|value| key.into_iter().chain([value])));
                next.push((under, nodes));
            }
        }
        if next.len() > LIMIT {
            return None;
        }
        out = next;
    }
    Some(out)
}
