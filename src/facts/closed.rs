//! Documents that nobody runs but what the input declares: their parameters have the values that are given there, and no
//! others.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::document::{Conditions, NodeId, Tree, Tri, View};
use crate::iam::resource::Target;
use crate::model::{EntityId, Inventory, Kind, Relation};
use crate::ssm::language::{Constraint, Language};
use crate::ssm::{Document, Parameter, sink, targets};

use super::able::Able;
use super::demands::{Need, run_by};
use super::exposure;

/// The actions that run a document, or have it run later.
const STARTS: &[&str] = &[
    "ssm:StartAutomationExecution",
    "ssm:SendCommand",
    "ssm:StartSession",
    "ssm:CreateAssociation",
    "ssm:UpdateAssociation",
    "ssm:RegisterTaskWithMaintenanceWindow",
    "ssm:UpdateMaintenanceWindowTask",
];

/// Limits the parameters of every document to what the input gives them, where nothing else can run it.
pub(super) fn close(
    tree: &Tree,
    conditions: &mut Conditions,
    inventory: &Inventory,
    documents: &mut [(EntityId, Document)],
    find: &dyn Fn(NodeId) -> Vec<usize>,
) {
    let mut made = Vec::new();
    let mut all_calls = calls(tree, documents, find);
    let kinds = [Kind::Role, Kind::User, Kind::Group].into_iter();
    let principals: Vec<(EntityId, Able<'_>)> = kinds
        .flat_map(|kind| inventory.of_kind(kind))
        .map(|&principal| (principal, Able::of(tree, conditions, inventory, principal)))
        .collect();
    for (index, (id, document)) in documents.iter().enumerate() {
        let calls = all_calls.remove(&index).unwrap_or_default();
        let runners: Vec<EntityId> = inventory.links_to(*id, Relation::Runs).map(|link| link.from).collect();
        if runners.is_empty() && calls.is_empty() || is_open(tree, inventory, &principals, *id, &runners) {
            continue;
        }
        for (at, parameter) in document.parameters.iter().enumerate() {
            let of_runners = runners.iter().map(|runner| given_by(tree, inventory, *runner, parameter));
            let of_calls = calls.iter().map(|call| {
                let value = call.iter().find(|(name, _)| *name == parameter.name).map(|(_, value)| *value);
                values(tree, value.or(parameter.default))
            });
            let given: Option<Vec<Vec<Box<str>>>> = of_runners.chain(of_calls).collect();
            made.extend(given.map(|values| (index, at, values.concat())));
        }
    }
    for (index, at, mut values) in made {
        values.sort();
        values.dedup();
        let limit = Language { constraints: vec![Constraint::Values(values.into())] };
        let parameter = documents.get_mut(index).and_then(|(_, document)| document.parameters.get_mut(at));
        if let Some(parameter) = parameter {
            parameter.language = Arc::new(parameter.language.and(&limit));
        }
    }
}

/// What other documents of the input give to a document: a list of arguments for each call.
type Calls = Vec<Vec<(Box<str>, NodeId)>>;

/// The calls of each document that is called, by its position.
fn calls(
    tree: &Tree,
    documents: &[(EntityId, Document)],
    find: &dyn Fn(NodeId) -> Vec<usize>,
) -> FxHashMap<usize, Calls> {
    let mut out: FxHashMap<usize, Calls> = FxHashMap::default();
    for (_, document) in documents {
        for call in document.steps.iter().filter_map(|step| sink::called(tree, document, step)) {
            for callee in find(call.document) {
                let given = call.arguments.iter().map(|(name, value)| (name.to_string().into(), *value));
                out.entry(callee).or_default().push(given.collect());
            }
        }
    }
    out
}

/// What an association, task, trigger or remediation gives to a parameter; nothing where that is not all known.
fn given_by(
    tree: &Tree,
    inventory: &Inventory,
    runner: EntityId,
    parameter: &Parameter,
) -> Option<Vec<Box<str>>> {
    let entity = inventory.entity(runner)?;
    let target = entity.get("automation_target_parameter").and_then(|node| tree.string(node));
    let parameters = entity.get("parameters");
    let open = target == Some(&*parameter.name)
        || entity.get("transformed").is_some()
        || parameters.is_some_and(|node| tree.map(node).is_none());
    let value = parameters.and_then(|node| tree.get(node, &parameter.name));
    if open { None } else { values(tree, value.or(parameter.default)) }
}

/// The texts that are given; none where nothing is, since a run without a value that is needed fails.
fn values(tree: &Tree, given: Option<NodeId>) -> Option<Vec<Box<str>>> {
    given.map_or(Some(Vec::new()), |node| literals(tree, node))
}

/// The texts that a value is, where its author wrote all of them.
fn literals(tree: &Tree, node: NodeId) -> Option<Vec<Box<str>>> {
    match tree.view(node) {
        View::List(list) => {
            let all: Option<Vec<Vec<Box<str>>>> = list.iter().map(|one| literals(tree, one)).collect();
            all.map(|all| all.concat())
        }
        View::String(_) | View::Number(_) | View::Bool(_) => {
            let text = tree.scalar(node)?;
            (!text.contains("{{") && !text.starts_with("$.") && text != "RESOURCE_ID")
                .then(|| vec![text.into()])
        }
        View::Null => Some(Vec::new()),
        _ => None,
    }
}

/// Whether somebody else may run a document: it is shared, or a principal of the input may start it that is not the role
/// of what runs it.
fn is_open(
    tree: &Tree,
    inventory: &Inventory,
    principals: &[(EntityId, Able<'_>)],
    id: EntityId,
    runners: &[EntityId],
) -> bool {
    let Some(entity) = inventory.entity(id) else { return true };
    if exposure::is_shared(tree, entity) || inventory.links_to(id, Relation::Protects).next().is_some() {
        return true;
    }
    let name = entity.get("name").and_then(|node| tree.string(node));
    let of_runners = |principal: EntityId| {
        inventory.links_to(principal, Relation::Passes).any(|link| {
            let runs_it = run_by(inventory, link.from).any(|document| document == id);
            runners.contains(&link.from) || runs_it
        })
    };
    principals.iter().filter(|(principal, _)| !of_runners(*principal)).any(|(_, able)| {
        STARTS.iter().any(|action| {
            let can = match name {
                Some(name) => {
                    let arns = vec![targets::document(name), targets::automation(name)];
                    Need::on(action, arns).met_by(able)
                }
                None => able.can(action, &Target::any()),
            };
            can != Tri::No
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::document::{Limits, Source, Tree, json};

    #[test]
    fn only_what_is_written_is_literal() {
        let text = r#"[["a", 1, true], ["a", "{{ x }}"], "$.detail.id", "RESOURCE_ID", null]"#;
        let mut tree = Tree::new();
        let file = tree.add_source(Source::from_text("t.json", text));
        let (root, _) = json::read(&mut tree, file, text, 0, Limits::default()).unwrap();
        let found: Vec<_> = tree
            .list(root)
            .unwrap()
            .iter()
            .map(|one| super::literals(&tree, one).map(|all| all.len()))
            .collect();
        assert_eq!(found, [Some(3), None, None, None, Some(0)]);
    }
}
