//! Parameters that have to be given although their default is the empty text.
//!
//! `arn:aws:iam::${AccountId}:root` with an empty account is nothing that can be deployed, and neither is a role without
//! a name: the default only says that there is none. Where the empty text is a value like others (a prefix, a bucket that
//! nobody writes to), it is the value.

use rustc_hash::FxHashSet;

use crate::document::{Map, NodeId};

use super::call::{Argument, Call, Function, call};
use super::functions::variables;
use super::resolve::Resolver;

/// Stands for a parameter in a text; no template has it.
const MARK: char = '\u{1}';

/// Properties and elements that are never empty: names and ARNs in IAM, and what stands for them.
const NAMES: &[&str] = &[
    "AWS",
    "Service",
    "Federated",
    "CanonicalUser",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "ManagedPolicyArns",
    "PermissionsBoundary",
    "Role",
    "Roles",
    "Users",
    "Groups",
    "RoleName",
    "UserName",
    "GroupName",
    "PolicyName",
    "ManagedPolicyName",
    "InstanceProfileName",
    "IamInstanceProfile",
];

impl Resolver<'_> {
    /// Finds the parameters that have to be given. Called once, before the first question.
    pub(crate) fn collect_needed(&mut self, calls: &[Call]) {
        let empty = self.empty_by_default();
        if empty.is_empty() {
            return;
        }
        let mut needed = FxHashSet::default();
        for &Call { function, node, argument } in calls {
            let found = match function {
                Function::Sub => self.in_sub(argument, &empty),
                Function::Join => self.in_join(argument, &empty),
                Function::Ref => self.alone(node, argument, &empty),
                _ => Vec::new(),
            };
            needed.extend(found);
        }
        self.state.needed = needed;
    }

    /// The parameters of single values whose default is the empty text.
    fn empty_by_default(&self) -> FxHashSet<Box<str>> {
        let is_empty = |declared: NodeId| {
            let text = |key: &str| self.tree.get(declared, key).and_then(|node| self.tree.scalar(node));
            text("Default") == Some("")
                && text("Type").is_none_or(|ty| !ty.contains("List<") && ty != "CommaDelimitedList")
        };
        let all = self.template.parameters.iter().filter(|(_, declared)| is_empty(**declared));
        all.map(|(name, _)| name.clone()).collect()
    }

    fn in_sub(&self, argument: Argument, empty: &FxHashSet<Box<str>>) -> Vec<Box<str>> {
        let elements = self.tree.list(argument.node);
        let template = elements.map_or(Some(argument.node), |elements| elements.get(0));
        let own = elements.and_then(|elements| elements.get(1)).and_then(|own| self.tree.map(own));
        let Some(text) = template.and_then(|template| self.tree.string(template)) else { return Vec::new() };
        let mut out = String::new();
        let mut marked = Vec::new();
        let mut from = 0;
        for (start, name) in variables(text) {
            out.push_str(text.get(from..start).unwrap_or(""));
            let length = text.get(start..).and_then(|rest| rest.find('}')).map_or(0, |end| end + 1);
            from = start + length;
            // A name of the call's own may stand for a parameter.
            let meant = match own.and_then(|own: Map<'_>| own.get(name)) {
                Some(value) => self.parameter_at(value),
                None => Some(name),
            };
            match meant.filter(|name| empty.contains(*name)) {
                Some(name) => {
                    out.push(MARK);
                    marked.push(name);
                }
                None => out.push('x'),
            }
        }
        out.push_str(text.get(from..).unwrap_or(""));
        missing(&out, &marked)
    }

    fn in_join(&self, argument: Argument, empty: &FxHashSet<Box<str>>) -> Vec<Box<str>> {
        let parts = self.tree.list(argument.node);
        let delimiter = parts.and_then(|parts| self.tree.string(parts.get(0)?));
        let elements = parts.and_then(|parts| self.tree.list(parts.get(1)?));
        let (Some(delimiter), Some(elements)) = (delimiter, elements) else { return Vec::new() };
        let mut out = Vec::with_capacity(elements.len());
        let mut marked = Vec::new();
        for element in elements.iter() {
            out.push(match self.parameter_at(element).filter(|name| empty.contains(*name)) {
                Some(name) => {
                    marked.push(name);
                    MARK.to_string()
                }
                None if call(self.tree, element).is_none() => {
                    self.tree.scalar(element).unwrap_or("x").to_owned()
                }
                None => "x".to_owned(),
            });
        }
        missing(&out.join(delimiter), &marked)
    }

    /// A reference that is all there is where something has to be.
    fn alone(&self, node: NodeId, argument: Argument, empty: &FxHashSet<Box<str>>) -> Vec<Box<str>> {
        let Some(name) = self.tree.scalar(argument.node).filter(|name| empty.contains(*name)) else {
            return Vec::new();
        };
        let around = self.tree.ancestors(node);
        let key = around.iter().rev().take_while(|&&one| one == node || self.tree.list(one).is_some());
        let key = key.filter_map(|&one| self.tree.key_of(one)).find_map(|key| self.tree.string(key));
        let has_name = key.is_some_and(|key| NAMES.contains(&key) || key.ends_with("Arn"));
        if has_name { vec![name.into()] } else { Vec::new() }
    }

    /// The name that a node refers to, if it does nothing else.
    fn parameter_at(&self, node: NodeId) -> Option<&str> {
        let call = call(self.tree, node).filter(|call| call.function == Function::Ref)?;
        self.tree.scalar(call.argument.node)
    }
}

/// The marked parameters without which a text is no ARN: those that are a whole part of one which cannot be empty.
fn missing(text: &str, marked: &[&str]) -> Vec<Box<str>> {
    if !text.starts_with("arn:") {
        return Vec::new();
    }
    let service = text.split(':').nth(2).unwrap_or("");
    let mut out = Vec::new();
    let places = text.char_indices().filter(|(_, found)| *found == MARK);
    for ((at, _), name) in places.zip(marked) {
        let (before, after) = (text.get(..at).unwrap_or(""), text.get(at + 1..).unwrap_or(""));
        let field = before.matches(':').count();
        let whole = before.ends_with([':', '/']) && (after.is_empty() || after.starts_with([':', '/']));
        // IAM is in no Region and buckets are in no account; keys of objects may hold what they like.
        let free = match service {
            "iam" => field == 3,
            "s3" => field == 3 || field == 4 || before.contains('/'),
            _ => false,
        };
        if whole && !free {
            out.push((*name).into());
        }
    }
    out
}
