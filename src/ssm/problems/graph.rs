//! Which step can run after which.

use rustc_hash::FxHashMap;

use crate::document::{NodeId, Tree};
use crate::ssm::Document;
use crate::ssm::script::uses_below;
use crate::ssm::step::elements;

/// A step that another one names as the next.
pub(super) struct Jump {
    /// Where the name stands.
    pub(super) node: NodeId,
    pub(super) name: String,
}

/// The steps of a document and how they follow each other.
pub(super) struct Graph {
    /// For each step, those that can run right after it.
    next: Vec<Vec<usize>>,
    /// For each step, those that it jumps to where it fails or is cancelled.
    failing: Vec<Vec<usize>>,
    /// All names of next steps, also those that there is no step for.
    pub(super) jumps: Vec<Jump>,
    /// Whether some name of a next step is worked out when the document runs.
    pub(super) dynamic: bool,
}

/// Reads how the steps follow each other.
pub(super) fn read(tree: &Tree, document: &Document) -> Graph {
    let indices: FxHashMap<&str, usize> =
        document.steps.iter().enumerate().filter_map(|(i, step)| Some((step.name.as_deref()?, i))).collect();
    let none = || vec![Vec::new(); document.steps.len()];
    let mut graph = Graph { next: none(), failing: none(), jumps: Vec::new(), dynamic: false };
    for (index, step) in document.steps.iter().enumerate() {
        let flag = |name: &str| tree.get(step.node, name).and_then(|node| tree.scalar(node)) == Some("true");
        let mut named = Vec::new();
        let own = ["nextStep", "onFailure", "onCancel"].into_iter();
        named.extend(own.filter_map(|key| Some((key, tree.get(step.node, key)?))));
        if &*step.action == "aws:branch" {
            let choices = step.input(tree, "Choices").map(|node| elements(tree, node)).unwrap_or_default();
            named.extend(
                choices
                    .into_iter()
                    .filter_map(|(choice, _)| Some(("NextStep", tree.get(choice, "NextStep")?))),
            );
            named.extend(step.input(tree, "Default").map(|node| ("Default", node)));
        }
        let mut jumps_away = &*step.action == "aws:branch" && step.input(tree, "Default").is_some();
        for (key, node) in named {
            jumps_away |= key == "nextStep";
            let Some(name) = target(tree, key, node) else {
                graph.dynamic |= tree.string(node).is_none() || !uses_below(tree, node).is_empty();
                continue;
            };
            if let Some(to) = indices.get(name.as_str())
                && let Some(next) = graph.next.get_mut(index)
            {
                next.push(*to);
                if key.starts_with("on")
                    && let Some(failing) = graph.failing.get_mut(index)
                {
                    failing.push(*to);
                }
            }
            graph.jumps.push(Jump { node, name });
        }
        let ends = flag("isEnd") || jumps_away;
        let following = following(document, index);
        let inner = document.steps.iter().position(|inner| inner.parent == Some(index));
        if let Some(next) = graph.next.get_mut(index) {
            next.extend(following.filter(|_| !ends));
            next.extend(inner);
        }
    }
    graph
}

/// The name of a step, where the value is one.
fn target(tree: &Tree, key: &str, node: NodeId) -> Option<String> {
    let text = tree.string(node)?;
    if text.contains("{{") {
        return None;
    }
    match key {
        "onFailure" | "onCancel" => text.strip_prefix("step:").map(str::to_owned),
        _ => Some(text.to_owned()),
    }
}

/// The step that runs after a step that says nothing: the next of its list, or what follows its loop.
fn following(document: &Document, index: usize) -> Option<usize> {
    let parent = document.steps.get(index)?.parent;
    let same = document.steps.iter().enumerate().skip(index + 1).find(|(_, step)| step.parent == parent);
    match (same, parent) {
        (Some((next, _)), _) => Some(next),
        // After the last step of a round comes the loop again.
        (None, Some(parent)) => Some(parent),
        (None, None) => None,
    }
}

impl Graph {
    /// The steps that are reached from the first one without what is behind a gate; behind a gate that fails is no gate.
    pub(super) fn without(&self, is_gate: impl Fn(usize) -> bool) -> Vec<bool> {
        let mut reached = vec![false; self.next.len()];
        let mut stack = vec![0];
        while let Some(at) = stack.pop() {
            let Some(seen) = reached.get_mut(at).filter(|seen| !**seen) else { continue };
            *seen = true;
            let edges = if is_gate(at) { &self.failing } else { &self.next };
            stack.extend(edges.get(at).into_iter().flatten());
        }
        reached
    }

    /// The steps that can run after a step, itself only where it is in a circle.
    pub(super) fn after(&self, from: usize) -> Vec<bool> {
        let mut reached = vec![false; self.next.len()];
        let mut stack: Vec<usize> = self.next.get(from).cloned().unwrap_or_default();
        while let Some(at) = stack.pop() {
            if let Some(seen) = reached.get_mut(at)
                && !*seen
            {
                *seen = true;
                stack.extend(self.next.get(at).into_iter().flatten());
            }
        }
        reached
    }
}
