//! What is wrong with a template as a template: references that lead nowhere, declarations that declare nothing.
//!
//! `CloudFormation` refuses such a template. Where a macro may still add what is missing, nothing is said.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::document::{Code, Diagnostic, Location, NodeId, Step, Tree, View};

use super::call::{Call, Function, call};
use super::functions;
use super::resolve::State;
use super::sam;
use super::template::Template;

/// Transforms that add no resources under names of their own, or whose names are known.
const KNOWN: &[&str] = &["AWS::Serverless-2016-10-31", "AWS::LanguageExtensions"];

/// The sections that CloudFormation itself knows.
const SECTIONS: &[&str] = &[
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Globals",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
];

/// Those of them that map names to what they declare.
const MAPS: &[&str] = &["Conditions", "Globals", "Mappings", "Outputs", "Parameters", "Resources", "Rules"];

const PSEUDO: &[&str] = &[
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// Reports the defects of a template.
pub(super) fn report(template: &Template, state: &State, tree: &Tree) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let Some(root) = template.root else { return found };
    declarations(template, tree, root, &mut found);
    if is_closed(template, tree) {
        let variables = if state.has_loops { variables(state.written(), tree) } else { FxHashSet::default() };
        let checker = Checker { template, tree, root, variables };
        for &call in state.calls() {
            checker.check(call, &mut found);
        }
    }
    found
}

/// Whether everything that the template declares is known.
fn is_closed(template: &Template, tree: &Tree) -> bool {
    let known = |name: &str| KNOWN.contains(&name);
    let modules = |ty: &str| ty.ends_with("::MODULE");
    let sections = template.root.and_then(|root| tree.map(root));
    template.transforms.iter().all(|name| known(name))
        && sections
            .into_iter()
            .flat_map(crate::document::Map::iter)
            .all(|(_, key, _)| SECTIONS.contains(&key))
        && !template.resources.iter().any(|declared| {
            let ty = declared.ty(tree);
            let id = declared.id.as_bytes();
            let is_type = || ty.bytes().zip(ty.bytes().skip(1)).any(|pair| pair == (b':', b':'));
            id.contains(&b'$') || id.starts_with(b"Fn::") || modules(ty) || !is_type()
        })
}

/// Resources that are no declarations.
fn declarations(template: &Template, tree: &Tree, root: NodeId, found: &mut Vec<Diagnostic>) {
    sections(template, tree, root, found);
    for declared in &template.resources {
        if declared.id.starts_with("Fn::") {
            continue;
        }
        let message = match tree.view(declared.body) {
            View::Map(map) if declared.is_typed() => {
                if let Some(properties) = map.get("Properties").filter(|&node| !may_be_map(tree, node)) {
                    let message =
                        format!("the `Properties` of `{}` are no map: they are not evaluated", declared.id);
                    found.push(at(tree, properties, Diagnostic::new(Code::NotEvaluated, message)));
                }
                continue;
            }
            View::Map(_) => format!("the resource `{}` has no `Type`", declared.id),
            _ => format!("the resource `{}` is no map", declared.id),
        };
        found.push(at(tree, declared.node, Diagnostic::new(Code::NotEvaluated, message)));
    }
}

/// Sections that are none.
fn sections(template: &Template, tree: &Tree, root: NodeId, found: &mut Vec<Diagnostic>) {
    let Some(map) = tree.map(root) else { return };
    let resources = map.get("Resources").filter(|&node| !matches!(tree.view(node), View::Null));
    if resources.is_none() && template.transforms.is_empty() {
        let made = Diagnostic::new(Code::NotEvaluated, "the template has no `Resources`");
        let made = made.help("a template declares at least one resource");
        found.push(at(tree, map.get("Resources").unwrap_or(root), made));
    }
    for (_, name, node) in map.iter().filter(|(_, name, _)| MAPS.contains(name)) {
        if !may_be_map(tree, node) {
            let made =
                Diagnostic::new(Code::NotEvaluated, format!("`{name}` is no map: it is not evaluated"));
            found.push(at(tree, node, made.help("it maps names to what they declare")));
            continue;
        }
        let entries = tree.map(node).into_iter().flat_map(crate::document::Map::iter);
        let declares = matches!(name, "Mappings" | "Outputs" | "Parameters" | "Rules");
        for (_, id, entry) in entries.filter(|(_, id, _)| declares && !id.starts_with("Fn::")) {
            if tree.map(entry).is_none() {
                let message = format!("`{id}` in `{name}` is no map: it is not evaluated");
                found.push(at(tree, entry, Diagnostic::new(Code::NotEvaluated, message)));
            }
        }
    }
}

/// Whether a node is a map, is nothing, or may become a map.
fn may_be_map(tree: &Tree, node: NodeId) -> bool {
    matches!(tree.view(node), View::Map(_) | View::Null) || call(tree, node).is_some()
}

/// The variables of all loops.
fn variables(written: &[NodeId], tree: &Tree) -> FxHashSet<String> {
    let entries = written.iter().filter_map(|&node| tree.map(node));
    let loops =
        entries.flat_map(crate::document::Map::iter).filter(|(_, key, _)| key.starts_with("Fn::ForEach::"));
    let names = loops.filter_map(|(_, _, body)| tree.string(tree.list(body)?.get(0)?));
    names.map(str::to_owned).collect()
}

/// Looks for names that are not declared.
struct Checker<'t> {
    template: &'t Template,
    tree: &'t Tree,
    root: NodeId,
    variables: FxHashSet<String>,
}

impl Checker<'_> {
    fn check(&self, call: Call, found: &mut Vec<Diagnostic>) {
        match call.function {
            Function::Ref => {
                if let Some(name) = self.tree.string(call.argument.node)
                    && !self.is_declared(name)
                    && self.counts(call.node)
                {
                    found.push(at(self.tree, call.node, undeclared("Ref", name)));
                }
            }
            Function::GetAtt => {
                let argument = call.argument.node;
                let first = match self.tree.list(argument) {
                    Some(list) => list.get(0).and_then(|first| self.tree.string(first)),
                    None => self.tree.string(argument).and_then(|text| text.split('.').next()),
                };
                if let Some(id) = first
                    && !self.is_resource(id)
                    && self.counts(call.node)
                {
                    found.push(at(self.tree, call.node, undeclared("Fn::GetAtt", id)));
                }
            }
            Function::Sub => self.check_sub(call, found),
            _ => {}
        }
    }

    fn check_sub(&self, call: Call, found: &mut Vec<Diagnostic>) {
        let argument = call.argument.node;
        let list = self.tree.list(argument);
        let template = list.map_or(Some(argument), |list| list.get(0));
        let own = list.and_then(|list| list.get(1));
        let Some((template, text)) = template.and_then(|node| Some((node, self.tree.string(node)?))) else {
            return;
        };
        for (offset, name) in functions::variables(text) {
            let known = own.is_some_and(|own| self.tree.get(own, name).is_some())
                || match name.split_once('.') {
                    Some((id, _)) => self.is_resource(id),
                    None => self.is_declared(name),
                };
            if known || !self.counts(call.node) {
                continue;
            }
            let made = undeclared("Fn::Sub", name);
            let made = made.help(format!("write `${{!{name}}}` where the text `${{{name}}}` is meant"));
            let span = self.tree.place_within(template, offset, offset + name.len() + 3);
            let source = span.and_then(|span| Some((span, Arc::clone(self.tree.source(span.file)?))));
            found.push(match source {
                Some((span, source)) => made.at(Location::new(source, span)),
                None => at(self.tree, template, made),
            });
        }
    }

    fn is_declared(&self, name: &str) -> bool {
        self.template.parameters.contains_key(name)
            || name.starts_with("AWS::") && PSEUDO.contains(&name)
            || self.is_resource(name)
    }

    fn is_resource(&self, id: &str) -> bool {
        self.template.resource(id).is_some()
            || self.variables.contains(id)
            || id.bytes().any(|byte| matches!(byte, b'{' | b'}'))
            || sam::generated_by(self.tree, self.template, id).is_some()
    }

    /// Whether CloudFormation evaluates a function where it stands.
    fn counts(&self, node: NodeId) -> bool {
        // A template inside another starts below that one's root.
        let above = self.tree.steps(self.root).len();
        let mut steps = self.tree.steps(node).into_iter().skip(above);
        let section = matches!(steps.next(), Some(Step::Key("Resources" | "Outputs" | "Conditions")));
        section && !steps.any(|step| matches!(step, Step::Key("TemplateBody")))
    }
}

fn undeclared(function: &str, name: &str) -> Diagnostic {
    Diagnostic::new(
        Code::Unresolved,
        format!("`{function}` names `{name}`, which the template does not declare"),
    )
}

/// A diagnostic at a node.
pub(super) fn at(tree: &Tree, node: NodeId, diagnostic: Diagnostic) -> Diagnostic {
    let Some(span) = tree.place(node).map(|place| place.span) else { return diagnostic };
    match tree.source(span.file) {
        Some(source) => diagnostic.at(Location::new(Arc::clone(source), span)),
        None => diagnostic,
    }
}
