//! What a template exports, and what it imports from others of the same run.
//!
//! Exports are joined by their names, where both sides are known. A value goes from one template to the other as a text:
//! what is open in it because of the resources of the one is open in the other too.

use crate::document::{Hole, HoleKind, NodeId, Piece, Reason, View};

use super::call::Argument;
use super::resolve::Resolver;
use super::texts::{self, Part};

/// An exported value, by its name.
pub type Export = (Box<str>, Vec<Piece>);

impl Resolver<'_> {
    /// The exports of the template whose names are known.
    pub(super) fn exports(&mut self) -> Vec<Export> {
        let outputs = self.template.outputs.map(|outputs| self.tree.view(outputs));
        let outputs: Vec<NodeId> = match outputs {
            Some(View::Map(map)) => map.iter().map(|(_, _, output)| output).collect(),
            _ => return Vec::new(),
        };
        let mut out = Vec::new();
        for output in outputs {
            let name = self.tree.at(output, &["Export", "Name"]);
            let (Some(name), Some(value)) = (name, self.tree.get(output, "Value")) else { continue };
            let (Some(name), parts) = (self.known_text(name), self.texts(value)) else { continue };
            if let [Part { under, pieces }] = parts.as_slice()
                && under.is_always()
            {
                out.push((name.into(), pieces.iter().map(outside).collect()));
            }
        }
        out
    }

    pub(super) fn import_value(&mut self, node: NodeId, argument: Argument) -> NodeId {
        let value = self.resolve_argument(argument);
        let known = value.and_then(|value| self.tree.scalar(value)).map(str::to_owned);
        if let Some(name) = known {
            if let Some(pieces) = self.options.exports.get(name.as_str()) {
                let value = self.tree.derive_text(node, pieces.clone());
                return self.explain(value, "Fn::ImportValue", &[argument.node]);
            }
            self.shared.imports.insert(name.into());
        }
        let name = value.map(|value| self.tree.display(value));
        let name = name.unwrap_or_else(|| "Fn::ImportValue".to_owned());
        self.tree.derive_text(node, vec![texts::hole(HoleKind::Any(Reason::Import), &name)])
    }
}

/// A piece as another template sees it.
fn outside(piece: &Piece) -> Piece {
    match piece {
        Piece::Hole(Hole {
            kind:
                HoleKind::Name { .. } | HoleKind::Arn { .. } | HoleKind::Attribute { .. } | HoleKind::StackName,
            name,
        }) => texts::hole(HoleKind::Any(Reason::Import), name),
        other => other.clone(),
    }
}
