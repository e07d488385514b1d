//! Terraform and OpenTofu plans and states.
//!
//! `resource_changes` says what will exist; `configuration` says what unknown values are made of. A value that the plan
//! leaves open, but that refers to a declared resource, becomes a hole that remembers which one.

pub(crate) mod address;
mod arns;
mod context;
mod documents;
mod hcl;
mod health;
mod instances;
mod merge;
mod plan;
mod planned;
mod providers;
mod references;
mod secrets;
mod sensitive;
mod shares;
mod standin;
mod statements;
mod types;
mod values;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::document::{Condition, NodeId, Tree};
use crate::model::{Change, Resource};

use super::Options;
use super::assembly::Assembly;
use context::Context;
use hcl::Hcl;
pub use hcl::{Configuration, ConfigurationEdit, WrittenBlock};
use instances::Instance;
pub(crate) use plan::Plan;
use planned::Planned;

/// What there was before a plan.
#[derive(Debug)]
pub(crate) enum Before {
    /// The input does not say.
    Nothing,
    /// The same as after it.
    Same,
    /// Nothing at all: everything is made new.
    Empty,
    /// Something else, which the plan's index can find.
    Other(Plan),
}

/// The index of a plan with more instances is given back beside other work.
const LARGE: usize = 1 << 14;

/// Adds everything that a plan leaves in place or creates. Says what there was before it.
pub(crate) fn ingest_plan(
    assembly: &mut Assembly,
    root: NodeId,
    options: &Options,
    configuration: Option<Arc<Configuration>>,
) -> Before {
    health::of_plan(assembly, root);
    let tree = &assembly.tree;
    let (plan, found) = rayon::join(|| Plan::read(tree, root), || sensitive::find(tree, root));
    for node in found {
        assembly.tree.mark_sensitive(node);
    }
    let context = Context::new(&assembly.tree, &plan, options, configuration.map(Hcl::new));
    assembly.inventory.set_account(context.providers.only_account());
    declare_all(assembly, &context, Side::After, options.at_a_time);
    let mut managed = plan.instances.iter().filter(|instance| instance.managed).peekable();
    if managed.peek().is_none() {
        return Before::Nothing;
    }
    let stays = |instance: &Instance| matches!(instance.change, Change::NoOp | Change::Import);
    if managed.all(stays) {
        return Before::Same;
    }
    drop(context);
    if plan.instances.iter().any(|instance| instance.managed && instance.before.is_some()) {
        return Before::Other(plan);
    }
    if plan.instances.len() > LARGE {
        // Nobody waits for it.
        rayon::spawn(move || drop(plan));
    }
    Before::Empty
}

/// Adds everything that there was before a plan.
pub(crate) fn ingest_before(assembly: &mut Assembly, plan: &Plan, options: &Options) {
    let context = Context::new(&assembly.tree, plan, options, None);
    assembly.inventory.set_account(context.providers.only_account());
    declare_all(assembly, &context, Side::Before, options.at_a_time);
}

/// Adds everything that there was before a plan, of which only the root is at hand.
pub(crate) fn ingest_earlier(assembly: &mut Assembly, root: NodeId, options: &Options) {
    let plan = Plan::read(&assembly.tree, root);
    ingest_before(assembly, &plan, options);
}

/// The account that a plan is for, if it says so of one alone: of the one that it asks for, or in the ARNs of what is there.
pub(crate) fn account(tree: &Tree, root: NodeId) -> Option<String> {
    let plan = Plan::read(tree, root);
    let mut found: BTreeSet<&str> = BTreeSet::new();
    for instance in &plan.instances {
        let key = match (instance.managed, &*instance.ty) {
            (true, _) => "arn",
            (false, "aws_caller_identity") => "account_id",
            _ => continue,
        };
        for values in [instance.before, instance.after].into_iter().flatten() {
            let text = tree.get(values, key).and_then(|node| tree.string(node)).unwrap_or("");
            let account = if key == "arn" { text.split(':').nth(4).unwrap_or("") } else { text };
            if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) {
                found.insert(account);
            }
        }
    }
    let mut found = found.into_iter();
    found.next().filter(|_| found.next().is_none()).map(str::to_owned)
}

/// Adds everything that a state holds.
pub(crate) fn ingest_state(assembly: &mut Assembly, root: NodeId, options: &Options) {
    health::of_state(assembly, root);
    sensitive::mark(&mut assembly.tree, root);
    let plan = Plan::read_state(&assembly.tree, root);
    let context = Context::new(&assembly.tree, &plan, options, None);
    assembly.inventory.set_account(context.providers.only_account());
    declare_all(assembly, &context, Side::After, options.at_a_time);
}

/// Which of the two worlds of a plan.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

fn declare_all(assembly: &mut Assembly, context: &Context<'_>, side: Side, at_a_time: usize) {
    if !shares::declare(assembly, context, side, at_a_time) {
        declare_some(assembly, context, &context.plan.instances, side);
    }
}

fn declare_some(assembly: &mut Assembly, context: &Context<'_>, some: &[Instance], side: Side) {
    for instance in some {
        if instance.managed {
            let exists = match side {
                Side::Before => instance.before.is_some(),
                Side::After => instance.stays(),
            };
            if exists {
                declare(assembly, context, instance, side);
            }
        } else if instance.after.is_some() && types::find(&instance.ty).is_some() {
            declare(assembly, context, instance, side);
        }
    }
}

fn declare(assembly: &mut Assembly, context: &Context<'_>, instance: &Instance, side: Side) {
    let resource = assembly.inventory.add_resource(Resource {
        id: instance.address.clone(),
        ty: instance.ty.clone(),
        node: instance.node,
        under: Condition::ALWAYS,
        change: instance.change,
        alias: None,
    });
    if let Some(previous) = &instance.previous_address {
        assembly.inventory.set_previous_id(resource, previous.clone());
    }
    assembly.set_scope(resource, context.providers.scope(context.plan, instance));
    let mut planned = match side {
        // What does not change is the same on both sides, and need not be read twice.
        Side::Before if instance.managed && instance.change != Change::NoOp => {
            Planned::before(context, instance, resource)
        }
        _ => Planned::after(context, instance, resource),
    };
    types::declare(assembly, &mut planned, &instance.ty, instance.change == Change::Read);
}
