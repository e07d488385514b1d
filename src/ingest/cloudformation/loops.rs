//! `Fn::ForEach` of the language extensions.

use crate::document::{Code, Diagnostic, NodeId, View};

use super::defects;
use super::resolve::Resolver;
use super::template::{Declared, Expanded};

/// How often all loops of a template together may repeat. A stack cannot have as many resources.
const REPETITIONS: usize = 20_000;

/// What a loop makes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Made {
    Resource,
    Other,
}

impl Resolver<'_> {
    /// The value of a loop variable.
    pub(super) fn bound(&self, name: &str) -> Option<NodeId> {
        self.state.bindings.iter().rev().find(|(bound, _)| **bound == *name).map(|(_, value)| *value)
    }

    /// A name with the loop variables (`${x}`, `&{x}`) around it filled in.
    pub(crate) fn substitute_bindings(&self, name: &str) -> String {
        let mut out = name.to_owned();
        for (variable, value) in self.state.bindings.iter().rev() {
            let Some(text) = self.tree.scalar(*value) else { continue };
            out = out.replace(&format!("${{{variable}}}"), text);
            if out.contains("&{") {
                let alphanumeric: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
                out = out.replace(&format!("&{{{variable}}}"), &alphanumeric);
            }
        }
        out
    }

    /// A key with the loop variables filled in.
    pub(super) fn resolve_key(&mut self, key: NodeId) -> NodeId {
        if self.state.bindings.is_empty() {
            return key;
        }
        let Some(text) = self.tree.scalar(key) else { return key };
        let filled = self.substitute_bindings(text);
        if self.tree.scalar(key) == Some(&filled) { key } else { self.tree.derive_string(key, &filled) }
    }

    /// Adds the entries that a loop makes to those of the map around it. False where the entry is no loop that can be
    /// expanded.
    pub(super) fn expand_loop(&mut self, key: NodeId, body: NodeId, out: &mut Vec<NodeId>) -> bool {
        if !self.tree.scalar(key).is_some_and(|key| key.starts_with("Fn::ForEach::")) {
            return false;
        }
        let Some((variable, values, template)) = self.loop_parts(body) else { return false };
        for value in values {
            if !self.may_repeat(key) {
                break;
            }
            self.state.bindings.push((variable.clone(), value));
            let entries: Vec<_> = match self.tree.view(template) {
                View::Map(map) => map.iter().map(|(key, _, value)| (key, value)).collect(),
                _ => Vec::new(),
            };
            for (key, value) in entries {
                if self.expand_loop(key, value, out) {
                    continue;
                }
                let key = self.resolve_key(key);
                if let Some(value) = self.resolve(value) {
                    out.extend([key, value]);
                }
            }
            self.state.bindings.pop();
        }
        true
    }

    /// The resources and conditions of the template, with those that its loops make.
    pub(super) fn expand_all(&mut self) -> Expanded {
        let template = self.template;
        let mut expand = |all: &[Declared], made: Made| {
            let mut out = Vec::with_capacity(all.len());
            for declared in all {
                self.expand_declared(&declared.id, declared.node, made, &mut out);
            }
            out
        };
        let resources = expand(&template.resources, Made::Resource);
        Expanded { resources, conditions: expand(&template.conditions, Made::Other) }
    }

    /// The outputs of the template, with those that its loops make.
    pub(super) fn outputs(&mut self) -> Vec<Declared> {
        let written = self.template.outputs.map(|outputs| self.tree.view(outputs));
        let written: Vec<(String, NodeId)> = match written {
            Some(View::Map(map)) => map.iter().map(|(_, key, value)| (key.to_owned(), value)).collect(),
            _ => Vec::new(),
        };
        let mut out = Vec::with_capacity(written.len());
        for (key, node) in written {
            self.expand_declared(&key, node, Made::Other, &mut out);
        }
        out
    }

    fn expand_declared(&mut self, key: &str, node: NodeId, made: Made, out: &mut Vec<Declared>) {
        if !key.starts_with("Fn::ForEach::") {
            let id = self.substitute_bindings(key);
            // Each repetition is a resource of its own at the same place.
            let looped = made == Made::Resource && !self.state.bindings.is_empty();
            let node = if looped { self.tree.derive_copy(node, node) } else { node };
            out.push(Declared::new(self.tree, id, node, self.state.bindings.clone()));
            return;
        }
        let Some((variable, values, template)) = self.loop_parts(node) else {
            let message = format!("what `{key}` repeats is not known");
            let made = Diagnostic::new(Code::NotEvaluated, message);
            let made = made.help("give the values of the parameters that it depends on");
            if self.shared.told.insert(node) {
                self.shared.diagnostics.push(defects::at(self.tree, node, made));
            }
            return;
        };
        for value in values {
            if !self.may_repeat(node) {
                break;
            }
            self.state.bindings.push((variable.clone(), value));
            let entries: Vec<(String, NodeId)> = match self.tree.view(template) {
                View::Map(map) => map.iter().map(|(_, key, value)| (key.to_owned(), value)).collect(),
                _ => Vec::new(),
            };
            for (key, value) in entries {
                self.expand_declared(&key, value, made, out);
            }
            self.state.bindings.pop();
        }
    }

    /// Whether there may be another repetition: loops within loops multiply.
    fn may_repeat(&mut self, place: NodeId) -> bool {
        self.shared.repeated += 1;
        if self.shared.repeated == REPETITIONS {
            let message =
                format!("loops make more than {REPETITIONS} repetitions: what is beyond was not read");
            self.shared.diagnostics.push(defects::at(
                self.tree,
                place,
                Diagnostic::new(Code::Limit, message),
            ));
        }
        self.shared.repeated < REPETITIONS
    }

    /// The variable of a loop, the values that it takes, and what is repeated.
    fn loop_parts(&mut self, body: NodeId) -> Option<(Box<str>, Vec<NodeId>, NodeId)> {
        let list = self.tree.list(body)?;
        let (variable, collection, template) = (list.get(0)?, list.get(1)?, list.get(2)?);
        let variable = self.tree.string(variable)?.into();
        let collection = self.resolve(collection)?;
        let values = self.tree.list(collection)?.iter().collect();
        Some((variable, values, template))
    }
}
