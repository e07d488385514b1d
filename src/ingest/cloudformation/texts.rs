//! Texts that are put together from values of which some are alternatives.
//!
//! Each operand is a list of [`Part`]s: pieces of text and when they apply. Joining multiplies the alternatives of the
//! operands, drops combinations that cannot hold together, and gives up on the details beyond a limit: the value is then
//! a hole.

use std::sync::Arc;

use crate::document::{
    Alternative, Condition, Conditions, Hole, HoleKind, Language, NodeId, Piece, Reason, Tree, View,
};

/// More alternatives than this become one hole.
const ALTERNATIVES: usize = 64;
/// Longer texts, and texts of more pieces, become one hole: names that are made of names double quickly.
const LENGTH: usize = 1 << 20;
const PIECES: usize = 4096;

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

/// A text and when it applies; no text where the value is then absent.
pub(crate) type Optional = (Condition, Option<Vec<Piece>>);

/// The texts that a value may be, absent ones as empty texts. Nothing where it is no text: a list or a map.
pub(crate) fn parts(tree: &Tree, conditions: &mut Conditions, node: NodeId) -> Option<Vec<Part>> {
    let all = optional(tree, conditions, node)?;
    Some(all.into_iter().map(|(under, pieces)| Part { under, pieces: pieces.unwrap_or_default() }).collect())
}

/// The texts that a value may be, where it may be absent.
pub(crate) fn optional(tree: &Tree, conditions: &mut Conditions, node: NodeId) -> Option<Vec<Optional>> {
    let always = |pieces| Some(vec![(Condition::ALWAYS, Some(pieces))]);
    if tree.is_sensitive(node) && !matches!(tree.view(node), View::Choice(_)) {
        return always(vec![secret(tree, node)]);
    }
    match tree.view(node) {
        View::Text(pieces) => always(pieces.to_vec()),
        View::Unknown(unknown) => always(vec![hole(HoleKind::Any(unknown.reason), &unknown.blocker)]),
        View::Choice(alternatives) => {
            let mut all = Vec::new();
            for alternative in alternatives {
                let Some(value) = alternative.value else {
                    all.push((alternative.condition, None));
                    continue;
                };
                for (inner, pieces) in optional(tree, conditions, value)? {
                    let under = conditions.and(alternative.condition, inner);
                    if !under.is_never() {
                        all.push((under, pieces));
                    }
                }
            }
            Some(all)
        }
        View::Null => always(Vec::new()),
        _ => tree.scalar(node).map(|text| vec![(Condition::ALWAYS, Some(vec![Piece::Literal(text.into())]))]),
    }
}

/// What a secret without a name is called.
pub(crate) const SECRET: &str = "a secret";

/// A value that must never be shown, as part of a text: what is known of it can be asked, not read.
fn secret(tree: &Tree, node: NodeId) -> Piece {
    let language = tree.scalar(node).map(|text| Arc::new(Language::exact(&regex_syntax::escape(text))));
    let declared = tree.derivation(node).and_then(|derivation| derivation.from.last().copied());
    let name = declared.and_then(|declared| tree.pointer(declared).rsplit('/').next().map(str::to_owned));
    hole(HoleKind::Parameter { language }, name.as_deref().unwrap_or(SECRET))
}

/// All operands one after the other.
pub(crate) fn concat(conditions: &mut Conditions, operands: Vec<Vec<Part>>) -> Vec<Part> {
    let mut joined = Joined::new("");
    for operand in operands {
        joined.add(conditions, operand.into_iter().map(|part| (part.under, Some(part.pieces))).collect());
    }
    joined.done()
}

/// Texts one after the other, with a delimiter between those that are there.
#[derive(Debug)]
pub(crate) struct Joined<'d> {
    delimiter: &'d str,
    /// Each with whether something stands there already.
    parts: Vec<(bool, Part)>,
}

impl<'d> Joined<'d> {
    /// Nothing so far.
    pub(crate) fn new(delimiter: &'d str) -> Self {
        Self { delimiter, parts: vec![(false, Part::always(Vec::new()))] }
    }

    /// Adds a text that is always there.
    pub(crate) fn add_literal(&mut self, text: &str) {
        if text.is_empty() && self.delimiter.is_empty() {
            return;
        }
        for (started, part) in &mut self.parts {
            append(&mut part.pieces, *started, self.delimiter, Some(vec![Piece::Literal(text.into())]));
            *started = true;
        }
    }

    /// Adds a value that is one text, known or with holes; false where it may be something else.
    pub(crate) fn add_text(&mut self, tree: &Tree, value: NodeId) -> bool {
        match (tree.view(value), self.parts.as_mut_slice()) {
            _ if tree.is_sensitive(value) => return false,
            (View::Text(pieces), [(started, part)]) => {
                append(&mut part.pieces, *started, self.delimiter, Some(pieces.to_vec()));
                *started = true;
            }
            (View::String(text), _) => self.add_literal(text),
            _ => return false,
        }
        true
    }

    /// Adds one of several texts.
    pub(crate) fn add(&mut self, conditions: &mut Conditions, mut element: Vec<Optional>) {
        if self.parts.len() * element.len() > ALTERNATIVES {
            element = give_up(conditions, &element);
        }
        let delimiter = self.delimiter;
        if let [(Condition::ALWAYS, right)] = element.as_mut_slice() {
            let last = self.parts.len().saturating_sub(1);
            for (at, (started, left)) in self.parts.iter_mut().enumerate() {
                let begun = *started || right.is_some();
                let right = if at == last { right.take() } else { right.clone() };
                append(&mut left.pieces, *started, delimiter, right);
                *started = begun;
            }
            return;
        }
        let mut next = Vec::with_capacity(self.parts.len() * element.len());
        for (started, left) in &self.parts {
            for (under, right) in &element {
                let under = conditions.and(left.under, *under);
                if under.is_never() {
                    continue;
                }
                let mut pieces = left.pieces.clone();
                append(&mut pieces, *started, delimiter, right.clone());
                next.push((*started || right.is_some(), Part { under, pieces }));
            }
        }
        self.parts = next;
    }

    /// The texts, each with when it is that.
    pub(crate) fn done(self) -> Vec<Part> {
        self.parts.into_iter().map(|(_, part)| part).collect()
    }
}

fn append(pieces: &mut Vec<Piece>, started: bool, delimiter: &str, right: Option<Vec<Piece>>) {
    let Some(right) = right else { return };
    let is_limit = |piece: Option<&Piece>| {
        matches!(piece, Some(Piece::Hole(Hole { kind: HoleKind::Any(Reason::Limit), .. })))
    };
    // A hole for anything swallows another.
    if is_limit(pieces.last()) && is_limit(right.first()) && right.len() == 1 {
        return;
    }
    let length = |piece: &Piece| if let Piece::Literal(text) = piece { text.len() } else { 0 };
    let total = |pieces: &[Piece]| pieces.iter().map(length).sum::<usize>();
    let is_long = |right: &[Piece]| right.len() > 64 || total(right) > LENGTH / PIECES;
    if pieces.len() + right.len() > PIECES || is_long(&right) && total(pieces) + total(&right) > LENGTH {
        pieces.clear();
        pieces.push(hole(HoleKind::Any(Reason::Limit), "a text that is too long"));
        return;
    }
    if started && !delimiter.is_empty() {
        pieces.push(Piece::Literal(delimiter.into()));
    }
    pieces.extend(right);
}

/// What is left of an element with too many alternatives: a hole.
fn give_up(conditions: &mut Conditions, element: &[Optional]) -> Vec<Optional> {
    let under = element.iter().fold(Condition::NEVER, |all, one| conditions.or(all, one.0));
    vec![(under, Some(vec![hole(HoleKind::Any(Reason::Limit), "too many alternatives")]))]
}

/// What a change set says of values that the deployment makes.
pub(crate) const AFTER_APPLY: &str = "{{changeSet:KNOWN_AFTER_APPLY}}";

/// The pieces with dynamic references (`{{resolve:ssm:name}}`) as holes: CloudFormation resolves them when it deploys.
/// A reference may be put together from several pieces.
pub(crate) fn with_dynamic(pieces: Vec<Piece>) -> Vec<Piece> {
    const START: &str = "{{resolve:";
    if let [Piece::Literal(text)] = pieces.as_slice()
        && &**text == AFTER_APPLY
    {
        return vec![hole(HoleKind::Any(Reason::AfterApply), "changeSet:KNOWN_AFTER_APPLY")];
    }
    if !pieces.iter().any(|piece| matches!(piece, Piece::Literal(text) if text.contains(START))) {
        return pieces;
    }
    let mut out = Vec::with_capacity(pieces.len() + 2);
    // The reference that is open: its name so far, and what it was put together from.
    let mut open: Option<(String, Vec<Piece>)> = None;
    for piece in merged(pieces) {
        let Piece::Literal(text) = piece else {
            match &mut open {
                Some((name, from)) => {
                    name.push_str(&shown(&piece));
                    from.push(piece);
                }
                None => out.push(piece),
            }
            continue;
        };
        let mut rest = &*text;
        loop {
            if let Some((name, from)) = &mut open {
                let Some((inside, after)) = rest.split_once("}}") else {
                    name.push_str(rest);
                    from.push(Piece::Literal(rest.into()));
                    break;
                };
                name.push_str(inside);
                out.push(hole(HoleKind::Dynamic, name));
                open = None;
                rest = after;
            } else if let Some((before, after)) = rest.split_once(START) {
                out.push(Piece::Literal(before.into()));
                open = Some(("resolve:".to_owned(), vec![Piece::Literal(START.into())]));
                rest = after;
            } else {
                out.push(Piece::Literal(rest.into()));
                break;
            }
        }
    }
    // What never ends is no reference.
    out.extend(open.into_iter().flat_map(|(_, from)| from));
    out
}

/// Neighbouring literals as one.
pub(crate) fn merged(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match (out.last_mut(), piece) {
            (Some(Piece::Literal(before)), Piece::Literal(text)) => {
                *before = format!("{before}{text}").into();
            }
            (_, piece) => out.push(piece),
        }
    }
    out
}

/// A piece as a person reads it.
pub(crate) fn shown(piece: &Piece) -> String {
    match piece {
        Piece::Literal(text) => text.to_string(),
        Piece::Hole(hole) => format!("${{{}}}", hole.name),
    }
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
