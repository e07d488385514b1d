//! Policy documents that `data.aws_iam_policy_document` makes.
//!
//! Where every argument is known, the plan has the document itself. Where one is not, the provider makes the document only
//! when the plan is applied: it is then put together here from its blocks, as the provider does, with what is not known as
//! holes.

use crate::document::{NodeId, Reason, Tree, Unknown, View};
use crate::ingest::assembly::Assembly;
use crate::ingest::inside;
use crate::ingest::table::Properties;
use crate::model::ResourceId;

use super::context::Context;
use super::planned::Planned;
use super::statements::statement;

/// The document of a data source, by its position in the plan. Findings about it are about the first resource that has it.
pub(crate) fn rebuilt(
    context: &Context<'_>,
    assembly: &mut Assembly,
    at: usize,
    consumer: Option<ResourceId>,
) -> NodeId {
    let place = context.plan.instances.get(at).map_or(NodeId::from_index(0), |instance| instance.node);
    if let Some(consumer) = consumer {
        assembly.inventory.add_place(place, consumer);
    }
    let known = context.rebuilt.borrow().get(&at).copied();
    match known {
        Some(Some(document)) => return document,
        Some(None) => {
            let blocker = context.words_of(at, "json").into();
            return assembly.tree.derive_unknown(place, Unknown { reason: Reason::Cycle, blocker });
        }
        None => {}
    }
    context.rebuilt.borrow_mut().insert(at, None);
    let document = build(context, assembly, (at, place), consumer);
    context.rebuilt.borrow_mut().insert(at, Some(document));
    document
}

fn build(
    context: &Context<'_>,
    assembly: &mut Assembly,
    (at, place): (usize, NodeId),
    consumer: Option<ResourceId>,
) -> NodeId {
    let json = context.known(&assembly.tree, at, "json");
    if let Some(json) = json.filter(|&json| assembly.tree.string(json) != Some("")) {
        return inside::policy(assembly, json);
    }
    from_blocks(context, assembly, (at, place), consumer)
}

/// The document that the blocks of a data source make.
fn from_blocks(
    context: &Context<'_>,
    assembly: &mut Assembly,
    (at, place): (usize, NodeId),
    consumer: Option<ResourceId>,
) -> NodeId {
    let Some(instance) = context.plan.instances.get(at) else { return place };
    let mut arguments = Planned::after(context, instance, consumer.unwrap_or(ResourceId(u32::MAX))).loosely();
    let mut merged = Merged::default();
    for name in ["source_json", "source_policy_documents"] {
        for document in documents(assembly, &mut arguments, name) {
            merged.add(&assembly.tree, document);
        }
    }
    let own = own(assembly, &mut arguments, place);
    merged.add(&assembly.tree, own);
    for name in ["override_json", "override_policy_documents"] {
        for document in documents(assembly, &mut arguments, name) {
            merged.add(&assembly.tree, document);
        }
    }
    merged.finish(assembly, place)
}

/// The documents that an argument lists, read.
fn documents(assembly: &mut Assembly, arguments: &mut Planned<'_>, name: &str) -> Vec<NodeId> {
    let Some(value) = arguments.property(assembly, name) else { return Vec::new() };
    let elements: Vec<NodeId> = match assembly.tree.view(value) {
        View::List(list) => list.iter().collect(),
        View::String(text) if text.trim().is_empty() => Vec::new(),
        _ => vec![value],
    };
    elements.into_iter().map(|element| inside::policy(assembly, element)).collect()
}

/// The document of the data source's own blocks.
fn own(assembly: &mut Assembly, arguments: &mut Planned<'_>, place: NodeId) -> NodeId {
    let mut entries = Vec::new();
    let version = arguments.property(assembly, "version");
    let version = version.unwrap_or_else(|| assembly.tree.derive_string(place, "2012-10-17"));
    entries.extend([assembly.tree.key("Version"), version]);
    if let Some(id) = arguments.property(assembly, "policy_id") {
        entries.extend([assembly.tree.key("Id"), id]);
    }
    let blocks = arguments.property(assembly, "statement");
    let blocks: Vec<NodeId> = match blocks.map(|node| (node, assembly.tree.view(node))) {
        Some((_, View::List(list))) => list.iter().collect(),
        Some((node, View::Unknown(_))) => vec![node],
        _ => Vec::new(),
    };
    let statements: Vec<_> = blocks.into_iter().map(|block| statement(&mut assembly.tree, block)).collect();
    let list = assembly.tree.derive_list(place, &statements);
    entries.extend([assembly.tree.key("Statement"), list]);
    assembly.tree.derive_map(place, &entries)
}

/// Documents merged in order: the later version wins, and a statement takes the place of an earlier one with its id.
#[derive(Default)]
struct Merged {
    version: Option<NodeId>,
    id: Option<NodeId>,
    statements: Vec<NodeId>,
}

impl Merged {
    fn add(&mut self, tree: &Tree, document: NodeId) {
        let Some(map) = tree.map(document) else {
            // A whole document that is not known.
            self.statements.push(document);
            return;
        };
        let later = |new: NodeId| {
            let known = |node: Option<NodeId>| node.and_then(|node| tree.string(node)).unwrap_or("");
            known(Some(new)) >= known(self.version)
        };
        if let Some(version) = map.get("Version").filter(|&version| later(version)) {
            self.version = Some(version);
        }
        self.id = map.get("Id").or(self.id);
        let Some(statements) = map.get("Statement") else { return };
        let all: Vec<NodeId> = match tree.list(statements) {
            Some(list) => list.iter().collect(),
            None => vec![statements],
        };
        for statement in all {
            let sid = sid(tree, statement);
            let same = |known: &&mut NodeId| sid.is_some_and(|own| self::sid(tree, **known) == Some(own));
            match self.statements.iter_mut().find(same) {
                Some(earlier) => *earlier = statement,
                None => self.statements.push(statement),
            }
        }
    }

    fn finish(self, assembly: &mut Assembly, place: NodeId) -> NodeId {
        let tree = &mut assembly.tree;
        let mut entries = Vec::new();
        for (name, value) in [("Version", self.version), ("Id", self.id)] {
            if let Some(value) = value {
                entries.extend([tree.key(name), value]);
            }
        }
        let list = tree.derive_list(place, &self.statements);
        entries.extend([tree.key("Statement"), list]);
        tree.derive_map(place, &entries)
    }
}

fn sid(tree: &Tree, statement: NodeId) -> Option<&str> {
    tree.string(tree.get(statement, "Sid")?).filter(|sid| !sid.is_empty())
}

#[cfg(test)]
mod tests {
    //! Documents that the provider made itself are made again from their blocks, and must be the same.

    use std::path::Path;

    use serde_json::Value;

    use super::*;
    use crate::document::{Limits, Source, json};
    use crate::ingest::Options;
    use crate::ingest::terraform::plan::Plan;

    /// The document without what means the same: a single value is a list of one, lists have no order, an empty id is
    /// none.
    fn plain(tree: &Tree, node: NodeId) -> Value {
        match tree.view(node) {
            View::Map(map) => {
                let entries = map.iter().map(|(_, key, value)| (key.to_owned(), plain(tree, value)));
                let nothing = |key: &str, value: &Value| {
                    *value == serde_json::json!([]) || key == "Sid" && *value == serde_json::json!([""])
                };
                entries.filter(|(key, value)| !nothing(key, value)).collect()
            }
            View::List(list) => {
                let mut all: Vec<Value> = list.iter().map(|one| plain(tree, one)).collect();
                all = all
                    .into_iter()
                    .flat_map(|one| match one {
                        Value::Array(inner) => inner,
                        other => vec![other],
                    })
                    .collect();
                all.sort_by_key(Value::to_string);
                Value::Array(all)
            }
            _ => Value::Array(vec![Value::from(tree.display(node))]),
        }
    }

    fn plans() -> Vec<std::path::PathBuf> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut out = Vec::new();
        let own = std::fs::read_dir(root.join("tests/cases/ingest/terraform")).unwrap();
        out.extend(own.map(|entry| entry.unwrap().path().join("plan.json")));
        for folder in ["../shared/corpus/tfplan", "../shared/corpus/tfplan-modules"] {
            let entries = std::fs::read_dir(root.join(folder)).into_iter().flatten();
            let files = entries.map(|entry| entry.unwrap().path());
            // Large ones are too slow for a test without optimisation.
            out.extend(files.filter(|file| file.metadata().is_ok_and(|about| about.len() < 300_000)));
        }
        out.sort();
        out
    }

    #[test]
    fn documents_are_put_together_as_the_provider_does() {
        let mut compared = 0;
        for file in plans() {
            let Ok(text) = std::fs::read_to_string(&file) else { continue };
            if !text.contains("aws_iam_policy_document") {
                continue;
            }
            let mut tree = Tree::new();
            let source = tree.add_source(Source::from_text("plan.json", text.as_str()));
            let Ok((root, _)) = json::read(&mut tree, source, &text, 0, Limits::default()) else { continue };
            let mut assembly = Assembly::new(tree);
            let plan = Plan::read(&assembly.tree, root);
            let context = Context::new(&assembly.tree, &plan, &Options::default(), None);
            for (at, instance) in plan.instances.iter().enumerate() {
                let known = context.known(&assembly.tree, at, "json");
                let known = known.filter(|&json| assembly.tree.string(json) != Some(""));
                let (Some(known), true) = (known, &*instance.ty == "data.aws_iam_policy_document") else {
                    continue;
                };
                let theirs = inside::policy(&mut assembly, known);
                let ours = from_blocks(&context, &mut assembly, (at, instance.node), None);
                let (theirs, ours) = (plain(&assembly.tree, theirs), plain(&assembly.tree, ours));
                assert_eq!(ours, theirs, "{} {}", file.display(), instance.address);
                compared += 1;
            }
        }
        assert!(compared > 1, "documents were compared");
    }
}
