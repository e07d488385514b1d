//! Runbooks that delete without asking.

use std::sync::LazyLock;

use regex::Regex;

use crate::document::{NodeId, Tree, View};
use crate::ssm::step::Step;

use super::graph;
use super::{Finder, Topic};

pub(super) fn find(finder: &mut Finder<'_>) {
    let (tree, document) = (finder.tree, finder.document);
    removals(finder);
    if !document.kind.is_automation() {
        return;
    }
    let graph = graph::read(tree, document);
    let unasked = graph.without(|index| document.steps.get(index).is_some_and(|step| is_gate(tree, step)));
    let asks = document.steps.iter().any(|step| is_gate(tree, step));
    for (index, step) in document.steps.iter().enumerate() {
        if let Some((node, what)) = destroys(tree, step) {
            let approved = asks && !unasked.get(index).copied().unwrap_or(false);
            if !approved {
                let way = if asks { " where the approval is passed by" } else { "" };
                let message = format!("`{what}` runs without anybody's approval{way}");
                finder.add(Topic::Destructive, "no_approval", node, message);
            }
        }
        let waits = matches!(&*step.action, "aws:waitForAwsResourceProperty");
        if waits && tree.get(step.node, "timeoutSeconds").is_none() {
            let message = "the step waits for an hour: `timeoutSeconds` is not set";
            finder.note(Topic::Destructive, "no_timeout", step.node, message);
        }
    }
}

/// A recursive removal of a path that begins with a parameter.
static REMOVAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let unix = r"\brm\s+(?:-[A-Za-z-]+\s+)*-[A-Za-z]*[rR][A-Za-z]*(?:\s+-[A-Za-z-]+)*";
    let windows = r"\bRemove-Item\b[^;|]*-Recurse[^;|{]*?|\bRemove-Item\b";
    let parameter = r#"\s+["']?(?:\{\{\s*(\w+)\s*\}\}|\$\{?SSM_(\w+))"#;
    Regex::new(&format!("(?:{unix}|{windows}){parameter}")).ok()
});

/// Scripts that remove whatever a parameter says.
fn removals(finder: &mut Finder<'_>) {
    let (tree, document) = (finder.tree, finder.document);
    for step in &document.steps {
        for (node, text) in step.inputs.map(|inputs| lines(tree, inputs)).unwrap_or_default() {
            let Some(found) = REMOVAL.as_ref().and_then(|regex| regex.captures(text)) else { continue };
            let whole = found.get(0).map_or("", |all| all.as_str());
            if whole.starts_with("Remove-Item") && !text.contains("-Recurse") {
                continue;
            }
            let name = found.get(1).or_else(|| found.get(2)).map_or("", |name| name.as_str());
            let open = document.parameter(name).is_some_and(|one| one.language.values().is_none());
            if open {
                let message = format!("whatever `{name}` says is removed with all that is in it");
                finder.add(Topic::Destructive, "removal", node, message);
            }
        }
    }
}

/// The known texts below a value.
fn lines(tree: &Tree, node: NodeId) -> Vec<(NodeId, &str)> {
    let mut out = Vec::new();
    let mut stack = vec![node];
    while let Some(node) = stack.pop() {
        match tree.view(node) {
            View::List(list) => stack.extend(list.iter().rev()),
            View::Map(map) => stack.extend(map.iter().map(|(_, _, value)| value)),
            View::String(text) => out.push((node, text)),
            _ => {}
        }
    }
    out
}

/// Whether nothing goes on behind a step unless somebody approves.
fn is_gate(tree: &Tree, step: &Step) -> bool {
    let failing = tree.get(step.node, "onFailure").and_then(|node| tree.string(node));
    &*step.action == "aws:approve" && failing != Some("Continue")
}

/// What a step destroys, and where that is said.
fn destroys(tree: &Tree, step: &Step) -> Option<(NodeId, String)> {
    let node = |name: &str| step.input(tree, name).unwrap_or(step.node);
    match &*step.action {
        "aws:deleteStack" | "aws:deleteImage" => Some((step.node, step.action.to_string())),
        "aws:changeInstanceState" if step.text(tree, "DesiredState") == Some("terminated") => {
            Some((node("DesiredState"), "terminated".to_owned()))
        }
        "aws:executeAwsApi" => {
            let operation = step.text(tree, "Api")?;
            let lower = operation.to_ascii_lowercase();
            let destroys = ["delete", "terminate", "deregister"].iter().any(|verb| lower.starts_with(verb));
            // These take away a right or a mark, not a thing.
            let harmless =
                ["tag", "publicaccessblock", "rolepolicy", "instanceprofile", "association", "message"]
                    .iter()
                    .any(|word| lower.contains(word));
            (destroys && !harmless).then(|| (node("Api"), operation.to_owned()))
        }
        _ => None,
    }
}
