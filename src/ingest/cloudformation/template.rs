//! The sections of a template, found once.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::document::{NodeId, Tree, View};

/// The variables of the loops around a declaration, outermost first.
pub(crate) type Bindings = Vec<(Box<str>, NodeId)>;

/// A declared resource.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    pub(crate) id: Arc<str>,
    /// What it is known by: the declaration as written, or what stands for it.
    pub(crate) node: NodeId,
    /// The declaration as transforms have left it.
    pub(crate) body: NodeId,
    /// Its `Type`, where that is a text.
    ty: Option<NodeId>,
    pub(crate) bindings: Bindings,
}

impl Declared {
    /// A declaration that is as it was written.
    pub(crate) fn new(tree: &Tree, id: impl Into<Arc<str>>, node: NodeId, bindings: Bindings) -> Self {
        Self { id: id.into(), node, body: node, ty: type_of(tree, node), bindings }
    }

    /// The same declaration with another body.
    pub(crate) fn with_body(self, tree: &Tree, body: NodeId) -> Self {
        Self { body, ty: type_of(tree, body), ..self }
    }

    /// The resource type; empty where there is none.
    pub(crate) fn ty<'t>(&self, tree: &'t Tree) -> &'t str {
        self.ty.and_then(|ty| tree.string(ty)).unwrap_or("")
    }

    /// Whether it has a `Type`.
    pub(crate) fn is_typed(&self) -> bool {
        self.ty.is_some()
    }
}

fn type_of(tree: &Tree, body: NodeId) -> Option<NodeId> {
    tree.get(body, "Type").filter(|&ty| tree.string(ty).is_some())
}

/// A template's sections. Names are as written; nothing is resolved.
#[derive(Debug, Default)]
pub(crate) struct Template {
    /// The whole template.
    pub(crate) root: Option<NodeId>,
    pub(crate) parameters: FxHashMap<Box<str>, NodeId>,
    pub(crate) mappings: Option<NodeId>,
    /// The named conditions, in order.
    pub(crate) conditions: Vec<Declared>,
    pub(crate) globals: Option<NodeId>,
    /// The declared resources, in order.
    pub(crate) resources: Vec<Declared>,
    pub(crate) outputs: Option<NodeId>,
    /// What parameters must be like.
    pub(crate) rules: Option<NodeId>,
    pub(crate) transforms: Vec<Box<str>>,
    by_id: FxHashMap<Arc<str>, usize>,
    by_condition: FxHashMap<Arc<str>, usize>,
}

impl Template {
    /// Finds the sections of the template with this root.
    pub(crate) fn read(tree: &Tree, root: NodeId) -> Self {
        let mut template = Self { root: Some(root), ..Self::default() };
        template.merge(tree, root);
        template.index();
        template
    }

    /// Resources without a template around them.
    pub(crate) fn of_resources(resources: Vec<Declared>) -> Self {
        let mut template = Self { resources, ..Self::default() };
        template.index();
        template
    }

    /// Adds the sections of a template, or of a snippet of one.
    pub(crate) fn merge(&mut self, tree: &Tree, root: NodeId) {
        let section = |name: &str| tree.get(root, name);
        let parameters = entries(tree, section("Parameters"));
        self.parameters.extend(parameters.map(|(name, node)| (name.into(), node)));
        self.mappings = self.mappings.or(section("Mappings"));
        self.globals = self.globals.or(section("Globals"));
        self.outputs = self.outputs.or(section("Outputs"));
        self.rules = self.rules.or(section("Rules"));
        self.transforms.extend(transforms(tree, section("Transform")));
        let conditions = entries(tree, section("Conditions"));
        self.conditions.extend(conditions.map(|(id, node)| Declared::new(tree, id, node, Vec::new())));
        if let Some(resources) = section("Resources") {
            self.add_resources(tree, resources);
        }
    }

    /// Adds the entries of a map as resources.
    pub(crate) fn add_resources(&mut self, tree: &Tree, resources: NodeId) {
        let all = entries(tree, Some(resources));
        self.resources.extend(all.map(|(id, node)| Declared::new(tree, id, node, Vec::new())));
    }

    /// Makes names lead to what they name.
    pub(crate) fn index(&mut self) {
        self.by_id = by_id(&mut self.resources);
        self.by_condition = by_id(&mut self.conditions);
    }

    /// Replaces the entries of `Resources`.
    pub(crate) fn replace_resources(&mut self, resources: Vec<Declared>) {
        self.resources = resources;
        self.index();
    }

    /// Replaces resources and conditions by what the loops among them make.
    pub(crate) fn replace(&mut self, expanded: Expanded) {
        self.resources = expanded.resources;
        self.conditions = expanded.conditions;
        self.index();
    }

    /// Whether an entry of `Resources` is a loop.
    pub(crate) fn has_loops(&self) -> bool {
        self.resources.iter().chain(&self.conditions).any(|declared| declared.id.starts_with("Fn::ForEach::"))
    }

    /// Whether the Serverless transform has something to do: it is called, or a snippet that came in may call it, and there
    /// are resources of its types, or attributes that only it knows.
    pub(crate) fn is_serverless(&self, tree: &Tree, merged: bool) -> bool {
        let called = merged || self.transforms.iter().any(|name| name.starts_with("AWS::Serverless-"));
        self.resources.iter().any(|declared| {
            declared.ty(tree).starts_with("AWS::Serverless::")
                || called && tree.get(declared.body, "Connectors").is_some()
        })
    }

    /// The declaration of a resource.
    pub(crate) fn resource(&self, id: &str) -> Option<&Declared> {
        self.resources.get(*self.by_id.get(id)?)
    }

    /// The definition of a condition.
    pub(crate) fn condition(&self, name: &str) -> Option<&Declared> {
        self.conditions.get(*self.by_condition.get(name)?)
    }
}

/// Positions by name. Of a key that stands twice, the last one is used.
fn by_id(all: &mut Vec<Declared>) -> FxHashMap<Arc<str>, usize> {
    loop {
        let found: FxHashMap<Arc<str>, usize> =
            (0..).zip(&*all).map(|(index, one)| (one.id.clone(), index)).collect();
        if found.len() == all.len() {
            return found;
        }
        let mut index = 0..;
        all.retain(|one| index.next() == found.get(&one.id).copied());
    }
}

/// What the loops of a template make.
pub(crate) struct Expanded {
    pub(crate) resources: Vec<Declared>,
    pub(crate) conditions: Vec<Declared>,
}

fn entries(tree: &Tree, node: Option<NodeId>) -> impl Iterator<Item = (&str, NodeId)> + '_ {
    let map = node.and_then(|node| tree.map(node));
    map.into_iter().flat_map(crate::document::Map::iter).map(|(_, key, node)| (key, node))
}

fn transforms(tree: &Tree, node: Option<NodeId>) -> Vec<Box<str>> {
    let Some(node) = node else { return Vec::new() };
    match tree.view(node) {
        View::String(name) => vec![name.into()],
        View::List(list) => list
            .iter()
            .filter_map(|element| tree.string(element).or_else(|| tree.string(tree.get(element, "Name")?)))
            .map(Into::into)
            .collect(),
        View::Map(_) => {
            tree.get(node, "Name").and_then(|name| tree.string(name)).map(Into::into).into_iter().collect()
        }
        _ => Vec::new(),
    }
}
