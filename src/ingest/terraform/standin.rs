//! What stands for an attribute of another resource that the plan leaves open.

use crate::document::{Hole, HoleKind, NodeId, Piece, View};
use crate::ingest::assembly::Assembly;
use crate::ingest::services;
use crate::model::ResourceId;

use super::arns::{self, Meaning};
use super::context::Context;
use super::documents;
use super::references::Ending;

impl Context<'_> {
    /// The value of an attribute of an instance, as far as the plan shows it: the value itself, a name or ARN that
    /// follows from what is configured, or a hole that remembers whose attribute it is. `consumer` is whose argument it
    /// becomes.
    pub(crate) fn stand_in(
        &self,
        assembly: &mut Assembly,
        place: NodeId,
        (at, attribute): (usize, &str),
        consumer: Option<ResourceId>,
    ) -> Option<NodeId> {
        let target = self.plan.instances.get(at)?;
        if &*target.ty == "data.aws_iam_policy_document" && matches!(attribute, "json" | "minified_json") {
            return Some(documents::rebuilt(self, assembly, at, consumer));
        }
        let tree = &mut assembly.tree;
        let known = self.known(tree, at, attribute);
        let meaning = arns::meaning(&target.ty, attribute);
        let known = known.or_else(|| (meaning == Meaning::Name).then(|| arns::name(tree, target)).flatten());
        let made = match known {
            Some(value) => tree.derive_copy(place, value),
            None if meaning == Meaning::Arn => {
                let pieces = arns::arn(tree, self.plan, &self.providers, target);
                tree.derive_text(place, pieces.unwrap_or_else(|| vec![self.hole(at, attribute)]))
            }
            None => tree.derive_text(place, vec![self.hole(at, attribute)]),
        };
        if known.is_some_and(|value| tree.is_sensitive(value)) {
            tree.mark_sensitive(made);
        }
        tree.explain(made, "reference", &[target.node]);
        Some(made)
    }

    /// The value of an attribute that the plan knows.
    pub(crate) fn known(&self, tree: &crate::document::Tree, at: usize, attribute: &str) -> Option<NodeId> {
        let target = self.plan.instances.get(at)?;
        if attribute.is_empty() {
            return None;
        }
        let path: Vec<&str> = attribute.split('.').collect();
        let found = tree.at(target.after?, &path)?;
        (!matches!(tree.view(found), View::Null)).then_some(found)
    }

    /// A hole for an attribute.
    pub(crate) fn hole(&self, at: usize, attribute: &str) -> Piece {
        let target = self.plan.instances.get(at);
        let resource = target.map_or(NodeId::from_index(0), |target| target.node);
        let kind = match arns::meaning(target.map_or("", |target| &target.ty), attribute) {
            Meaning::Arn => {
                let service = target.map_or("", |target| services::of_type(&target.ty));
                HoleKind::Arn { resource, service }
            }
            Meaning::Name => HoleKind::Name { resource },
            Meaning::Other if attribute.is_empty() => HoleKind::Name { resource },
            Meaning::Other => HoleKind::Attribute { resource, attribute: attribute.into() },
        };
        Piece::Hole(Hole { kind, name: self.words_of(at, attribute).into() })
    }

    /// An attribute as the configuration names it, with the address of the instance.
    pub(crate) fn words_of(&self, at: usize, attribute: &str) -> String {
        let address = self.plan.instances.get(at).map_or("", |target| &target.address);
        if attribute.is_empty() { address.to_owned() } else { format!("{address}.{attribute}") }
    }

    /// What a person would look at: the references that keep a value from being known.
    pub(crate) fn words(&self, endings: &[Ending]) -> Option<String> {
        let words = endings.iter().filter_map(|ending| match ending {
            Ending::Instance(at, attribute) => Some(self.words_of(*at, attribute)),
            Ending::Lost(words) => Some(words.to_string()),
            Ending::Constant(_) | Ending::Nothing => None,
        });
        let words: Vec<_> = words.take(3).collect();
        (!words.is_empty()).then(|| words.join(", "))
    }
}
