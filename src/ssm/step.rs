//! The steps of a document, in whichever of its bodies they stand.

use crate::document::{NodeId, Tree, View};

/// A step: an action of an automation, a plugin of a command document, or what a session runs.
#[derive(Clone, Debug)]
pub struct Step {
    /// The node of the step.
    pub node: NodeId,
    /// Its name; the plugin's in documents of schema 1.
    pub name: Option<Box<str>>,
    /// The action, such as `aws:runCommand`; of sessions, `session:` and the type.
    pub action: Box<str>,
    /// The inputs.
    pub inputs: Option<NodeId>,
    /// The loop that it is a part of, by index.
    pub parent: Option<usize>,
    /// Whether it stands beside alternatives of itself.
    pub alternative: bool,
    /// The platform that it runs on, for sessions: `linux`, `macOS`, `windows`.
    pub platform: Option<Box<str>>,
}

impl Step {
    /// The value of an input.
    pub fn input(&self, tree: &Tree, name: &str) -> Option<NodeId> {
        tree.get(self.inputs?, name)
    }

    /// The known text of an input.
    pub fn text<'t>(&self, tree: &'t Tree, name: &str) -> Option<&'t str> {
        tree.scalar(self.input(tree, name)?)
    }

    /// The entries of the inputs.
    pub fn entries<'t>(&self, tree: &'t Tree) -> Vec<(&'t str, NodeId)> {
        let map = self.inputs.and_then(|inputs| tree.map(inputs));
        map.into_iter().flat_map(|map| map.iter().map(|(_, key, value)| (key, value))).collect()
    }
}

/// The elements of a list, those of alternatives included, each with whether it is one of several alternatives.
pub(super) fn elements(tree: &Tree, node: NodeId) -> Vec<(NodeId, bool)> {
    let mut out = Vec::new();
    let mut stack = vec![(node, false)];
    while let Some((node, alternative)) = stack.pop() {
        match tree.view(node) {
            View::List(list) => stack.extend(list.iter().rev().map(|element| (element, alternative))),
            View::Choice(all) => {
                stack.extend(all.iter().rev().filter_map(|one| one.value).map(|value| (value, true)));
            }
            _ => out.push((node, alternative)),
        }
    }
    out
}

/// The steps of `mainSteps`, those inside loops after their loop.
pub(super) fn main_steps(tree: &Tree, list: NodeId) -> Vec<Step> {
    let mut out = Vec::new();
    add_steps(tree, list, None, &mut out);
    out.shrink_to_fit();
    out
}

fn add_steps(tree: &Tree, list: NodeId, parent: Option<usize>, out: &mut Vec<Step>) {
    for (node, alternative) in elements(tree, list) {
        let text = |name: &str| tree.get(node, name).and_then(|value| tree.scalar(value)).map(Into::into);
        out.push(Step {
            node,
            name: text("name"),
            action: text("action").unwrap_or_default(),
            inputs: tree.get(node, "inputs"),
            parent,
            alternative,
            platform: None,
        });
        let index = out.len() - 1;
        // Loops are nested once at most; deeper ones are read all the same.
        if let Some(inner) = out.last().and_then(|step| step.input(tree, "Steps"))
            && out.last().is_some_and(|step| &*step.action == "aws:loop")
            && depth(out, index) < 8
        {
            add_steps(tree, inner, Some(index), out);
        }
    }
}

fn depth(steps: &[Step], mut index: usize) -> usize {
    let mut depth = 0;
    while let Some(parent) = steps.get(index).and_then(|step| step.parent) {
        depth += 1;
        index = parent;
    }
    depth
}

/// The steps of `runtimeConfig`: each of a plugin's sets of properties.
pub(super) fn runtime_config(tree: &Tree, config: NodeId) -> Vec<Step> {
    let mut out = Vec::new();
    let Some(map) = tree.map(config) else { return out };
    for (_, plugin, value) in map.iter() {
        let properties = tree.get(value, "properties").unwrap_or(value);
        for (inputs, alternative) in elements(tree, properties) {
            let id = tree.get(inputs, "id").and_then(|node| tree.scalar(node));
            out.push(Step {
                node: inputs,
                name: id.map(Into::into),
                action: plugin.into(),
                inputs: Some(inputs),
                parent: None,
                alternative,
                platform: None,
            });
        }
    }
    out
}

/// What a session runs: its commands for each platform, or its shell profile.
pub(super) fn session(tree: &Tree, root: NodeId) -> Vec<Step> {
    let ty = tree.get(root, "sessionType").and_then(|node| tree.scalar(node)).unwrap_or("");
    let make = |action: &str, node: NodeId, inputs: NodeId, platform: Option<&str>| Step {
        node,
        name: platform.map(Into::into),
        action: format!("session:{action}").into(),
        inputs: Some(inputs),
        parent: None,
        alternative: false,
        platform: platform.map(Into::into),
    };
    let mut out = Vec::new();
    if let Some(properties) = tree.get(root, "properties") {
        let platforms = ["linux", "macOS", "macos", "windows"];
        let known = platforms.iter().filter_map(|name| Some((*name, tree.get(properties, name)?)));
        let by_platform: Vec<_> = known.map(|(name, node)| make(ty, node, node, Some(name))).collect();
        if by_platform.is_empty() {
            out.push(make(ty, properties, properties, None));
        }
        out.extend(by_platform);
    }
    if let Some(profile) = tree.at(root, &["inputs", "shellProfile"]) {
        out.push(make("shellProfile", profile, profile, None));
    }
    out
}
