//! Changes of a plan's values, made where the configuration writes them out.
//!
//! A value is looked for step by step, as deep as the plan has it. What leads to it must be written out: a value that a
//! variable, a call of an unknown function or a condition decides is not changed, and the reason is said.

use std::ops::Range;
use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::Block;
use hcl_edit::structure::Body;
use hcl_edit::structure::Structure;

use crate::document::NodeId;
use crate::document::Source;
use crate::document::Step;
use crate::document::Tree;
use crate::document::edit::Change;

use super::Configuration;
use super::locate::Search;
use super::locate::argument_of;
use super::locate::argument_steps;
use super::locate::around;
use super::locate::blocks;
use super::locate::is_transparent;
use super::locate::key_text;
use super::locate::name_of;
use super::module::InFile;
use super::module::expression;
use super::splice;
use crate::ingest::terraform::address;

/// An edit of a file of the configuration.
#[derive(Clone, Debug)]
pub struct ConfigurationEdit {
    /// The file.
    pub source: Arc<Source>,
    /// The bytes that become another text.
    pub range: Range<usize>,
    /// The text.
    pub text: String,
    /// Others have the value as well: it is a local's, a document's, or that of a resource with several instances.
    pub shared: bool,
}

/// Where a value is written.
#[derive(Clone, Copy)]
pub(super) enum Spot<'c> {
    /// An expression, in the list or object around it.
    Expression { file: usize, expression: &'c Expression, within: Option<&'c Expression> },
    /// An argument of a block.
    Argument { file: usize, body: &'c Body, name: &'c str, expression: &'c Expression },
    /// A block.
    Block { file: usize, block: &'c Block },
}

/// How far a search has come through locals and documents.
type Reached<'c> = Result<(Spot<'c>, bool), String>;

impl Configuration {
    /// The edit that makes a change of a plan's value, which is in the resource at `address`.
    pub fn edit(&self, tree: &Tree, change: &Change, address: &str) -> Result<ConfigurationEdit, String> {
        let node = change.node();
        let place = tree.place(node).ok_or("the value stands nowhere")?;
        let own = tree
            .source(place.span.file)
            .and_then(|source| self.sources.iter().position(|one| Arc::ptr_eq(one, source)));
        let (spot, shared) = match own {
            Some(file) => {
                let range = place.span.start as usize..place.span.end as usize;
                let spot =
                    self.spanned(file, &range).ok_or("the value is worked out in the configuration")?;
                (spot, true)
            }
            None => match self.named(tree, node, address) {
                Some(found) => found,
                None => self.spot(tree, node, address)?,
            },
        };
        let (file, made) = splice::make(self, tree, change, spot)?;
        let source = self.sources.get(file).ok_or("the file is not at hand")?;
        if super::is_json(source.name()) {
            return Err("configuration in JSON is not edited".to_owned());
        }
        let new = format!(
            "{}{}{}",
            source.text().get(..made.range.start).unwrap_or(""),
            made.text,
            source.text().get(made.range.end..).unwrap_or("")
        );
        // A new block has more than one argument.
        let adds = made.range.is_empty() && splice::has_all(source.text(), &new);
        if !adds && !splice::keeps(source.text(), &new) {
            return Err("the configuration would read otherwise in another place too".to_owned());
        }
        Ok(ConfigurationEdit { source: Arc::clone(source), range: made.range, text: made.text, shared })
    }

    /// A name for a variable of the module that has a resource, and whether a variable without a default has it already.
    pub fn variable(&self, address: &str, name: &str) -> (String, bool) {
        let module = self.block(address).map(|(module, _)| module);
        let known = |name: &str| module.and_then(|module| module.variables.get(name).copied());
        let mut own = name.to_owned();
        for count in 2..1000 {
            match known(&own) {
                None => return (own, false),
                Some(false) => return (own, true),
                Some(true) => own = format!("{name}_{count}"),
            }
        }
        (own, false)
    }

    /// The name of a data source of a type that the module of a resource has.
    pub fn data_source(&self, address: &str, ty: &str) -> Option<String> {
        let (module, _) = self.block(address)?;
        let names = module.resources.keys().filter_map(|key| key.strip_prefix("data.")?.strip_prefix(ty));
        names.filter_map(|rest| rest.strip_prefix('.')).min().map(str::to_owned)
    }

    pub(super) fn text_of(&self, file: usize) -> &str {
        self.sources.get(file).map_or("", |source| source.text())
    }

    /// The argument whose name a node is, whatever its value is made of.
    fn named(&self, tree: &Tree, node: NodeId, address: &str) -> Option<(Spot<'_>, bool)> {
        if !splice::is_key(tree, node) {
            return None;
        }
        let own = around(tree, node).unwrap_or(address);
        let (_, block) = self.block(own)?;
        let steps = tree.steps(node);
        let [Step::Key(name)] = argument_steps(&steps) else { return None };
        let body = &block.node.body;
        let attribute =
            body.iter().filter_map(Structure::as_attribute).find(|one| one.key.as_str() == *name)?;
        let (name, expression) = (attribute.key.as_str(), &attribute.value);
        Some((Spot::Argument { file: block.file, body, name, expression }, own.ends_with(']')))
    }

    /// The place of a plan's value; for one that the configuration leaves out, the block that it would stand in.
    fn spot(&self, tree: &Tree, node: NodeId, address: &str) -> Reached<'_> {
        let own = around(tree, node).unwrap_or(address);
        let (module, block) = self.block(own).ok_or("the configuration does not have the resource")?;
        let steps = tree.steps(node);
        let steps = argument_steps(&steps);
        let many = own.ends_with(']');
        let search = Search { module, depth: 0 };
        let value = tree.scalar(node);
        if let [Step::Key(name)] = steps
            && let Some(found) = search.each(block, name, own, value)
        {
            return found;
        }
        let (spot, shared) = search.exact(block.file, block, steps, value)?;
        Ok((spot, shared || many))
    }

    /// The expression that covers exactly a range of a file.
    fn spanned(&self, file: usize, range: &Range<usize>) -> Option<Spot<'_>> {
        let modules = self.modules.values();
        let blocks = modules.flat_map(|module| module.resources.values()).filter(|block| block.file == file);
        let mut blocks: Vec<&InFile<Block>> = blocks.collect();
        blocks.sort_by_key(|block| block.node.span().map_or(0, |span| span.start));
        blocks.into_iter().find_map(|block| within_body(file, &block.node.body, range))
    }
}

fn within_body<'c>(file: usize, body: &'c Body, range: &Range<usize>) -> Option<Spot<'c>> {
    body.iter().find_map(|structure| match structure {
        Structure::Attribute(attribute) => {
            let span = attribute.value.span()?;
            if span == *range {
                let name = attribute.key.as_str();
                return Some(Spot::Argument { file, body, name, expression: &attribute.value });
            }
            let inside = span.start <= range.start && range.end <= span.end;
            inside.then(|| within_expression(file, &attribute.value, range))?
        }
        Structure::Block(block) => within_body(file, &block.body, range),
    })
}

fn within_expression<'c>(file: usize, expression: &'c Expression, range: &Range<usize>) -> Option<Spot<'c>> {
    let mut children: Vec<&Expression> = Vec::new();
    match expression {
        Expression::Array(all) => children.extend(all.iter()),
        Expression::Object(all) => children.extend(all.iter().map(|(_, value)| value.expr())),
        Expression::FuncCall(call) => children.extend(call.args.iter()),
        Expression::Parenthesis(inner) => children.push(inner.inner()),
        _ => {}
    }
    children.into_iter().find_map(|child| {
        if child.span()? == *range {
            return Some(Spot::Expression { file, expression: child, within: Some(expression) });
        }
        within_expression(file, child, range)
    })
}

impl<'c> Search<'c> {
    /// The place of a value of a block. An argument that is not there is the block's.
    fn exact(
        self,
        file: usize,
        block: &'c InFile<Block>,
        steps: &[Step<'_>],
        value: Option<&str>,
    ) -> Reached<'c> {
        self.in_body(file, &block.node, steps, value)
    }

    /// The place of an argument that is `each.value`, `each.key` or a part of them, in what `for_each` lists.
    fn each(
        self,
        block: &'c InFile<Block>,
        name: &str,
        own: &str,
        value: Option<&str>,
    ) -> Option<Reached<'c>> {
        let body = &block.node.body;
        let Expression::Traversal(traversal) = expression(body, name)? else { return None };
        let Expression::Variable(root) = &traversal.expr else { return None };
        let names: Vec<&str> =
            traversal.operators.iter().map(|one| name_of(one.value())).collect::<Option<_>>()?;
        let (first, rest) = names.split_first()?;
        if root.as_str() != "each" || !matches!(*first, "value" | "key") {
            return None;
        }
        let listed = expression(body, "for_each")?;
        let spot = Spot::Argument { file: block.file, body, name: "for_each", expression: listed };
        let key = address::steps(own).last()?.key?.trim_matches('"');
        let by_key: Vec<Step<'_>> =
            std::iter::once(Step::Key(key)).chain(rest.iter().map(|name| Step::Key(name))).collect();
        let found = match *first {
            "value" => self.in_expression(spot, &by_key, value),
            _ => Err("the value is a key".to_owned()),
        };
        // A set has no keys but its values.
        Some(match (found, rest) {
            (Err(_), []) => self.in_expression(spot, &[Step::Index(usize::MAX)], value),
            (found, _) => found,
        })
    }

    fn in_body(self, file: usize, block: &'c Block, steps: &[Step<'_>], value: Option<&str>) -> Reached<'c> {
        let Some((Step::Key(name), rest)) = steps.split_first() else {
            return Ok((Spot::Block { file, block }, false));
        };
        for structure in &block.body {
            if let Structure::Attribute(attribute) = structure
                && attribute.key.as_str() == *name
            {
                let name = attribute.key.as_str();
                let spot = Spot::Argument { file, body: &block.body, name, expression: &attribute.value };
                return self.in_expression(spot, rest, value);
            }
        }
        let (index, inner) = match rest.split_first() {
            Some((Step::Index(index), inner)) => (*index, inner),
            _ => (0, rest),
        };
        if let Some(found) = blocks(&block.body, name).nth(index) {
            return self.in_body(file, found, inner, value);
        }
        if block
            .body
            .iter()
            .any(|one| matches!(one, Structure::Block(one) if one.ident.as_str() == "dynamic"))
        {
            return Err(format!("`{name}` may be made by a `dynamic` block"));
        }
        if rest.is_empty() {
            return Ok((Spot::Block { file, block }, false));
        }
        Err(format!("the configuration does not write `{name}` out"))
    }

    fn in_expression(self, spot: Spot<'c>, steps: &[Step<'_>], value: Option<&str>) -> Reached<'c> {
        let (file, expression) = match spot {
            Spot::Expression { file, expression, .. } | Spot::Argument { file, expression, .. } => {
                (file, expression)
            }
            Spot::Block { .. } => return Ok((spot, false)),
        };
        let at = |inner| Spot::Expression { file, expression: inner, within: Some(expression) };
        match expression {
            Expression::Parenthesis(inner) => self.in_expression(at(inner.inner()), steps, value),
            Expression::FuncCall(call) if is_transparent(call.name.name.as_str()) => {
                let encodes = call.name.name.as_str().ends_with("encode");
                let steps = match steps.split_first() {
                    Some((Step::Inside, rest)) => rest,
                    _ if encodes => return Err("the text as a whole is encoded".to_owned()),
                    _ => steps,
                };
                let argument = call.args.iter().next().ok_or("the function has no argument")?;
                self.in_expression(at(argument), steps, value)
            }
            Expression::Traversal(_) => self.through(expression, steps, value),
            Expression::Variable(name) => Err(format!("the value comes from `{}`", name.as_str())),
            Expression::Object(object) => {
                let Some((Step::Key(name), rest)) = steps.split_first() else { return Ok((spot, false)) };
                let found = object.iter().find(|(key, _)| key_text(key) == Some(*name));
                let (_, found) =
                    found.ok_or_else(|| format!("the configuration does not write `{name}` out"))?;
                self.in_expression(at(found.expr()), rest, value)
            }
            Expression::Array(elements) => {
                let index = match steps.split_first() {
                    Some((Step::Index(index), [])) if value.is_none() => {
                        let element = elements.get(*index).ok_or("the list has another order")?;
                        return self.in_expression(at(element), &[], value);
                    }
                    Some((Step::Index(index), [])) => Some(*index),
                    // A list of one is a single value in the plan.
                    None if value.is_some() => None,
                    None => return Ok((spot, false)),
                    Some((Step::Index(index), rest)) => {
                        let element = elements.get(*index).ok_or("the list has another order")?;
                        return self.in_expression(at(element), rest, value);
                    }
                    Some(_) => return Err("the value is encoded in a text".to_owned()),
                };
                // Lists that are sets are sorted by the time a plan has them: the text decides.
                let same = |element: &&Expression| value.is_some() && element.as_str() == value;
                let by_index = index.and_then(|index| elements.get(index)).filter(|one| same(one));
                let mut all = elements.iter().filter(same);
                let element = by_index.or_else(|| all.next().filter(|_| all.next().is_none()));
                let element = element.or_else(|| elements.get(index?).filter(|one| is_template(one)));
                let element = element.ok_or("the list does not write the value out")?;
                self.in_expression(at(element), &[], value)
            }
            _ if steps.is_empty() => Ok((spot, false)),
            _ if matches!(steps.first(), Some(Step::Inside)) => {
                Err("the document is a text in the configuration".to_owned())
            }
            _ => Err("the value is worked out in the configuration".to_owned()),
        }
    }

    /// Through a local or a policy document.
    fn through(self, expression: &'c Expression, steps: &[Step<'_>], value: Option<&str>) -> Reached<'c> {
        let refused = || format!("the value comes from `{}`", expression.to_string().trim());
        let Expression::Traversal(traversal) = expression else { return Err(refused()) };
        let search = Search { depth: self.depth + 1, ..self };
        let Expression::Variable(root) = &traversal.expr else { return Err(refused()) };
        let names: Option<Vec<&str>> = traversal.operators.iter().map(|one| name_of(one.value())).collect();
        if search.depth > super::locate::CHAIN {
            return Err(refused());
        }
        match (root.as_str(), names.as_deref()) {
            ("local", Some([name])) => {
                let local = self.module.locals.get(*name).ok_or_else(refused)?;
                let spot = Spot::Expression { file: local.file, expression: &local.node, within: None };
                search.in_expression(spot, steps, value).map(|(spot, _)| (spot, true))
            }
            ("data", Some([ty @ "aws_iam_policy_document", name, "json" | "minified_json"])) => {
                let block = self.module.resources.get(&*format!("data.{ty}.{name}")).ok_or_else(refused)?;
                search.in_document(block, steps, value).map(|(spot, _)| (spot, true))
            }
            _ => Err(refused()),
        }
    }

    fn in_document(self, block: &'c InFile<Block>, steps: &[Step<'_>], value: Option<&str>) -> Reached<'c> {
        if super::locate::is_merged(&block.node.body) {
            return Err("other documents are merged into the policy document".to_owned());
        }
        let [Step::Inside, Step::Key("Statement"), rest @ ..] = steps else {
            return Ok((Spot::Block { file: block.file, block: &block.node }, true));
        };
        let (index, rest) = match rest {
            [Step::Index(index), rest @ ..] => (*index, rest),
            _ => (0, rest),
        };
        let statement =
            blocks(&block.node.body, "statement").nth(index).ok_or("there is no such statement")?;
        match rest {
            [] => Ok((Spot::Block { file: block.file, block: statement }, true)),
            [Step::Key(element), tail @ ..]
                if !matches!(*element, "Principal" | "NotPrincipal" | "Condition") =>
            {
                let name =
                    argument_of(element).ok_or_else(|| format!("there is no argument for `{element}`"))?;
                let steps: Vec<Step<'_>> =
                    std::iter::once(Step::Key(name)).chain(tail.iter().cloned()).collect();
                self.in_body(block.file, statement, &steps, value)
            }
            _ => Err("blocks of principals and conditions are not edited".to_owned()),
        }
    }
}

/// Whether an expression is a text with references in it.
pub(super) fn is_template(expression: &Expression) -> bool {
    matches!(expression, Expression::StringTemplate(_))
}
