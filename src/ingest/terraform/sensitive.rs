//! Values that must never be shown.
//!
//! A plan holds sensitive values in clear text and marks them beside. The values themselves are marked in the tree, so
//! that nothing that is made of them can show them either.

use rustc_hash::FxHashSet;

use crate::document::{NodeId, Tree, View};

/// Arguments of providers that hold credentials, whatever the plan says of them.
const CREDENTIALS: &[&str] =
    &["access_key", "secret_key", "token", "password", "client_secret", "private_key"];

/// Marks everything that a plan or state says is sensitive.
pub(crate) fn mark(tree: &mut Tree, root: NodeId) {
    for node in find(tree, root) {
        tree.mark_sensitive(node);
    }
}

/// Everything that a plan or state says is sensitive.
pub(crate) fn find(tree: &Tree, root: NodeId) -> Vec<NodeId> {
    let mut found = Vec::new();
    let list = |key: &str| tree.get(root, key).and_then(|node| tree.list(node));
    for key in ["resource_changes", "resource_drift"] {
        for entry in list(key).into_iter().flat_map(crate::document::List::iter) {
            if let Some(change) = tree.get(entry, "change") {
                of_change(tree, change, &mut found);
            }
        }
    }
    for change in entries(tree, tree.get(root, "output_changes")) {
        of_change(tree, change, &mut found);
    }
    let values = [&["planned_values"] as &[&str], &["prior_state", "values"], &["values"]];
    for path in values {
        if let Some(values) = tree.at(root, path) {
            of_values(tree, values, &mut found);
        }
    }
    of_configuration(tree, root, &mut found);
    let elsewhere = same_texts(tree, &found);
    found.extend(elsewhere);
    found
}

/// Texts shorter than this are too common to be told from others that happen to be equal.
const SHORTEST: usize = 6;

/// Other places where a sensitive text stands: the configuration holds constants in clear text, and says of none of them
/// that it is sensitive.
fn same_texts(tree: &Tree, found: &[NodeId]) -> Vec<NodeId> {
    let texts = found.iter().filter_map(|&node| tree.string(node));
    let texts: FxHashSet<&str> = texts.filter(|text| text.len() >= SHORTEST).collect();
    if texts.is_empty() {
        return Vec::new();
    }
    let all = (0..tree.len()).map(NodeId::from_index);
    all.filter(|&node| tree.string(node).is_some_and(|text| texts.contains(text))).collect()
}

fn entries(tree: &Tree, map: Option<NodeId>) -> Vec<NodeId> {
    let map = map.and_then(|node| tree.map(node)).into_iter().flat_map(crate::document::Map::iter);
    map.map(|(_, _, value)| value).collect()
}

fn of_change(tree: &Tree, change: NodeId, out: &mut Vec<NodeId>) {
    let from = out.len();
    for (values, marks) in [("before", "before_sensitive"), ("after", "after_sensitive")] {
        if let (Some(value), Some(marks)) = (tree.get(change, values), tree.get(change, marks)) {
            marked(tree, value, marks, out);
        }
    }
    made_of(tree, [tree.get(change, "before"), tree.get(change, "after")], from, out);
}

/// Other texts of a resource that a sensitive one is a part of: providers make ids and ARNs of names, and mark none of
/// them. `out` holds what is sensitive from `from` on.
fn made_of(tree: &Tree, values: [Option<NodeId>; 2], from: usize, out: &mut Vec<NodeId>) {
    let known = out.get(from..).unwrap_or_default();
    let texts: FxHashSet<&str> =
        known.iter().filter_map(|&node| tree.string(node)).filter(|text| text.len() >= SHORTEST).collect();
    if texts.is_empty() {
        return;
    }
    let mut texts: Vec<&str> = texts.into_iter().collect();
    texts.sort_unstable();
    let mut inner = Vec::new();
    for value in values {
        whole(tree, value, &mut inner);
    }
    out.extend(inner.into_iter().filter(|&node| {
        tree.string(node).is_some_and(|text| texts.iter().any(|secret| text.contains(secret)))
    }));
}

fn of_values(tree: &Tree, values: NodeId, out: &mut Vec<NodeId>) {
    for output in entries(tree, tree.get(values, "outputs")) {
        if tree.get(output, "sensitive").is_some_and(|flag| tree.bool(flag) == Some(true)) {
            whole(tree, tree.get(output, "value"), out);
        }
    }
    let mut modules: Vec<NodeId> = tree.get(values, "root_module").into_iter().collect();
    while let Some(module) = modules.pop() {
        let list = |key: &str| tree.get(module, key).and_then(|node| tree.list(node));
        for resource in list("resources").into_iter().flat_map(crate::document::List::iter) {
            let parts = (tree.get(resource, "values"), tree.get(resource, "sensitive_values"));
            if let (Some(value), Some(marks)) = parts {
                let from = out.len();
                marked(tree, value, marks, out);
                made_of(tree, [Some(value), None], from, out);
            }
        }
        modules.extend(list("child_modules").into_iter().flat_map(crate::document::List::iter));
    }
}

/// Sensitive variables, constants that are passed to them, and credentials of providers.
fn of_configuration(tree: &Tree, root: NodeId, out: &mut Vec<NodeId>) {
    let Some(module) = tree.at(root, &["configuration", "root_module"]) else { return };
    for provider in entries(tree, tree.at(root, &["configuration", "provider_config"])) {
        for name in CREDENTIALS {
            whole(tree, tree.at(provider, &["expressions", name]), out);
        }
    }
    for name in sensitive_variables(tree, module) {
        whole(tree, tree.at(root, &["variables", &name, "value"]), out);
    }
    let mut modules = vec![module];
    while let Some(module) = modules.pop() {
        for name in sensitive_variables(tree, module) {
            whole(tree, tree.at(module, &["variables", &name, "default"]), out);
        }
        for output in entries(tree, tree.get(module, "outputs")) {
            if tree.get(output, "sensitive").is_some_and(|flag| tree.bool(flag) == Some(true)) {
                whole(tree, tree.at(output, &["expression", "constant_value"]), out);
            }
        }
        for call in entries(tree, tree.get(module, "module_calls")) {
            let Some(inner) = tree.get(call, "module") else { continue };
            for name in sensitive_variables(tree, inner) {
                whole(tree, tree.at(call, &["expressions", &name, "constant_value"]), out);
            }
            modules.push(inner);
        }
    }
}

fn sensitive_variables(tree: &Tree, module: NodeId) -> Vec<String> {
    let variables = tree.get(module, "variables").and_then(|node| tree.map(node));
    let is_sensitive =
        |node: NodeId| tree.get(node, "sensitive").is_some_and(|flag| tree.bool(flag) == Some(true));
    let all = variables.into_iter().flat_map(crate::document::Map::iter);
    all.filter(|(_, _, node)| is_sensitive(*node)).map(|(_, name, _)| name.to_owned()).collect()
}

/// The parts of a value that marks mark.
fn marked(tree: &Tree, value: NodeId, marks: NodeId, out: &mut Vec<NodeId>) {
    match (tree.view(marks), tree.view(value)) {
        (View::Bool(true), _) => whole(tree, Some(value), out),
        (View::List(marks), View::List(values)) => {
            for (marks, value) in marks.iter().zip(values.iter()) {
                marked(tree, value, marks, out);
            }
        }
        (View::Map(marks), View::Map(values)) => {
            for (_, key, marks) in marks.iter() {
                if let Some(value) = values.get(key) {
                    marked(tree, value, marks, out);
                }
            }
        }
        _ => {}
    }
}

/// A value and everything in it.
fn whole(tree: &Tree, value: Option<NodeId>, out: &mut Vec<NodeId>) {
    let mut stack: Vec<NodeId> = value.into_iter().collect();
    while let Some(node) = stack.pop() {
        out.push(node);
        match tree.view(node) {
            View::List(list) => stack.extend(list.iter()),
            View::Map(map) => stack.extend(map.iter().map(|(_, _, inner)| inner)),
            _ => {}
        }
    }
}
