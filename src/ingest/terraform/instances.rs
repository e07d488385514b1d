//! Instances of resources and data sources, from a plan's changes and from the values of a state.

use crate::document::{NodeId, Tree};
use crate::model::Change;

use super::address::{self, Module};

/// One instance of a resource or data source.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    pub(crate) address: Box<str>,
    pub(crate) module: Module,
    /// The type; of data sources with `data.` before it.
    pub(crate) ty: Box<str>,
    pub(crate) name: Box<str>,
    /// The `count` index or `for_each` key, as it is written between brackets.
    pub(crate) key: Option<Box<str>>,
    pub(crate) managed: bool,
    pub(crate) change: Change,
    /// The node that a person would call the resource.
    pub(crate) node: NodeId,
    pub(crate) before: Option<NodeId>,
    pub(crate) after: Option<NodeId>,
    pub(crate) after_unknown: Option<NodeId>,
    pub(crate) previous_address: Option<Box<str>>,
    /// The position of its declaration in the plan.
    pub(crate) declaration: usize,
}

impl Instance {
    /// What a state holds stays as it is.
    pub(crate) fn keep(&mut self) {
        if self.managed {
            self.change = Change::NoOp;
            self.before = self.after;
        }
    }

    /// Whether it is there when the plan has been applied.
    pub(crate) fn stays(&self) -> bool {
        self.managed && !matches!(self.change, Change::Delete | Change::Forget | Change::Read)
    }
}

/// The instance that an entry of `resource_changes` is about. A deposed object is what a replacement left behind: it is
/// not what the address stands for.
pub(crate) fn change(tree: &Tree, node: NodeId) -> Option<Instance> {
    let text = |key: &str| tree.get(node, key).and_then(|node| tree.string(node));
    if text("deposed").is_some() {
        return None;
    }
    let change = tree.get(node, "change")?;
    let part = |key: &str| tree.get(change, key).filter(|&part| tree.map(part).is_some());
    let marks = |key: &str| tree.get(change, key).filter(|&part| marks_something(tree, part));
    let (mode, ty) = (text("mode").unwrap_or("managed"), text("type")?);
    if !stays_somewhere(mode) {
        return None;
    }
    let name = text("name").unwrap_or("");
    Some(Instance {
        address: text("address").map_or_else(|| format!("{ty}.{name}").into(), Into::into),
        module: text("module_address").map(address::module).unwrap_or_default(),
        ty: declared_type(mode, ty),
        name: name.into(),
        key: tree.get(node, "index").and_then(|index| key(tree, index)),
        managed: mode == "managed",
        change: if mode == "managed" { action(tree, change) } else { Change::Read },
        node,
        before: part("before"),
        after: part("after"),
        after_unknown: marks("after_unknown"),
        previous_address: text("previous_address").map(Into::into),
        declaration: 0,
    })
}

/// Marks are mostly empty.
fn marks_something(tree: &Tree, marks: NodeId) -> bool {
    tree.bool(marks) == Some(true) || tree.map(marks).is_some_and(|map| !map.is_empty())
}

/// Resources of a module of `values` and of the modules inside it.
pub(crate) fn of_values(tree: &Tree, root: NodeId) -> Vec<Instance> {
    let mut out = Vec::new();
    let mut modules = vec![root];
    while let Some(module) = modules.pop() {
        let list = |key: &str| tree.get(module, key).and_then(|node| tree.list(node));
        let address = tree.get(module, "address").and_then(|node| tree.string(node)).unwrap_or("");
        let resources = list("resources").into_iter().flat_map(crate::document::List::iter);
        out.extend(resources.filter_map(|node| value(tree, node, address)));
        modules.extend(list("child_modules").into_iter().flat_map(crate::document::List::iter));
    }
    out
}

fn value(tree: &Tree, node: NodeId, module: &str) -> Option<Instance> {
    let text = |key: &str| tree.get(node, key).and_then(|node| tree.string(node));
    if text("deposed_key").is_some() {
        return None;
    }
    let (mode, ty) = (text("mode").unwrap_or("managed"), text("type")?);
    if !stays_somewhere(mode) {
        return None;
    }
    Some(Instance {
        address: text("address")?.into(),
        module: address::module(module),
        ty: declared_type(mode, ty),
        name: text("name").unwrap_or("").into(),
        key: tree.get(node, "index").and_then(|index| key(tree, index)),
        managed: mode == "managed",
        change: if mode == "managed" { Change::Declared } else { Change::Read },
        node,
        before: None,
        after: tree.get(node, "values"),
        after_unknown: None,
        previous_address: None,
        declaration: 0,
    })
}

/// Whether there are resources of this mode when the run is over: ephemeral ones are not, and lists are questions.
pub(super) fn stays_somewhere(mode: &str) -> bool {
    matches!(mode, "managed" | "data")
}

/// Data sources and managed resources of one type are different things.
fn declared_type(mode: &str, ty: &str) -> Box<str> {
    if mode == "data" { format!("data.{ty}").into() } else { ty.into() }
}

/// A key as references write it.
pub(super) fn key(tree: &Tree, index: NodeId) -> Option<Box<str>> {
    match tree.string(index) {
        Some(text) => Some(address::quoted(text).into()),
        None => tree.scalar(index).map(Into::into),
    }
}

fn action(tree: &Tree, change: NodeId) -> Change {
    let actions = tree.get(change, "actions").and_then(|node| tree.list(node));
    let actions =
        actions.into_iter().flat_map(crate::document::List::iter).filter_map(|node| tree.string(node));
    let actions: Vec<_> = actions.collect();
    let importing = tree.get(change, "importing").is_some_and(|node| tree.map(node).is_some());
    match actions.as_slice() {
        ["no-op"] | [] if importing => Change::Import,
        ["no-op"] => Change::NoOp,
        ["create"] => Change::Create,
        ["read"] => Change::Read,
        ["delete"] => Change::Delete,
        ["forget"] => Change::Forget,
        // `create, forget`: the new object takes the place of one that is no longer managed.
        [_, _] => Change::Replace,
        _ => Change::Update,
    }
}
