//! The sections of a template, found once.

use rustc_hash::FxHashMap;

use crate::document::{NodeId, Tree, View};

/// The variables of the loops around a declaration, outermost first.
pub(crate) type Bindings = Vec<(Box<str>, NodeId)>;

/// A declared resource.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    pub(crate) id: Box<str>,
    /// What it is known by: the declaration as written, or what stands for it.
    pub(crate) node: NodeId,
    /// The declaration as transforms have left it.
    pub(crate) body: NodeId,
    pub(crate) bindings: Bindings,
}

impl Declared {
    /// A declaration that is as it was written.
    pub(crate) fn new(id: impl Into<Box<str>>, node: NodeId, bindings: Bindings) -> Self {
        Self { id: id.into(), node, body: node, bindings }
    }

    /// The resource type.
    pub(crate) fn ty<'t>(&self, tree: &'t Tree) -> &'t str {
        tree.get(self.body, "Type").and_then(|ty| tree.string(ty)).unwrap_or("")
    }
}

/// A template's sections. Names are as written; nothing is resolved.
#[derive(Debug, Default)]
pub(crate) struct Template {
    /// The whole template.
    pub(crate) root: Option<NodeId>,
    pub(crate) parameters: FxHashMap<Box<str>, NodeId>,
    pub(crate) mappings: Option<NodeId>,
    pub(crate) conditions: Vec<(Box<str>, NodeId)>,
    pub(crate) globals: Option<NodeId>,
    /// The declared resources, in order.
    pub(crate) resources: Vec<Declared>,
    pub(crate) outputs: Option<NodeId>,
    pub(crate) transforms: Vec<Box<str>>,
    by_id: FxHashMap<Box<str>, usize>,
    by_condition: FxHashMap<Box<str>, NodeId>,
}

impl Template {
    /// Finds the sections of the template with this root.
    pub(crate) fn read(tree: &Tree, root: NodeId) -> Self {
        let section = |name: &str| tree.get(root, name);
        let entries = |name: &str| -> Vec<(Box<str>, NodeId)> {
            let map = section(name).and_then(|node| tree.map(node));
            map.into_iter().flat_map(|map| map.iter()).map(|(_, key, node)| (key.into(), node)).collect()
        };
        let mut template = Self {
            root: Some(root),
            parameters: entries("Parameters").into_iter().collect(),
            mappings: section("Mappings"),
            conditions: entries("Conditions"),
            globals: section("Globals"),
            outputs: section("Outputs"),
            transforms: transforms(tree, section("Transform")),
            ..Self::default()
        };
        template.by_condition = template.conditions.iter().cloned().collect();
        for (id, node) in entries("Resources") {
            template.add_resource(Declared::new(id, node, Vec::new()));
        }
        template
    }

    fn add_resource(&mut self, declared: Declared) {
        self.by_id.insert(declared.id.clone(), self.resources.len());
        self.resources.push(declared);
    }

    /// Replaces the entries of `Resources` by what the loops among them make.
    pub(crate) fn replace_resources(&mut self, resources: Vec<Declared>) {
        self.resources.clear();
        self.by_id.clear();
        for declared in resources {
            self.add_resource(declared);
        }
    }

    /// Whether an entry of `Resources` is a loop.
    pub(crate) fn has_loops(&self) -> bool {
        self.resources.iter().any(|declared| declared.id.starts_with("Fn::ForEach::"))
    }

    /// Whether there are resources whose types start like this, or attributes that only the transform knows.
    pub(crate) fn has_type(&self, start: &str, tree: &Tree) -> bool {
        self.resources.iter().any(|declared| {
            declared.ty(tree).starts_with(start) || tree.get(declared.body, "Connectors").is_some()
        })
    }

    /// The declaration of a resource.
    pub(crate) fn resource(&self, id: &str) -> Option<&Declared> {
        self.resources.get(*self.by_id.get(id)?)
    }

    /// The definition of a condition.
    pub(crate) fn condition(&self, name: &str) -> Option<NodeId> {
        self.by_condition.get(name).copied()
    }

    /// Whether the template asks for a transform.
    pub(crate) fn has_transform(&self, name: &str) -> bool {
        self.transforms.iter().any(|transform| &**transform == name)
    }
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
