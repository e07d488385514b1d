//! Reports and steps as data, in the peer's shape: for its JSON and YAML.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::cli::guard::trace::{
    Check, Context, Ended, Event, Found, Missing, Operator, Status, Told, What, symbol,
};
use crate::cli::guard::value::{Json, Val};

use super::failures::{Failure, Messages, absent, clause, failures};

/// A value behind the name of its kind.
struct Tagged<T>(&'static str, T);

impl<T: Serialize> Serialize for Tagged<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(1))?;
        map.serialize_entry(self.0, &self.1)?;
        map.end()
    }
}

/// An empty map.
#[derive(Serialize)]
struct Nothing {}

/// A text that is made when it is written.
struct Text<T>(T);

impl<T: std::fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

struct Value<'w>(Val<'w>);

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Fields<'w> {
            path: String,
            value: Json<'w>,
        }
        Fields { path: self.0.path(), value: Json(self.0) }.serialize(to)
    }
}

#[derive(Serialize)]
struct Unresolved<'w> {
    traversed_to: Value<'w>,
    remaining_query: String,
    reason: Option<String>,
}

impl<'w> Unresolved<'w> {
    fn of(missing: &Missing<'w>) -> Self {
        Self {
            traversed_to: Value(missing.at),
            remaining_query: missing.remaining(),
            reason: Some(missing.reason()),
        }
    }
}

type Compared = (&'static str, bool);

fn compared((op, negated): Operator) -> Compared {
    (symbol(op), negated)
}

#[derive(Serialize)]
struct Said<'m> {
    custom_message: Option<Cow<'m, str>>,
    error_message: Option<Cow<'m, str>>,
}

impl<'m> From<Messages<'m>> for Said<'m> {
    fn from(messages: Messages<'m>) -> Self {
        Self { custom_message: messages.custom, error_message: messages.error.map(Cow::Owned) }
    }
}

impl Serialize for Failure<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Rule<'f, 'e, 'w> {
            name: &'w str,
            metadata: Nothing,
            messages: Said<'w>,
            checks: &'f [Failure<'e, 'w>],
        }
        #[derive(Serialize)]
        struct Any<'f, 'e, 'w> {
            checks: &'f [Failure<'e, 'w>],
        }
        #[derive(Serialize)]
        struct Block<'e, 'w> {
            context: Text<&'e Context<'w>>,
            messages: Said<'w>,
            unresolved: Option<Unresolved<'w>>,
        }
        match self {
            Self::Rule { name, custom, checks } => {
                let messages = Said { custom_message: custom.map(Cow::Borrowed), error_message: None };
                Tagged("Rule", Rule { name, metadata: Nothing {}, messages, checks }).serialize(to)
            }
            Self::Any(checks) => Tagged("Disjunctions", Any { checks }).serialize(to),
            Self::Block { context, error } => {
                let messages = Said { custom_message: None, error_message: Some(Cow::Borrowed(*error)) };
                Tagged("Block", Block { context: Text(*context), messages, unresolved: None }).serialize(to)
            }
            Self::Absent { context, missing } => {
                let (messages, unresolved) = (absent(missing).into(), Some(Unresolved::of(missing)));
                Tagged("Block", Block { context: Text(*context), messages, unresolved }).serialize(to)
            }
            Self::Clause { context, check } => Tagged("Clause", ClauseOf { context, check }).serialize(to),
        }
    }
}

struct ClauseOf<'e, 'w> {
    context: &'e Context<'w>,
    check: &'e Check<'w>,
}

impl Serialize for ClauseOf<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Unary<'e, 'w, C> {
            check: C,
            context: Text<&'e Context<'w>>,
            messages: Said<'w>,
        }
        #[derive(Serialize)]
        struct Binary<'e, 'w, C> {
            context: Text<&'e Context<'w>>,
            messages: Said<'w>,
            check: C,
        }
        #[derive(Serialize)]
        struct One<'w> {
            value: Value<'w>,
            comparison: Compared,
        }
        #[derive(Serialize)]
        struct Lost<'w> {
            value: Unresolved<'w>,
            comparison: Compared,
        }
        #[derive(Serialize)]
        struct Two<'w> {
            from: Value<'w>,
            to: Value<'w>,
            comparison: Compared,
        }
        #[derive(Serialize)]
        struct Many<'w> {
            from: Value<'w>,
            to: Vec<Value<'w>>,
            comparison: Compared,
        }
        let context = Text(self.context);
        let messages = clause(self.context, self.check).into();
        match self.check {
            Check::Success | Check::Missing { .. } => to.serialize_unit(),
            Check::Empty(_) => {
                let check = Tagged("UnResolvedContext", Text(self.context));
                Tagged("Unary", Unary { check, context, messages }).serialize(to)
            }
            Check::Reference { rule, .. } => {
                let check = Tagged("UnResolvedContext", *rule);
                Tagged("Unary", Unary { check, context, messages }).serialize(to)
            }
            Check::Unary { op, from, .. } => match from {
                Found::Missing(missing) => {
                    let lost = Lost { value: Unresolved::of(missing), comparison: compared(*op) };
                    let check = Tagged("UnResolved", lost);
                    Tagged("Unary", Unary { check, context, messages }).serialize(to)
                }
                Found::Value(value) | Found::Literal(value) => {
                    let check = Tagged("Resolved", One { value: Value(*value), comparison: compared(*op) });
                    Tagged("Unary", Unary { check, context, messages }).serialize(to)
                }
            },
            Check::Binary { op, from, to: right, .. } => {
                let comparison = compared(*op);
                match (from, right) {
                    (Found::Missing(missing), _) | (_, Some(Found::Missing(missing))) => {
                        let check = Tagged("UnResolved", Lost { value: Unresolved::of(missing), comparison });
                        Tagged("Binary", Binary { context, messages, check }).serialize(to)
                    }
                    (_, right) => {
                        let right = right.as_ref().map_or(from.place(), Found::place);
                        let two = Two { from: Value(from.place()), to: Value(right), comparison };
                        let check = Tagged("Resolved", two);
                        Tagged("Binary", Binary { context, messages, check }).serialize(to)
                    }
                }
            }
            Check::In { op, from, to: right, .. } => {
                let right = right.iter().filter(|one| matches!(one, Found::Value(_)));
                let right = right.map(|one| Value(one.place())).collect();
                let many = Many { from: Value(from.place()), to: right, comparison: compared(*op) };
                let check = Tagged("InResolved", many);
                Tagged("Binary", Binary { context, messages, check }).serialize(to)
            }
        }
    }
}

/// The report about one data file: of one rule file, or of several.
pub(in crate::cli::guard) struct FileReport<'e, 'w> {
    name: &'e str,
    status: Status,
    told: Vec<&'e Told<'w>>,
    skipped: BTreeSet<&'w str>,
    reasons: BTreeMap<&'w str, String>,
    passed: BTreeSet<&'w str>,
}

impl<'e, 'w> FileReport<'e, 'w> {
    pub(in crate::cli::guard) fn new(name: &'e str, told: impl IntoIterator<Item = &'e Told<'w>>) -> Self
    where
        'w: 'e,
    {
        let mut out = Self {
            name,
            status: Status::Skip,
            told: Vec::new(),
            skipped: BTreeSet::new(),
            reasons: BTreeMap::new(),
            passed: BTreeSet::new(),
        };
        for one in told {
            out.status = out.status.and(one.status);
            for (event, name, status) in one.event.rules() {
                match status {
                    Status::Pass => {
                        out.passed.insert(name);
                    }
                    Status::Skip => {
                        out.skipped.insert(name);
                        if let Some(reason) = event.skip_reason() {
                            out.reasons.insert(name, reason);
                        }
                    }
                    Status::Fail => {}
                }
            }
            out.told.push(one);
        }
        out
    }

    pub(in crate::cli::guard) fn name(&self) -> &'e str {
        self.name
    }

    pub(in crate::cli::guard) fn status(&self) -> Status {
        self.status
    }

    /// Why rules were skipped.
    pub(in crate::cli::guard) fn reasons(&self) -> &BTreeMap<&'w str, String> {
        &self.reasons
    }

    /// The rules that failed, in order.
    pub(in crate::cli::guard) fn failures(&self) -> impl Iterator<Item = Failure<'e, 'w>> {
        self.told.iter().flat_map(|told| failures(&told.event.inner))
    }
}

/// The rules that failed, worked out one after the other while they are written.
struct Failed<'f, 'e, 'w>(&'f FileReport<'e, 'w>);

impl Serialize for Failed<'_, '_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.failures())
    }
}

impl Serialize for FileReport<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("name", self.name)?;
        map.serialize_entry("metadata", &Nothing {})?;
        map.serialize_entry("status", self.status.as_str())?;
        map.serialize_entry("not_compliant", &Failed(self))?;
        map.serialize_entry("not_applicable", &self.skipped)?;
        if !self.reasons.is_empty() {
            map.serialize_entry("not_applicable_reasons", &self.reasons)?;
        }
        map.serialize_entry("compliant", &self.passed)?;
        map.end()
    }
}

impl Serialize for Found<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Literal(value) => Tagged("Literal", Value(*value)).serialize(to),
            Self::Value(value) => Tagged("Resolved", Value(*value)).serialize(to),
            Self::Missing(missing) => Tagged("UnResolved", Unresolved::of(missing)).serialize(to),
        }
    }
}

impl Serialize for Event<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(3))?;
        map.serialize_entry("context", &Text(&self.context))?;
        map.serialize_entry("container", &self.what)?;
        map.serialize_entry("children", &self.inner)?;
        map.end()
    }
}

impl Serialize for What<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Named<'w> {
            name: &'w str,
            status: &'static str,
            message: Option<&'w str>,
        }
        #[derive(Serialize)]
        struct OfType<'w> {
            type_name: &'w str,
            block: Block<'w>,
        }
        #[derive(Serialize)]
        struct Block<'w> {
            at_least_one_matches: bool,
            status: &'static str,
            message: Option<&'w str>,
        }
        fn block(ended: &Ended) -> Block<'_> {
            Block {
                at_least_one_matches: ended.one,
                status: ended.status.as_str(),
                message: ended.message.as_deref(),
            }
        }
        match self {
            Self::File { name, status } => {
                Tagged("FileCheck", Named { name, status: status.as_str(), message: None }).serialize(to)
            }
            Self::Rule { name, status, message } => {
                let named = Named { name, status: status.as_str(), message: message.as_deref() };
                Tagged("RuleCheck", named).serialize(to)
            }
            Self::RuleWhen(status) => Tagged("RuleCondition", status.as_str()).serialize(to),
            Self::Type { name, ended } => {
                Tagged("TypeCheck", OfType { type_name: name, block: block(ended) }).serialize(to)
            }
            Self::TypeWhen(status) => Tagged("TypeCondition", status.as_str()).serialize(to),
            Self::TypeValue(status) => Tagged("TypeBlock", status.as_str()).serialize(to),
            Self::Filter(status) => Tagged("Filter", status.as_str()).serialize(to),
            Self::When(ended) => Tagged("WhenCheck", block(ended)).serialize(to),
            Self::WhenConditions(status) => Tagged("WhenCondition", status.as_str()).serialize(to),
            Self::Alternatives(ended) => Tagged("Disjunction", block(ended)).serialize(to),
            Self::Block(ended) => Tagged("BlockGuardCheck", block(ended)).serialize(to),
            Self::Clause(ended) => Tagged("GuardClauseBlockCheck", block(ended)).serialize(to),
            Self::Check(check) => Tagged("ClauseValueCheck", &**check).serialize(to),
        }
    }
}

impl Serialize for Check<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Binary<'e, 'w, T> {
            comparison: Compared,
            from: &'e Found<'w>,
            to: T,
            message: Option<&'e str>,
            custom_message: Option<&'w str>,
            status: &'static str,
        }
        #[derive(Serialize)]
        struct Value<'e, 'w> {
            from: &'e Found<'w>,
            message: Option<&'e str>,
            custom_message: Option<&'w str>,
            status: &'static str,
        }
        #[derive(Serialize)]
        struct Unary<'e, 'w> {
            value: Value<'e, 'w>,
            comparison: Compared,
        }
        #[derive(Serialize)]
        struct Reference<'e, 'w> {
            rule: &'w str,
            message: Option<&'e str>,
            custom_message: Option<&'w str>,
            status: &'static str,
        }
        let status = self.status().as_str();
        match self {
            Self::Success => to.serialize_str("Success"),
            Self::Binary { op, from, to: right, message, custom } => {
                let (comparison, message) = (compared(*op), message.as_deref());
                let right = right.as_ref();
                let all = Binary { comparison, from, to: right, message, custom_message: *custom, status };
                Tagged("Comparison", all).serialize(to)
            }
            Self::In { op, from, to: right, custom } => {
                let (comparison, right) = (compared(*op), &**right);
                let all =
                    Binary { comparison, from, to: right, message: None, custom_message: *custom, status };
                Tagged("InComparison", all).serialize(to)
            }
            Self::Unary { op, from, message, custom } => {
                let value = Value { from, message: message.as_deref(), custom_message: *custom, status };
                Tagged("Unary", Unary { value, comparison: compared(*op) }).serialize(to)
            }
            Self::Empty(custom) => Tagged("NoValueForEmptyCheck", *custom).serialize(to),
            Self::Reference { rule, message, custom } => {
                let all = Reference { rule, message: message.as_deref(), custom_message: *custom, status };
                Tagged("DependentRule", all).serialize(to)
            }
            Self::Missing { from, message } => {
                let value = Value { from, message: Some(message), custom_message: None, status };
                Tagged("MissingBlockValue", value).serialize(to)
            }
        }
    }
}
