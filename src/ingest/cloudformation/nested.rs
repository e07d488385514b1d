//! Stacks within stacks.
//!
//! The template of a nested stack is read where it is local: next to the parent before packaging, or in a CDK assembly.
//! The parent's values are its parameters, and its outputs are attributes of the resource in the parent.

use crate::document::{Code, Diagnostic, NodeId, View};
use crate::ingest::inside;

use super::call::call;
use super::defects;
use super::files::{self, Missing};
use super::resolve::{Mode, Passed, Resolver, State};
use super::stack::Surroundings;
use super::template::{Declared, Template};

/// How many stacks a template and those in it may nest.
const STACKS: usize = 500;

/// How deep stacks may be nested.
const DEPTH: usize = 16;

/// A nested stack.
#[derive(Debug)]
pub(crate) struct Nested {
    pub(super) template: Template,
    pub(super) state: State,
    /// The file that holds it, where it is not the parent's.
    pub(super) file: Option<Box<str>>,
}

/// Whether resources of a type bring a template with them.
fn nests(ty: &str) -> bool {
    matches!(
        ty,
        "AWS::CloudFormation::Stack" | "AWS::Serverless::Application" | "AWS::CloudFormation::StackSet"
    )
}

impl Resolver<'_> {
    /// The stack that a resource nests, if its template can be read. The caller gives it back by inserting it into the
    /// children again; until then it is missing, so that circles end.
    pub(super) fn take_child(&mut self, declared: &Declared) -> Option<Box<Nested>> {
        if !nests(declared.ty(self.tree)) {
            return None;
        }
        if let Some(known) = self.state.children.get_mut(&declared.node) {
            return known.take();
        }
        self.state.children.insert(declared.node, None);
        if self.shared.nested >= STACKS {
            return None;
        }
        let (root, file) = self.child_root(declared)?;
        self.shared.nested += 1;
        if self.shared.nested == STACKS {
            let message = format!("more than {STACKS} stacks are nested: what is beyond was not read");
            let made = Diagnostic::new(Code::Limit, message);
            self.shared.diagnostics.push(defects::at(self.tree, declared.node, made));
        }
        Some(Box::new(self.open_child(declared, root, file)))
    }

    /// The output of a nested stack, where `place` refers to it.
    pub(super) fn output_of(&mut self, place: NodeId, declared: &Declared, name: &str) -> Option<NodeId> {
        let mut nested = self.take_child(declared)?;
        let mut inner = Resolver {
            tree: self.tree,
            conditions: self.conditions,
            template: &nested.template,
            options: self.options,
            shared: self.shared,
            state: &mut nested.state,
        };
        inner.state.mode = self.state.mode;
        let value = inner.output(name);
        self.state.children.insert(declared.node, Some(nested));
        Some(self.tree.derive_copy(place, value?))
    }

    fn output(&mut self, name: &str) -> Option<NodeId> {
        let value = self.tree.at(self.template.outputs?, &[name, "Value"])?;
        self.resolve(value)
    }

    /// Where the template of a nested stack starts, and the file that holds it.
    fn child_root(&mut self, declared: &Declared) -> Option<(NodeId, Option<Box<str>>)> {
        let property = match declared.ty(self.tree) {
            "AWS::CloudFormation::Stack" => "TemplateURL",
            "AWS::Serverless::Application" => "Location",
            "AWS::CloudFormation::StackSet" => return self.body(declared).map(|root| (root, None)),
            _ => return None,
        };
        let node = self.tree.at(declared.body, &["Properties", property])?;
        let asset = self.tree.at(declared.node, &["Metadata", "aws:asset:path"]);
        let location = match asset.and_then(|asset| self.tree.string(asset)) {
            Some(path) if property == "TemplateURL" => Some(path.to_owned()),
            _ => self.resolve(node).and_then(|value| self.tree.string(value)).map(str::to_owned),
        };
        self.file_of(node, &location?)
    }

    fn file_of(&mut self, node: NodeId, location: &str) -> Option<(NodeId, Option<Box<str>>)> {
        if self.state.chain.len() >= DEPTH {
            return None;
        }
        match files::read(self.tree, node, location, self.options) {
            Ok((_, file)) if self.state.chain.contains(&file) => None,
            Ok((root, file)) => Some((root, Some(file))),
            Err(Missing::Unreadable(reason)) => {
                let message = format!("the nested template `{location}` cannot be read: {reason}");
                let made = Diagnostic::new(Code::NotEvaluated, message);
                self.shared.diagnostics.push(defects::at(self.tree, node, made));
                None
            }
            // What is in S3 is not at hand, and that is how packaged templates are.
            Err(Missing::Remote | Missing::Refused) => None,
        }
    }

    /// The template in a stack set: a map, or text.
    fn body(&mut self, declared: &Declared) -> Option<NodeId> {
        let node = self.tree.at(declared.body, &["Properties", "TemplateBody"]);
        let Some(node) = node else {
            let url = self.tree.at(declared.body, &["Properties", "TemplateURL"])?;
            let location = self.resolve(url).and_then(|value| self.tree.string(value))?.to_owned();
            return self.file_of(url, &location).map(|(root, _)| root);
        };
        if call(self.tree, node).is_none() && self.tree.get(node, "Resources").is_some() {
            return Some(node);
        }
        let value = self.resolve(node)?;
        inside::template(self.tree, value)
    }

    fn open_child(&mut self, declared: &Declared, root: NodeId, file: Option<Box<str>>) -> Nested {
        let passed = self.passed_to(declared);
        let mut chain = self.state.chain.clone();
        chain.extend(file.clone());
        let prefix = format!("{}{}.", self.state.prefix, declared.id).into();
        // The stacks of a set are in accounts of their own, where the same names mean other things.
        let is_set = declared.ty(self.tree) == "AWS::CloudFormation::StackSet";
        let own = u32::try_from(self.shared.nested).unwrap_or(u32::MAX);
        let scope = if is_set { own } else { self.state.scope };
        let mut place = State::nested(passed, chain, prefix);
        place.scope = scope;
        let surroundings = Surroundings {
            tree: self.tree,
            conditions: self.conditions,
            options: self.options,
            shared: self.shared,
        };
        let (template, state) = surroundings.prepare(root, place);
        Nested { template, state, file }
    }

    /// The values that the parent gives to the parameters of a nested stack.
    fn passed_to(&mut self, declared: &Declared) -> Passed {
        let parameters = self.tree.at(declared.body, &["Properties", "Parameters"]);
        let entries: Vec<(Box<str>, NodeId)> = match parameters.map(|node| self.tree.view(node)) {
            Some(View::Map(map)) => map.iter().map(|(_, key, value)| (key.into(), value)).collect(),
            _ => Vec::new(),
        };
        let mut passed = Passed::default();
        let mode = self.state.mode;
        for (name, node) in entries {
            self.state.mode = Some(Mode::Value);
            let value = self.resolve(node);
            self.state.mode = Some(Mode::Decide);
            let deciding = self.resolve(node);
            if let (Some(value), Some(deciding)) = (value, deciding) {
                passed.insert(name, [value, deciding]);
            }
        }
        self.state.mode = mode;
        passed
    }
}
