//! Where in the configuration a value of the plan is made.

use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::expr::ObjectKey;
use hcl_edit::structure::Body;
use hcl_edit::structure::Structure;

use crate::document::{FileId, Location, NodeId, Source, Step, Tree};
use crate::ingest::terraform::address;

use super::Configuration;
use super::module::InFile;

impl Configuration {
    /// The place of the value `node` of the resource at `address`: of the innermost part of its block that the
    /// configuration writes out. Nothing where the configuration does not have the resource.
    pub fn locate(&self, tree: &Tree, node: NodeId, address: &str) -> Option<Location> {
        if let Some(span) = tree.place(node).map(|place| place.span)
            && let Some(source) = self.own(tree, span.file)
        {
            return Some(Location::new(source, span));
        }
        let own = around(tree, node);
        let block = self.block(own.unwrap_or(address))?;
        let source = self.sources.get(block.file)?;
        let steps = tree.steps(node);
        let span = inside(&block.node.body, argument_steps(&steps));
        // The header of the block, where nothing inside it is meant.
        let span = span.or_else(|| block.node.ident.span())?;
        Some(location(source, &span))
    }

    fn own(&self, tree: &Tree, file: FileId) -> Option<Arc<Source>> {
        let source = tree.source(file)?;
        self.sources.iter().find(|own| Arc::ptr_eq(own, source)).cloned()
    }

    fn block(&self, at: &str) -> Option<&InFile<hcl_edit::structure::Block>> {
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
        self.modules.get(&calls.join("."))?.resources.get(&*rest.join("."))
    }
}

/// The address of the resource or data source of the plan in which a node stands: a policy can be made of the blocks of
/// another.
fn around(tree: &Tree, node: NodeId) -> Option<&str> {
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
fn argument_steps<'a, 't>(steps: &'a [Step<'t>]) -> &'a [Step<'t>] {
    let is_start =
        |step: &Step<'_>| matches!(step, Step::Key("after" | "before" | "after_unknown" | "values"));
    steps.iter().position(is_start).and_then(|at| steps.get(at + 1..)).unwrap_or(&[])
}

/// The place of the innermost argument that steps lead to.
fn inside(body: &Body, steps: &[Step<'_>]) -> Option<std::ops::Range<usize>> {
    let (Step::Key(name), rest) = steps.split_first()? else { return None };
    let mut blocks = body.iter().filter_map(|structure| match structure {
        Structure::Block(block) if block.ident.as_str() == *name => Some(block),
        _ => None,
    });
    for structure in body {
        if let Structure::Attribute(attribute) = structure
            && attribute.key.as_str() == *name
        {
            return in_expression(&attribute.value, rest).or_else(|| attribute.value.span());
        }
    }
    let (index, rest) = match rest.split_first() {
        Some((Step::Index(index), rest)) => (*index, rest),
        _ => (0, rest),
    };
    let block = blocks.nth(index)?;
    inside(&block.body, rest).or_else(|| block.ident.span())
}

/// The place of the innermost part of an expression that steps lead to, also inside what is encoded.
fn in_expression(expression: &Expression, steps: &[Step<'_>]) -> Option<std::ops::Range<usize>> {
    let steps = match steps.split_first() {
        Some((Step::Inside, rest)) => rest,
        _ => steps,
    };
    match expression {
        Expression::FuncCall(call)
            if matches!(
                call.name.name.as_str(),
                "jsonencode" | "yamlencode" | "tolist" | "toset" | "tomap"
            ) =>
        {
            in_expression(call.args.iter().next()?, steps)
        }
        Expression::Parenthesis(inner) => in_expression(inner.inner(), steps),
        Expression::Object(object) => {
            let (Step::Key(name), rest) = steps.split_first()? else { return None };
            let value = object.iter().find_map(|(key, value)| {
                let own = match key {
                    ObjectKey::Ident(ident) => Some(ident.as_str()),
                    ObjectKey::Expression(Expression::String(text)) => Some(text.as_str()),
                    ObjectKey::Expression(_) => None,
                };
                (own == Some(*name)).then(|| value.expr())
            })?;
            in_expression(value, rest).or_else(|| value.span())
        }
        Expression::Array(elements) => {
            let (Step::Index(index), rest) = steps.split_first()? else { return None };
            let element = elements.get(*index)?;
            in_expression(element, rest).or_else(|| element.span())
        }
        _ => expression.span(),
    }
}
