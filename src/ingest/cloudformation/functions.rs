//! The functions that make texts and lists.

use std::collections::BTreeMap;

use crate::document::{Alternative, Condition, HoleKind, NodeId, Piece, Reason, View};

use super::call::Argument;
use super::patterns;
use super::resolve::Resolver;
use super::texts::{self, Joined, Part};

/// What is behind a hole that may contain the delimiter of a split.
const REST: &str = "the rest of a split text";

impl Resolver<'_> {
    /// `Fn::Sub`, with or without a map of its own variables.
    pub(super) fn sub(&mut self, node: NodeId, argument: Argument) -> NodeId {
        let (template, variables) = match self.elements(argument) {
            Some(elements) => (elements.first().copied(), elements.get(1).copied()),
            None => (Some(argument.node), None),
        };
        let Some(text) = template.and_then(|template| self.tree.scalar(template)).map(str::to_owned) else {
            return self.unknown(node, Reason::Malformed, "`Fn::Sub` without a string");
        };
        // The string comes first: documents in it are read from there.
        let mut from: Vec<NodeId> = template.into_iter().collect();
        let mut filled = Joined::new("");
        for part in split_template(&text) {
            match part {
                Template::Text(text) => filled.add_literal(text),
                Template::Literal(text) => filled.add_literal(&format!("${{{text}}}")),
                Template::Variable(_, name) => {
                    let Some(value) = self.variable(node, variables, name) else { continue };
                    from.push(value);
                    if !filled.add_text(self.tree, value) {
                        let texts = self.optional_texts(value);
                        filled.add(self.conditions, texts);
                    }
                }
            }
        }
        let value = self.text_with_dynamic(node, filled.done());
        let each: Vec<NodeId> = match self.tree.view(value) {
            View::Choice(alternatives) => alternatives.iter().filter_map(|one| one.value).collect(),
            _ => Vec::new(),
        };
        for one in each {
            self.explain(one, "Fn::Sub", &from);
        }
        self.explain(value, "Fn::Sub", &from)
    }

    /// What `${name}` stands for.
    fn variable(&mut self, place: NodeId, variables: Option<NodeId>, name: &str) -> Option<NodeId> {
        let own = variables.and_then(|map| self.tree.get(map, name));
        if let Some(own) = own {
            return self.resolve(own);
        }
        let value = match name.split_once('.') {
            Some((id, attribute)) => Some(self.attribute_of(place, id, attribute)),
            None => self.reference_to(place, name),
        };
        self.count_reference(value);
        value
    }

    pub(super) fn join(&mut self, node: NodeId, argument: Argument) -> NodeId {
        let operands = self.elements(argument).unwrap_or_default();
        let [delimiter, list] = operands.as_slice() else {
            return self.unknown(node, Reason::Malformed, "`Fn::Join` without a delimiter and a list");
        };
        let Some(delimiter) = self.known_text(*delimiter) else {
            return self.unknown(node, Reason::Malformed, "`Fn::Join` without a known delimiter");
        };
        let Some(value) = self.resolve(*list) else { return self.tree.derive_string(node, "") };
        let parts = self.joined(value, &delimiter);
        let joined = self.text_with_dynamic(node, parts);
        self.explain(joined, "Fn::Join", &[value])
    }

    /// The elements of a list with a delimiter between them.
    fn joined(&mut self, list: NodeId, delimiter: &str) -> Vec<Part> {
        let operands = match self.tree.view(list) {
            View::List(elements) => elements.iter().collect::<Vec<_>>(),
            View::Choice(alternatives) => {
                let mut out = Vec::new();
                let all = alternatives.to_vec();
                for Alternative { condition, value } in all {
                    let joined = value.map_or_else(Vec::new, |value| self.joined(value, delimiter));
                    for part in joined {
                        let under = self.conditions.and(condition, part.under);
                        if !under.is_never() {
                            out.push(Part { under, ..part });
                        }
                    }
                }
                return out;
            }
            View::Unknown(unknown) => {
                let (reason, blocker) = (unknown.reason, unknown.blocker.clone());
                return vec![Part::always(vec![texts::hole(HoleKind::Any(reason), &blocker)])];
            }
            _ => vec![list],
        };
        let mut joined = Joined::new(delimiter);
        for element in operands {
            if !joined.add_text(self.tree, element) {
                let texts = self.optional_texts(element);
                joined.add(self.conditions, texts);
            }
        }
        joined.done()
    }

    fn text_with_dynamic(&mut self, node: NodeId, mut parts: Vec<Part>) -> NodeId {
        for part in &mut parts {
            part.pieces = texts::with_dynamic(std::mem::take(&mut part.pieces));
        }
        self.text(node, parts)
    }

    pub(super) fn split(&mut self, node: NodeId, argument: Argument) -> NodeId {
        let operands = self.elements(argument).unwrap_or_default();
        let [delimiter, source] = operands.as_slice() else {
            return self.unknown(node, Reason::Malformed, "`Fn::Split` without a delimiter and a string");
        };
        let (Some(delimiter), Some(value)) = (self.known_text(*delimiter), self.resolve(*source)) else {
            return self.unknown(node, Reason::Malformed, "`Fn::Split` without a known delimiter");
        };
        let parts = self.texts_of(value);
        let mut alternatives = Vec::with_capacity(parts.len());
        for part in parts {
            let Some((fields, whole)) = split_pieces(&part.pieces, &delimiter) else {
                return self.unknown(node, Reason::Malformed, "`Fn::Split` at an empty delimiter");
            };
            let mut nodes: Vec<_> =
                fields.into_iter().map(|pieces| self.tree.derive_text(node, pieces)).collect();
            if !whole {
                nodes.push(self.unknown(node, Reason::Parameter, REST));
            }
            alternatives.push(Alternative {
                condition: part.under,
                value: Some(self.tree.derive_list(node, &nodes)),
            });
        }
        self.one_or_choice(node, alternatives)
    }

    pub(super) fn select(&mut self, node: NodeId, argument: Argument) -> Option<NodeId> {
        let operands = self.elements(argument).unwrap_or_default();
        let [index, list] = operands.as_slice() else {
            return Some(self.unknown(node, Reason::Malformed, "`Fn::Select` without an index and a list"));
        };
        let indices = self.texts(*index);
        let value = self.resolve(*list)?;
        let mut picked = Vec::new();
        for part in indices {
            let index = match part.pieces.as_slice() {
                [Piece::Literal(text)] => text.trim().parse::<usize>().ok(),
                _ => None,
            };
            let selected = match index {
                Some(index) => self.element_at(node, value, index),
                None if part.pieces.iter().all(|piece| matches!(piece, Piece::Literal(_))) => {
                    self.unknown(node, Reason::Malformed, "`Fn::Select` with an index that is none")
                }
                None => self.unknown(node, Reason::Parameter, "`Fn::Select` without a known index"),
            };
            self.flatten(part.under, Some(selected), &mut picked);
        }
        let selected = self.one_or_choice(node, picked);
        Some(self.explain(selected, "Fn::Select", &[value]))
    }

    fn element_at(&mut self, place: NodeId, list: NodeId, index: usize) -> NodeId {
        match self.tree.view(list) {
            View::List(elements) => {
                let elements: Vec<_> = elements.iter().collect();
                self.element_of(place, &elements, index)
            }
            View::Choice(alternatives) => {
                let mut picked = Vec::new();
                let all = alternatives.to_vec();
                for Alternative { condition, value } in all {
                    let value = value.map(|value| self.element_at(place, value, index));
                    self.flatten(condition, value, &mut picked);
                }
                self.one_or_choice(place, picked)
            }
            View::Unknown(unknown) => {
                let (reason, blocker) = (unknown.reason, unknown.blocker.clone());
                self.tree.derive_text(place, vec![texts::hole(HoleKind::Any(reason), &blocker)])
            }
            _ => self.unknown(place, Reason::Malformed, "`Fn::Select` from something that is no list"),
        }
    }

    /// The element at an index, not counting those that `AWS::NoValue` takes away.
    fn element_of(&mut self, place: NodeId, elements: &[NodeId], index: usize) -> NodeId {
        // When how many elements are still to be skipped.
        let mut skipping = BTreeMap::from([(index, Condition::ALWAYS)]);
        let mut picked = Vec::new();
        for &element in elements {
            if matches!(self.tree.view(element), View::Unknown(unknown) if &*unknown.blocker == REST) {
                let rest =
                    self.tree.derive_text(place, vec![texts::hole(HoleKind::Any(Reason::Parameter), REST)]);
                for under in std::mem::take(&mut skipping).into_values() {
                    picked.push(Alternative { condition: under, value: Some(rest) });
                }
                break;
            }
            let present = self.presence(element);
            for (left, under) in std::mem::take(&mut skipping) {
                let absent = self.conditions.and_not(under, present);
                let here = self.conditions.and(under, present);
                if left == 0 {
                    let value = self.tree.derive_copy(place, element);
                    self.flatten(here, Some(value), &mut picked);
                } else {
                    self.skip(&mut skipping, left - 1, here);
                }
                self.skip(&mut skipping, left, absent);
            }
            if skipping.is_empty() {
                break;
            }
        }
        for under in skipping.into_values() {
            let value = self.unknown(place, Reason::Malformed, "`Fn::Select` beyond the end of its list");
            picked.push(Alternative { condition: under, value: Some(value) });
        }
        self.one_or_choice(place, picked)
    }

    fn skip(&mut self, skipping: &mut BTreeMap<usize, Condition>, left: usize, under: Condition) {
        if !under.is_never() {
            let so_far = skipping.get(&left).copied().unwrap_or(Condition::NEVER);
            skipping.insert(left, self.conditions.or(so_far, under));
        }
    }

    /// When an element is there.
    fn presence(&mut self, element: NodeId) -> Condition {
        let View::Choice(alternatives) = self.tree.view(element) else { return Condition::ALWAYS };
        if alternatives.iter().all(|alternative| alternative.value.is_some()) {
            return Condition::ALWAYS;
        }
        let there: Vec<_> =
            alternatives.iter().filter(|one| one.value.is_some()).map(|one| one.condition).collect();
        there.into_iter().fold(Condition::NEVER, |all, one| self.conditions.or(all, one))
    }

    /// Nothing where every possible branch is `AWS::NoValue`.
    pub(super) fn if_else(&mut self, node: NodeId, argument: Argument) -> Option<NodeId> {
        let operands = self.elements(argument).unwrap_or_default();
        let [name, then, otherwise] = operands.as_slice() else {
            return Some(self.unknown(
                node,
                Reason::Malformed,
                "`Fn::If` without a condition and two values",
            ));
        };
        let holds = match self.tree.scalar(*name).map(str::to_owned) {
            Some(name) => self.named_condition(&name),
            None => self.deciding(|resolver| resolver.condition_of(*name)),
        };
        match holds {
            Condition::ALWAYS => return self.resolve(*then),
            Condition::NEVER => return self.resolve(*otherwise),
            _ => {}
        }
        let fails = self.conditions.not(holds);
        let mut alternatives = Vec::new();
        for (condition, branch) in [(holds, *then), (fails, *otherwise)] {
            let value = self.resolve(branch);
            self.flatten(condition, value, &mut alternatives);
        }
        if alternatives.iter().all(|alternative| alternative.value.is_none()) {
            return None;
        }
        if let Some(same) = self.the_same(&alternatives) {
            let value = self.tree.derive_copy(node, same);
            return Some(self.explain(value, "Fn::If", &[same]));
        }
        let value = self.one_or_choice(node, alternatives);
        Some(self.explain(value, "Fn::If", &[*name]))
    }

    /// The text that all alternatives are, if they are all the same one.
    fn the_same(&self, alternatives: &[Alternative]) -> Option<NodeId> {
        let text = |one: &Alternative| one.value.and_then(|value| self.tree.string(value));
        let (first, others) = alternatives.split_first()?;
        let known = text(first)?;
        let secret = |one: &Alternative| one.value.is_some_and(|value| self.tree.is_sensitive(value));
        (others.iter().all(|one| text(one) == Some(known)) && !alternatives.iter().any(secret))
            .then_some(first.value)?
    }

    /// A choice inside an alternative becomes alternatives of its own.
    pub(super) fn flatten(
        &mut self,
        condition: Condition,
        value: Option<NodeId>,
        out: &mut Vec<Alternative>,
    ) {
        if condition.is_never() {
            return;
        }
        match value.map(|value| self.tree.view(value)) {
            Some(View::Choice(inner)) => {
                let all = inner.to_vec();
                for alternative in all {
                    let both = self.conditions.and(condition, alternative.condition);
                    if !both.is_never() {
                        out.push(Alternative { condition: both, value: alternative.value });
                    }
                }
            }
            _ => out.push(Alternative { condition, value }),
        }
    }

    pub(super) fn one_or_choice(&mut self, place: NodeId, alternatives: Vec<Alternative>) -> NodeId {
        match alternatives.as_slice() {
            [Alternative { condition, value: Some(value) }] if condition.is_always() => *value,
            _ => self.tree.derive_choice(place, alternatives),
        }
    }

    pub(super) fn base64(&mut self, node: NodeId, argument: Argument) -> Option<NodeId> {
        // The encoded form is of no interest to anybody; what is encoded is.
        let value = self.resolve_argument(argument)?;
        let value = self.tree.derive_copy(node, value);
        Some(self.explain(value, "Fn::Base64", &[argument.node]))
    }

    pub(super) fn length(&mut self, node: NodeId, argument: Argument) -> NodeId {
        match self.resolve_argument(argument) {
            Some(value) => self.length_of(node, value),
            None => self.unknown(node, Reason::Malformed, "`Fn::Length` of nothing"),
        }
    }

    fn length_of(&mut self, node: NodeId, value: NodeId) -> NodeId {
        match self.tree.view(value) {
            View::List(list) if list.iter().all(|element| !self.may_be_absent(element)) => {
                let length = list.len().to_string();
                self.tree.derive_number(node, &length)
            }
            View::Choice(alternatives) => {
                let mut lengths = Vec::new();
                let alternatives = alternatives.to_vec();
                for Alternative { condition, value } in alternatives {
                    let length = value.map(|value| self.length_of(node, value));
                    self.flatten(condition, length, &mut lengths);
                }
                self.one_or_choice(node, lengths)
            }
            View::List(_) | View::Unknown(_) | View::Text(_) => {
                self.unknown(node, Reason::Parameter, "Fn::Length")
            }
            _ => self.unknown(node, Reason::Malformed, "`Fn::Length` of something that is no list"),
        }
    }

    /// Whether an element may be none, or several.
    fn may_be_absent(&self, element: NodeId) -> bool {
        match self.tree.view(element) {
            View::Choice(alternatives) => alternatives.iter().any(|alternative| alternative.value.is_none()),
            View::Unknown(unknown) => &*unknown.blocker == REST,
            _ => false,
        }
    }

    /// The value itself: what is read from the string again is the same.
    pub(super) fn json_string(&mut self, node: NodeId, argument: Argument) -> NodeId {
        match self.resolve_argument(argument) {
            Some(value) => {
                let value = self.tree.derive_copy(node, value);
                self.explain(value, "Fn::ToJsonString", &[argument.node])
            }
            None => self.tree.derive_null(node),
        }
    }

    pub(super) fn cidr(&mut self, node: NodeId, argument: Argument) -> NodeId {
        let operands = self.elements(argument).unwrap_or_default();
        if !(2..=3).contains(&operands.len()) {
            return self.unknown(node, Reason::Malformed, "`Fn::Cidr` without a network and a count");
        }
        let known: Option<Vec<_>> = operands.iter().map(|&operand| self.known_text(operand)).collect();
        match known.as_deref().and_then(super::cidr::split) {
            Some(blocks) => {
                let nodes: Vec<_> = blocks.iter().map(|block| self.tree.derive_string(node, block)).collect();
                self.tree.derive_list(node, &nodes)
            }
            None => self.unknown(node, Reason::Parameter, "Fn::Cidr"),
        }
    }
}

/// A part of a `Fn::Sub` string.
enum Template<'t> {
    Text(&'t str),
    /// `${!x}`, without its frame.
    Literal(&'t str),
    /// `${x}`: where it starts, and the name.
    Variable(usize, &'t str),
}

/// Splits a `Fn::Sub` string at its variables; `${!x}` is the text `${x}`.
fn split_template(text: &str) -> impl Iterator<Item = Template<'_>> {
    let mut rest = Some((0, text));
    let mut next = None;
    std::iter::from_fn(move || {
        if let Some(part) = next.take() {
            return Some(part);
        }
        let (at, tail) = rest.take()?;
        let Some((start, end)) = variable_in(tail) else { return Some(Template::Text(tail)) };
        let name = tail.get(start + 2..end).unwrap_or("");
        next = Some(match name.strip_prefix('!') {
            Some(literal) => Template::Literal(literal),
            // Blanks around the name are not part of it.
            None => Template::Variable(at + start, name.trim()),
        });
        rest = tail.get(end + 1..).map(|after| (at + end + 1, after));
        tail.get(..start).map(Template::Text)
    })
}

/// Where the first `${` stands, and the `}` behind it.
fn variable_in(text: &str) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let start = memchr::memchr_iter(b'$', bytes).find(|&at| bytes.get(at + 1) == Some(&b'{'))?;
    let end = memchr::memchr(b'}', bytes.get(start..)?)?;
    Some((start, start + end))
}

/// The variables of a `Fn::Sub` string, each with where its `${` stands.
pub(super) fn variables(text: &str) -> impl Iterator<Item = (usize, &str)> {
    split_template(text).filter_map(|part| match part {
        Template::Variable(start, name) => Some((start, name)),
        Template::Text(_) | Template::Literal(_) => None,
    })
}

/// Splits pieces at a delimiter. False where a hole may contain it: then the fields before that hole are returned.
/// Nothing for an empty delimiter.
fn split_pieces(pieces: &[Piece], delimiter: &str) -> Option<(Vec<Vec<Piece>>, bool)> {
    if delimiter.is_empty() {
        return None;
    }
    let mut fields = vec![Vec::new()];
    for piece in pieces {
        match piece {
            Piece::Literal(text) => {
                for (index, field) in text.split(delimiter).enumerate() {
                    if index > 0 {
                        fields.push(Vec::new());
                    }
                    if let Some(last) = fields.last_mut() {
                        last.push(Piece::Literal(field.into()));
                    }
                }
            }
            Piece::Hole(hole) if !may_contain(&hole.kind, delimiter) => {
                fields.last_mut()?.push(piece.clone());
            }
            Piece::Hole(_) => {
                fields.pop();
                return Some((fields, false));
            }
        }
    }
    Some((fields, true))
}

fn may_contain(kind: &HoleKind, delimiter: &str) -> bool {
    match (kind, delimiter) {
        (
            HoleKind::Any(_)
            | HoleKind::Dynamic
            | HoleKind::Attribute { .. }
            | HoleKind::Parameter { language: None },
            _,
        ) => true,
        (
            HoleKind::Region | HoleKind::Account | HoleKind::Partition | HoleKind::StackName,
            ":" | "/" | "," | ".",
        )
        | (HoleKind::Name { .. }, ":") => false,
        _ => patterns::may_hold(&kind.pattern(), delimiter),
    }
}
