//! Values that are one of several: each under its condition, and the entity that it is.

use crate::document::{Kind, NodeId};
use crate::rules::program::QueryId;

use super::found::{Found, Missing, What, Why};
use super::query::Item;
use super::run::{Run, Stop};
use super::value::{Node, Shape, Value};

impl Run<'_> {
    pub(super) fn only(&self, mut found: Found) -> Result<Found, Found> {
        let Some(Value::Node(node)) = found.value() else { return Ok(found) };
        match self.input.tree.kind(node.id) {
            Kind::Choice => return Err(found),
            Kind::Map => found.entity = self.entity(*node).or(found.entity),
            _ => {}
        }
        Ok(found)
    }

    /// The entity that a value is.
    pub(super) fn entity(&self, node: Node) -> Option<NodeId> {
        let facts = self.input.facts.filter(|_| node.is_typed())?;
        facts.entities.contains_key(&node.id).then_some(node.id)
    }

    /// The alternatives of a result, each under its condition; the entity that it is.
    pub(super) fn settle(
        &self,
        found: Found,
        element: bool,
        step: Option<(QueryId, usize)>,
        out: &mut dyn FnMut(Found),
    ) {
        let mut stack = match self.only(found) {
            Ok(found) => return out(found),
            Err(several) => vec![several],
        };
        while let Some(mut found) = stack.pop() {
            let Some(value) = found.value() else {
                out(found);
                continue;
            };
            match self.view.shape(value) {
                Shape::Choice(alternatives) => {
                    let Some(node) = value.node() else { continue };
                    for alternative in alternatives.iter().rev() {
                        let sure = self.worlds.and(found.sure, alternative.condition);
                        let maybe = self.worlds.and(found.maybe, alternative.condition);
                        if sure.is_never() && maybe.is_never() {
                            continue;
                        }
                        let what = match (alternative.value, step) {
                            (Some(id), _) => What::Value(Value::Node(node.beside(id))),
                            (None, Some((query, part))) if !element => What::Missing(Missing {
                                at: Value::Node(node),
                                query,
                                part,
                                why: Why::NoKey("".into()),
                            }),
                            (None, _) => continue,
                        };
                        stack.push(Found { what, sure, maybe, ..found.clone() });
                    }
                }
                Shape::Map(_) => {
                    found.entity = value.node().and_then(|node| self.entity(node)).or(found.entity);
                    out(found);
                }
                _ => out(found),
            }
        }
    }

    /// Calls `with` for each alternative of an element that is there.
    pub(super) fn each_alternative(
        &self,
        element: &Item,
        with: &mut dyn FnMut(Item) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        if !element.value.is_typed() {
            return with(element.clone());
        }
        let found = match self.only(element.clone().found(What::Value)) {
            Ok(found) => match found.what {
                What::Value(value) => {
                    let Found { sure, maybe, entity, case, base, .. } = found;
                    return with(Item { value, sure, maybe, entity, case, base });
                }
                _ => return Ok(()),
            },
            Err(several) => several,
        };
        let mut all = Vec::new();
        self.settle(found, true, None, &mut |found| all.push(found));
        for found in all {
            if let Some(value) = found.value() {
                with(Item::of(&found, value.clone()))?;
            }
        }
        Ok(())
    }
}
