//! What is given to the parameters of documents, and does not fit them: by associations, tasks, triggers and
//! remediations, and by the steps of other documents.

use crate::catalog;
use crate::document::{Condition, NodeId, Tree, View};
use crate::model::{Entity, EntityId, Kind, Relation, Target};
use crate::ssm::problems::why_refused;
use crate::ssm::secrets::{has_password, is_literal, is_marked, says_secret};
use crate::ssm::signatures;
use crate::ssm::sink;
use crate::ssm::solver::Solver;
use crate::ssm::{Document, DocumentKind, Step};

use super::build::Maker;
use super::record::Record;
use super::ssm::texts;

/// What does not fit: a value, a name or the whole.
#[derive(Debug)]
pub(super) struct Misfit {
    node: NodeId,
    /// `unknown`, `missing` or `refused`.
    problem: &'static str,
    message: String,
    /// The name that is probably meant.
    suggestion: Option<String>,
}

/// A value that is given to a parameter: the node of the name, the name and the value.
type Given = (NodeId, String, NodeId);

/// Adds what is wrong with the values that an entity gives to a document.
pub(super) fn add(maker: &mut Maker<'_>, record: &mut Record, id: EntityId, entity: &Entity) {
    let tree = &maker.tree;
    let parameters = entity.get("parameters");
    let named = entity.get("document_name").or_else(|| entity.get("task"));
    let given: Vec<Given> = match parameters.map(|node| tree.map(node)) {
        Some(Some(map)) => map.iter().map(|(key, name, value)| (key, name.to_owned(), value)).collect(),
        // Those of a trigger are taken from the event.
        None if entity.kind != Kind::Trigger => Vec::new(),
        _ => return,
    };
    let secret = |name: &str, text: &str| {
        is_marked(text) || has_password(text) || says_secret(name) && is_literal(text)
    };
    let secrets: Vec<NodeId> = given
        .iter()
        .flat_map(|(_, name, value)| {
            texts(tree, *value).into_iter().map(move |(node, text)| (node, name, text))
        })
        .filter(|(_, name, text)| secret(name, text))
        .map(|(node, ..)| node)
        .collect();
    let payload = entity.get("payload").map(|node| payload_secrets(tree, node, &secret)).unwrap_or_default();
    let secrets = [secrets, payload].concat();
    let problems = match parameters.or(named) {
        Some(at) => problems(maker, id, entity, at, &given),
        None => Vec::new(),
    };
    record.list(&mut maker.tree, "secret_parameters", &secrets);
    let mut list = Vec::new();
    for (under, misfits) in &problems {
        for one in misfits {
            let made = misfit(maker, one);
            list.push(maker.under(made, *under));
        }
    }
    record.list(&mut maker.tree, "parameter_problems", &list);
}

/// The secrets in what a task hands to a function or a state machine: in a map, or in JSON in a text.
fn payload_secrets(tree: &Tree, root: NodeId, secret: &dyn Fn(&str, &str) -> bool) -> Vec<NodeId> {
    let mut out = Vec::new();
    let mut stack = vec![("", root)];
    while let Some((name, node)) = stack.pop() {
        match tree.view(node) {
            View::List(list) => stack.extend(list.iter().map(|one| (name, one))),
            View::Map(map) => stack.extend(map.iter().map(|(_, key, value)| (key, value))),
            View::String(text) => {
                let found = match serde_json::from_str::<serde_json::Value>(text) {
                    Ok(value) if !value.is_string() => holds_secret(name, &value, secret),
                    _ => secret(name, text),
                };
                if found {
                    out.push(node);
                }
            }
            _ => {}
        }
    }
    out
}

fn holds_secret(name: &str, value: &serde_json::Value, secret: &dyn Fn(&str, &str) -> bool) -> bool {
    match value {
        serde_json::Value::String(text) => secret(name, text),
        serde_json::Value::Array(all) => all.iter().any(|one| holds_secret(name, one, secret)),
        serde_json::Value::Object(map) => map.iter().any(|(key, one)| holds_secret(key, one, secret)),
        _ => false,
    }
}

/// Adds a list of what does not fit.
pub(super) fn put<'m>(
    maker: &mut Maker<'_>,
    record: &mut Record,
    name: &'static str,
    problems: impl IntoIterator<Item = &'m Misfit>,
) {
    let list: Vec<NodeId> = problems.into_iter().map(|one| misfit(maker, one)).collect();
    record.list(&mut maker.tree, name, &list);
}

fn misfit(maker: &mut Maker<'_>, one: &Misfit) -> NodeId {
    let mut inner = Record::new(one.node);
    inner.text(&mut maker.tree, "problem", one.problem);
    inner.text(&mut maker.tree, "message", &one.message);
    if let Some(suggestion) = &one.suggestion {
        inner.text(&mut maker.tree, "suggestion", suggestion);
    }
    inner.finish(&mut maker.tree)
}

/// What does not fit the documents that an entity runs, by when it runs which.
fn problems(
    maker: &Maker<'_>,
    id: EntityId,
    entity: &Entity,
    at: NodeId,
    given: &[Given],
) -> Vec<(Condition, Vec<Misfit>)> {
    let tree = &maker.tree;
    let target = entity.get("automation_target_parameter");
    let targeted = target.and_then(|node| tree.string(node));
    let run = maker.inventory.links_from(id, Relation::Runs).filter_map(|link| match link.to {
        Target::Entity(document, _) => Some((link.under, maker.analyses().get(&document)?.first()?)),
        _ => None,
    });
    let mut found = Vec::new();
    for (under, analysis) in run {
        let mut out = of_document(tree, &analysis.document, at, given, targeted);
        if let (Some(node), Some(name)) = (target, targeted)
            && analysis.document.parameter(name).is_none()
        {
            out.push(unknown(&analysis.document, node, name));
        }
        found.push((under, out));
    }
    if !found.is_empty() {
        return found;
    }
    let name = entity.get("document_name").or_else(|| entity.get("task"));
    let name = name.and_then(|node| tree.string(node)).unwrap_or("");
    let mut out = of_aws_document(name, at, given, targeted);
    if let (Some(node), Some(targeted)) = (target, targeted)
        && let Some(signature) = signatures::of_aws_document(bare(name))
        && !signature.iter().any(|(known, _)| *known == targeted)
    {
        out.push(unknown_of_aws(bare(name), signature, node, targeted));
    }
    vec![(Condition::ALWAYS, out)]
}

/// The name of a document of AWS without its ARN.
fn bare(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn unknown_of_aws(document: &str, signature: &[(&'static str, bool)], node: NodeId, name: &str) -> Misfit {
    Misfit {
        node,
        problem: "unknown",
        message: format!("`{document}` has no parameter `{name}`"),
        suggestion: catalog::nearest(name, signature.iter().map(|(known, _)| *known)).map(str::to_owned),
    }
}

fn unknown(document: &Document, node: NodeId, name: &str) -> Misfit {
    let near = catalog::nearest(name, document.parameters.iter().map(|one| &*one.name));
    Misfit {
        node,
        problem: "unknown",
        message: format!("the document has no parameter `{name}`"),
        suggestion: near.map(str::to_owned),
    }
}

fn missing(node: NodeId, document: &str, name: &str) -> Misfit {
    let message = format!("{document} needs the parameter `{name}`");
    Misfit { node, problem: "missing", message, suggestion: None }
}

fn of_aws_document(name: &str, at: NodeId, given: &[Given], targeted: Option<&str>) -> Vec<Misfit> {
    let bare = bare(name);
    let Some(signature) = signatures::of_aws_document(bare) else { return Vec::new() };
    let mut out = Vec::new();
    for (key, own, _) in given {
        if !signature.iter().any(|(known, _)| known == own) {
            out.push(unknown_of_aws(bare, signature, *key, own));
        }
    }
    for (known, required) in signature {
        if *required && targeted != Some(*known) && !given.iter().any(|(_, own, _)| own == known) {
            out.push(missing(at, &format!("`{bare}`"), known));
        }
    }
    out
}

fn of_document(
    tree: &Tree,
    document: &Document,
    at: NodeId,
    given: &[Given],
    targeted: Option<&str>,
) -> Vec<Misfit> {
    let mut out = Vec::new();
    for (key, name, value) in given {
        let Some(parameter) = document.parameter(name) else {
            out.push(unknown(document, *key, name));
            continue;
        };
        for (node, text) in texts(tree, *value) {
            if text.contains("{{") || text == "RESOURCE_ID" {
                continue;
            }
            if let Some(problem) = why_refused(parameter, &text, Solver::shared()) {
                out.push(Misfit {
                    node,
                    problem: "refused",
                    message: format!("the value of `{name}` {problem}"),
                    suggestion: None,
                });
            }
        }
    }
    for parameter in &document.parameters {
        if parameter.default.is_none()
            && targeted != Some(&*parameter.name)
            && !given.iter().any(|(_, name, _)| **name == *parameter.name)
        {
            out.push(missing(at, "the document", &parameter.name));
        }
    }
    out
}

/// What is wrong with the values that the steps of a document give to other documents.
pub(super) fn of_calls<'d>(
    tree: &Tree,
    document: &Document,
    resolve: &dyn Fn(NodeId) -> Option<&'d Document>,
) -> Vec<Misfit> {
    let mut out = Vec::new();
    for step in &document.steps {
        let Some(call) = sink::called(tree, document, step) else { continue };
        // What is given in a text, or by a reference, is not known by name.
        let inputs = ["Parameters", "RuntimeParameters", "documentParameters"].iter();
        let mut given = inputs.filter_map(|name| step.input(tree, name));
        if given.any(|node| tree.map(node).is_none()) {
            continue;
        }
        let given: Vec<Given> = call
            .arguments
            .iter()
            .map(|(name, value)| (key_of(tree, step, *value).unwrap_or(*value), name.to_string(), *value))
            .collect();
        let targeted = step.text(tree, "TargetParameterName");
        if let Some(callee) = resolve(call.document) {
            // Nodes are selected beside the parameters of a command.
            let known = matches!(tree.view(call.document), View::String(_) | View::Text(_));
            if known && callee.kind != DocumentKind::Session {
                out.extend(of_document(tree, callee, call.document, &given, targeted));
            }
        } else {
            let name = tree.string(call.document).unwrap_or("");
            out.extend(of_aws_document(name, call.document, &given, targeted));
        }
    }
    out
}

/// The node of the name of an argument.
fn key_of(tree: &Tree, step: &Step, value: NodeId) -> Option<NodeId> {
    let maps = step.entries(tree).into_iter().filter_map(|(_, input)| tree.map(input));
    maps.flat_map(crate::document::Map::iter).find(|(_, _, own)| *own == value).map(|(key, _, _)| key)
}
