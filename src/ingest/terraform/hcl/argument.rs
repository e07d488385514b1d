//! Arguments of a resource: attributes and blocks, written out or `dynamic`.

use hcl_edit::structure::Block;
use hcl_edit::structure::Body;
use hcl_edit::structure::Structure;

use crate::document::NodeId;
use crate::ingest::assembly::Assembly;
use crate::ingest::terraform::context::Context;
use crate::ingest::terraform::instances::Instance;
use crate::model::ResourceId;

use super::Hcl;
use super::eval::Evaluator;
use super::eval::Scope;
use super::module::InFile;
use super::module::expression;
use super::value::Content;
use super::value::Entry;
use super::value::Value;

/// An argument of an instance.
#[derive(Clone, Copy)]
pub(crate) struct Argument<'i> {
    pub(crate) instance: &'i Instance,
    pub(crate) name: &'i str,
    /// Where a value stands that has no place in the configuration.
    pub(crate) place: NodeId,
    /// The resource that it is an argument of, if the inventory has that.
    pub(crate) resource: Option<ResourceId>,
}

impl Hcl {
    /// The value that the configuration gives to an argument of an instance, as a node. Nothing where it does not set the
    /// argument.
    pub(crate) fn argument(
        &self,
        context: &Context<'_>,
        assembly: &mut Assembly,
        argument: Argument<'_>,
    ) -> Option<NodeId> {
        let Argument { instance, name, place, resource } = argument;
        let module = self.module(&instance.module)?;
        let block = module.resources.get(&*format!("{}.{}", instance.ty, instance.name))?;
        let for_each = expression(&block.node.body, "for_each");
        let for_each = for_each.map(|node| InFile { file: block.file, node: node.clone() });
        let scope = Scope {
            calls: &instance.module,
            module,
            file: block.file,
            key: instance.key.as_deref(),
            for_each: for_each.as_ref(),
            bound: Vec::new(),
        };
        let mut evaluator = Evaluator::new(self, context, assembly);
        evaluator.consumer = resource;
        let value = evaluator.argument(&block.node.body, name, &scope)?;
        let node = self.write(assembly, &value, place);
        for anchor in self.anchors.take() {
            if let Some(resource) = resource {
                assembly.inventory.add_place(anchor, resource);
            }
        }
        Some(node)
    }
}

impl Evaluator<'_> {
    /// An attribute, or the blocks of a name as a list.
    fn argument(&mut self, body: &Body, name: &str, scope: &Scope<'_>) -> Option<Value> {
        if let Some(expression) = expression(body, name) {
            return Some(self.eval(expression, scope));
        }
        let mut found = Vec::new();
        let mut any = false;
        for structure in body {
            let Structure::Block(block) = structure else { continue };
            if block.ident.as_str() == name {
                any = true;
                found.push(self.block(&block.body, scope, block));
            } else if is_dynamic(block, name) {
                any = true;
                match self.dynamic(block, scope) {
                    Ok(all) => found.extend(all),
                    Err(blocker) => return Some(Value::unknown(&blocker)),
                }
            }
        }
        any.then(|| Value::list(found))
    }

    /// A block as a map of its attributes and inner blocks.
    fn block(&mut self, body: &Body, scope: &Scope<'_>, place: &Block) -> Value {
        let mut entries: Vec<Entry> = Vec::new();
        for structure in body {
            let name = match structure {
                Structure::Attribute(attribute) => attribute.key.as_str(),
                Structure::Block(block) if block.ident.as_str() == "dynamic" => {
                    block.labels.first().map_or("", hcl_edit::structure::BlockLabel::as_str)
                }
                Structure::Block(block) => block.ident.as_str(),
            };
            if entries.iter().any(|entry| *entry.key == *name) {
                continue;
            }
            if self.depth < 64
                && let Some(value) = {
                    self.depth += 1;
                    let value = self.argument(body, name, scope);
                    self.depth -= 1;
                    value
                }
            {
                let at = match structure {
                    Structure::Attribute(attribute) => scope.at(&attribute.key),
                    Structure::Block(block) => scope.at(&block.ident),
                };
                entries.push(Entry { key: name.into(), at, value });
            }
        }
        let mut value: Value = Content::Map(entries).into();
        value.at = scope.at(place);
        value
    }

    /// The blocks that a `dynamic` block makes.
    fn dynamic(&mut self, dynamic: &Block, scope: &Scope<'_>) -> Result<Vec<Value>, Box<str>> {
        let label = dynamic.labels.first().map_or("", hcl_edit::structure::BlockLabel::as_str);
        let content = dynamic.body.iter().find_map(|structure| match structure {
            Structure::Block(block) if block.ident.as_str() == "content" => Some(block),
            _ => None,
        });
        let over = expression(&dynamic.body, "for_each");
        let (Some(content), Some(over)) = (content, over) else { return Ok(Vec::new()) };
        let iterator = match expression(&dynamic.body, "iterator") {
            Some(hcl_edit::expr::Expression::Variable(name)) => name.as_str(),
            _ => label,
        };
        let collection = self.eval(over, scope);
        let mut out = Vec::new();
        for (key, value) in self.pairs(collection)? {
            let bound = Value::map(vec![("key".into(), key), ("value".into(), value)]);
            let inner = scope.bind(iterator, bound);
            out.push(self.block(&content.body, &inner, content));
        }
        Ok(out)
    }
}

fn is_dynamic(block: &Block, name: &str) -> bool {
    block.ident.as_str() == "dynamic" && block.labels.first().is_some_and(|label| label.as_str() == name)
}
