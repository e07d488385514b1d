//! The sections of a plan or state, indexed once.

use std::fmt::Write as _;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::document::{NodeId, Tree};

use super::address;
use super::instances::{self, Instance};

/// A resource or data source of the configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Declaration {
    /// Its arguments.
    pub(crate) expressions: Option<NodeId>,
    /// What `each.value` is taken from.
    pub(crate) for_each: Option<NodeId>,
    /// The provider that it belongs to, as `provider_config` names it.
    pub(crate) provider: Option<Box<str>>,
    /// Its instances, by their position in the plan.
    pub(crate) instances: Vec<usize>,
}

/// A module of the configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConfigModule {
    /// The node that holds its variables, resources, calls and outputs; nothing in a state.
    pub(crate) node: Option<NodeId>,
    /// Where its declarations are, by `type.name` or `data.type.name`.
    declarations: FxHashMap<Box<str>, usize>,
}

/// A plan or state, indexed.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) root: Option<NodeId>,
    /// Whether everything that is declared and has instances is in the plan.
    pub(crate) complete: bool,
    pub(crate) instances: Vec<Instance>,
    pub(crate) declarations: Vec<Declaration>,
    modules: Vec<ConfigModule>,
    /// Modules by the names of the calls that lead to them; the root module has an empty path.
    by_path: FxHashMap<String, usize>,
    /// Instances of declarations that have more than [`FEW`].
    by_address: FxHashMap<Box<str>, usize>,
}

/// So many instances of a declaration are looked through one by one.
const FEW: usize = 8;

impl Plan {
    /// Indexes a plan.
    pub(crate) fn read(tree: &Tree, root: NodeId) -> Self {
        let complete = tree.get(root, "complete").and_then(|flag| tree.bool(flag)) != Some(false);
        let mut plan = Self { root: Some(root), complete, ..Self::default() };
        let changes = tree.get(root, "resource_changes").and_then(|changes| tree.list(changes));
        if let Some(changes) = changes {
            let nodes: Vec<NodeId> = changes.iter().collect();
            plan.instances = nodes.par_iter().filter_map(|&node| instances::change(tree, node)).collect();
            // What is put off is planned as far as it can be.
            let deferred = tree.get(root, "deferred_changes").and_then(|deferred| tree.list(deferred));
            let deferred = deferred.into_iter().flat_map(crate::document::List::iter);
            let deferred = deferred.filter_map(|one| tree.get(one, "resource_change"));
            plan.instances.extend(deferred.filter_map(|node| instances::change(tree, node)));
        } else if let Some(module) = tree.at(root, &["planned_values", "root_module"]) {
            plan.instances = instances::of_values(tree, module);
        }
        // What was read while planning is nowhere else.
        if let Some(module) = tree.at(root, &["prior_state", "values", "root_module"]) {
            if changes.is_none() && !plan.instances.iter().any(|instance| instance.managed) {
                plan.instances = instances::of_values(tree, module);
                plan.instances.iter_mut().for_each(Instance::keep);
            }
            let read = instances::of_values(tree, module).into_iter().filter(|one| !one.managed);
            let known: FxHashSet<_> = plan.instances.iter().map(|one| one.address.clone()).collect();
            plan.instances.extend(read.filter(|one| !known.contains(&one.address)));
        }
        if let Some(module) = tree.at(root, &["configuration", "root_module"]) {
            plan.add_module(tree, module);
        }
        plan.index();
        plan
    }

    /// Indexes a state.
    pub(crate) fn read_state(tree: &Tree, root: NodeId) -> Self {
        let mut plan = Self { root: Some(root), ..Self::default() };
        if let Some(module) = tree.at(root, &["values", "root_module"]) {
            plan.instances = instances::of_values(tree, module);
        }
        plan.index();
        plan
    }

    /// Ties instances to their declarations.
    fn index(&mut self) {
        let mut instances = std::mem::take(&mut self.instances);
        let mut last: Option<(Vec<address::Call>, usize)> = None;
        let mut key = String::new();
        for (position, instance) in instances.iter_mut().enumerate() {
            let module = match &last {
                Some((calls, module)) if *calls == instance.module => *module,
                _ => {
                    let module = self.module_at(&address::path(&instance.module));
                    last = Some((instance.module.clone(), module));
                    module
                }
            };
            key.clear();
            let _ = write!(key, "{}.{}", instance.ty, instance.name);
            let declaration = self.declare(module, &key);
            instance.declaration = declaration;
            if let Some(declaration) = self.declarations.get_mut(declaration) {
                declaration.instances.push(position);
            }
        }
        let crowded = self.declarations.iter().filter(|declaration| declaration.instances.len() > FEW);
        for &position in crowded.flat_map(|declaration| &declaration.instances) {
            if let Some(instance) = instances.get(position) {
                self.by_address.insert(instance.address.clone(), position);
            }
        }
        self.instances = instances;
    }

    /// The module at a path, made if there is none.
    fn module_at(&mut self, path: &str) -> usize {
        if let Some(&module) = self.by_path.get(path) {
            return module;
        }
        self.modules.push(ConfigModule::default());
        self.by_path.insert(path.to_owned(), self.modules.len() - 1);
        self.modules.len() - 1
    }

    /// The declaration with this key, made if there is none.
    fn declare(&mut self, module: usize, key: &str) -> usize {
        let Some(module) = self.modules.get_mut(module) else { return 0 };
        if let Some(&known) = module.declarations.get(key) {
            return known;
        }
        let next = self.declarations.len();
        module.declarations.insert(key.into(), next);
        self.declarations.push(Declaration::default());
        next
    }

    /// The declarations of a module of the configuration and of the modules that it calls.
    fn add_module(&mut self, tree: &Tree, root: NodeId) {
        let mut modules = vec![(root, String::new())];
        while let Some((node, path)) = modules.pop() {
            let module = self.module_at(&path);
            if let Some(module) = self.modules.get_mut(module) {
                module.node = Some(node);
            }
            let resources = tree.get(node, "resources").and_then(|node| tree.list(node));
            for resource in resources.into_iter().flat_map(crate::document::List::iter) {
                self.add_declaration(tree, module, resource);
            }
            let calls = tree.get(node, "module_calls").and_then(|node| tree.map(node));
            for (_, name, call) in calls.into_iter().flat_map(crate::document::Map::iter) {
                if let Some(inner) = tree.get(call, "module") {
                    let inner_path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                    modules.push((inner, inner_path));
                }
            }
        }
    }

    fn add_declaration(&mut self, tree: &Tree, module: usize, node: NodeId) {
        let text = |key: &str| tree.get(node, key).and_then(|node| tree.string(node));
        let (Some(ty), Some(name)) = (text("type"), text("name")) else { return };
        let mode = text("mode").unwrap_or("managed");
        if !instances::stays_somewhere(mode) {
            return;
        }
        let data = if mode == "data" { "data." } else { "" };
        let declaration = self.declare(module, &format!("{data}{ty}.{name}"));
        if let Some(declaration) = self.declarations.get_mut(declaration) {
            declaration.expressions = tree.get(node, "expressions");
            declaration.for_each = tree.get(node, "for_each_expression");
            declaration.provider = text("provider_config_key").map(Into::into);
        }
    }

    /// The module of the configuration at a path.
    pub(crate) fn module(&self, path: &str) -> Option<NodeId> {
        self.modules.get(*self.by_path.get(path)?)?.node
    }

    /// The declaration of an instance.
    pub(crate) fn declaration(&self, instance: &Instance) -> Option<&Declaration> {
        self.declarations.get(instance.declaration)
    }

    /// The declaration of a module at `path` with a key: `type.name` or `data.type.name`.
    pub(crate) fn declared(&self, path: &str, key: &str) -> Option<&Declaration> {
        let module = self.modules.get(*self.by_path.get(path)?)?;
        self.declarations.get(*module.declarations.get(key)?)
    }

    /// The instance with a key of what is declared in a module, if that has many instances.
    pub(crate) fn at(&self, module: &[address::Call], declared: &str, key: Option<&str>) -> Option<usize> {
        if self.by_address.is_empty() {
            return None;
        }
        self.by_address.get(&*address::of(module, declared, key)).copied()
    }
}
