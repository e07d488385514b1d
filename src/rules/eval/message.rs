//! Checks and their text, for what is reported.

use rustc_hash::FxHashMap;

use crate::document::{NodeId, Reason, View};

use crate::rules::metadata::Severity;
use crate::rules::program::{Message, MessagePiece, Rule};

use super::answer::{Check, Status};
use super::found::{Found, What};
use super::record::{Event, Frame, Leaf, LeafClause, Log, To};
use super::run::Run;
use super::value::{Shape, Value};

impl<'r> Run<'r> {
    /// What a rule's log amounts to: one check for a value and a message.
    pub(super) fn checks(&self, rule: &Rule, log: &Log<'r>) -> Vec<Check> {
        let mut out: Vec<Check> = Vec::new();
        let mut at: FxHashMap<NodeId, Vec<usize>> = FxHashMap::default();
        let mut leaves = Vec::new();
        let mut events = log.events.iter();
        collect(&mut events, &mut leaves);
        for leaf in leaves {
            let Some(check) = self.check(rule, leaf) else { continue };
            let here = at.entry(check.node).or_default();
            if !here.iter().any(|&known| out.get(known) == Some(&check)) {
                here.push(out.len());
                out.push(check);
            }
        }
        out
    }

    fn check(&self, rule: &Rule, leaf: &Leaf<'r>) -> Option<Check> {
        let (status, under) = if !leaf.fail.is_never() {
            (Status::Fail, leaf.fail)
        } else if !leaf.unknown.is_never() {
            (Status::Unknown, leaf.unknown)
        } else {
            return None;
        };
        let value = leaf.from.as_ref().map(Found::place).or_else(|| leaf.contexts.first());
        let node = value.and_then(Value::node).or_else(|| leaf.contexts.iter().find_map(Value::node));
        let id = node.map(|node| node.id).or(self.input.document);
        let missing = leaf.from.as_ref().is_none_or(|found| matches!(found.what, What::Missing(_)));
        let message = match leaf.clause.message() {
            Some(message) => self.message(message, leaf, status),
            None => self.default_message(rule, leaf),
        };
        Some(Check {
            status,
            node: id.unwrap_or(NodeId::from_index(0)),
            missing,
            entity: leaf.entity,
            within: leaf.contexts.first().and_then(Value::node).map(|node| node.id),
            under,
            message,
            severity: self.severity(rule, leaf),
            clause: leaf.clause.range(),
            reason: if status == Status::Unknown { self.reason(leaf) } else { None },
            fixes: if status == Status::Fail { self.fixes(leaf) } else { Vec::new() },
        })
    }

    /// How much a value matters: by an attribute of its own, or as the clause says.
    fn severity(&self, rule: &Rule, leaf: &Leaf<'_>) -> Option<Severity> {
        let own = rule.metadata.severity_from.as_ref().and_then(|attribute| {
            let found = self.look_up(std::slice::from_ref(attribute), leaf)?;
            Severity::from_name(&self.show(&found))
        });
        own.or(match &leaf.clause {
            LeafClause::Access(access) => access.severity,
            _ => None,
        })
    }

    /// Why a value is not known: its own reason, or that of a hole in it.
    fn reason(&self, leaf: &Leaf<'_>) -> Option<Reason> {
        let values = leaf.from.iter().chain(leaf.to.found()).filter_map(Found::value).chain(&leaf.contexts);
        values.filter_map(Value::node).find_map(|node| match self.input.tree.view(node.id) {
            View::Unknown(unknown) => Some(unknown.reason),
            View::Text(pieces) => pieces.iter().find_map(|piece| match piece {
                crate::document::Piece::Hole(hole) => match hole.kind {
                    crate::document::HoleKind::Any(reason) => Some(reason),
                    crate::document::HoleKind::Parameter { .. } => Some(Reason::Parameter),
                    _ => None,
                },
                crate::document::Piece::Literal(_) => None,
            }),
            _ => None,
        })
    }

    /// The author's message, with values in it; nothing where what is not known would leave a gap in it.
    fn message(&self, message: &Message, leaf: &Leaf<'_>, status: Status) -> String {
        if message.pieces.is_empty() {
            return message.text.trim().to_owned();
        }
        let mut out = String::new();
        for piece in &message.pieces {
            let (value, written) = match piece {
                MessagePiece::Text(text) => {
                    out.push_str(text);
                    continue;
                }
                MessagePiece::Value => (leaf.from.as_ref().map(Found::place).cloned(), "{value}"),
                MessagePiece::Path(path, written) => (self.look_up(path, leaf), &**written),
            };
            match value {
                Some(value) => {
                    // Each element of a list is quoted as the author quotes the whole.
                    let between = if out.ends_with('`') { "`, `" } else { ", " };
                    out.push_str(&self.show_all(&value, between));
                }
                None if status == Status::Unknown => return String::new(),
                None => out.push_str(written),
            }
        }
        out.trim().to_owned()
    }

    /// A path from the innermost block outwards.
    pub(super) fn look_up(&self, path: &[Box<str>], leaf: &Leaf<'_>) -> Option<Value> {
        let (first, rest) = path.split_first()?;
        if &**first == "value" && !rest.is_empty() {
            // An attribute of the compared value itself.
            let compared = leaf.from.as_ref().map(Found::place)?.clone();
            return rest.iter().try_fold(compared, |at, key| self.attribute(&at, key));
        }
        let found = leaf.contexts.iter().find_map(|context| self.attribute(context, first))?;
        rest.iter().try_fold(found, |at, key| self.attribute(&at, key))
    }

    fn attribute(&self, value: &Value, key: &str) -> Option<Value> {
        match self.view.shape(value) {
            Shape::Map(map) => map.get(key),
            _ => None,
        }
    }

    /// A value as a person reads it, a list as its elements.
    fn show_all(&self, value: &Value, between: &str) -> String {
        let Value::Node(node) = value else { return self.show(value) };
        let tree = &self.input.tree;
        self.cache.takes_whole(tree, node.id);
        match tree.list(node.id).filter(|_| !tree.is_sensitive(node.id)) {
            Some(list) if !list.is_empty() => {
                let all: Vec<String> = list.iter().map(|element| tree.display(element)).collect();
                all.join(between)
            }
            _ => self.show(value),
        }
    }

    /// A value as a person reads it.
    pub(super) fn show(&self, value: &Value) -> String {
        if let Some(node) = value.node() {
            self.cache.takes_whole(self.input.tree, node.id);
        }
        match value {
            Value::Node(node) | Value::Open(node) => self.input.tree.display(node.id),
            Value::Made(_, Some(node)) if self.input.tree.is_sensitive(node.id) => {
                self.input.tree.display(node.id)
            }
            Value::Literal(literal) | Value::Made(literal, _) => match literal.as_str() {
                Some(text) => text.to_owned(),
                None => literal.to_string(),
            },
        }
    }

    /// What to say where the author says nothing.
    fn default_message(&self, rule: &Rule, leaf: &Leaf<'_>) -> String {
        match &leaf.clause {
            LeafClause::Problem(problem) => problem.message.clone(),
            LeafClause::Reference(reference) => {
                format!("`{}` does not hold", shorten(reference.range.text(&rule.source)))
            }
            LeafClause::Call(call) => format!("`{}` does not hold", shorten(call.range.text(&rule.source))),
            LeafClause::Block(block) => {
                let query =
                    self.program.query(block.query).map_or("", |query| self.program.query_text(query));
                format!("there is no `{}`", shorten(query))
            }
            LeafClause::Access(access) => {
                let source = self.program.files.get(access.file).map(|file| &file.source);
                let clause = source.map_or("", |source| access.range.text(source));
                let clause = shorten(clause.split("<<").next().unwrap_or("").trim());
                let value = match leaf.from.as_ref().map(|found| &found.what) {
                    Some(What::Value(value) | What::Literal(value)) => value,
                    Some(What::Missing(_)) => {
                        return format!("`{clause}` does not hold: the value is missing");
                    }
                    None => {
                        let why = match leaf.to {
                            To::Note(note) if !note.is_empty() => format!(": {note}"),
                            _ => String::new(),
                        };
                        return format!("`{clause}` does not hold{why}");
                    }
                };
                format!("`{clause}` does not hold for `{}`", shorten(&self.show(value)))
            }
        }
    }
}

/// Long values are cut.
fn shorten(text: &str) -> String {
    const LIMIT: usize = 200;
    if text.chars().count() <= LIMIT {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(LIMIT).collect();
    out.push('…');
    out
}

/// The leaves that are reported: of a line's alternatives one speaks for all, the last that has a message.
fn collect<'l, 'p>(events: &mut std::slice::Iter<'l, Event<'p>>, out: &mut Vec<&'l Leaf<'p>>) {
    while let Some(event) = events.next() {
        match event {
            Event::Close => return,
            Event::Leaf(leaf) => out.push(leaf),
            Event::Open(Frame::Line) => {
                let mut alternatives: Vec<Vec<&Leaf<'p>>> = Vec::new();
                while let Some(Event::Open(_)) = events.clone().next() {
                    events.next();
                    let mut leaves = Vec::new();
                    collect(events, &mut leaves);
                    alternatives.push(leaves);
                }
                events.next();
                let speaks =
                    |leaves: &Vec<&Leaf<'p>>| leaves.iter().any(|leaf| leaf.clause.message().is_some());
                let chosen = alternatives.iter().rposition(speaks).unwrap_or(0);
                if let Some(leaves) = alternatives.into_iter().nth(chosen) {
                    out.extend(leaves);
                }
            }
            Event::Open(Frame::Some) => {
                // One of them would have been enough: the first stands for all.
                let mut leaves = Vec::new();
                collect(events, &mut leaves);
                out.extend(leaves.into_iter().next());
            }
            Event::Open(_) => collect(events, out),
        }
    }
}
