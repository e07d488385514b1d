//! References: every one must lead to something that is there by then.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::document::NodeId;
use crate::ssm::DocumentKind;
use crate::ssm::reference::{Target, references};
use crate::ssm::script::{Use, uses_below};

use super::graph;
use super::{Finder, Topic};

/// What maintenance windows and rate control put in place of a name.
const PSEUDO: &[&str] = &[
    "RESOURCE_ID",
    "TARGET_ID",
    "TARGETS",
    "TARGET_TYPE",
    "WINDOW_ID",
    "WINDOW_TASK_ID",
    "WINDOW_TARGET_ID",
    "WINDOW_EXECUTION_ID",
    "TASK_EXECUTION_ID",
    "INVOCATION_ID",
    "TASK_ID",
];

pub(super) fn find(finder: &mut Finder<'_>) {
    let document = finder.document;
    if !document.kind.is_automation() && !document.kind.is_on_nodes() {
        return;
    }
    let used = names(finder);
    unused(finder, &used);
    if document.kind.is_automation() {
        early(finder);
    }
}

/// Looks up every reference, and gives the names that are used.
fn names(finder: &mut Finder<'_>) -> FxHashSet<String> {
    let (tree, document) = (finder.tree, finder.document);
    let automation = document.kind.is_automation();
    let parameters: FxHashSet<&str> = document.parameters.iter().map(|parameter| &*parameter.name).collect();
    let steps: FxHashSet<&str> = document.steps.iter().filter_map(|step| step.name.as_deref()).collect();
    let variables: FxHashSet<&str> = document.variables.iter().map(|variable| &*variable.name).collect();
    let mut used = FxHashSet::default();
    let bodies = ["mainSteps", "runtimeConfig", "properties", "inputs", "outputs", "assumeRole", "variables"];
    let roots: Vec<NodeId> = bodies.iter().filter_map(|key| tree.get(document.root, key)).collect();
    let mut told: FxHashSet<(NodeId, usize)> = FxHashSet::default();
    for found in roots.into_iter().flat_map(|root| uses_below(tree, root)) {
        let problem = match &found.reference.target {
            Target::Name(name) => {
                used.insert(name.to_string());
                let known = parameters.contains(&**name) || PSEUDO.contains(&&**name);
                let looks_meant = name.chars().all(|c| c.is_ascii_alphanumeric());
                // Outside references, agents take braces as text; there, only what looks like a mistake is one.
                let meant = automation || looks_meant && similar(name, &parameters).is_some();
                (!known && looks_meant && meant && !steps.contains(&**name)).then(|| {
                    let hint = similar(name, &parameters);
                    let hint = hint.map(|close| format!(": did you mean `{close}`?")).unwrap_or_default();
                    ("undeclared_reference", format!("there is no parameter `{name}`{hint}"))
                })
            }
            Target::Output { step, .. } => {
                used.insert(step.to_string());
                let known = steps.contains(&**step) || parameters.contains(&**step);
                (automation && !known).then(|| ("undeclared_reference", format!("there is no step `{step}`")))
            }
            Target::Variable(name) => {
                let known = variables.contains(&**name);
                (automation && !known)
                    .then(|| ("undeclared_reference", format!("there is no variable `{name}`")))
            }
            Target::Store(name) if automation => Some((
                "store_in_step",
                format!("`{{{{ssm:{name}}}}}` is understood in defaults of parameters alone, not in steps"),
            )),
            _ => None,
        };
        if let Some((kind, message)) = problem
            && told.insert((found.node, found.reference.start))
            && !is_in_script(finder, &found)
        {
            finder.add(Topic::Structure, kind, found.node, message);
            finder.at((found.reference.start, found.reference.end));
            match &found.reference.target {
                Target::Name(name) => {
                    if let Some(close) = similar(name, &parameters) {
                        finder.suggest_for(name, close);
                    }
                }
                Target::Output { step, .. } => {
                    if let Some(close) = similar(step, &steps) {
                        finder.suggest_for(step, close);
                    }
                }
                _ => {}
            }
        }
    }
    for parameter in &document.parameters {
        let default = parameter.default.map(|node| uses_below(tree, node)).unwrap_or_default();
        for found in default {
            if let Target::Name(name) = found.reference.target {
                used.insert(name.to_string());
            }
        }
    }
    used
}

/// Whether the reference stands in a script of its own language, where braces mean other things as well.
fn is_in_script(finder: &Finder<'_>, found: &Use) -> bool {
    let scripts = finder.document.steps.iter().filter(|step| &*step.action == "aws:executeScript");
    scripts.filter_map(|step| step.input(finder.tree, "Script")).any(|script| script == found.node)
}

/// The declared name that differs in case or by a letter.
fn similar<'n>(name: &str, declared: &FxHashSet<&'n str>) -> Option<&'n str> {
    let mut close: Vec<&str> = declared
        .iter()
        .filter(|known| known.eq_ignore_ascii_case(name) || one_letter_apart(known, name))
        .copied()
        .collect();
    close.sort_unstable();
    close.first().copied()
}

fn one_letter_apart(left: &str, right: &str) -> bool {
    let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    if long.len() - short.len() > 1 || long.len() < 5 {
        return false;
    }
    let same = short.bytes().zip(long.bytes()).take_while(|(a, b)| a == b).count();
    let (rest_short, rest_long) = (short.get(same..), long.get(same + 1..));
    match (rest_short, rest_long) {
        (Some(rest), Some(other)) if short.len() < long.len() => rest == other,
        (Some(rest), Some(other)) => rest.get(1..) == Some(other),
        _ => false,
    }
}

fn unused(finder: &mut Finder<'_>, used: &FxHashSet<String>) {
    let document = finder.document;
    let runs_steps = document.kind.is_automation() || document.kind == DocumentKind::Command;
    if !runs_steps || document.steps.is_empty() {
        return;
    }
    let steps = finder
        .tree
        .get(document.root, "mainSteps")
        .filter(|_| document.parameters.iter().any(|one| one.by_environment));
    let text = steps.map(|node| finder.tree.display(node)).unwrap_or_default();
    for parameter in &document.parameters {
        let in_environment = parameter.by_environment && text.contains(&format!("SSM_{}", parameter.name));
        if !used.contains(&*parameter.name) && !in_environment {
            let message = format!("nothing uses the parameter `{}`", parameter.name);
            finder.note(Topic::Structure, "unused_parameter", parameter.key, message);
        }
    }
}

/// Outputs that are read by steps that no path leads to from the step that gives them.
fn early(finder: &mut Finder<'_>) {
    let (tree, document) = (finder.tree, finder.document);
    let graph = graph::read(tree, document);
    if graph.dynamic {
        return;
    }
    let indices: FxHashMap<&str, usize> =
        document.steps.iter().enumerate().filter_map(|(i, step)| Some((step.name.as_deref()?, i))).collect();
    let mut after: FxHashMap<usize, Vec<bool>> = FxHashMap::default();
    for (index, step) in document.steps.iter().enumerate() {
        let Some(inputs) = step.inputs else { continue };
        // What stands in a loop's own steps is read by those.
        let uses = if &*step.action == "aws:loop" { Vec::new() } else { uses_below(tree, inputs) };
        for found in uses {
            let Target::Output { step: giver, output } = &found.reference.target else { continue };
            let Some(&from) = indices.get(&**giver) else { continue };
            if output.starts_with("CurrentItera") {
                continue;
            }
            let reached = after.entry(from).or_insert_with(|| graph.after(from));
            if !reached.get(index).copied().unwrap_or(true) {
                let message = format!("the step `{giver}` cannot have run before its output is read here");
                finder.add(Topic::Structure, "early_output", found.node, message);
                finder.at((found.reference.start, found.reference.end));
            }
        }
    }
    for node in &document.outputs {
        let Some(text) = tree.string(*node) else { continue };
        // Outputs are named `step.Output`, without braces.
        if let (true, Some((name, _))) = (references(text).is_empty(), text.split_once('.'))
            && !indices.contains_key(name)
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            finder.add(Topic::Structure, "unknown_step", *node, format!("there is no step `{name}`"));
        }
    }
}
