//! The functions that make texts and lists.

use crate::document::{Alternative, Condition, HoleKind, NodeId, Piece, Reason, View};

use super::call::Argument;
use super::resolve::{Resolver, dynamic_pieces};
use super::texts::{self, Part};

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
        let mut operands = Vec::new();
        for part in split_template(&text) {
            operands.push(match part {
                Template::Text(text) if text.contains("{{resolve:") => {
                    vec![Part::always(dynamic_pieces(text))]
                }
                Template::Text(text) => vec![Part::literal(text)],
                Template::Variable(name) => self.variable(node, variables, name),
            });
        }
        let parts = texts::concat(self.conditions, operands);
        let value = self.text(node, parts);
        match template {
            Some(template) => self.explain(value, "Fn::Sub", &[template]),
            None => value,
        }
    }

    /// What `${name}` stands for.
    fn variable(&mut self, place: NodeId, variables: Option<NodeId>, name: &str) -> Vec<Part> {
        let own = variables.and_then(|map| self.tree.get(map, name));
        if let Some(own) = own {
            return self.texts(own);
        }
        let value = match name.split_once('.') {
            Some((id, attribute)) => Some(self.attribute_of(place, id, attribute)),
            None => self.reference_to(place, name),
        };
        value.map_or_else(|| vec![Part::literal("")], |value| self.texts_of(value))
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
        let operands = match self.tree.view(value) {
            View::List(elements) => elements.iter().collect::<Vec<_>>(),
            View::Unknown(unknown) => {
                let (reason, blocker) = (unknown.reason, unknown.blocker.clone());
                return self.tree.derive_text(node, vec![texts::hole(HoleKind::Any(reason), &blocker)]);
            }
            _ => vec![value],
        };
        let mut joined = Vec::with_capacity(operands.len() * 2);
        for (index, element) in operands.into_iter().enumerate() {
            if index > 0 && !delimiter.is_empty() {
                joined.push(vec![Part::literal(&delimiter)]);
            }
            joined.push(self.texts_of(element));
        }
        let parts = texts::concat(self.conditions, joined);
        let value = self.text(node, parts);
        self.explain(value, "Fn::Join", &[*list])
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
            let Some(fields) = split_pieces(&part.pieces, &delimiter) else {
                return self.unknown(node, Reason::Parameter, "`Fn::Split` of a text that is not known");
            };
            let nodes: Vec<_> =
                fields.into_iter().map(|pieces| self.tree.derive_text(node, pieces)).collect();
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
        let Some(index) = self.known_text(*index).and_then(|index| index.parse::<usize>().ok()) else {
            return Some(self.unknown(node, Reason::Parameter, "`Fn::Select` without a known index"));
        };
        let value = self.resolve(*list)?;
        let selected = self.element_at(node, value, index);
        Some(self.explain(selected, "Fn::Select", &[*list]))
    }

    fn element_at(&mut self, place: NodeId, list: NodeId, index: usize) -> NodeId {
        match self.tree.view(list) {
            View::List(elements) => match elements.get(index) {
                Some(element) => self.tree.derive_copy(place, element),
                None => self.unknown(place, Reason::Malformed, "`Fn::Select` beyond the end of its list"),
            },
            View::Choice(alternatives) => {
                let all = alternatives.to_vec();
                let picked = all
                    .into_iter()
                    .map(|alternative| Alternative {
                        value: alternative.value.map(|value| self.element_at(place, value, index)),
                        ..alternative
                    })
                    .collect();
                self.one_or_choice(place, picked)
            }
            View::Unknown(unknown) => {
                let (reason, blocker) = (unknown.reason, unknown.blocker.clone());
                self.tree.derive_text(place, vec![texts::hole(HoleKind::Any(reason), &blocker)])
            }
            _ => self.unknown(place, Reason::Malformed, "`Fn::Select` from something that is no list"),
        }
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
        let value = self.one_or_choice(node, alternatives);
        Some(self.explain(value, "Fn::If", &[*name]))
    }

    /// A choice inside an alternative becomes alternatives of its own.
    fn flatten(&mut self, condition: Condition, value: Option<NodeId>, out: &mut Vec<Alternative>) {
        match value.map(|value| self.tree.view(value)) {
            Some(View::Choice(inner)) => {
                for alternative in inner.to_vec() {
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
        let value = self.resolve_argument(argument);
        match value.map(|value| self.tree.view(value)) {
            Some(View::List(list)) => {
                let length = list.len().to_string();
                self.tree.derive_number(node, &length)
            }
            _ => self.unknown(node, Reason::Parameter, "Fn::Length"),
        }
    }

    /// The value itself: what is read from the string again is the same.
    pub(super) fn to_json_string(&mut self, node: NodeId, argument: Argument) -> NodeId {
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
        let known: Option<Vec<_>> = operands.iter().map(|&operand| self.known_text(operand)).collect();
        match known.as_deref().and_then(super::cidr::split) {
            Some(blocks) => {
                let nodes: Vec<_> = blocks.iter().map(|block| self.tree.derive_string(node, block)).collect();
                self.tree.derive_list(node, &nodes)
            }
            None => self.unknown(node, Reason::Parameter, "Fn::Cidr"),
        }
    }

    pub(super) fn import_value(&mut self, node: NodeId, argument: Argument) -> NodeId {
        let name = if argument.untagged {
            self.tree.scalar(argument.node).map(str::to_owned)
        } else {
            self.resolve(argument.node).map(|value| self.tree.display(value))
        };
        let name = name.unwrap_or_else(|| "Fn::ImportValue".to_owned());
        self.tree.derive_text(node, vec![texts::hole(HoleKind::Any(Reason::Import), &name)])
    }

    pub(super) fn find_in_map(&mut self, node: NodeId, argument: Argument) -> NodeId {
        let operands = self.elements(argument).unwrap_or_default();
        let [map, first, second, rest @ ..] = operands.as_slice() else {
            return self.unknown(node, Reason::Malformed, "`Fn::FindInMap` without a map and two keys");
        };
        let default = rest.first().and_then(|options| self.tree.get(*options, "DefaultValue"));
        let Some(mapping) = self
            .known_text(*map)
            .and_then(|name| self.template.mappings.and_then(|mappings| self.tree.get(mappings, &name)))
        else {
            return match default.and_then(|default| self.resolve(default)) {
                Some(default) => default,
                None => self.unknown(node, Reason::Undeclared, "a mapping that is not declared"),
            };
        };
        let mut alternatives = Vec::new();
        for (outer, rows) in self.rows(*first, mapping) {
            for (inner, value) in self.rows(*second, rows) {
                let condition = self.conditions.and(outer, inner);
                if !condition.is_never() {
                    alternatives.push(Alternative { condition, value: Some(value) });
                }
            }
        }
        self.with_default(node, alternatives, default)
    }

    fn with_default(
        &mut self,
        node: NodeId,
        mut alternatives: Vec<Alternative>,
        default: Option<NodeId>,
    ) -> NodeId {
        let covered =
            alternatives.iter().fold(Condition::NEVER, |all, one| self.conditions.or(all, one.condition));
        if !covered.is_always()
            && let Some(default) = default
        {
            let condition = self.conditions.not(covered);
            let value = self.resolve(default);
            alternatives.push(Alternative { condition, value });
        }
        match alternatives.as_slice() {
            [] => self.unknown(node, Reason::Undeclared, "a key that the mapping does not have"),
            // Any other key would stop the deployment, so the only row is the row.
            [Alternative { value: Some(value), .. }] => {
                let value = self.tree.derive_copy(node, *value);
                self.explain(value, "Fn::FindInMap", &[])
            }
            _ => self.tree.derive_choice(node, alternatives),
        }
    }

    /// The rows of a map that a key may choose, and when it does.
    fn rows(&mut self, key: NodeId, map: NodeId) -> Vec<(Condition, NodeId)> {
        let Some(value) = self.resolve(key) else { return Vec::new() };
        let mut rows = Vec::new();
        for part in self.texts_of(value) {
            match part.pieces.as_slice() {
                [] => {}
                [Piece::Literal(text)] => rows.extend(self.tree.get(map, text).map(|row| (part.under, row))),
                [Piece::Hole(hole)] => {
                    let name = hole.name.clone();
                    rows.extend(self.open_rows(&name, part.under, map));
                }
                _ => {}
            }
        }
        rows
    }

    /// Every row, each where the question `name` has its key as the answer.
    fn open_rows(&mut self, name: &str, under: Condition, map: NodeId) -> Vec<(Condition, NodeId)> {
        let entries: Vec<(Box<str>, NodeId)> = self
            .tree
            .map(map)
            .into_iter()
            .flat_map(|map| map.iter())
            .map(|(_, key, row)| (key.into(), row))
            .collect();
        let answers = self.state.answers.get(name).cloned();
        let answers = answers.unwrap_or_else(|| entries.iter().map(|(key, _)| key.clone()).collect());
        let (question, known) = self.question(name, answers, true);
        let mut rows = Vec::new();
        for (key, row) in entries {
            if let Some(index) = known.iter().position(|answer| *answer == key) {
                let answered = self.conditions.answer(question, index);
                let both = self.conditions.and(under, answered);
                if !both.is_never() {
                    rows.push((both, row));
                }
            }
        }
        rows
    }
}

/// A part of a `Fn::Sub` string.
enum Template<'t> {
    Text(&'t str),
    Variable(&'t str),
}

/// Splits a `Fn::Sub` string at its variables; `${!x}` is the text `${x}`.
fn split_template(text: &str) -> Vec<Template<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, tail) = rest.split_at(start);
        let Some(end) = tail.find('}') else { break };
        let (variable, after) = tail.split_at(end + 1);
        let name = variable.get(2..end).unwrap_or("");
        parts.push(Template::Text(before));
        if let Some(literal) = name.strip_prefix('!') {
            parts.push(Template::Text("${"));
            parts.push(Template::Text(literal));
            parts.push(Template::Text("}"));
        } else {
            parts.push(Template::Variable(name.trim()));
        }
        rest = after;
    }
    parts.push(Template::Text(rest));
    parts
}

/// Splits pieces at a delimiter. Nothing where a hole may contain it.
fn split_pieces(pieces: &[Piece], delimiter: &str) -> Option<Vec<Vec<Piece>>> {
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
            Piece::Hole(hole) => {
                let free = matches!(
                    (&hole.kind, delimiter),
                    (HoleKind::Region | HoleKind::Account | HoleKind::Partition, ":" | "/" | "," | ".")
                        | (HoleKind::Account, "-")
                        | (HoleKind::Name { .. }, ":")
                        | (HoleKind::StackName, ":" | "/" | "," | ".")
                );
                if !free {
                    return None;
                }
                fields.last_mut()?.push(piece.clone());
            }
        }
    }
    Some(fields)
}
