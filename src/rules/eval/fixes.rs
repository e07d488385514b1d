//! The fixes of a check, with values in them.

use crate::document::{NodeId, View};

use crate::rules::fix::{DeclaredFix, DeclaredStep, DeclaredValue, Fix, FixStep, FixValue};
use crate::rules::program::{Message, MessagePiece};

use super::found::Found;
use super::record::{Leaf, LeafClause};
use super::run::Run;
use super::value::Value;

impl Run<'_> {
    /// The fixes that the clause declares, as far as the values that they show are known.
    pub(super) fn fixes(&self, leaf: &Leaf<'_>) -> Vec<Fix> {
        let LeafClause::Access(access) = &leaf.clause else { return Vec::new() };
        access.fixes.iter().filter_map(|declared| self.fix(declared, leaf)).collect()
    }

    fn fix(&self, declared: &DeclaredFix, leaf: &Leaf<'_>) -> Option<Fix> {
        let steps: Option<_> = declared.steps.iter().map(|step| self.fix_step(step, leaf)).collect();
        Some(Fix { safe: declared.safe, steps: steps? })
    }

    fn fix_step(&self, declared: &DeclaredStep, leaf: &Leaf<'_>) -> Option<FixStep> {
        let mut arguments = Vec::with_capacity(declared.arguments.len());
        for argument in &declared.arguments {
            match argument {
                DeclaredValue::Word(value) => arguments.push(value.clone()),
                DeclaredValue::Text(message) => arguments.extend(self.fix_texts(message, leaf)?),
            }
        }
        Some(FixStep { kind: declared.kind, arguments })
    }

    /// A text with values in it; a value alone that is a list is as many texts. Nothing where a value is not there, not
    /// known, or must not be shown.
    fn fix_texts(&self, message: &Message, leaf: &Leaf<'_>) -> Option<Vec<FixValue>> {
        if message.pieces.is_empty() {
            return Some(vec![FixValue::Text(message.text.to_string())]);
        }
        if let [piece] = &*message.pieces
            && let Some(node) = self.fix_value(piece, leaf).as_ref().and_then(Value::node)
            && let View::List(list) = self.input.tree.view(node.id)
        {
            let texts = list.iter().map(|one| Some(FixValue::Text(self.known(one)?)));
            return texts.collect::<Option<Vec<_>>>().filter(|all| !all.is_empty());
        }
        let mut out = String::new();
        for piece in &message.pieces {
            if let MessagePiece::Text(text) = piece {
                out.push_str(text);
                continue;
            }
            let value = self.fix_value(piece, leaf)?;
            match value.node() {
                Some(node) => out.push_str(&self.known(node.id)?),
                None => out.push_str(&self.show(&value)),
            }
        }
        Some(vec![FixValue::Text(out)])
    }

    fn fix_value(&self, piece: &MessagePiece, leaf: &Leaf<'_>) -> Option<Value> {
        match piece {
            MessagePiece::Text(_) => None,
            MessagePiece::Value => leaf.from.as_ref().map(Found::place).cloned(),
            MessagePiece::Path(path, _) => self.look_up(path, leaf),
        }
    }

    fn known(&self, node: NodeId) -> Option<String> {
        let tree = self.input.tree;
        if tree.is_sensitive(node) {
            return None;
        }
        match tree.view(node) {
            View::Text(_) => Some(tree.display(node)),
            _ => tree.scalar(node).filter(|text| !text.is_empty()).map(str::to_owned),
        }
    }
}
