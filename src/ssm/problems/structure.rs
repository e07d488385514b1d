//! Steps: their names, actions, inputs and order.

use rustc_hash::FxHashMap;

use crate::document::{Kind, Tree};
use crate::ssm::DocumentKind;
use crate::ssm::actions::{self, AUTOMATION, PLUGINS};
use crate::ssm::step::Step;

use super::graph;
use super::{Finder, Topic};

pub(super) fn find(finder: &mut Finder<'_>) {
    let document = finder.document;
    if !document.kind.is_automation()
        && !matches!(document.kind, DocumentKind::Command | DocumentKind::Policy)
    {
        return;
    }
    body(finder);
    for step in &document.steps {
        each(finder, step);
    }
    names(finder);
    if document.kind.is_automation() {
        order(finder);
    }
}

fn body(finder: &mut Finder<'_>) {
    let (tree, document) = (finder.tree, finder.document);
    let version = document.schema_version.as_deref().unwrap_or("");
    let config = tree.get(document.root, "runtimeConfig");
    let main = tree.get(document.root, "mainSteps");
    if version.starts_with("2.")
        && let Some(config) = config
    {
        let message = "`runtimeConfig` belongs to schema 1; documents of schema 2 have `mainSteps`";
        finder.add(Topic::Structure, "runtime_config", config, message);
    }
    match main {
        None if config.is_none() => {
            finder.add(Topic::Structure, "no_steps", document.root, "the document has no `mainSteps`");
        }
        Some(node) if tree.list(node).is_some_and(crate::document::List::is_empty) => {
            finder.add(Topic::Structure, "no_steps", node, "`mainSteps` is empty");
        }
        Some(node) if matches!(tree.kind(node), Kind::Map | Kind::String | Kind::Null) => {
            finder.add(Topic::Structure, "no_steps", node, "`mainSteps` is not a list");
        }
        _ => {}
    }
}

fn each(finder: &mut Finder<'_>, step: &Step) {
    let (tree, document) = (finder.tree, finder.document);
    if tree.kind(step.node) != Kind::Map {
        let in_schema_1 = tree.get(document.root, "runtimeConfig").is_some();
        if !in_schema_1
            && matches!(tree.kind(step.node), Kind::String | Kind::Number | Kind::Null | Kind::Bool)
        {
            finder.add(Topic::Structure, "step_not_map", step.node, "a step is not a map");
        }
        return;
    }
    let in_schema_1 = tree.get(document.root, "runtimeConfig").is_some();
    let label = step.name.as_deref().unwrap_or("without a name");
    if step.action.is_empty() {
        if tree.get(step.node, "action").is_none() {
            finder.add(
                Topic::Structure,
                "no_action",
                step.node,
                format!("the step `{label}` has no `action`"),
            );
        }
        return;
    }
    if step.name.is_none() && !in_schema_1 && tree.get(step.node, "name").is_none() {
        finder.add(Topic::Structure, "no_name", step.node, "a step has no `name`");
    }
    let automation = document.kind.is_automation();
    let table = if automation { AUTOMATION } else { PLUGINS };
    let node = tree.get(step.node, "action").unwrap_or(step.node);
    let Some(action) = actions::find(table, &step.action) else {
        if !step.action.contains("{{") {
            let other = if automation { PLUGINS } else { AUTOMATION };
            let belongs = actions::find(other, &step.action).is_some();
            let what = if automation { "an automation" } else { "a node" };
            let close = suggestion(table, &step.action).filter(|_| !belongs);
            let hint = close.map(|close| format!(": did you mean `{close}`?")).unwrap_or_default();
            let message = if belongs {
                format!("`{}` cannot be done by {what}", step.action)
            } else {
                format!("there is no action `{}`{hint}", step.action)
            };
            finder.add(Topic::Structure, "unknown_action", node, message);
            if let Some(close) = close {
                finder.suggest(close);
            }
        }
        return;
    };
    let inputs = step.inputs.filter(|inputs| tree.kind(*inputs) == Kind::Map);
    if inputs.is_none() && step.inputs.is_some_and(|inputs| tree.kind(inputs) != Kind::Null) {
        return;
    }
    // Change templates name their approvers elsewhere.
    if document.kind == DocumentKind::ChangeTemplate && action.name == "aws:approve" {
        return;
    }
    let missing = action.required.iter().find(|name| {
        let all = inputs.and_then(|inputs| tree.map(inputs));
        !all.is_some_and(|map| map.iter().any(|(_, key, _)| key.eq_ignore_ascii_case(name)))
    });
    if let Some(missing) = missing {
        let message =
            format!("the step `{label}` lacks the input `{missing}`, which `{}` requires", action.name);
        finder.add(Topic::Structure, "no_input", step.node, message);
    }
}

fn suggestion(table: &'static [actions::Action], name: &str) -> Option<&'static str> {
    let letters = |text: &str| text.to_ascii_lowercase().replace(['_', '-', ' '], "");
    let close = table.iter().find(|action| {
        let (known, given) = (letters(action.name), letters(name));
        known == given || distance(&known, &given) <= 3
    });
    close.map(|action| action.name)
}

/// How many letters have to change.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let above = row.get(j + 1).copied().unwrap_or(0) + 1;
            let beside = next.get(j).copied().unwrap_or(0) + 1;
            let diagonal = row.get(j).copied().unwrap_or(0) + usize::from(a != *b);
            next.push(above.min(beside).min(diagonal));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

fn names(finder: &mut Finder<'_>) {
    let (tree, document) = (finder.tree, finder.document);
    let mut seen: FxHashMap<&str, bool> = FxHashMap::default();
    let is_list = tree.get(document.root, "mainSteps").is_some();
    for step in document.steps.iter().filter(|_| is_list) {
        let Some(name) = step.name.as_deref() else { continue };
        let node = tree.get(step.node, "name").unwrap_or(step.node);
        if seen.insert(name, step.alternative).is_some_and(|other| !(other && step.alternative)) {
            let message = format!("there are two steps of the name `{name}`");
            finder.add(Topic::Structure, "duplicate_step", node, message);
        }
        let valid = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if document.kind.is_automation() && (!valid || name.is_empty()) {
            let message =
                format!("the step name `{name}` is not made of letters, digits and underscores alone");
            finder.add(Topic::Structure, "step_name", node, message);
        }
    }
}

fn order(finder: &mut Finder<'_>) {
    let (tree, document) = (finder.tree, finder.document);
    let graph = graph::read(tree, document);
    for jump in &graph.jumps {
        if document.step(&jump.name).is_none() {
            let message = format!("there is no step `{}`", jump.name);
            finder.add(Topic::Structure, "unknown_step", jump.node, message);
        }
    }
    for step in &document.steps {
        if let Some(next) = tree.get(step.node, "nextStep")
            && is_true(tree, step, "isEnd")
        {
            finder.add(Topic::Structure, "end_with_next", next, "a step that is the end has a next step");
        }
    }
    if graph.dynamic || document.steps.is_empty() {
        return;
    }
    let reached = graph.after(0);
    for (index, step) in document.steps.iter().enumerate().skip(1) {
        if !reached.get(index).copied().unwrap_or(true) {
            let message = format!("no step leads to `{}`", step.name.as_deref().unwrap_or("this step"));
            finder.note(Topic::Structure, "unreachable_step", step.node, message);
        }
    }
}

fn is_true(tree: &Tree, step: &Step, key: &str) -> bool {
    tree.get(step.node, key).and_then(|node| tree.scalar(node)) == Some("true")
}
