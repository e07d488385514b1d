//! What is given to the parameters of documents, and does not fit them: by associations, tasks, triggers and
//! remediations, and by the steps of other documents.

use crate::catalog;
use crate::document::{Alternative, Condition, NodeId, Tree, View};
use crate::ingest::alternatives;
use crate::model::{Entity, EntityId, Kind, Relation, Target};
use crate::ssm::flow;
use crate::ssm::problems::why_refused;
use crate::ssm::secrets::{assigned_secret, has_password, is_literal, is_marked, says_secret};
use crate::ssm::signatures;
use crate::ssm::sink;
use crate::ssm::solver::Solver;
use crate::ssm::{Document, DocumentKind, Step};

use super::build::Maker;
use super::record::Record;
use super::ssm::{texts, texts_with_holes};

/// What does not fit: a value, a name or the whole.
#[derive(Clone, Debug)]
pub(super) struct Misfit {
    pub(super) node: NodeId,
    /// `unknown`, `missing` or `refused`.
    problem: &'static str,
    message: String,
    /// The name that is probably meant.
    suggestion: Option<String>,
    /// What must hold for it.
    under: Vec<Condition>,
}

/// A value that is given to a parameter: the node of the name, the name and the value.
type Given = (NodeId, String, NodeId);

/// As many ways of giving values are told apart.
const WAYS: usize = 16;

/// Adds what is wrong with the values that an entity gives to a document.
pub(super) fn add(maker: &mut Maker<'_>, record: &mut Record, id: EntityId, entity: &Entity) {
    let parameters = entity.get("parameters");
    let named = entity.get("document_name").or_else(|| entity.get("task"));
    let ways = match parameters {
        Some(node) => alternatives::of_value(&mut maker.tree, maker.conditions, node, WAYS)
            .unwrap_or_else(|| vec![(Condition::ALWAYS, Some(node))]),
        None => vec![(Condition::ALWAYS, None)],
    };
    let payload = entity.get("payload").map(|node| payload_secrets(&maker.tree, node, &is_secret));
    let payload = payload.unwrap_or_default();
    let (mut secrets, mut misfits) = (Vec::new(), Vec::new());
    for (under, parameters) in ways {
        let tree = &maker.tree;
        let given: Vec<Given> = match parameters.map(|node| tree.map(node)) {
            Some(Some(map)) => map.iter().map(|(key, name, value)| (key, name.to_owned(), value)).collect(),
            // Those of a trigger are taken from the event.
            None if entity.kind != Kind::Trigger => Vec::new(),
            _ => continue,
        };
        let found = [secrets_in(tree, &given), payload.clone()].concat();
        let value = Some(maker.tree.derive_list(record.place(), &found));
        secrets.push(Alternative { condition: under, value });
        if let Some(at) = parameters.or(named) {
            for (own, problems) in problems(maker, id, entity, at, &given) {
                let under = maker.conditions.and(under, own);
                misfits.extend(problems.into_iter().filter(|_| !under.is_never()).map(|one| (under, one)));
            }
        }
    }
    match secrets.as_slice() {
        [] => return,
        [Alternative { condition, value }] if condition.is_always() => {
            record.put(&mut maker.tree, "secret_parameters", *value);
        }
        _ => {
            let all = maker.tree.derive_choice(record.place(), secrets);
            record.put(&mut maker.tree, "secret_parameters", Some(all));
        }
    }
    let mut list = Vec::with_capacity(misfits.len());
    for (under, one) in &misfits {
        let made = misfit(maker, one);
        list.push(maker.under(made, *under));
    }
    record.list(&mut maker.tree, "parameter_problems", &list);
}

fn is_secret(name: &str, text: &str) -> bool {
    holds_one(text) || says_secret(name) && is_literal(text)
}

/// Whether a secret stands in a text.
fn holds_one(text: &str) -> bool {
    is_marked(text) || has_password(text) || assigned_secret(text).is_some()
}

/// The values that look like secrets.
fn secrets_in(tree: &Tree, given: &[Given]) -> Vec<NodeId> {
    let each = given.iter().flat_map(|(_, name, value)| {
        texts(tree, *value).into_iter().map(move |(node, text)| (node, name, text))
    });
    let whole = each.filter(|(_, name, text)| is_secret(name, text)).map(|(node, ..)| node);
    let parts = given.iter().flat_map(|(_, _, value)| texts_with_holes(tree, *value));
    whole.chain(parts.filter(|(_, text)| holds_one(text)).map(|(node, _)| node)).collect()
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
    let mut list = Vec::new();
    for one in problems {
        let under = one.under.iter().fold(Condition::ALWAYS, |all, one| maker.conditions.and(all, *one));
        if !under.is_never() {
            let made = misfit(maker, one);
            list.push(maker.under(made, under));
        }
    }
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
    let name = entity.get("document_name").or_else(|| entity.get("task"));
    for (under, name) in name.map(|name| names(tree, name)).unwrap_or_default() {
        let mut out = of_aws_document(name, at, given, targeted);
        if let (Some(node), Some(targeted)) = (target, targeted)
            && let Some(signature) = signatures::of_aws_document(bare(name))
            && !signature.iter().any(|(known, _)| *known == targeted)
        {
            out.push(unknown_of_aws(bare(name), signature, node, targeted));
        }
        found.push((under, out));
    }
    found
}

/// The names that a value may be, and when it is which.
fn names(tree: &Tree, node: NodeId) -> Vec<(Condition, &str)> {
    match tree.view(node) {
        View::String(name) => vec![(Condition::ALWAYS, name)],
        View::Choice(all) => {
            let named = all.iter().filter_map(|one| Some((one.condition, tree.string(one.value?)?)));
            named.collect()
        }
        _ => Vec::new(),
    }
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
        under: Vec::new(),
    }
}

fn unknown(document: &Document, node: NodeId, name: &str) -> Misfit {
    let near = catalog::nearest(name, document.parameters.iter().map(|one| &*one.name));
    Misfit {
        node,
        problem: "unknown",
        message: format!("the document has no parameter `{name}`"),
        suggestion: near.map(str::to_owned),
        under: Vec::new(),
    }
}

fn missing(node: NodeId, document: &str, name: &str) -> Misfit {
    let message = format!("{document} needs the parameter `{name}`");
    Misfit { node, problem: "missing", message, suggestion: None, under: Vec::new() }
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
                    under: Vec::new(),
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
pub(super) fn of_calls(tree: &Tree, document: &Document, resolve: flow::Resolve<'_>) -> Vec<Misfit> {
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
        for (named, when) in flow::ways(tree, call.document) {
            let callees = resolve(named);
            let from = out.len();
            if callees.is_empty() {
                let name = tree.string(named).unwrap_or("");
                out.extend(of_aws_document(name, call.document, &given, targeted));
            }
            // Nodes are selected beside the parameters of a command.
            let known = matches!(tree.view(named), View::String(_) | View::Text(_));
            let counts = |callee: &Document| known && callee.kind != DocumentKind::Session;
            for (callee, under) in callees.into_iter().filter(|(callee, _)| counts(callee)) {
                let found = of_document(tree, callee, call.document, &given, targeted);
                out.extend(found.into_iter().map(|one| Misfit { under: under.clone(), ..one }));
            }
            out.iter_mut().skip(from).for_each(|one| one.under.extend(when));
        }
    }
    out
}

/// The node of the name of an argument.
fn key_of(tree: &Tree, step: &Step, value: NodeId) -> Option<NodeId> {
    let maps = step.entries(tree).into_iter().filter_map(|(_, input)| tree.map(input));
    maps.flat_map(crate::document::Map::iter).find(|(_, _, own)| *own == value).map(|(key, _, _)| key)
}
