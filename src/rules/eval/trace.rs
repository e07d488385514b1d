//! A rule's failures in the terms of the peer's reports.
//!
//! Values with their paths and places, clauses in the peer's spelling, messages in its words: programs read them. Made
//! only for what is reported.

use std::fmt::Write as _;

use serde::Serialize;
use serde::ser::{SerializeMap as _, SerializeSeq as _, Serializer};

use crate::document::{NodeId, Step};

use crate::rules::ast::{Op, Range};
use crate::rules::program::{Access, Function, Operand, Part, PartKind, Rule};

use super::found::{Found, Missing, What, Why};
use super::phrases::{binary_phrase, op_name, unary_phrase};
use super::record::{Event, Frame, Leaf, LeafClause, Log, To};
use super::run::Run;
use super::value::{Node, Shape, Value, Viewer};

/// A failure, or failures that belong together.
#[derive(Clone, Debug)]
pub enum Trace<'t> {
    /// A rule that was called.
    Rule {
        /// Its name.
        name: String,
        /// The message of the call.
        message: Option<String>,
        /// What failed in it.
        checks: Vec<Trace<'t>>,
    },
    /// A clause about a value.
    Clause(Box<TraceClause<'t>>),
    /// Something that could not be asked.
    Block {
        /// What it is.
        context: String,
        /// The author's message.
        message: Option<String>,
        /// What is wrong.
        error: String,
        /// Where a query ended.
        unresolved: Option<Unresolved<'t>>,
    },
    /// Alternatives of which none holds.
    Disjunctions(Vec<Trace<'t>>),
}

/// A clause about a value.
#[derive(Clone, Debug)]
pub struct TraceClause<'t> {
    /// Whether it has no right side.
    pub unary: bool,
    /// The clause, as the peer spells it.
    pub context: String,
    /// The author's message.
    pub message: Option<String>,
    /// What is wrong.
    pub error: String,
    /// The values.
    pub check: TraceCheck<'t>,
    /// The operator, and whether it is negated.
    pub comparison: (Op, bool),
    /// Line and column that the peer gives, from 0.
    pub location: Option<(u32, u32)>,
}

/// The values of a clause.
#[derive(Clone, Debug)]
pub enum TraceCheck<'t> {
    /// A value, and what it was compared with.
    Resolved(TraceValue<'t>, Option<TraceValue<'t>>),
    /// A value that should be, or not be, among others.
    In(TraceValue<'t>, Vec<TraceValue<'t>>),
    /// Where a query ended.
    Unresolved(Unresolved<'t>),
    /// No value at all.
    Context(String),
}

/// A value with its place.
#[derive(Clone, Debug)]
pub struct TraceValue<'t> {
    /// The path, with slashes.
    pub path: String,
    /// Line and column, from 0.
    pub location: (u32, u32),
    /// The value as the peer prints it.
    pub text: String,
    view: Viewer<'t>,
    value: Value,
    /// The node, if it stands in the document.
    pub node: Option<NodeId>,
}

/// Where a query ended.
#[derive(Clone, Debug)]
pub struct Unresolved<'t> {
    /// The value that was reached.
    pub reached: TraceValue<'t>,
    /// The steps that were left.
    pub remaining: String,
    /// Why.
    pub reason: String,
}

/// A value, written as JSON when it is serialised.
#[derive(Clone, Copy, Debug)]
pub struct TraceJson<'v, 't> {
    view: Viewer<'t>,
    value: &'v Value,
}

impl Serialize for TraceJson<'_, '_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self.view.shape(self.value) {
            Shape::Null | Shape::Choice(_) | Shape::Unknown => out.serialize_unit(),
            Shape::Bool(value) => out.serialize_bool(value),
            Shape::Int(value) => out.serialize_i64(value),
            Shape::Float(value) => out.serialize_f64(value),
            Shape::String(text) => out.serialize_str(text),
            Shape::Char(value) => out.serialize_char(value),
            Shape::Regex(pattern) => out.collect_str(&format_args!("/{}/", pattern.text())),
            Shape::Text(_) | Shape::IntRange(_) | Shape::FloatRange(_) | Shape::CharRange(_) => {
                let mut text = String::new();
                print(self.view, self.value, &mut text);
                out.serialize_str(text.trim_matches('"'))
            }
            Shape::List(list) => {
                let mut elements = out.serialize_seq(Some(list.len()))?;
                for element in list.iter() {
                    elements.serialize_element(&TraceJson { view: self.view, value: &element })?;
                }
                elements.end()
            }
            Shape::Map(map) => {
                let entries = map.entries();
                let mut fields = out.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    fields.serialize_entry(key, &TraceJson { view: self.view, value: &value })?;
                }
                fields.end()
            }
        }
    }
}

impl<'t> TraceValue<'t> {
    /// The value, as JSON.
    pub fn json(&self) -> TraceJson<'_, 't> {
        TraceJson { view: self.view, value: &self.value }
    }

    /// Path and place, as the peer prints them.
    pub fn at(&self) -> String {
        format!("{}[L:{},C:{}]", self.path, self.location.0, self.location.1)
    }
}

impl std::fmt::Display for TraceValue<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Path={} Value={}", self.at(), self.text)
    }
}

impl<'r> Run<'r> {
    /// What a rule's log amounts to.
    pub(super) fn traces(&self, rule: &Rule, log: &Log<'r>) -> Vec<Trace<'r>> {
        let mut out = Vec::new();
        self.trace_events(rule, &mut log.events.iter(), &mut out);
        out
    }

    fn trace_events(
        &self,
        rule: &Rule,
        events: &mut std::slice::Iter<'_, Event<'r>>,
        out: &mut Vec<Trace<'r>>,
    ) {
        while let Some(event) = events.next() {
            match event {
                Event::Close => return,
                Event::Leaf(leaf) if leaf.fail.is_never() => {}
                Event::Leaf(leaf) => out.extend(self.trace_leaf(rule, leaf)),
                Event::Open(Frame::Line) => {
                    let mut checks = Vec::new();
                    self.trace_events(rule, events, &mut checks);
                    if !checks.is_empty() {
                        out.push(Trace::Disjunctions(checks));
                    }
                }
                Event::Open(Frame::Call(call)) => {
                    let mut checks = Vec::new();
                    self.trace_events(rule, events, &mut checks);
                    let message = call.message.as_ref().map(|message| message.text.to_string());
                    let name = self.program.names.text(call.name).to_owned();
                    if !call.negated && !checks.is_empty() {
                        out.push(Trace::Rule { name, message, checks });
                    }
                }
                Event::Open(_) => self.trace_events(rule, events, out),
            }
        }
    }

    fn trace_leaf(&self, rule: &Rule, leaf: &Leaf<'r>) -> Option<Trace<'r>> {
        Some(match &leaf.clause {
            LeafClause::Call(_) => return None,
            LeafClause::Problem(problem) => Trace::Block {
                context: "GuardAccessClause#block".to_owned(),
                message: None,
                error: format!("Error {} when handling clause, bailing", problem.message),
                unresolved: None,
            },
            LeafClause::Reference(reference) => {
                let name = self.program.names.text(reference.name);
                let not = if reference.negated { "not " } else { "" };
                let context = format!("{not}Rule({name}@{})", place_of(rule, reference.range));
                Trace::Clause(Box::new(TraceClause {
                    unary: true,
                    error: format!(
                        "Check was not compliant as dependent rule [{name}] did not PASS. Context [{context}]"
                    ),
                    context,
                    message: Some(reference.message.as_ref().map_or("", |message| &message.text).to_owned()),
                    check: TraceCheck::Context(name.to_owned()),
                    comparison: (Op::Exists, false),
                    location: None,
                }))
            }
            LeafClause::Block(block) => match leaf.from.as_ref().map(|found| &found.what) {
                Some(What::Missing(missing)) => {
                    let unresolved = self.unresolved(missing);
                    Trace::Block {
                        context: format!("GuardBlockAccessClause#{}", place_of(rule, block.range)),
                        message: Some(String::new()),
                        error: format!(
                            "Check was not compliant as property [{}] is missing. Value traversed to [{}]",
                            unresolved.remaining, unresolved.reached
                        ),
                        unresolved: Some(unresolved),
                    }
                }
                _ => Trace::Block {
                    context: format!("BlockGuardClause#{}", place_of(rule, block.range)),
                    message: None,
                    error: "query for block clause did not retrieve any value".to_owned(),
                    unresolved: None,
                },
            },
            LeafClause::Access(access) => return self.trace_access(access, leaf),
        })
    }

    fn trace_access(&self, access: &Access, leaf: &Leaf<'r>) -> Option<Trace<'r>> {
        let context = self.spell_clause(access);
        let message = Some(access.message.as_ref().map_or("", |message| &message.text).to_owned());
        if let To::Note(note) = leaf.to {
            return (!note.is_empty()).then(|| Trace::Block {
                context: format!("GuardAccessClause#block{context}"),
                message: None,
                error: note.to_owned(),
                unresolved: None,
            });
        }
        let unary = access.op.is_unary();
        let negated = if unary { access.op_negated } else { access.negated != access.op_negated };
        let comparison = (access.op, negated);
        let clause = |error, check, location, message| {
            Some(Trace::Clause(Box::new(TraceClause {
                unary,
                context: context.clone(),
                message,
                error,
                check,
                comparison,
                location,
            })))
        };
        let Some(from) = &leaf.from else {
            let error = format!("Check was not compliant as variable in context [{context}] was not empty");
            let message = message.map(|message| message.replace('\n', ";"));
            return clause(error, TraceCheck::Context(context.clone()), None, message);
        };
        if let What::Missing(missing) = &from.what {
            let unresolved = self.unresolved(missing);
            let what = if unary { "is missing" } else { "to compare from is missing" };
            let error = format!(
                "Check was not compliant as property [{}] {what}. Value traversed to [{}].",
                unresolved.remaining, unresolved.reached
            );
            let location = unresolved.reached.location;
            return clause(error, TraceCheck::Unresolved(unresolved), Some(location), message);
        }
        let left = self.trace_value(from.place());
        match &leaf.to {
            To::One(Found { what: What::Missing(missing), .. }) => {
                let unresolved = self.unresolved(missing);
                let error = format!(
                    "Check was not compliant as property [{}] to compare to is missing. Value traversed to [{}].",
                    unresolved.remaining, unresolved.reached
                );
                let location = unresolved.reached.location;
                clause(error, TraceCheck::Unresolved(unresolved), Some(location), message)
            }
            To::One(found) => {
                let right = self.trace_value(found.place());
                let phrase = binary_phrase(access.op, negated);
                let mut error =
                    format!("Check was not compliant as property value [{left}] {phrase} value [{right}].");
                if let Some(why) = self.incomparable(access.op, from.place(), found.place()) {
                    let _ = write!(error, " Error = [{why}]");
                }
                let location = right.location;
                clause(error, TraceCheck::Resolved(left, Some(right)), Some(location), message)
            }
            To::Many(found) => {
                let (error, check) = self.trace_members(&left, found);
                let location = left.location;
                let message = access.message.as_ref().map(|message| message.text.to_string());
                clause(error, check, Some(location), message)
            }
            To::Nothing | To::Note(_) => {
                let phrase = unary_phrase(access.op, negated);
                let error = format!("Check was not compliant as property [{}] {phrase}.", left.at());
                clause(error, TraceCheck::Resolved(left, None), Some((0, 0)), message)
            }
        }
    }

    /// A value that should be, or not be, among others.
    fn trace_members(&self, left: &TraceValue<'r>, found: &[Found]) -> (String, TraceCheck<'r>) {
        let others: Vec<TraceValue<'r>> = found.iter().map(|found| self.trace_value(found.place())).collect();
        let shown: Vec<String> = others.iter().map(|other| format!("(resolved, {other})")).collect();
        let error = format!(
            "Check was not compliant as property [{}] was not present in [{}]",
            left.at(),
            shown.join(".").replace(".[", "[")
        );
        (error, TraceCheck::In(left.clone(), others))
    }

    /// Why two values cannot be compared, if they cannot.
    fn incomparable(&self, op: Op, left: &Value, right: &Value) -> Option<String> {
        let cmp = match op {
            Op::Eq | Op::In => self.equal(left, right).ok()?,
            op => self.ordered(op, left, right),
        };
        let names = (self.view.shape(left).kind_name(), self.view.shape(right).kind_name());
        (cmp == super::compare::Cmp::Incomparable)
            .then(|| format!("PathAwareValues are not comparable {}, {}", names.0, names.1))
    }

    // ---- values ---------------------------------------------------------------------------------------------------

    /// A value with its place.
    pub(super) fn trace_value(&self, value: &Value) -> TraceValue<'r> {
        let node = value.node();
        let path = node.map(|node| self.path(node)).unwrap_or_default();
        let location = node.map_or((0, 0), |node| self.location(node.id));
        let mut text = String::new();
        print(self.view, value, &mut text);
        let node = node.map(|node| node.id);
        TraceValue { path, location, text, view: self.view, value: value.clone(), node }
    }

    /// Line and column of a node, from 0.
    fn location(&self, node: NodeId) -> (u32, u32) {
        let tree = self.input.tree;
        let Some(place) = tree.place(node) else { return (0, 0) };
        let Some(source) = tree.source(place.span.file) else { return (0, 0) };
        let position = source.lines().position(source.text(), place.span.start);
        (position.line - 1, position.column - 1)
    }

    /// The path of a node; a YAML tag is the key that it is short for.
    fn path(&self, node: Node) -> String {
        let tree = self.input.tree;
        let steps = tree.steps(node.id);
        let ancestors = tree.ancestors(node.id);
        let mut out = String::new();
        let last = ancestors.len().saturating_sub(1);
        for (index, ancestor) in ancestors.iter().enumerate() {
            if let Some(step) = index.checked_sub(1).and_then(|before| steps.get(before)) {
                match step {
                    Step::Key(key) => {
                        let _ = write!(out, "/{key}");
                    }
                    Step::Index(position) => {
                        let _ = write!(out, "/{position}");
                    }
                    Step::Inside => {}
                }
            }
            if let Some(name) = self.view.tag_of(*ancestor)
                && (index < last || node.is_bare())
            {
                let _ = write!(out, "/{name}");
            }
        }
        out
    }

    /// Where a query ended, and why.
    pub(super) fn unresolved(&self, missing: &Missing) -> Unresolved<'r> {
        let reached = self.trace_value(&missing.at);
        let parts = self.program.query(missing.query).map_or(&[][..], |query| &query.parts);
        // For an index, the peer shows the whole query.
        let from = if missing.why == Why::OutOfRange { 0 } else { missing.part };
        let remaining = self.spell_parts(parts.get(from..).unwrap_or_default());
        let kind = self.view.shape(&missing.at).kind_name();
        let at = reached.at();
        let part = parts.get(missing.part).map(|part| &part.kind);
        let index = match part {
            Some(PartKind::Index(index)) => *index,
            Some(PartKind::Key(key)) => key.number.unwrap_or(0),
            _ => 0,
        };
        let key = match part {
            Some(PartKind::Key(key)) => key.text.to_string(),
            Some(PartKind::Variable(variable)) => format!("%{}", self.program.names.text(variable.name)),
            _ => String::new(),
        };
        let reason = match &missing.why {
            Why::NoKey(name) if matches!(part, Some(PartKind::Variable(_))) => {
                format!("Could not locate key = {name} inside struct at path = {at}")
            }
            Why::NoKey(name) => format!("Could not find key {name} inside struct at path {at}"),
            Why::NotAMap => format!(
                "Attempting to retrieve from key {key} but type is not an struct type at path {at}, Type = {kind}, Value = {}",
                reached.text
            ),
            Why::NotAList => {
                format!(
                    "Attempting to retrieve from index {index} but type is not an array at path {at}, type {kind}"
                )
            }
            Why::OutOfRange => format!(
                "Array Index out of bounds for path = {at} on index = {index} inside Array = {}, remaining query = {remaining}",
                reached.text
            ),
            Why::Empty => format!("No more entries for value at path = {at} on type = {kind} "),
            Why::NotAFilter => format!("Filter on value type that was not a struct or array {kind} {at}"),
            Why::NoName => format!("Keys returned for variable {key} could not completely resolve"),
        };
        Unresolved { reached, remaining, reason }
    }

    // ---- clauses ----------------------------------------------------------------------------------------------------

    /// A clause, as the peer spells it.
    fn spell_clause(&self, access: &Access) -> String {
        let query = self.program.query(access.query).map(|query| self.spell_parts(&query.parts));
        let right = access.operand.as_ref().map(|operand| self.spell_operand(operand)).unwrap_or_default();
        let before = if access.negated { "not" } else { "" };
        let not = if access.op_negated { "not " } else { "" };
        format!("{before} {} {not}{}  {right}", query.unwrap_or_default(), op_name(access.op))
    }

    fn spell_operand(&self, operand: &Operand) -> String {
        match operand {
            Operand::Literal(literal) => {
                let mut out = String::new();
                print(self.view, &Value::Literal(literal.clone()), &mut out);
                out
            }
            Operand::Query(query) => {
                self.program.query(*query).map(|query| self.spell_parts(&query.parts)).unwrap_or_default()
            }
            Operand::Function(function) => self.spell_function(function),
        }
    }

    fn spell_function(&self, function: &Function) -> String {
        let arguments: Vec<_> = function.arguments.iter().map(|one| self.spell_operand(one)).collect();
        format!("{}({})", function.name.name(), arguments.join(", "))
    }

    fn spell_parts(&self, parts: &[Part]) -> String {
        let spelled: Vec<String> = parts
            .iter()
            .map(|part| match &part.kind {
                PartKind::This => "_".to_owned(),
                PartKind::Key(key) => key.text.to_string(),
                PartKind::Variable(variable) => format!("%{}", self.program.names.text(variable.name)),
                PartKind::AllValues(_) => "*".to_owned(),
                PartKind::AllIndices(_) => "[*]".to_owned(),
                PartKind::Index(index) => index.to_string(),
                PartKind::Filter(name, _) => {
                    let name = name.map_or("", |name| self.program.names.text(name));
                    format!("{name} (filter-clauses)")
                }
                PartKind::Keys(_) => " (map-key-filter-clauses)".to_owned(),
            })
            .collect();
        spelled.join(".").replace(".[", "[")
    }
}

/// A value as the peer prints it.
fn print(view: Viewer<'_>, value: &Value, out: &mut String) {
    let _ = match view.shape(value) {
        Shape::Null | Shape::Choice(_) | Shape::Unknown => write!(out, "\"NULL\""),
        Shape::Bool(value) => write!(out, "{value}"),
        Shape::Int(value) => write!(out, "{value}"),
        Shape::Float(value) => write!(out, "{value}"),
        Shape::String(text) => write!(out, "\"{text}\""),
        Shape::Char(value) => write!(out, "'{value}'"),
        Shape::Regex(pattern) => write!(out, "\"/{}/\"", pattern.text()),
        Shape::IntRange(bounds) => out.write_str(bounds.to_string().get(1..).unwrap_or("")),
        Shape::FloatRange(bounds) => out.write_str(bounds.to_string().get(1..).unwrap_or("")),
        Shape::CharRange(bounds) => out.write_str(bounds.to_string().get(1..).unwrap_or("")),
        Shape::Text(_) => {
            let text = value.node().map_or(String::new(), |node| view.tree.display(node.id));
            write!(out, "\"{text}\"")
        }
        Shape::List(list) => {
            out.push('[');
            for (index, element) in list.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                print(view, &element, out);
            }
            out.push(']');
            Ok(())
        }
        Shape::Map(map) => {
            out.push('{');
            for (index, (key, value)) in map.entries().into_iter().enumerate() {
                let _ = write!(out, "{}\"{key}\":", if index > 0 { "," } else { "" });
                print(view, &value, out);
            }
            out.push('}');
            Ok(())
        }
    };
}

/// The place of a clause, as the peer prints it.
fn place_of(rule: &Rule, range: Range) -> String {
    let position = rule.source.lines().position(rule.source.text(), range.start);
    format!("Location[file:{}, line:{}, column:{}]", rule.source.name(), position.line, position.column)
}
