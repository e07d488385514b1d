//! The sections of a plan or state, indexed once.

use rustc_hash::FxHashMap;

use crate::document::{NodeId, Tree};
use crate::model::Change;

use super::address::{self, Module};

/// One instance of a resource or data source.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    pub(crate) address: Box<str>,
    pub(crate) module: Module,
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
    pub(crate) before_sensitive: Option<NodeId>,
    pub(crate) after_sensitive: Option<NodeId>,
    pub(crate) previous_address: Option<Box<str>>,
}

/// A plan or state, indexed.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) instances: Vec<Instance>,
    /// Instances by the place of their declaration: module path, type, name.
    by_declaration: FxHashMap<(String, Box<str>, Box<str>), Vec<usize>>,
    /// Modules of the configuration by their path; the root module has an empty one.
    modules: FxHashMap<String, NodeId>,
    /// `expressions` of resources by declaration.
    expressions: FxHashMap<(String, Box<str>, Box<str>), NodeId>,
}

impl Plan {
    /// Indexes a plan.
    pub(crate) fn read(tree: &Tree, root: NodeId) -> Self {
        let mut plan = Self::default();
        match tree.get(root, "resource_changes").and_then(|changes| tree.list(changes)) {
            Some(changes) => {
                for node in changes.iter() {
                    plan.instances.extend(change(tree, node));
                }
            }
            None => {
                if let Some(module) = tree.at(root, &["planned_values", "root_module"]) {
                    plan.add_values(tree, module);
                }
            }
        }
        // What was read while planning is nowhere else.
        if let Some(module) = tree.at(root, &["prior_state", "values", "root_module"]) {
            let known: rustc_hash::FxHashSet<_> =
                plan.instances.iter().map(|instance| instance.address.clone()).collect();
            let from = plan.instances.len();
            plan.add_values(tree, module);
            let read = plan.instances.split_off(from);
            plan.instances
                .extend(read.into_iter().filter(|one| !one.managed && !known.contains(&one.address)));
        }
        if let Some(module) = tree.at(root, &["configuration", "root_module"]) {
            plan.add_module(tree, module, String::new());
        }
        plan.index();
        plan
    }

    /// Indexes a state.
    pub(crate) fn read_state(tree: &Tree, root: NodeId) -> Self {
        let mut plan = Self::default();
        if let Some(module) = tree.at(root, &["values", "root_module"]) {
            plan.add_values(tree, module);
        }
        plan.index();
        plan
    }

    fn index(&mut self) {
        for (position, instance) in self.instances.iter().enumerate() {
            let key = (address::path(&instance.module), instance.ty.clone(), instance.name.clone());
            self.by_declaration.entry(key).or_default().push(position);
        }
    }

    /// Resources of a module of `values` and of the modules inside it.
    fn add_values(&mut self, tree: &Tree, root: NodeId) {
        let mut modules = vec![root];
        while let Some(module) = modules.pop() {
            let list = |key: &str| tree.get(module, key).and_then(|node| tree.list(node));
            for node in list("resources").into_iter().flat_map(|list| list.iter()) {
                let address = tree.get(module, "address").and_then(|node| tree.string(node)).unwrap_or("");
                self.instances.extend(state_resource(tree, node, address));
            }
            modules.extend(list("child_modules").into_iter().flat_map(|list| list.iter()));
        }
    }

    /// The expressions of a module of the configuration and of the modules that it calls.
    fn add_module(&mut self, tree: &Tree, root: NodeId, path: String) {
        let mut modules = vec![(root, path)];
        while let Some((module, path)) = modules.pop() {
            let resources = tree.get(module, "resources").and_then(|node| tree.list(node));
            for node in resources.into_iter().flat_map(|list| list.iter()) {
                let text = |key: &str| tree.get(node, key).and_then(|node| tree.string(node)).unwrap_or("");
                if let Some(expressions) = tree.get(node, "expressions") {
                    let key = (path.clone(), declared_type(text("mode"), text("type")), text("name").into());
                    self.expressions.insert(key, expressions);
                }
            }
            let calls = tree.get(module, "module_calls").and_then(|node| tree.map(node));
            for (_, name, call) in calls.into_iter().flat_map(|map| map.iter()) {
                let inner = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                if let Some(module) = tree.get(call, "module") {
                    modules.push((module, inner));
                }
            }
            self.modules.insert(path, module);
        }
    }

    /// The module of the configuration at a path.
    pub(crate) fn module(&self, path: &str) -> Option<NodeId> {
        self.modules.get(path).copied()
    }

    /// The expressions of the declaration of an instance.
    pub(crate) fn expressions(&self, instance: &Instance) -> Option<NodeId> {
        let key = (address::path(&instance.module), instance.ty.clone(), instance.name.clone());
        self.expressions.get(&key).copied()
    }

    /// The instances of a declaration.
    pub(crate) fn instances_of(&self, path: &str, ty: &str, name: &str) -> &[usize] {
        let key = (path.to_owned(), ty.into(), name.into());
        self.by_declaration.get(&key).map_or(&[], Vec::as_slice)
    }
}

/// Data sources and managed resources of one type are different things.
pub(crate) fn declared_type(mode: &str, ty: &str) -> Box<str> {
    if mode == "data" { format!("data.{ty}").into() } else { ty.into() }
}

fn change(tree: &Tree, node: NodeId) -> Option<Instance> {
    let text = |key: &str| tree.get(node, key).and_then(|node| tree.string(node));
    if tree.get(node, "deposed").is_some_and(|deposed| tree.string(deposed).is_some()) {
        return None;
    }
    let change = tree.get(node, "change")?;
    let part = |key: &str| tree.get(change, key).filter(|&part| tree.map(part).is_some());
    let (mode, ty) = (text("mode").unwrap_or("managed"), text("type")?);
    Some(Instance {
        address: text("address")?.into(),
        module: address::module(text("module_address").unwrap_or("")),
        ty: declared_type(mode, ty),
        name: text("name").unwrap_or("").into(),
        key: tree.get(node, "index").and_then(|index| key(tree, index)),
        managed: mode != "data",
        change: action(tree, change),
        node,
        before: part("before"),
        after: part("after"),
        after_unknown: part("after_unknown"),
        before_sensitive: part("before_sensitive"),
        after_sensitive: part("after_sensitive"),
        previous_address: text("previous_address").map(Into::into),
    })
}

fn state_resource(tree: &Tree, node: NodeId, module: &str) -> Option<Instance> {
    let text = |key: &str| tree.get(node, key).and_then(|node| tree.string(node));
    let (mode, ty) = (text("mode").unwrap_or("managed"), text("type")?);
    let values = tree.get(node, "values");
    Some(Instance {
        address: text("address")?.into(),
        module: address::module(module),
        ty: declared_type(mode, ty),
        name: text("name").unwrap_or("").into(),
        key: tree.get(node, "index").and_then(|index| key(tree, index)),
        managed: mode != "data",
        change: if mode == "data" { Change::Read } else { Change::Declared },
        node,
        before: None,
        after: values,
        after_unknown: None,
        before_sensitive: None,
        after_sensitive: tree.get(node, "sensitive_values"),
        previous_address: None,
    })
}

/// A key as references write it.
fn key(tree: &Tree, index: NodeId) -> Option<Box<str>> {
    match tree.string(index) {
        Some(text) => Some(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")).into()),
        None => tree.scalar(index).map(Into::into),
    }
}

fn action(tree: &Tree, change: NodeId) -> Change {
    let actions = tree.get(change, "actions").and_then(|node| tree.list(node));
    let actions: Vec<_> =
        actions.into_iter().flat_map(|list| list.iter()).filter_map(|node| tree.string(node)).collect();
    match actions.as_slice() {
        ["no-op"] if tree.get(change, "importing").is_some_and(|node| tree.map(node).is_some()) => {
            Change::Import
        }
        ["no-op"] => Change::NoOp,
        ["create"] => Change::Create,
        ["read"] => Change::Read,
        ["delete"] => Change::Delete,
        ["forget"] => Change::Forget,
        [_, _] => Change::Replace,
        _ => Change::Update,
    }
}
