//! Texts that are put together from values of which some are alternatives.
//!
//! Each operand is a list of [`Part`]s: pieces of text and when they apply. Joining multiplies the alternatives of the
//! operands, drops combinations that cannot hold together, and gives up on the details beyond a limit: the value is then
//! a hole.

use crate::document::{
    Alternative, Condition, Conditions, Hole, HoleKind, NodeId, Piece, Reason, Tree, View,
};

/// More alternatives than this become one hole.
const ALTERNATIVES: usize = 64;

/// A text and when it applies.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) under: Condition,
    pub(crate) pieces: Vec<Piece>,
}

impl Part {
    pub(crate) fn always(pieces: Vec<Piece>) -> Self {
        Self { under: Condition::ALWAYS, pieces }
    }

    pub(crate) fn literal(text: &str) -> Self {
        Self::always(vec![Piece::Literal(text.into())])
    }
}

/// A hole that stands for a value that is not known.
pub(crate) fn hole(kind: HoleKind, name: &str) -> Piece {
    Piece::Hole(Hole { kind, name: name.into() })
}

/// The texts that a value may be. Nothing where it is no text: a list, a map, or absent.
pub(crate) fn parts(tree: &Tree, conditions: &mut Conditions, node: NodeId) -> Option<Vec<Part>> {
    match tree.view(node) {
        View::Text(pieces) => Some(vec![Part::always(pieces.to_vec())]),
        View::Unknown(unknown) => {
            Some(vec![Part::always(vec![hole(HoleKind::Any(unknown.reason), &unknown.blocker)])])
        }
        View::Choice(alternatives) => {
            let mut all = Vec::new();
            for alternative in alternatives {
                let inner = match alternative.value {
                    Some(value) => parts(tree, conditions, value)?,
                    None => continue,
                };
                for part in inner {
                    let under = conditions.and(alternative.condition, part.under);
                    if !under.is_never() {
                        all.push(Part { under, ..part });
                    }
                }
            }
            Some(all)
        }
        View::Null => Some(vec![Part::literal("")]),
        _ => tree.scalar(node).map(|text| vec![Part::literal(text)]),
    }
}

/// All operands one after the other.
pub(crate) fn concat(conditions: &mut Conditions, operands: Vec<Vec<Part>>) -> Vec<Part> {
    let mut out = vec![Part::always(Vec::new())];
    for operand in operands {
        let mut next = Vec::with_capacity(out.len() * operand.len());
        for left in &out {
            for right in &operand {
                let under = conditions.and(left.under, right.under);
                if !under.is_never() {
                    let pieces = left.pieces.iter().chain(&right.pieces).cloned().collect();
                    next.push(Part { under, pieces });
                }
            }
        }
        if next.len() > ALTERNATIVES {
            next = give_up(conditions, &out);
        }
        out = next;
    }
    out
}

/// What is left of an operand list with too many alternatives: the common start, and a hole.
fn give_up(conditions: &mut Conditions, so_far: &[Part]) -> Vec<Part> {
    let under = so_far.iter().fold(Condition::NEVER, |all, part| conditions.or(all, part.under));
    let pieces = vec![hole(HoleKind::Any(Reason::Limit), "too many alternatives")];
    vec![Part { under, pieces }]
}

/// The value that the texts are: one of them where there is only one, a choice otherwise.
pub(crate) fn value(tree: &mut Tree, place: NodeId, parts: Vec<Part>) -> NodeId {
    if let [Part { under, .. }] = parts.as_slice()
        && under.is_always()
    {
        let pieces = parts.into_iter().flat_map(|part| part.pieces).collect();
        return tree.derive_text(place, pieces);
    }
    let alternatives = parts
        .into_iter()
        .map(|part| Alternative { condition: part.under, value: Some(tree.derive_text(place, part.pieces)) })
        .collect();
    tree.derive_choice(place, alternatives)
}
