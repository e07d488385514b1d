//! Stacks within stacks.
//!
//! The template of a nested stack is read where it is local: next to the parent before packaging, or in a CDK assembly.
//! The parent's values are its parameters, and its outputs are attributes of the resource in the parent.

use rustc_hash::FxHashSet;

use crate::document::{Alternative, Code, Diagnostic, Level, List, NodeId, View};
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

    /// The output of a nested stack, where `place` refers to it, and the value as it is in the nested stack.
    pub(super) fn output_of(
        &mut self,
        place: NodeId,
        declared: &Declared,
        name: &str,
    ) -> Option<[NodeId; 2]> {
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
        let value = value?;
        Some([self.tree.derive_copy(place, value), value])
    }

    fn output(&mut self, name: &str) -> Option<NodeId> {
        let written = self.tree.at(self.template.outputs?, &[name, "Value"]);
        if let Some(value) = written {
            return self.resolve(value);
        }
        // A loop may make it.
        let output = self.outputs().into_iter().find(|output| *output.id == *name)?;
        let value = self.tree.get(output.body, "Value")?;
        let own = std::mem::replace(&mut self.state.bindings, output.bindings);
        let value = self.resolve(value);
        self.state.bindings = own;
        value
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
            // That is how packaged templates are.
            Err(Missing::Remote) => {
                let message = format!("the nested template `{location}` is not at hand: it is not checked");
                let made = Diagnostic::new(Code::NotEvaluated, message).level(Level::Note);
                let made = made.help("check the template as it is before it is packaged");
                self.shared.diagnostics.push(defects::at(self.tree, node, made));
                None
            }
            Err(Missing::Refused) => None,
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
        let (passed, waiting) = self.passed_to(declared);
        let mut chain = self.state.chain.clone();
        chain.extend(file.clone());
        let prefix = format!("{}{}.", self.state.prefix, declared.id).into();
        // The stacks of a set are in accounts of their own, where the same names mean other things.
        let is_set = declared.ty(self.tree) == "AWS::CloudFormation::StackSet";
        let own = u32::try_from(self.shared.nested).unwrap_or(u32::MAX);
        let scope = if is_set { own } else { self.state.scope };
        let mut place = State::nested(passed, chain, prefix);
        place.scope = scope;
        place.waiting = waiting;
        let surroundings = Surroundings {
            tree: self.tree,
            conditions: self.conditions,
            options: self.options,
            shared: self.shared,
        };
        let (template, state) = surroundings.prepare(root, place);
        Nested { template, state, file }
    }

    /// The parameters of a stack set. Those that some of its stacks override are passed as one of several values.
    fn of_set(&mut self, declared: &Declared, passed: &mut Passed) -> Vec<(Box<str>, NodeId)> {
        let property = |name: &str| self.tree.at(declared.body, &["Properties", name]);
        let own = property("Parameters").map(|list| self.pairs(list)).unwrap_or_default();
        let groups = property("StackInstancesGroup").and_then(|groups| self.tree.list(groups));
        let groups = groups.into_iter().flat_map(List::iter);
        let overrides = groups.filter_map(|group| self.tree.get(group, "ParameterOverrides"));
        let overrides: Vec<_> = overrides.flat_map(|list| self.pairs(list)).collect();
        let (several, sole): (Vec<_>, Vec<_>) =
            own.into_iter().partition(|(name, _)| overrides.iter().any(|(other, _)| other == name));
        for (name, node) in several {
            let all = overrides.iter().filter(|(other, _)| *other == name).map(|(_, value)| *value);
            let all: Vec<NodeId> = std::iter::once(node).chain(all).collect();
            let texts = all.iter().map(|&value| self.known_text(value)).collect::<Option<Vec<_>>>();
            let Some(texts) = texts else { continue };
            let answers: Vec<Box<str>> = texts.iter().map(|text| text.as_str().into()).collect();
            let asked = self.question(&format!("{}.{name}", declared.id), &answers, false);
            let mut alternatives = Vec::with_capacity(asked.answers.len());
            for (answer, &condition) in asked.answers.iter().zip(&asked.holds) {
                let at = texts.iter().position(|text| **text == **answer).and_then(|at| all.get(at).copied());
                let value = at.and_then(|value| self.resolve(value));
                alternatives.push(Alternative { condition, value });
            }
            let value = self.one_or_choice(node, alternatives);
            passed.insert(name, [value, value]);
        }
        sole
    }

    /// The entries of a list of keys and values of parameters.
    fn pairs(&self, list: NodeId) -> Vec<(Box<str>, NodeId)> {
        let entries = self.tree.list(list).into_iter().flat_map(List::iter);
        let pairs = entries.filter_map(|entry| {
            let key = self.tree.get(entry, "ParameterKey").and_then(|key| self.tree.string(key))?;
            Some((key.into(), self.tree.get(entry, "ParameterValue")?))
        });
        pairs.collect()
    }

    /// The values that the parent gives to the parameters of a nested stack, and those of them that wait for an import that
    /// is not worked out yet.
    fn passed_to(&mut self, declared: &Declared) -> (Passed, FxHashSet<Box<str>>) {
        let parameters = self.tree.at(declared.body, &["Properties", "Parameters"]);
        let mut passed = Passed::default();
        let entries: Vec<(Box<str>, NodeId)> = match parameters.map(|node| self.tree.view(node)) {
            Some(View::Map(map)) => map.iter().map(|(_, key, value)| (key.into(), value)).collect(),
            // Those of a stack set are a list, and some of its stacks may have others.
            _ => self.of_set(declared, &mut passed),
        };
        let mode = self.state.mode;
        let mut waiting = FxHashSet::default();
        for (name, node) in entries {
            let before = std::mem::take(&mut self.shared.waits);
            self.state.mode = Some(Mode::Value);
            let value = self.resolve(node);
            self.state.mode = Some(Mode::Decide);
            let deciding = self.resolve(node);
            if std::mem::replace(&mut self.shared.waits, before) {
                waiting.insert(name.clone());
            }
            if let (Some(value), Some(deciding)) = (value, deciding) {
                passed.insert(name, [value, deciding]);
            }
        }
        self.state.mode = mode;
        (passed, waiting)
    }
}
