//! CloudFormation templates.
//!
//! The template is resolved as far as its text decides ([`resolve`]), and its resources become entities by the table in
//! [`types`].

mod call;
mod census;
mod cidr;
mod conditions;
mod defects;
mod functions;
mod loops;
mod maps;
mod parameters;
mod patterns;
mod references;
mod resolve;
mod sam;
mod template;
mod texts;
mod types;
mod written;

pub use census::References;
pub(crate) use census::count;

#[cfg(test)]
mod tests;

use crate::document::{Code, Condition, Diagnostic, NodeId, Reason, Tree};
use crate::model::{Change, Resource, ResourceId};

use super::Options;
use super::assembly::Assembly;
use super::table::Properties;
use call::Argument;
use resolve::{Resolver, State};
use template::{Declared, Template};

/// Adds everything that a template declares. Returns its named conditions.
pub(crate) fn ingest(assembly: &mut Assembly, root: NodeId, options: &Options) -> Vec<(Box<str>, Condition)> {
    let mut stack = Stack::open(assembly, root, options);
    stack.declare_all(assembly);
    defects::report(&stack, assembly);
    let names: Vec<_> = stack.template.conditions.iter().map(|(name, _)| name.clone()).collect();
    let mut resolver = stack.resolver(assembly);
    names.into_iter().map(|name| (name.clone(), resolver.named_condition(&name))).collect()
}

/// One template while it is read.
struct Stack<'o> {
    template: Template,
    options: &'o Options,
    state: State,
}

impl<'o> Stack<'o> {
    /// Reads a template, and makes the resources that its loops and transforms make.
    fn open(assembly: &mut Assembly, root: NodeId, options: &'o Options) -> Self {
        let template = Template::read(&assembly.tree, root);
        let state = State::new(&assembly.tree, root, assembly.tree.len());
        let calls = state.calls().to_vec();
        let mut stack = Self { template, options, state };
        stack.resolver(assembly).collect_answers(&calls);
        // Loops make resources, so they are expanded before anything refers to them.
        if stack.template.has_loops() {
            let expanded = stack.resolver(assembly).expand_resources();
            stack.template.replace_resources(expanded);
        }
        if stack.template.has_type("AWS::Serverless::", &assembly.tree) {
            let (expanded, odd) = sam::expand(&mut assembly.tree, &stack.template);
            stack.template.replace_resources(expanded);
            for node in odd {
                let message =
                    "this is no policy document, no policy's name or ARN, and no known policy template";
                let made = Diagnostic::new(Code::NotEvaluated, message);
                assembly.diagnostics.push(defects::at(&assembly.tree, node, made));
            }
        }
        stack
    }

    fn declare_all(&mut self, assembly: &mut Assembly) {
        for index in 0..self.template.resources.len() {
            if let Some(declared) = self.template.resources.get(index).cloned() {
                self.declare(assembly, declared);
            }
        }
    }

    fn resolver<'a>(&'a mut self, assembly: &'a mut Assembly) -> Resolver<'a> {
        Resolver {
            tree: &mut assembly.tree,
            conditions: &mut assembly.conditions,
            template: &self.template,
            options: self.options,
            state: &mut self.state,
        }
    }

    fn declare(&mut self, assembly: &mut Assembly, declared: Declared) {
        let Declared { id, node, body, bindings } = declared;
        let text = |key: &str| assembly.tree.get(body, key).and_then(|node| assembly.tree.string(node));
        let Some(ty) = text("Type").map(str::to_owned) else { return };
        self.state.bindings = bindings;
        let under = match assembly.tree.get(body, "Condition") {
            Some(condition) => match assembly.tree.scalar(condition).map(str::to_owned) {
                Some(name) => {
                    let name = self.resolver(assembly).substitute_bindings(&name);
                    self.resolver(assembly).named_condition(&name)
                }
                None => self.resolver(assembly).decided(condition),
            },
            None => Condition::ALWAYS,
        };
        if !under.is_never() {
            let alias = cdk_path(&assembly.tree, node);
            let resource =
                Resource { id, ty: ty.as_str().into(), node, under, change: Change::Declared, alias };
            let resource = assembly.inventory.add_resource(resource);
            let properties = assembly.tree.get(body, "Properties");
            types::declare(assembly, &mut Open { stack: self, properties, resource }, &ty);
        }
        self.state.bindings.clear();
    }
}

/// The properties of a declared resource.
struct Open<'s, 'o> {
    stack: &'s mut Stack<'o>,
    properties: Option<NodeId>,
    resource: ResourceId,
}

impl Properties for Open<'_, '_> {
    fn property(&mut self, assembly: &mut Assembly, name: &str) -> Option<NodeId> {
        let node = assembly.tree.get(self.properties?, name)?;
        self.stack.resolver(assembly).resolve(node)
    }

    fn resource(&self) -> ResourceId {
        self.resource
    }
}

/// The path of the construct that made the resource.
fn cdk_path(tree: &Tree, resource: NodeId) -> Option<Box<str>> {
    let path = tree.at(resource, &["Metadata", "aws:cdk:path"])?;
    tree.string(path).map(Into::into)
}

impl Resolver<'_> {
    /// A transform: macros run in the account.
    fn transform(&mut self, node: NodeId, argument: Argument) -> NodeId {
        let name = self.tree.get(argument.node, "Name").and_then(|name| self.tree.string(name));
        let name = name.unwrap_or("Fn::Transform").to_owned();
        self.unknown(node, Reason::Macro, &name)
    }
}
