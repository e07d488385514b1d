//! SSM documents.

use std::collections::BTreeSet;

use crate::document::{NodeId, Piece, View};
use crate::model::Entity;

use super::build::Maker;
use super::record::Record;
use super::statements::one_or_many;

/// An SSM document: what its content says.
pub(super) fn document(maker: &mut Maker<'_>, record: &mut Record, entity: &Entity) {
    let Some(content) = entity.get("content") else { return };
    record.put(&mut maker.tree, "content", Some(content));
    let View::Map(map) = maker.tree.view(content) else { return };
    let plain = [
        ("schema_version", map.get("schemaVersion")),
        ("description", map.get("description")),
        ("assume_role", map.get("assumeRole")),
        ("session_type", map.get("sessionType")),
        ("inputs", map.get("inputs")),
    ];
    let (parameters, steps) = (map.get("parameters"), map.get("mainSteps"));
    let bodies = [steps, map.get("properties"), map.get("runtimeConfig")].into_iter().flatten().collect();
    for (name, value) in plain {
        record.put(&mut maker.tree, name, value);
    }
    let used = references(maker, bodies);
    let parameters = parameters.map(|node| each_parameter(maker, node, &used)).unwrap_or_default();
    record.list(&mut maker.tree, "parameters", &parameters);
    let steps = steps.map(|node| each_step(maker, node)).unwrap_or_default();
    record.list(&mut maker.tree, "steps", &steps);
}

fn each_parameter(maker: &mut Maker<'_>, parameters: NodeId, used: &BTreeSet<String>) -> Vec<NodeId> {
    let entries: Vec<(NodeId, NodeId)> = match maker.tree.view(parameters) {
        View::Map(map) => map.iter().map(|(key, _, value)| (key, value)).collect(),
        _ => Vec::new(),
    };
    entries.into_iter().map(|(name, definition)| parameter(maker, name, definition, used)).collect()
}

/// The names that `{{ … }}` refers to anywhere below these nodes.
fn references(maker: &Maker<'_>, roots: Vec<NodeId>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut stack = roots;
    while let Some(node) = stack.pop() {
        match maker.tree.view(node) {
            View::List(list) => stack.extend(list.iter()),
            View::Map(map) => stack.extend(map.iter().map(|(_, _, value)| value)),
            View::Text(pieces) => {
                for piece in pieces {
                    if let Piece::Literal(text) = piece {
                        add_references(text, &mut names);
                    }
                }
            }
            View::String(text) => add_references(text, &mut names),
            _ => {}
        }
    }
    names
}

fn add_references(text: &str, names: &mut BTreeSet<String>) {
    for rest in text.split("{{").skip(1) {
        if let Some((name, _)) = rest.split_once("}}") {
            names.insert(name.trim().to_owned());
        }
    }
}

fn parameter(maker: &mut Maker<'_>, name: NodeId, definition: NodeId, used: &BTreeSet<String>) -> NodeId {
    let mut record = Record::new(name);
    let is_used = maker.tree.scalar(name).is_some_and(|name| used.contains(name));
    record.bool(&mut maker.tree, "used", is_used);
    record.put(&mut maker.tree, "name", Some(name));
    let get = |key: &str| maker.tree.get(definition, key);
    let fields = [
        ("type", get("type")),
        ("default", get("default")),
        ("allowed_pattern", get("allowedPattern")),
        ("interpolation_type", get("interpolationType")),
    ];
    let allowed = get("allowedValues");
    for (field, value) in fields {
        record.put(&mut maker.tree, field, value);
    }
    if let Some(allowed) = allowed {
        let list = one_or_many(maker, allowed);
        record.put(&mut maker.tree, "allowed_values", Some(list));
    }
    record.finish(&mut maker.tree)
}

fn each_step(maker: &mut Maker<'_>, steps: NodeId) -> Vec<NodeId> {
    let elements: Vec<_> = maker.tree.list(steps).into_iter().flat_map(|list| list.iter()).collect();
    let mut out = Vec::with_capacity(elements.len());
    for step in elements {
        let mut record = Record::new(step);
        for (field, key) in [("name", "name"), ("action", "action"), ("inputs", "inputs")] {
            let value = maker.tree.get(step, key);
            record.put(&mut maker.tree, field, value);
        }
        out.push(record.finish(&mut maker.tree));
    }
    out
}
