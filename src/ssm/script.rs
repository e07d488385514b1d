//! Texts with references in them, whatever they are spread over: the lines of a list, the pieces of a text with holes.

use std::borrow::Cow;

use crate::document::{NodeId, Piece, Tree, View};

use super::reference::{Reference, Target, references};

/// A text as the engine of a document puts it together.
#[derive(Clone, Debug, Default)]
pub struct Script<'t> {
    /// Its parts, in order.
    pub parts: Vec<Part<'t>>,
    /// Whether some part of it is not known at all.
    pub has_unknown: bool,
}

/// A part of a script.
#[derive(Clone, Debug)]
pub enum Part<'t> {
    /// Characters.
    Text(Cow<'t, str>),
    /// A reference, and the node in whose text it stands.
    Reference(Use),
    /// Characters that the input does not decide; they cannot be chosen by whoever runs the document.
    Hole,
}

/// A reference where it is used.
#[derive(Clone, Debug)]
pub struct Use {
    /// The scalar in whose text it stands.
    pub node: NodeId,
    /// The reference, with its place in that text.
    pub reference: Reference,
    /// Whether it is the whole of that text.
    pub alone: bool,
}

impl<'t> Script<'t> {
    /// The text that a value is: a scalar, or the lines of a list.
    pub fn of(tree: &'t Tree, node: NodeId) -> Self {
        let mut script = Self::default();
        script.add(tree, node, "\n");
        script
    }

    /// Adds a value; elements of lists are told apart by `between`.
    fn add(&mut self, tree: &'t Tree, node: NodeId, between: &'static str) {
        let mut stack = vec![node];
        while let Some(node) = stack.pop() {
            match tree.view(node) {
                View::List(list) => stack.extend(list.iter().rev()),
                View::Choice(alternatives) => {
                    stack.extend(alternatives.iter().rev().filter_map(|alternative| alternative.value));
                }
                View::Text(pieces) => {
                    self.separate(between);
                    self.pieces(node, pieces);
                }
                View::Unknown(_) => {
                    self.separate(between);
                    self.has_unknown = true;
                    self.parts.push(Part::Hole);
                }
                View::Null | View::Map(_) => {}
                View::String(_) | View::Number(_) | View::Bool(_) => {
                    self.separate(between);
                    self.text(node, tree.scalar(node).unwrap_or(""));
                }
            }
        }
    }

    fn separate(&mut self, between: &'static str) {
        if !self.parts.is_empty() {
            self.parts.push(Part::Text(Cow::Borrowed(between)));
        }
    }

    fn text(&mut self, node: NodeId, text: &'t str) {
        let mut from = 0;
        for reference in references(text) {
            self.literal(text.get(from..reference.start).unwrap_or(""));
            from = reference.end;
            let alone = text.trim().len() == reference.end - reference.start;
            self.parts.push(Part::Reference(Use { node, reference, alone }));
        }
        self.literal(text.get(from..).unwrap_or(""));
    }

    fn literal(&mut self, text: &'t str) {
        if !text.is_empty() {
            self.parts.push(Part::Text(Cow::Borrowed(text)));
        }
    }

    fn pieces(&mut self, node: NodeId, pieces: &'t [Piece]) {
        for piece in pieces {
            match piece {
                Piece::Literal(text) => {
                    self.text(node, text);
                    // A reference with other pieces around it is not alone.
                    if pieces.len() > 1
                        && let Some(Part::Reference(found)) = self.parts.last_mut()
                    {
                        found.alone = false;
                    }
                }
                Piece::Hole(_) => self.parts.push(Part::Hole),
            }
        }
    }

    /// The references, in order.
    pub fn uses(&self) -> impl Iterator<Item = &Use> {
        self.parts.iter().filter_map(|part| match part {
            Part::Reference(found) => Some(found),
            _ => None,
        })
    }

    /// Whether there is any reference.
    pub fn has_references(&self) -> bool {
        self.uses().next().is_some()
    }

    /// Whether the whole script is one reference.
    pub fn is_one_reference(&self) -> bool {
        let mut rest = self.parts.iter().filter(|part| match part {
            Part::Text(text) => !text.trim().is_empty(),
            _ => true,
        });
        matches!((rest.next(), rest.next()), (Some(Part::Reference(_)), None))
    }

    /// The script as one text, references as `\u{fffc}`.
    pub fn plain(&self) -> String {
        let texts = self.parts.iter().map(|part| match part {
            Part::Text(text) => &**text,
            _ => "\u{fffc}",
        });
        texts.collect()
    }
}

/// All references anywhere below a node, in document order, keys of maps included.
pub fn uses_below(tree: &Tree, root: NodeId) -> Vec<Use> {
    let mut out = Vec::new();
    let mut stack = vec![root];
    while let Some(node) = stack.pop() {
        match tree.view(node) {
            View::List(list) => stack.extend(list.iter().rev()),
            View::Map(map) => {
                let entries: Vec<_> = map.iter().map(|(key, _, value)| [key, value]).collect();
                stack.extend(entries.into_iter().rev().flat_map(|[key, value]| [value, key]));
            }
            View::Choice(alternatives) => {
                stack.extend(alternatives.iter().rev().filter_map(|alternative| alternative.value));
            }
            View::String(_) | View::Text(_) => out.extend(Script::of(tree, node).uses().cloned()),
            _ => {}
        }
    }
    out
}

/// The name of the parameter that a value is, where it is one reference to one.
pub fn whole_name(tree: &Tree, node: NodeId) -> Option<String> {
    let script = Script::of(tree, node);
    if !script.is_one_reference() {
        return None;
    }
    match &script.uses().next()?.reference.target {
        Target::Name(name) => Some(name.to_string()),
        _ => None,
    }
}
