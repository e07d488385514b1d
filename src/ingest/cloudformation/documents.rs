//! Templates in SSM documents: an automation can create a stack from a template that stands in its step.

use crate::document::{Condition, NodeId, View};
use crate::ingest::Options;
use crate::ingest::assembly::Assembly;
use crate::ingest::inside;
use crate::model::{EntityId, Kind};

use super::resolve::{Passed, Shared, State};
use super::stack::Stack;

/// Declares what the templates in the inventory's documents declare.
pub(crate) fn ingest_templates(assembly: &mut Assembly, options: &Options) {
    assembly.split_documents();
    let documents: Vec<EntityId> = assembly.inventory.of_kind(Kind::Document).to_vec();
    for id in documents {
        let Some(entity) = assembly.inventory.entity(id) else { continue };
        let (content, own) = (entity.get("content"), entity.under);
        let resource = assembly.inventory.resource(entity.resource);
        let (around, name) = resource.map_or((Condition::ALWAYS, ""), |one| (one.under, &*one.id));
        let prefix = format!("{name}.");
        let Some(content) = content else { continue };
        let under = assembly.conditions.and(own, around);
        for body in bodies(assembly, content) {
            let Some(root) = inside::template(&mut assembly.tree, body) else { continue };
            let place = State::nested(Passed::default(), Vec::new(), prefix.as_str().into());
            let mut stack = Stack::open(assembly, root, options, place, Shared::default());
            stack.under = under;
            stack.declare_all(assembly);
            assembly.diagnostics.append(&mut stack.shared.diagnostics);
        }
    }
}

/// The templates of a document's steps.
fn bodies(assembly: &Assembly, content: NodeId) -> Vec<NodeId> {
    // A document that is a template: type `CloudFormation`.
    if let Some(body) = assembly.tree.get(content, "templateBody") {
        return vec![body];
    }
    let Some(steps) = assembly.tree.get(content, "mainSteps") else { return Vec::new() };
    let View::List(steps) = assembly.tree.view(steps) else { return Vec::new() };
    let creates = |step: &NodeId| {
        let action = assembly.tree.get(*step, "action").and_then(|action| assembly.tree.string(action));
        matches!(action, Some("aws:createStack" | "aws:updateStack"))
    };
    let steps = steps.iter().filter(creates);
    steps.filter_map(|step| assembly.tree.at(step, &["inputs", "TemplateBody"])).collect()
}
