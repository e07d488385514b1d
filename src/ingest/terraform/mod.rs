//! Terraform and OpenTofu plans and states.
//!
//! `resource_changes` says what will exist; `configuration` says what unknown values are made of. A value that the plan
//! leaves open, but that refers to a declared resource, becomes a hole that remembers which one.

mod address;
mod plan;
mod references;
mod types;
mod values;

use crate::document::{Code, Derivation, Diagnostic, Hole, HoleKind, NodeId, Piece, Reason, View};
use crate::model::{Change, Resource, ResourceId};

use super::assembly::Assembly;
use super::table::{self, Properties};
use plan::{Instance, Plan};
use references::{Ending, Follower};
use values::{Marks, merge};

/// Adds everything that a plan leaves in place or creates.
pub(crate) fn ingest_plan(assembly: &mut Assembly, root: NodeId) {
    report_state_of_plan(assembly, root);
    let plan = Plan::read(&assembly.tree, root);
    declare_all(assembly, &plan);
}

/// Adds everything that a state holds.
pub(crate) fn ingest_state(assembly: &mut Assembly, root: NodeId) {
    let plan = Plan::read_state(&assembly.tree, root);
    declare_all(assembly, &plan);
}

fn declare_all(assembly: &mut Assembly, plan: &Plan) {
    for instance in &plan.instances {
        if !instance.managed || matches!(instance.change, Change::Delete | Change::Forget | Change::Read) {
            continue;
        }
        let resource = assembly.inventory.add_resource(Resource {
            id: instance.address.clone(),
            ty: instance.ty.clone(),
            node: instance.node,
            under: crate::document::Condition::ALWAYS,
            change: instance.change,
            alias: None,
        });
        if let Some(row) = types::find(&instance.ty) {
            table::declare(assembly, &mut Planned { plan, instance, resource }, row);
        }
    }
}

/// Says so where the plan is not whole.
fn report_state_of_plan(assembly: &mut Assembly, root: NodeId) {
    let flag = |key: &str| assembly.tree.get(root, key).and_then(|node| assembly.tree.bool(node));
    let (errored, complete) = (flag("errored"), flag("complete"));
    let message = match (errored, complete) {
        (Some(true), _) => "the plan ended with an error, so it may lack resources",
        (_, Some(false)) => {
            "the plan is not complete: it was limited to targets, or parts of it were deferred"
        }
        _ => return,
    };
    let help = "plan again without `-target`, after the error is mended, to have everything checked";
    assembly.diagnostics.push(Diagnostic::new(Code::IncompletePlan, message).help(help));
}

/// The planned values of one instance.
struct Planned<'p> {
    plan: &'p Plan,
    instance: &'p Instance,
    resource: ResourceId,
}

impl Properties for Planned<'_> {
    fn property(&mut self, assembly: &mut Assembly, name: &str) -> Option<NodeId> {
        let instance = self.instance;
        let tree = &mut assembly.tree;
        let after = instance.after?;
        let marks =
            Marks { unknown: instance.after_unknown, sensitive: instance.after_sensitive }.get(tree, name);
        let value = tree.get(after, name);
        if marks.is_unknown(tree) {
            return self.unknown(assembly, name);
        }
        let place = value.unwrap_or(instance.node);
        let value = merge(tree, value, marks, place, name)?;
        Some(self.referring(assembly, name, value))
    }

    fn resource(&self) -> ResourceId {
        self.resource
    }
}

impl Planned<'_> {
    /// A value that the plan does not know: a reference to another resource where the configuration says so.
    fn unknown(&self, assembly: &mut Assembly, name: &str) -> Option<NodeId> {
        let endings = Follower { tree: &assembly.tree, plan: self.plan }.attribute(self.instance, name);
        let place = self.place_of_unknown(assembly, name);
        let pieces: Vec<Hole> = endings.iter().filter_map(|ending| self.hole(ending)).collect();
        let tree = &mut assembly.tree;
        if !pieces.is_empty() && pieces.len() == endings.len() {
            let texts: Vec<_> =
                pieces.into_iter().map(|hole| tree.derive_text(place, vec![Piece::Hole(hole)])).collect();
            return match texts.as_slice() {
                [one] => Some(*one),
                _ => Some(tree.derive_list(place, &texts)),
            };
        }
        let expressions = self.plan.expressions(self.instance);
        if endings.is_empty() && expressions.is_some_and(|node| tree.get(node, name).is_none()) {
            // Computed by the provider: the configuration does not set it.
            return None;
        }
        let blocker = match endings.iter().find_map(|ending| self.words(ending)) {
            Some(words) => words,
            None => format!("{}.{name}", self.instance.address).into(),
        };
        let unknown = crate::document::Unknown { reason: Reason::AfterApply, blocker };
        Some(tree.derive_unknown(place, unknown))
    }

    /// Where a value would stand that the plan leaves out: the mark that says so.
    fn place_of_unknown(&self, assembly: &Assembly, name: &str) -> NodeId {
        let mark = self.instance.after_unknown.and_then(|marks| assembly.tree.get(marks, name));
        mark.unwrap_or(self.instance.node)
    }

    /// A known value that the configuration takes from another resource remembers that.
    fn referring(&self, assembly: &mut Assembly, name: &str, value: NodeId) -> NodeId {
        if !types::is_link(name) || !matches!(assembly.tree.view(value), View::String(_)) {
            return value;
        }
        let endings = Follower { tree: &assembly.tree, plan: self.plan }.attribute(self.instance, name);
        let [Ending::Instance(at, _)] = endings.as_slice() else { return value };
        let Some(target) = self.plan.instances.get(*at) else { return value };
        let copy = assembly.tree.derive_copy(value, value);
        assembly.tree.explain(copy, Derivation { by: "reference", from: [target.node].into() });
        copy
    }

    fn hole(&self, ending: &Ending) -> Option<Hole> {
        let Ending::Instance(at, attribute) = ending else { return None };
        let target = self.plan.instances.get(*at)?;
        let resource = target.node;
        let kind = match &**attribute {
            "arn" => HoleKind::Arn { resource },
            "name" | "id" | "role" | "" => HoleKind::Name { resource },
            other => HoleKind::Attribute { resource, attribute: other.into() },
        };
        let name = if attribute.is_empty() {
            target.address.clone()
        } else {
            format!("{}.{attribute}", target.address).into()
        };
        Some(Hole { kind, name })
    }

    fn words(&self, ending: &Ending) -> Option<Box<str>> {
        match ending {
            Ending::Instance(at, attribute) => {
                let target = self.plan.instances.get(*at)?;
                Some(format!("{}.{attribute}", target.address).into())
            }
            Ending::Lost(words) => Some(words.clone()),
            Ending::Constant(_) => None,
        }
    }
}
