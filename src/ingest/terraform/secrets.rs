//! Where values come from that providers and configurations say are secret: generated passwords, private keys, variables
//! that are marked as sensitive.

use crate::document::{HoleKind, NodeId, Piece, Tree, View};

use super::context::Context;
use super::instances::Instance;
use super::references::{Ending, Follower};

/// The first secret that an expression of an instance refers to, as it is called.
pub(super) fn source(
    context: &Context<'_>,
    tree: &Tree,
    instance: &Instance,
    expression: NodeId,
) -> Option<String> {
    let plan = context.plan;
    let endings = Follower { tree, plan }.endings(instance, &[expression]);
    endings.iter().find_map(|ending| match ending {
        Ending::Instance(at, attribute) => {
            let target = plan.instances.get(*at)?;
            is_secret(tree, target.node, attribute).then(|| format!("{}.{attribute}", target.address))
        }
        Ending::Constant(node) => variable(tree, plan.module(""), *node),
        Ending::Nothing | Ending::Lost(_) => None,
    })
}

/// The first secret among the parts of a value that the configuration makes known.
pub(super) fn written(tree: &Tree, value: NodeId) -> Option<String> {
    let mut stack = vec![value];
    while let Some(node) = stack.pop() {
        match tree.view(node) {
            View::Text(pieces) => {
                let found = pieces.iter().find_map(|piece| match piece {
                    Piece::Hole(hole) => match &hole.kind {
                        HoleKind::Attribute { resource, attribute }
                            if is_secret(tree, *resource, attribute) =>
                        {
                            Some(hole.name.to_string())
                        }
                        _ => None,
                    },
                    Piece::Literal(_) => None,
                });
                if found.is_some() {
                    return found;
                }
            }
            View::List(list) => stack.extend(list.iter()),
            View::Map(map) => stack.extend(map.iter().map(|(_, _, value)| value)),
            View::Choice(all) => stack.extend(all.iter().filter_map(|one| one.value)),
            _ => {}
        }
    }
    None
}

/// Whether the provider says that an attribute of a resource is secret. Of stored parameters, it says so of all values.
fn is_secret(tree: &Tree, resource: NodeId, attribute: &str) -> bool {
    let name = attribute.split(['.', '[']).next().unwrap_or("");
    let marks: [&[&str]; 2] = [&["change", "after_sensitive"], &["sensitive_values"]];
    let marked = marks.iter().any(|path| {
        let mark = tree.at(resource, path).and_then(|marks| tree.get(marks, name));
        mark.and_then(|mark| tree.scalar(mark)) == Some("true")
    });
    let text = |node: Option<NodeId>| node.and_then(|node| tree.string(node));
    if !marked || text(tree.get(resource, "type")) != Some("aws_ssm_parameter") {
        return marked;
    }
    let values: [&[&str]; 2] = [&["change", "after", "type"], &["values", "type"]];
    values.iter().any(|path| text(tree.at(resource, path)) == Some("SecureString"))
}

/// The variable that has a value, if it is marked as sensitive.
fn variable(tree: &Tree, root: Option<NodeId>, value: NodeId) -> Option<String> {
    let around = tree.ancestors(value);
    let key = |node: NodeId| tree.key_of(node).and_then(|key| tree.string(key));
    let declared = around.iter().rev().skip(1).find(|&&node| {
        let section =
            around.iter().position(|&one| one == node).and_then(|at| around.get(at.checked_sub(1)?));
        section.copied().and_then(key) == Some("variables")
    });
    let declared = *declared?;
    let name = key(declared)?;
    let declaration = match tree.get(declared, "value") {
        Some(_) => tree.at(root?, &["variables", name])?,
        None => declared,
    };
    let is_sensitive = tree.get(declaration, "sensitive").and_then(|node| tree.scalar(node)) == Some("true");
    is_sensitive.then(|| format!("var.{name}"))
}
