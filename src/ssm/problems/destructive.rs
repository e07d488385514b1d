//! Runbooks that delete without asking.

use crate::document::{NodeId, Tree};
use crate::ssm::step::Step;

use super::graph;
use super::{Finder, Topic};

pub(super) fn find(finder: &mut Finder<'_>) {
    let (tree, document) = (finder.tree, finder.document);
    if !document.kind.is_automation() {
        return;
    }
    let approvals: Vec<usize> = of_action(finder, "aws:approve");
    let graph = graph::read(tree, document);
    let after_approval: Vec<Vec<bool>> = approvals.iter().map(|index| graph.after(*index)).collect();
    for (index, step) in document.steps.iter().enumerate() {
        if let Some((node, what)) = destroys(tree, step) {
            let approved = after_approval.iter().any(|reached| reached.get(index).copied().unwrap_or(false));
            if !approved {
                let message = format!("`{what}` runs without anybody's approval");
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

fn of_action(finder: &Finder<'_>, action: &str) -> Vec<usize> {
    let steps = finder.document.steps.iter().enumerate();
    steps.filter(|(_, step)| &*step.action == action).map(|(index, _)| index).collect()
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
