//! Where in the configuration a value of the plan is made.

use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::expr::ObjectKey;
use hcl_edit::expr::Traversal;
use hcl_edit::expr::TraversalOperator;
use hcl_edit::structure::Block;
use hcl_edit::structure::Body;
use hcl_edit::structure::Structure;

use crate::document::{FileId, Location, NodeId, Source, Step, Tree};
use crate::ingest::terraform::address;

use super::Configuration;
use super::module::InFile;
use super::module::Module;
use super::module::expression;

impl Configuration {
    /// The place of the value `node` of the resource at `address`: of the innermost part of its block that the
    /// configuration writes out. Nothing where the configuration does not have the resource.
    pub fn locate(&self, tree: &Tree, node: NodeId, address: &str) -> Option<Location> {
        if let Some(span) = tree.place(node).map(|place| place.span)
            && let Some(source) = self.own(tree, span.file)
        {
            return Some(Location::new(source, span));
        }
        let own = around(tree, node).unwrap_or(address);
        let (module, block) = self.block(own)?;
        let steps = tree.steps(node);
        let search = Search { module, depth: 0 };
        let found = search.inside(block.file, &block.node.body, argument_steps(&steps));
        // The header of the block, where nothing inside it is meant.
        let (file, span) = found.or_else(|| Some((block.file, header(&block.node)?)))?;
        Some(location(self.sources.get(file)?, &span))
    }

    fn own(&self, tree: &Tree, file: FileId) -> Option<Arc<Source>> {
        let source = tree.source(file)?;
        self.sources.iter().find(|own| Arc::ptr_eq(own, source)).cloned()
    }

    pub(super) fn block(&self, at: &str) -> Option<(&Module, &InFile<hcl_edit::structure::Block>)> {
        let steps = address::steps(at);
        let mut from = 0;
        let mut calls = Vec::new();
        while let Some([word, call]) = steps.get(from..from + 2)
            && word.name == "module"
        {
            calls.push(call.name);
            from += 2;
        }
        let rest: Vec<&str> = steps.get(from..)?.iter().map(|step| step.name).collect();
        let module = self.modules.get(&calls.join("."))?;
        Some((module, module.resources.get(&*rest.join("."))?))
    }
}

/// The first word of a block; of one in JSON, its first value.
fn header(block: &Block) -> Option<std::ops::Range<usize>> {
    let first = || block.body.iter().find_map(|one| one.as_attribute()?.value.span());
    block.ident.span().or_else(first)
}

/// The address of the resource or data source of the plan in which a node stands: a policy can be made of the blocks of
/// another.
pub(super) fn around(tree: &Tree, node: NodeId) -> Option<&str> {
    let resource = |node: &NodeId| {
        tree.get(*node, "type")?;
        tree.string(tree.get(*node, "address")?)
    };
    tree.ancestors(node).iter().rev().find_map(resource)
}

fn location(source: &Arc<Source>, span: &std::ops::Range<usize>) -> Location {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Location { source: Arc::clone(source), start: offset(span.start), end: offset(span.end) }
}

/// The steps behind `change/after` or `values`: those into the resource's arguments.
pub(super) fn argument_steps<'a, 't>(steps: &'a [Step<'t>]) -> &'a [Step<'t>] {
    let is_start =
        |step: &Step<'_>| matches!(step, Step::Key("after" | "before" | "after_unknown" | "values"));
    steps.iter().position(is_start).and_then(|at| steps.get(at + 1..)).unwrap_or(&[])
}

/// A file and a range of it.
type Found = (usize, std::ops::Range<usize>);

/// How many locals and data sources a value may be taken through.
pub(super) const CHAIN: usize = 16;

/// Looks for a value in one module.
#[derive(Clone, Copy)]
pub(super) struct Search<'c> {
    pub(super) module: &'c Module,
    pub(super) depth: usize,
}

impl Search<'_> {
    /// The place of the innermost argument that steps lead to.
    fn inside(self, file: usize, body: &Body, steps: &[Step<'_>]) -> Option<Found> {
        let (Step::Key(name), rest) = steps.split_first()? else { return None };
        for structure in body {
            if let Structure::Attribute(attribute) = structure
                && attribute.key.as_str() == *name
            {
                return self.expression(file, &attribute.value, rest).or_else(|| at(file, &attribute.value));
            }
        }
        let (index, rest) = match rest.split_first() {
            Some((Step::Index(index), rest)) => (*index, rest),
            _ => (0, rest),
        };
        let block = blocks(body, name).nth(index)?;
        self.inside(file, &block.body, rest).or_else(|| at(file, &block.ident))
    }

    /// The place of the innermost part of an expression that steps lead to, also inside what is encoded, in a local, and
    /// in the blocks of a policy document.
    fn expression(self, file: usize, expression: &Expression, steps: &[Step<'_>]) -> Option<Found> {
        let inner = match steps.split_first() {
            Some((Step::Inside, rest)) => rest,
            _ => steps,
        };
        match expression {
            Expression::FuncCall(call) if is_transparent(call.name.name.as_str()) => {
                self.expression(file, call.args.iter().next()?, inner)
            }
            Expression::Parenthesis(within) => self.expression(file, within.inner(), inner),
            Expression::Object(object) => {
                let (Step::Key(name), rest) = inner.split_first()? else { return None };
                let (_, value) = object.iter().find(|(key, _)| key_text(key) == Some(*name))?;
                self.expression(file, value.expr(), rest).or_else(|| at(file, value.expr()))
            }
            Expression::Array(elements) => {
                let (Step::Index(index), rest) = inner.split_first()? else { return None };
                let element = elements.get(*index)?;
                self.expression(file, element, rest).or_else(|| at(file, element))
            }
            Expression::Traversal(traversal) => {
                self.elsewhere(traversal, steps).or_else(|| at(file, expression))
            }
            _ => at(file, expression),
        }
    }

    /// Where a local or a policy document is written out.
    fn elsewhere(self, traversal: &Traversal, steps: &[Step<'_>]) -> Option<Found> {
        let search = Self { depth: self.depth + 1, ..self };
        if search.depth > CHAIN {
            return None;
        }
        let Expression::Variable(root) = &traversal.expr else { return None };
        let names: Vec<&str> =
            traversal.operators.iter().map_while(|operator| name_of(operator.value())).collect();
        if names.len() != traversal.operators.len() {
            return None;
        }
        match (root.as_str(), names.as_slice()) {
            ("local", [name]) => {
                let local = self.module.locals.get(*name)?;
                search.expression(local.file, &local.node, steps)
            }
            ("data", [ty @ "aws_iam_policy_document", name, "json" | "minified_json"]) => {
                let block = self.module.resources.get(&*format!("data.{ty}.{name}"))?;
                search.document(block, steps)
            }
            _ => None,
        }
    }

    /// The place in the blocks of a policy document; nothing where others are merged into it, whose statements are counted
    /// too.
    fn document(self, block: &InFile<Block>, steps: &[Step<'_>]) -> Option<Found> {
        let body = &block.node.body;
        if is_merged(body) {
            return at(block.file, &block.node.ident);
        }
        let [Step::Inside, Step::Key("Statement"), rest @ ..] = steps else {
            return at(block.file, &block.node.ident);
        };
        let (index, rest) = match rest {
            [Step::Index(index), rest @ ..] => (*index, rest),
            _ => (0, rest),
        };
        let statement = blocks(body, "statement").nth(index)?;
        let argument = match rest.first() {
            Some(Step::Key(element)) => argument_of(element),
            _ => None,
        };
        let found = argument.and_then(|name| self.inside(block.file, &statement.body, &[Step::Key(name)]));
        found.or_else(|| at(block.file, &statement.ident))
    }
}

/// Whether a policy document has other statements than its blocks.
pub(super) fn is_merged(body: &Body) -> bool {
    let merged = ["source_policy_documents", "override_policy_documents", "source_json", "override_json"];
    merged.iter().any(|name| expression(body, name).is_some()) || blocks(body, "dynamic").next().is_some()
}

/// The argument of a statement block that makes an element of a statement.
pub(super) fn argument_of(element: &str) -> Option<&'static str> {
    Some(match element {
        "Sid" => "sid",
        "Effect" => "effect",
        "Action" => "actions",
        "NotAction" => "not_actions",
        "Resource" => "resources",
        "NotResource" => "not_resources",
        "Principal" => "principals",
        "NotPrincipal" => "not_principals",
        "Condition" => "condition",
        _ => return None,
    })
}

pub(super) fn blocks<'b>(body: &'b Body, name: &str) -> impl Iterator<Item = &'b Block> {
    body.iter().filter_map(move |structure| match structure {
        Structure::Block(block) if block.ident.as_str() == name => Some(block),
        _ => None,
    })
}

fn at(file: usize, node: &impl Span) -> Option<Found> {
    Some((file, node.span()?))
}

/// Functions whose value has the structure of their argument.
pub(super) fn is_transparent(function: &str) -> bool {
    matches!(
        function,
        "jsonencode" | "yamlencode" | "tolist" | "toset" | "tomap" | "sensitive" | "nonsensitive"
    )
}

pub(super) fn key_text(key: &ObjectKey) -> Option<&str> {
    match key {
        ObjectKey::Ident(ident) => Some(ident.as_str()),
        ObjectKey::Expression(Expression::String(text)) => Some(text.as_str()),
        ObjectKey::Expression(_) => None,
    }
}

pub(super) fn name_of(operator: &TraversalOperator) -> Option<&str> {
    match operator {
        TraversalOperator::GetAttr(name) => Some(name.as_str()),
        _ => None,
    }
}
