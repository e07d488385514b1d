//! The template's conditions.
//!
//! A condition is a function of the undecided questions: what is `Env`, what is the Region? Questions have the answers
//! that the template distinguishes, so that two conditions on one parameter exclude each other where they should.

use rustc_hash::FxHashMap;

use std::sync::Arc;

use crate::document::{Condition, Map, NodeId, Piece, Tri, View, text};

use super::call::{Argument, Call, Function, call};
use super::resolve::Resolver;
use super::texts::{self, Part};

/// A question that was asked.
#[derive(Debug)]
pub(super) struct Asked {
    /// Its answers, without "anything else".
    pub(super) answers: Vec<Box<str>>,
    /// When each of them is the answer, and behind them when none is.
    pub(super) holds: Vec<Condition>,
}

impl Resolver<'_> {
    /// When the condition with this name holds. A name that is not declared is a question of its own.
    pub(crate) fn named_condition(&mut self, name: &str) -> Condition {
        if let Some(&known) = self.state.named.get(name) {
            return known;
        }
        let condition = match self.template.condition(name) {
            Some(declared) if self.state.naming.insert(name.into()) => {
                let (node, bindings) = (declared.node, declared.bindings.clone());
                let own = std::mem::replace(&mut self.state.bindings, bindings);
                let condition = self.decided(node);
                self.state.bindings = own;
                self.state.naming.remove(name);
                condition
            }
            // Not declared, or defined by itself.
            _ => self.opaque(&format!("condition {name}")),
        };
        self.state.named.insert(name.into(), condition);
        condition
    }

    /// When the condition that a node says holds, with parameters left open.
    pub(crate) fn decided(&mut self, node: NodeId) -> Condition {
        self.deciding(|resolver| resolver.condition_of(node))
    }

    /// When the condition that a node says holds.
    pub(super) fn condition_of(&mut self, node: NodeId) -> Condition {
        if let Some(call) = call(self.tree, node) {
            return self.condition_call(call);
        }
        // `{"Condition": "Name"}`
        if let Some(map) = self.tree.map(node)
            && map.len() == 1
            && let Some(name) = map.get("Condition").and_then(|name| self.tree.string(name))
        {
            let name = name.to_owned();
            return self.named_condition(&name);
        }
        match self.tree.scalar(node) {
            Some("true") => Condition::ALWAYS,
            Some("false") => Condition::NEVER,
            _ => self.opaque(&format!("condition at {}", self.tree.pointer(node))),
        }
    }

    fn condition_call(&mut self, call: Call) -> Condition {
        let argument = call.argument;
        match call.function {
            Function::Condition => match self.tree.scalar(argument.node).map(str::to_owned) {
                Some(name) => self.named_condition(&name),
                None => self.opaque("a malformed condition"),
            },
            Function::Equals => self.equals(argument),
            Function::Rule => self.rule_condition(call.node, argument),
            Function::And => self.fold(argument, Condition::ALWAYS, |r, a, b| r.conditions.and(a, b)),
            Function::Or => self.fold(argument, Condition::NEVER, |r, a, b| r.conditions.or(a, b)),
            Function::Not => {
                let inner = self.fold(argument, Condition::ALWAYS, |r, a, b| r.conditions.and(a, b));
                self.conditions.not(inner)
            }
            _ => self.opaque(&format!("{} at {}", call.function.name(), self.tree.pointer(call.node))),
        }
    }

    fn fold(
        &mut self,
        argument: Argument,
        start: Condition,
        join: fn(&mut Self, Condition, Condition) -> Condition,
    ) -> Condition {
        let elements = match self.elements(argument) {
            Some(elements) => elements,
            None if argument.untagged => return self.opaque("a condition function without a list"),
            None => vec![argument.node],
        };
        elements.into_iter().fold(start, |so_far, element| {
            let next = self.condition_of(element);
            join(self, so_far, next)
        })
    }

    /// When two texts are equal: for each pair of their alternatives, surely, never, or by a question of its own.
    fn equals(&mut self, argument: Argument) -> Condition {
        let operands = self.elements(argument).unwrap_or_default();
        let [left, right] = operands.as_slice() else {
            return self.opaque("`Fn::Equals` without two values");
        };
        let [left, right] = self.deciding(|resolver| [resolver.resolve(*left), resolver.resolve(*right)]);
        self.same(left, right)
    }

    /// When two values are the same text; one that is absent is the empty text.
    pub(super) fn same(&mut self, left: Option<NodeId>, right: Option<NodeId>) -> Condition {
        if let (Some(left), Some(right)) = (left, right)
            && let Some(equal) = self.is_value(left, right).or_else(|| self.is_value(right, left))
        {
            return equal;
        }
        let [left, right] = [left, right].map(|value| match value {
            Some(value) => self.texts_of(value),
            None => vec![Part::literal("")],
        });
        self.equal(&left, &right)
    }

    /// When a value is a known text; nothing where that is not seen at once.
    fn is_value(&mut self, value: NodeId, known: NodeId) -> Option<Condition> {
        let tree = &*self.tree;
        let plain = |node: NodeId| tree.scalar(node).filter(|_| !tree.is_sensitive(node));
        let known = plain(known)?;
        let View::Choice(alternatives) = tree.view(value) else {
            let is_it = plain(value)? == known;
            return Some(if is_it { Condition::ALWAYS } else { Condition::NEVER });
        };
        let mut when = Condition::NEVER;
        for one in alternatives {
            let is_it = match one.value.map(|value| (plain(value), tree.view(value))) {
                None => known.is_empty(),
                Some((Some(text), _)) => text == known,
                Some((None, View::Text([Piece::Hole(hole)]))) if self.is_answer(&hole.name, known) => false,
                Some(_) => return None,
            };
            if is_it {
                when = self.conditions.or(when, one.condition);
            }
        }
        Some(when)
    }

    /// When one of some texts is one of others.
    fn equal(&mut self, left: &[Part], right: &[Part]) -> Condition {
        let mut equal = Condition::NEVER;
        for l in left {
            for r in right {
                let both = self.conditions.and(l.under, r.under);
                if both.is_never() {
                    continue;
                }
                let same = match self.same_text(l, r) {
                    Tri::Yes => both,
                    Tri::No => continue,
                    Tri::Maybe => {
                        // The same question, whichever side is which.
                        let secret = [l, r].iter().any(|part| self.holds_secret(part));
                        let mut sides = [l, r].map(|part| if secret { masked(part) } else { shown(part) });
                        if is_literal(&l.pieces) {
                            sides.swap(0, 1);
                        } else if !is_literal(&r.pieces) {
                            sides.sort();
                        }
                        let asked = self.opaque(&sides.join(" == "));
                        self.conditions.and(both, asked)
                    }
                };
                equal = self.conditions.or(equal, same);
            }
        }
        equal
    }

    /// Whether two alternatives are the same text. A hole that stands for "none of the answers" is none of them.
    fn same_text(&self, left: &Part, right: &Part) -> Tri {
        match (left.pieces.as_slice(), right.pieces.as_slice()) {
            (a, b) if a == b => Tri::Yes,
            ([Piece::Hole(hole)], other) | (other, [Piece::Hole(hole)])
                if is_literal(other) && self.is_answer(&hole.name, &literal(other)) =>
            {
                Tri::No
            }
            (known, other) | (other, known) if is_literal(known) => text::equals(other, &literal(known)),
            _ => Tri::Maybe,
        }
    }

    fn is_answer(&self, question: &str, answer: &str) -> bool {
        let known = self.shared.questions.get(&self.key_of(question));
        known.is_some_and(|asked| asked.answers.iter().any(|known| **known == *answer))
    }

    /// A question that the template does not let anybody answer.
    pub(super) fn opaque(&mut self, name: &str) -> Condition {
        let asked = self.question(name, &["true".into()], true);
        asked.holds.first().copied().unwrap_or(Condition::NEVER)
    }

    /// The name of a question for all stacks: those about the deployment are the same in each.
    fn key_of(&self, name: &str) -> Box<str> {
        let common = matches!(name, "AWS::Region" | "AWS::AccountId" | "AWS::Partition" | "AWS::URLSuffix");
        let (before, after) = if common { ("", "") } else { (&*self.state.prefix, &*self.shared.label) };
        [before, name, after].concat().into()
    }

    /// The question with this name. One that was asked before keeps its answers.
    pub(super) fn question(&mut self, name: &str, answers: &[Box<str>], open: bool) -> Arc<Asked> {
        let key = self.key_of(name);
        if let Some(known) = self.shared.questions.get(&key) {
            return Arc::clone(known);
        }
        let mut distinct: Vec<Box<str>> = Vec::with_capacity(answers.len());
        for answer in answers {
            if !distinct.contains(answer) {
                distinct.push(answer.clone());
            }
        }
        let mut all = distinct.clone();
        if open || all.len() < 2 {
            all.push("(anything else)".into());
        }
        if self.is_secret(name) {
            all = (1..=all.len()).map(|index| format!("(secret {index})").into()).collect();
        }
        let question = self.conditions.ask(key.clone(), all);
        let holds = (0..=distinct.len()).map(|index| self.conditions.answer(question, index)).collect();
        let asked = Arc::new(Asked { answers: distinct, holds });
        self.shared.questions.insert(key, Arc::clone(&asked));
        asked
    }

    /// Whether a parameter's value must never be shown.
    fn is_secret(&self, name: &str) -> bool {
        let declared = self.template.parameters.get(name).and_then(|&node| self.tree.get(node, "NoEcho"));
        declared.and_then(|node| self.tree.scalar(node)).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    fn holds_secret(&self, part: &Part) -> bool {
        let secret = |name: &str| name == texts::SECRET || self.is_secret(name);
        part.pieces.iter().any(|piece| matches!(piece, Piece::Hole(hole) if secret(&hole.name)))
    }

    /// Finds the answers that the template distinguishes: what parameters are compared with, and the keys of maps that
    /// they choose from. Called once, before the first question.
    pub(crate) fn collect_answers(&mut self, calls: &[Call], written: &[NodeId]) {
        let loops = if self.state.has_loops { self.loop_values(written) } else { FxHashMap::default() };
        for &Call { function, argument, .. } in calls {
            match function {
                Function::Equals => self.collect_compared(argument, &loops),
                Function::FindInMap => self.collect_map_keys(argument),
                Function::Rule => self.collect_members(argument),
                _ => {}
            }
        }
    }

    /// The values that the variables of loops take, as far as they are written.
    fn loop_values(&self, written: &[NodeId]) -> FxHashMap<Box<str>, Vec<Box<str>>> {
        let mut out: FxHashMap<Box<str>, Vec<Box<str>>> = FxHashMap::default();
        let maps = written.iter().filter_map(|&node| self.tree.map(node));
        for (_, _, body) in maps.flat_map(Map::iter).filter(|(_, key, _)| key.starts_with("Fn::ForEach::")) {
            let Some(parts) = self.tree.list(body) else { continue };
            let variable = parts.get(0).and_then(|variable| self.tree.string(variable));
            let (Some(variable), Some(collection)) = (variable, parts.get(1)) else { continue };
            let values = out.entry(variable.into()).or_default();
            if let Some(list) = self.tree.list(collection) {
                values.extend(list.iter().filter_map(|value| self.tree.scalar(value)).map(Into::into));
                continue;
            }
            let parameter = self.referred(collection).and_then(|name| self.template.parameters.get(&name));
            let default = parameter.and_then(|&node| self.tree.get(node, "Default"));
            let text = default.and_then(|default| self.tree.string(default)).unwrap_or("");
            values.extend(text.split(',').map(|value| value.trim().into()));
        }
        out
    }

    fn collect_compared(&mut self, argument: Argument, loops: &FxHashMap<Box<str>, Vec<Box<str>>>) {
        let operands = self.elements(argument).unwrap_or_default();
        let [left, right] = operands.as_slice() else { return };
        for (subject, other) in [(*left, *right), (*right, *left)] {
            let Some(name) = self.referred(subject) else { continue };
            if let (Some(literal), None) = (self.tree.scalar(other), call(self.tree, other)) {
                let literal = literal.into();
                self.state.answers.entry(name).or_default().push(literal);
            } else if let Some(values) = self.referred(other).and_then(|variable| loops.get(&variable)) {
                self.state.answers.entry(name).or_default().extend(values.iter().cloned());
            }
        }
    }

    /// What the members of a list in a rule are compared with.
    fn collect_members(&mut self, argument: Argument) {
        let operands = self.elements(argument).unwrap_or_default();
        let members = |resolver: &Self, node: NodeId| -> Vec<NodeId> {
            let list = resolver.tree.list(node).map(|list| list.iter().collect());
            list.unwrap_or_else(|| vec![node])
        };
        let [left, right] = operands.as_slice() else { return };
        let (left, right) = (members(self, *left), members(self, *right));
        for (subjects, others) in [(&left, &right), (&right, &left)] {
            let literals = others.iter().filter(|&&other| call(self.tree, other).is_none());
            let literals = literals.filter_map(|&other| self.tree.scalar(other)).map(Into::into);
            let literals: Vec<Box<str>> = literals.collect();
            for name in subjects.iter().filter_map(|&subject| self.referred(subject)).collect::<Vec<_>>() {
                self.state.answers.entry(name).or_default().extend(literals.iter().cloned());
            }
        }
    }

    fn collect_map_keys(&mut self, argument: Argument) {
        let operands = self.elements(argument).unwrap_or_default();
        let [map, first, second, ..] = operands.as_slice() else { return };
        let Some(mappings) = self.template.mappings else { return };
        let keys = |node: NodeId| -> Vec<(Box<str>, NodeId)> {
            let entries = self.tree.map(node).into_iter().flat_map(crate::document::Map::iter);
            entries.map(|(_, key, value)| (key.into(), value)).collect()
        };
        let maps = keys(mappings);
        let chosen: Vec<_> = match self.tree.string(*map) {
            Some(name) => maps.iter().filter(|(known, _)| **known == *name).map(|(_, node)| *node).collect(),
            None => maps.iter().map(|(_, node)| *node).collect(),
        };
        let rows: Vec<_> = chosen.iter().flat_map(|&node| keys(node)).collect();
        let mut found = Vec::new();
        if let Some(name) = self.referred(*map) {
            found.push((name, maps.into_iter().map(|(key, _)| key).collect::<Vec<_>>()));
        }
        if let Some(name) = self.referred(*second) {
            let inner = rows.iter().flat_map(|(_, row)| keys(*row)).map(|(key, _)| key);
            found.push((name, inner.collect()));
        }
        if let Some(name) = self.referred(*first) {
            found.push((name, rows.into_iter().map(|(key, _)| key).collect()));
        }
        for (name, keys) in found {
            self.state.answers.entry(name).or_default().extend(keys);
        }
    }

    /// The parameter that a node refers to, if it is `Ref` and nothing else.
    fn referred(&self, node: NodeId) -> Option<Box<str>> {
        let call = call(self.tree, node).filter(|call| call.function == Function::Ref)?;
        self.tree.scalar(call.argument.node).map(Into::into)
    }
}

fn is_literal(pieces: &[Piece]) -> bool {
    pieces.iter().all(|piece| matches!(piece, Piece::Literal(_)))
}

fn literal(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .filter_map(|piece| if let Piece::Literal(text) = piece { Some(&**text) } else { None })
        .collect()
}

/// A text that is compared with a secret.
fn masked(part: &Part) -> String {
    let shown = |piece: &Piece| match piece {
        Piece::Literal(_) => "(secret)".to_owned(),
        Piece::Hole(_) => texts::shown(piece),
    };
    part.pieces.iter().map(shown).collect()
}

fn shown(part: &Part) -> String {
    part.pieces.iter().map(texts::shown).collect()
}
