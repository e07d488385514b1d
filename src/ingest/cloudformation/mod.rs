//! CloudFormation templates.
//!
//! The template is resolved as far as its text decides ([`resolve`]), and its resources become entities by the table in
//! [`types`].

mod call;
mod census;
mod change_set;
mod cidr;
mod conditions;
mod defects;
mod documents;
mod exports;
mod files;
mod functions;
mod linked;
mod loops;
mod maps;
mod needed;
mod nested;
mod parameters;
mod patterns;
mod references;
mod resolve;
mod rules;
mod sam;
mod stack;
mod template;
mod texts;
mod transforms;
mod types;
mod written;

#[cfg(test)]
mod rewriting;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::document::{Condition, NodeId, Piece};

use super::Options;
use super::assembly::Assembly;
use resolve::{Shared, State};
use stack::Stack;

pub use census::References;
pub(crate) use census::count;
pub use change_set::{ChangeSet, read_change_set};
pub(crate) use change_set::{Side, has_values, ingest_side};
pub(crate) use documents::ingest_templates;
pub use exports::{Export, LinkTo, Links};
pub(crate) use exports::{OUTPUT, shown};
pub(crate) use linked::{Declared, Linked, Part};

/// Adds everything that a template declares. Returns its named conditions.
pub(crate) fn ingest(assembly: &mut Assembly, root: NodeId, options: &Options) -> Vec<(Box<str>, Condition)> {
    let place = State::main(files::of(&assembly.tree, root));
    let mut stack = Stack::open(assembly, root, options, place, Shared::default());
    stack.declare_all(assembly);
    let names = stack.named_conditions(assembly);
    let inventory = std::mem::take(&mut assembly.inventory);
    let exports = exports::of(&mut stack.resolver(assembly), &inventory);
    (assembly.inventory, assembly.exports) = (inventory, exports);
    let imports: BTreeMap<String, Vec<Piece>> =
        stack.shared.imports.drain().map(|name| (exports::shown(&name), name)).collect();
    assembly.imports = imports.into_values().collect();
    assembly.premise = stack.resolver(assembly).premise();
    assembly.diagnostics.append(&mut stack.shared.diagnostics);
    names
}
