//! What there was before: an older template beside the one that is checked.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::document::yaml::Schema;
use crate::document::{Code, Diagnostic, NodeId, Source, Tree, View, parse};
use crate::model::{Change, Inventory, Resource};

use super::assembly::Assembly;
use super::kind::detect;
use super::{InputKind, Options, Unit, cloudformation};

/// Reads an older version of a template as what there was before `unit`. Each resource of both then says what happens to
/// it.
pub fn add_baseline(
    unit: &mut Unit,
    name: &str,
    bytes: Vec<u8>,
    options: &Options,
) -> Result<(), Box<Diagnostic>> {
    let source = Source::decode(name, bytes).map_err(|error| Diagnostic::encoding(name, &error))?;
    let file = unit.tree.add_source(Arc::clone(&source));
    let parsed = parse(&mut unit.tree, file, source.text(), Schema::CloudFormation, options.limits)
        .map_err(|error| Box::new(Diagnostic::syntax(Code::Yaml, &source, error)))?;
    let root = parsed.roots.first().copied();
    let root = root.filter(|&root| detect(&unit.tree, root).is_ok_and(is_template));
    let (Some(root), true) = (root, is_template(unit.kind)) else {
        let made =
            Diagnostic::new(Code::UnknownKind, "only a template can be what there was before a template");
        return Err(Box::new(made.in_file(name)));
    };
    let mut assembly = Assembly::new(std::mem::take(&mut unit.tree));
    assembly.conditions = std::mem::take(&mut unit.conditions);
    cloudformation::ingest(&mut assembly, root, options);
    cloudformation::ingest_templates(&mut assembly, options);
    assembly.tie();
    let mut before = assembly.inventory;
    mark(&assembly.tree, [root, unit.root], &mut before, &mut unit.inventory);
    (unit.tree, unit.conditions, unit.before) = (assembly.tree, assembly.conditions, Some(before));
    Ok(())
}

fn is_template(kind: InputKind) -> bool {
    matches!(kind, InputKind::CloudFormation | InputKind::Sam)
}

/// Says of each resource what happens to it.
fn mark(tree: &Tree, roots: [NodeId; 2], before: &mut Inventory, after: &mut Inventory) {
    // Equal declarations mean the same only where what they refer to is the same.
    let sections = ["Parameters", "Mappings", "Conditions", "Globals", "Transform"];
    let [old, new] = roots;
    let same_sections =
        sections.iter().all(|section| match (tree.get(old, section), tree.get(new, section)) {
            (Some(old), Some(new)) => same(tree, old, new),
            (None, None) => true,
            _ => false,
        });
    let changes = |own: &Inventory, other: &Inventory, absent: Change| -> Vec<Change> {
        let others: FxHashMap<&str, &Resource> =
            other.resources().iter().map(|resource| (&*resource.id, resource)).collect();
        let change = |resource: &Resource| match others.get(&*resource.id) {
            None => absent,
            Some(there) if there.ty != resource.ty => Change::Replace,
            Some(there) if same_sections && same(tree, there.node, resource.node) => Change::NoOp,
            Some(_) => Change::Update,
        };
        own.resources().iter().map(change).collect()
    };
    let (gone, made) = (changes(before, after, Change::Delete), changes(after, before, Change::Create));
    before.set_changes(&gone);
    after.set_changes(&made);
}

/// Whether two values are written alike.
fn same(tree: &Tree, left: NodeId, right: NodeId) -> bool {
    if tree.tag(left) != tree.tag(right) {
        return false;
    }
    match (tree.view(left), tree.view(right)) {
        (View::List(left), View::List(right)) => {
            left.len() == right.len()
                && left.iter().zip(right.iter()).all(|(left, right)| same(tree, left, right))
        }
        (View::Map(left), View::Map(right)) => {
            let found = |(_, key, value): (NodeId, &str, NodeId)| {
                right.get(key).is_some_and(|other| same(tree, value, other))
            };
            left.len() == right.len() && left.iter().all(found)
        }
        (View::Null, View::Null) => true,
        _ => tree.kind(left) == tree.kind(right) && tree.scalar(left) == tree.scalar(right),
    }
}
