//! A template while it is read: its resources become entities.

use crate::document::{Code, Condition, Conditions, Diagnostic, NodeId, Reason, Tree, Unknown, View};
use crate::ingest::Options;
use crate::ingest::assembly::Assembly;
use crate::ingest::project;
use crate::ingest::table::Properties;
use crate::model::{Resource, ResourceId};

use super::nested::Nested;
use super::resolve::{Resolver, Shared, State};
use super::template::{Declared, Template};
use super::{defects, sam, transforms, types};

/// One template while it is read.
pub(super) struct Stack<'o> {
    pub(super) template: Template,
    pub(super) options: &'o Options,
    pub(super) state: State,
    pub(super) shared: Shared,
    /// When the stack exists.
    pub(super) under: Condition,
}

impl<'o> Stack<'o> {
    /// Reads a template, and makes the resources that its loops and transforms make. `state` says where it stands: as
    /// the main template, or within another.
    pub(super) fn open(
        assembly: &mut Assembly,
        root: NodeId,
        options: &'o Options,
        state: State,
        shared: Shared,
    ) -> Self {
        let Assembly { tree, conditions, .. } = assembly;
        let mut shared = shared;
        let surroundings = Surroundings { tree, conditions, options, shared: &mut shared };
        let (template, state) = surroundings.prepare(root, state);
        Self::of(template, options, state, shared)
    }

    /// A template that was read already.
    pub(super) fn of(template: Template, options: &'o Options, state: State, shared: Shared) -> Self {
        Self { template, options, state, shared, under: Condition::ALWAYS }
    }

    /// Declares all resources, and those of nested stacks.
    pub(super) fn declare_all(&mut self, assembly: &mut Assembly) {
        for index in 0..self.template.resources.len() {
            if let Some(declared) = self.template.resources.get(index).cloned() {
                self.declare(assembly, &declared);
            }
        }
    }

    pub(super) fn resolver<'a>(&'a mut self, assembly: &'a mut Assembly) -> Resolver<'a> {
        Resolver {
            tree: &mut assembly.tree,
            conditions: &mut assembly.conditions,
            template: &self.template,
            options: self.options,
            shared: &mut self.shared,
            state: &mut self.state,
        }
    }

    /// The conditions that a person knows by name, those of nested stacks by path.
    pub(super) fn named_conditions(&mut self, assembly: &mut Assembly) -> Vec<(Box<str>, Condition)> {
        let names: Vec<_> = self.template.conditions.iter().map(|one| one.id.clone()).collect();
        let mut out: Vec<(Box<str>, Condition)> = Vec::with_capacity(names.len());
        for name in names {
            let condition = self.resolver(assembly).named_condition(&name);
            out.push((Box::from(&*name), condition));
        }
        named_inside(&self.template, &self.state, "", &mut out);
        out
    }

    fn declare(&mut self, assembly: &mut Assembly, declared: &Declared) {
        let ty = declared.ty(&assembly.tree).to_owned();
        if ty.is_empty() {
            return;
        }
        self.state.bindings.clone_from(&declared.bindings);
        let under = self.existence(assembly, declared);
        if !under.is_never() {
            let resource = self.resource(assembly, declared, &ty, under);
            let properties = assembly.tree.get(declared.body, "Properties");
            let properties = properties.or_else(|| assembly.tree.get(declared.body, "Fn::Transform"));
            types::declare(
                assembly,
                &mut Open { stack: self, properties, body: declared.body, resource, known: Vec::new() },
                &ty,
            );
            self.declare_nested(assembly, declared, under);
        }
        self.state.bindings.clear();
    }

    fn resource(
        &mut self,
        assembly: &mut Assembly,
        declared: &Declared,
        ty: &str,
        under: Condition,
    ) -> ResourceId {
        let path = cdk_path(&assembly.tree, declared.node);
        let (id, alias) = match &*self.state.prefix {
            "" => (Box::from(&*declared.id), path),
            prefix => (
                format!("{prefix}{}", declared.id).into(),
                Some(path.unwrap_or_else(|| Box::from(&*declared.id))),
            ),
        };
        let change = self.options.change_of(&id, self.state.prefix.is_empty());
        let node = declared.node;
        let added =
            assembly.inventory.add_resource(Resource { id, ty: ty.into(), node, under, change, alias });
        assembly.set_scope(added, self.state.scope);
        // What a loop makes stands where the loop was written.
        if let Some(written) = assembly.tree.written(node).filter(|&written| written != node) {
            assembly.inventory.add_place(written, added);
        }
        added
    }

    /// When a resource exists.
    fn existence(&mut self, assembly: &mut Assembly, declared: &Declared) -> Condition {
        let own = match assembly.tree.get(declared.body, "Condition") {
            Some(condition) => match assembly.tree.scalar(condition).map(str::to_owned) {
                Some(name) => {
                    let name = self.resolver(assembly).substitute_bindings(&name);
                    self.resolver(assembly).named_condition(&name)
                }
                None => self.resolver(assembly).decided(condition),
            },
            None => Condition::ALWAYS,
        };
        assembly.conditions.and(own, self.under)
    }

    /// The resources of the stack that a resource nests.
    fn declare_nested(&mut self, assembly: &mut Assembly, declared: &Declared, under: Condition) {
        let Some(nested) = self.resolver(assembly).take_child(declared) else { return };
        let Nested { template, state, file } = *nested;
        if let Some(file) = file.as_ref().filter(|file| !assembly.nested.contains(file)) {
            assembly.nested.push(file.clone());
        }
        let shared = std::mem::take(&mut self.shared);
        let mut inner = Stack { template, options: self.options, state, shared, under };
        inner.declare_all(assembly);
        let Stack { template, state, shared, .. } = inner;
        self.shared = shared;
        self.state.children.insert(declared.node, Some(Box::new(Nested { template, state, file })));
    }
}

/// The conditions of nested stacks that were asked for.
fn named_inside(template: &Template, state: &State, prefix: &str, out: &mut Vec<(Box<str>, Condition)>) {
    for declared in &template.resources {
        let Some(Some(nested)) = state.children.get(&declared.node) else { continue };
        let prefix = format!("{prefix}{}.", declared.id);
        for one in &nested.template.conditions {
            if let Some(&condition) = nested.state.named.get(&*one.id) {
                out.push((format!("{prefix}{}", one.id).into(), condition));
            }
        }
        named_inside(&nested.template, &nested.state, &prefix, out);
    }
}

/// What a template is read with.
pub(super) struct Surroundings<'a> {
    pub(super) tree: &'a mut Tree,
    pub(super) conditions: &'a mut Conditions,
    pub(super) options: &'a Options,
    pub(super) shared: &'a mut Shared,
}

impl Surroundings<'_> {
    /// Reads a template, and makes the resources that its loops and transforms make. `place` says where it stands: as
    /// the main template, or within another.
    pub(super) fn prepare(self, root: NodeId, place: State) -> (Template, State) {
        let Self { tree, conditions, options, shared } = self;
        let mut template = Template::read(tree, root);
        let merged = transforms::include(tree, &mut template, options, shared);
        let mut state = State::new(tree, root, tree.len()).within(place);
        tree.expect_explanations(state.calls().len());
        let (calls, written) = (state.calls().to_vec(), state.written().to_vec());
        let mut resolver =
            Resolver { tree, conditions, template: &template, options, shared, state: &mut state };
        resolver.collect_answers(&calls, &written);
        resolver.collect_needed(&calls);
        // Loops make resources, so they are expanded before anything refers to them.
        if template.has_loops() {
            let expanded = resolver.expand_all();
            template.replace(expanded);
        }
        state.is_merged = merged;
        if template.is_serverless(tree, merged) {
            let (expanded, odd) = sam::expand(tree, &template);
            template.replace_resources(expanded);
            for node in odd {
                let message =
                    "this is no policy document, no policy's name or ARN, and no known policy template";
                let made = Diagnostic::new(Code::NotEvaluated, message);
                shared.diagnostics.push(defects::at(tree, node, made));
            }
        }
        shared.diagnostics.extend(defects::report(&template, &state, tree));
        (template, state)
    }
}

/// The properties of a declared resource.
struct Open<'s, 'o> {
    stack: &'s mut Stack<'o>,
    properties: Option<NodeId>,
    body: NodeId,
    resource: ResourceId,
    /// What properties were resolved to: several fields stand in one.
    known: Vec<(NodeId, Option<NodeId>)>,
}

impl Open<'_, '_> {
    fn resolved(&mut self, assembly: &mut Assembly, node: NodeId) -> Option<NodeId> {
        if let Some(&(_, known)) = self.known.iter().find(|(own, _)| *own == node) {
            return known;
        }
        let value = self.stack.resolver(assembly).resolve(node);
        self.known.push((node, value));
        value
    }
}

impl Properties for Open<'_, '_> {
    fn property(&mut self, assembly: &mut Assembly, name: &str) -> Option<NodeId> {
        if let Some(node) = assembly.tree.get(self.properties?, name) {
            return self.resolved(assembly, node);
        }
        // What a snippet or a macro brings in.
        let state = &self.stack.state;
        if !state.has_loops && !state.is_merged {
            return None;
        }
        let macros = [self.properties, Some(self.body)];
        let called = macros.into_iter().flatten().find_map(|map| assembly.tree.get(map, "Fn::Transform"))?;
        match self.stack.resolver(assembly).snippet(called) {
            Ok(root) => {
                let node = assembly.tree.get(root, name)?;
                self.resolved(assembly, node)
            }
            Err(name) => {
                let unknown = Unknown { reason: Reason::Macro, blocker: name.into() };
                Some(assembly.tree.derive_unknown(called, unknown))
            }
        }
    }

    fn resource(&self) -> ResourceId {
        self.resource
    }

    /// Only what stands at the path is resolved, not all of the property around it.
    fn at(&mut self, assembly: &mut Assembly, path: &str) -> Option<NodeId> {
        let (mut name, mut rest) = path.split_once('.').unwrap_or((path, ""));
        let mut value = None;
        if let Some(mut node) = self.properties.and_then(|properties| assembly.tree.get(properties, name)) {
            while !rest.is_empty() && is_plain(&assembly.tree, node) {
                (name, rest) = rest.split_once('.').unwrap_or((rest, ""));
                node = assembly.tree.get(node, name)?;
            }
            value = self.resolved(assembly, node);
        } else if self.properties.is_some() {
            value = self.property(assembly, name);
        }
        let found = project::project(&mut assembly.tree, value?, rest)?;
        (!matches!(assembly.tree.view(found), View::Null)).then_some(found)
    }
}

/// Whether a node is a map that stands for itself.
fn is_plain(tree: &Tree, node: NodeId) -> bool {
    let is_function = |key: &str| key == "Ref" || key.starts_with("Fn::");
    tree.tag(node).is_none()
        && tree.map(node).is_some_and(|map| map.iter().all(|(_, key, _)| !is_function(key)))
}

/// The path of the construct that made the resource.
fn cdk_path(tree: &Tree, resource: NodeId) -> Option<Box<str>> {
    let path = tree.at(resource, &["Metadata", "aws:cdk:path"])?;
    tree.string(path).map(Into::into)
}
