//! Templates that are read together, because some import what others export.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::document::yaml::Schema;
use crate::document::{Condition, NodeId, Source, Tree, parse};

use super::assembly::Assembly;
use super::cloudformation::{Declared, Linked, Links, Part};
use super::kind::{InputKind, detect};
use super::read::{finish, main_document, report_duplicates};
use super::{Options, Unit};

/// One of several templates.
#[derive(Debug)]
pub struct LinkedTemplate {
    /// The path as the user gave it.
    pub name: Box<str>,
    /// Its text.
    pub bytes: Vec<u8>,
    /// How it is read.
    pub options: Options,
    /// Where its imports lead; templates are named by their position among those that are read together.
    pub links: Links,
}

/// Several templates, read as one unit.
#[derive(Debug)]
pub struct LinkedTemplates {
    /// The unit; its root is that of the first template.
    pub unit: Unit,
    /// How many entities each template declares.
    pub entities: Vec<usize>,
    /// The files of the templates that each template nests.
    pub nested: Vec<Vec<Box<str>>>,
}

/// Reads templates as one unit; nothing where one of them is no template.
pub fn read_linked(mut templates: Vec<LinkedTemplate>) -> Option<LinkedTemplates> {
    let mut assembly = Assembly::new(Tree::new());
    let texts: Vec<Vec<u8>> = templates.iter_mut().map(|one| std::mem::take(&mut one.bytes)).collect();
    let first = templates.first()?;
    let mut linked = Linked::new(templates.len());
    let mut main = None;
    for (template, bytes) in templates.iter().zip(texts) {
        let root = read(&mut assembly.tree, template, bytes)?;
        main = main.or(Some(root));
        let part = Part { name: template.name.clone(), options: &template.options, links: &template.links };
        linked.open(&mut assembly, root, part);
    }
    let mut diagnostics = Vec::new();
    report_duplicates(&assembly.tree, &mut diagnostics);
    let declared = linked.declare(&mut assembly);
    let options = &first.options;
    assembly.inventory.set_account(options.account.as_deref());
    finish(&mut assembly, &first.name, options, &mut diagnostics);
    let names = templates.iter().map(|one| one.name.clone());
    let parts: Vec<_> = names.zip(declared.iter().map(|one| one.resources.clone())).collect();
    let entities = parts.iter().map(|(_, resources)| {
        let all = assembly.inventory.entities().iter();
        all.filter(|entity| resources.contains(&entity.resource.index())).count()
    });
    let entities = entities.collect();
    let condition_names = names_of(&declared, &templates);
    let nested = declared.into_iter().map(|one| one.nested).collect();
    let unit = Unit {
        name: first.name.clone(),
        kind: InputKind::CloudFormation,
        tree: assembly.tree,
        root: main?,
        conditions: assembly.conditions,
        premise: assembly.premise,
        condition_names,
        inventory: assembly.inventory,
        before: None,
        unchanged: false,
        configuration: None,
        nested: Vec::new(),
        parts,
        exports: Vec::new(),
        imports: Vec::new(),
        diagnostics,
    };
    Some(LinkedTemplates { unit, entities, nested })
}

/// The names of conditions, with the template that means it where several have a condition of one name.
fn names_of(declared: &[Declared], templates: &[LinkedTemplate]) -> Vec<(Box<str>, Condition)> {
    let mut counts: FxHashMap<&str, usize> = FxHashMap::default();
    for (name, _) in declared.iter().flat_map(|one| &one.conditions) {
        *counts.entry(name).or_default() += 1;
    }
    let mut out = Vec::new();
    for (one, template) in declared.iter().zip(templates) {
        for (name, condition) in &one.conditions {
            let sole = counts.get(&**name) == Some(&1);
            let shown = if sole { name.clone() } else { format!("{name} ({})", template.name).into() };
            out.push((shown, *condition));
        }
    }
    out
}

/// Reads one template into the tree.
fn read(tree: &mut Tree, template: &LinkedTemplate, bytes: Vec<u8>) -> Option<NodeId> {
    let limits = template.options.limits;
    if bytes.len() > limits.bytes {
        return None;
    }
    let source = Source::decode(&*template.name, bytes).ok()?;
    let file = tree.add_source(Arc::clone(&source));
    let parsed = parse(tree, file, source.text(), Schema::CloudFormation, limits).ok()?;
    let root = match parsed.roots.as_slice() {
        [root] => *root,
        roots => main_document(tree, roots)?,
    };
    let kind = detect(tree, root).ok()?;
    matches!(kind, InputKind::CloudFormation | InputKind::Sam).then_some(root)
}
