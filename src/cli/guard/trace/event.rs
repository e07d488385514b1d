//! What happened when a rule file was evaluated, step by step, as the peer records it.

use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use crate::rules::ast::{Access, Block, Op, Reference, TypeBlock};

use super::RuleFile;
use super::found::{Found, Row};
use super::spell::{Clause, location, word};

/// A rule's answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::cli::guard) enum Status {
    Pass,
    Fail,
    #[default]
    Skip,
}

impl Status {
    pub(in crate::cli::guard) fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Skip => "SKIP",
        }
    }

    pub(in crate::cli::guard) fn from_name(name: &str) -> Option<Self> {
        [Self::Pass, Self::Fail, Self::Skip].into_iter().find(|one| one.as_str() == name)
    }

    /// The status of both together.
    pub(in crate::cli::guard) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Fail, _) | (_, Self::Fail) => Self::Fail,
            (Self::Pass, _) | (_, Self::Pass) => Self::Pass,
            _ => Self::Skip,
        }
    }
}

impl Display for Status {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// A step.
#[derive(Debug)]
pub(in crate::cli::guard) struct Event<'w> {
    pub(in crate::cli::guard) context: Context<'w>,
    pub(in crate::cli::guard) what: What<'w>,
    pub(in crate::cli::guard) inner: Vec<Event<'w>>,
    /// Whether there were steps in it, kept or not.
    pub(in crate::cli::guard) stirred: bool,
}

/// What a step was about.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli::guard) enum Context<'w> {
    File(usize),
    Rule(&'w str),
    RuleWhen(&'w str),
    /// A clause with an operator.
    Clause(&'w Access),
    /// One value of it.
    Value(&'w Access),
    Reference(&'w Reference, &'w RuleFile),
    Block(&'w Block, &'w RuleFile),
    BlockValue(&'w Block, &'w RuleFile),
    /// `when`, directly in a rule or not.
    When(bool),
    WhenConditions(bool),
    Type(&'w TypeBlock),
    TypeValue(&'w TypeBlock, usize),
    TypeWhen(&'w TypeBlock, usize),
    MapFilter(usize),
    ListFilter(usize),
    Alternatives(Level),
    /// A filter on keys.
    Keys,
}

/// Where clauses stand, which decides what they may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli::guard) enum Level {
    Rule,
    Body,
    Condition,
}

impl Display for Context<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let when = |in_rule: &bool| if *in_rule { "RuleClause" } else { "GuardConditionClause" };
        match self {
            Self::File(rules) => write!(out, "File(rules={rules})"),
            Self::Rule(name) => out.write_str(name),
            Self::RuleWhen(name) => write!(out, "Rule#{name}/When"),
            Self::Clause(access) => write!(out, "GuardAccessClause#block{}", Clause(access)),
            Self::Value(access) => Clause(access).fmt(out),
            Self::Reference(reference, file) => {
                let place = location(&file.name, &file.ast.source, reference.range);
                write!(out, "Rule({}@{place})", reference.name.text)
            }
            Self::Block(block, file) => {
                write!(out, "BlockGuardClause#{}", location(&file.name, &file.ast.source, block.range))
            }
            Self::BlockValue(block, file) => {
                let place = location(&file.name, &file.ast.source, block.range);
                write!(out, "GuardBlockAccessClause#{place}")
            }
            Self::When(in_rule) => out.write_str(when(in_rule)),
            Self::WhenConditions(in_rule) => write!(out, "{}/When", when(in_rule)),
            Self::Type(block) => write!(out, "TypeBlock#{}", block.name.text),
            Self::TypeValue(block, index) => write!(out, "TypeBlock#{}/{index}", block.name.text),
            Self::TypeWhen(block, index) => write!(out, "TypeBlock#{}/{index}/When", block.name.text),
            Self::MapFilter(lines) => write!(out, "Filter/Map#{lines}"),
            Self::ListFilter(lines) => write!(out, "Filter/List#{lines}"),
            Self::Alternatives(level) => {
                let kind = match level {
                    Level::Rule => "RuleClause",
                    Level::Body => "GuardClause",
                    Level::Condition => "WhenGuardClause",
                };
                write!(out, "cfn_guard::rules::exprs::{kind}#disjunction")
            }
            Self::Keys => Ok(()),
        }
    }
}

/// How a step ended.
#[derive(Debug)]
pub(in crate::cli::guard) enum What<'w> {
    File { name: &'w str, status: Status },
    Rule { name: &'w str, status: Status, message: Option<Box<str>> },
    RuleWhen(Status),
    Type { name: &'w str, ended: Ended },
    TypeWhen(Status),
    TypeValue(Status),
    Filter(Status),
    When(Ended),
    WhenConditions(Status),
    Alternatives(Ended),
    Block(Ended),
    Clause(Ended),
    Check(Box<Check<'w>>),
}

/// How a step with parts ended.
#[derive(Debug)]
pub(in crate::cli::guard) struct Ended {
    pub(in crate::cli::guard) status: Status,
    pub(in crate::cli::guard) message: Option<Box<str>>,
    /// One of its values was enough.
    pub(in crate::cli::guard) one: bool,
}

/// An operator, and whether it is negated.
pub(in crate::cli::guard) type Operator = (Op, bool);

/// The answer for one value.
#[derive(Debug)]
pub(in crate::cli::guard) enum Check<'w> {
    Success,
    Binary {
        op: Operator,
        from: Found<'w>,
        to: Option<Found<'w>>,
        message: Option<Box<str>>,
        custom: Custom<'w>,
    },
    In {
        op: Operator,
        from: Found<'w>,
        to: Arc<[Found<'w>]>,
        custom: Custom<'w>,
    },
    Unary {
        op: Operator,
        from: Found<'w>,
        message: Option<Box<str>>,
        custom: Custom<'w>,
    },
    /// `!empty` on no values at all.
    Empty(Custom<'w>),
    Reference {
        rule: &'w str,
        message: Option<Box<str>>,
        custom: Custom<'w>,
    },
    /// A block's value that is not there.
    Missing {
        from: Found<'w>,
        message: Box<str>,
    },
}

/// The message that the rule file has for a failure.
pub(in crate::cli::guard) type Custom<'w> = Option<&'w str>;

/// `not IN`.
pub(in crate::cli::guard) fn comparison((op, negated): Operator) -> String {
    format!("{} {}", if negated { "not" } else { "" }, word(op))
}

impl Check<'_> {
    /// Why it could not be decided, where a rule may be skipped because of it.
    pub(super) fn reason(&self) -> Option<&str> {
        match self {
            Self::Binary { message, .. } => message.as_deref(),
            _ => None,
        }
    }

    pub(in crate::cli::guard) fn status(&self) -> Status {
        if matches!(self, Self::Success) { Status::Pass } else { Status::Fail }
    }
}

impl Display for Check<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success => out.write_str("GuardClauseValueCheck(Status=PASS)"),
            Self::Empty(message) => {
                write!(out, "GuardClause(Status=FAIL, Empty, {})", message.unwrap_or(""))
            }
            Self::Missing { from, message } => {
                let path =
                    if matches!(from, Found::Missing(_)) { from.place().path() } else { String::new() };
                write!(out, "GuardBlockValueMissing(Status=FAIL, Reason={message}, {path})")
            }
            Self::Reference { rule, .. } => {
                write!(out, "GuardClauseDependentRule(Rule={rule}, Status=FAIL)")
            }
            Self::Unary { op, from, .. } => {
                let op = comparison(*op);
                write!(out, "GuardClauseUnaryCheck(Status=FAIL, Comparison={op}, Value-At={from})")
            }
            Self::Binary { op, from, to, .. } => {
                let to = to.as_ref().map(ToString::to_string).unwrap_or_default();
                let op = comparison(*op);
                write!(out, "GuardClauseBinaryCheck(Status=FAIL, Comparison={op}, from={from}, to={to})")
            }
            Self::In { op, from, to, .. } => {
                let op = comparison(*op);
                write!(
                    out,
                    "GuardClauseInBinaryCheck(Status=FAIL, Comparison={op}, from={from}, to={})",
                    Row(to)
                )
            }
        }
    }
}

impl What<'_> {
    pub(super) fn status(&self) -> Status {
        match self {
            Self::File { status, .. }
            | Self::Rule { status, .. }
            | Self::RuleWhen(status)
            | Self::TypeWhen(status)
            | Self::TypeValue(status)
            | Self::Filter(status)
            | Self::WhenConditions(status) => *status,
            Self::Type { ended, .. }
            | Self::When(ended)
            | Self::Alternatives(ended)
            | Self::Block(ended)
            | Self::Clause(ended) => ended.status,
            Self::Check(check) => check.status(),
        }
    }
}

impl Display for What<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { name, status } => write!(out, "File({name}, Status={status})"),
            Self::Rule { name, status, .. } => write!(out, "Rule({name}, Status={status})"),
            Self::RuleWhen(status) => write!(out, "Rule/When(Status={status})"),
            Self::Type { name, ended } => write!(out, "Type({name}, Status={})", ended.status),
            // As the peer writes it, without its opening bracket.
            Self::TypeWhen(status) => write!(out, "TypeBlock/When Status={status})"),
            Self::TypeValue(status) => write!(out, "TypeBlock/Block Status={status})"),
            Self::Filter(status) => write!(out, "Filter/ConjunctionsBlock(Status={status})"),
            Self::When(ended) => write!(out, "WhenConditionalBlock(Status = {})", ended.status),
            Self::WhenConditions(status) => write!(out, "WhenCondition(Status = {status})"),
            Self::Alternatives(ended) => write!(out, "Disjunction(Status = {})", ended.status),
            Self::Block(ended) => write!(out, "GuardValueBlockCheck(Status = {})", ended.status),
            Self::Clause(ended) => write!(out, "GuardClauseBlock(Status = {})", ended.status),
            Self::Check(check) => check.fmt(out),
        }
    }
}

impl<'w> Event<'w> {
    /// Adds a step to those in it. Mostly there is one.
    pub(super) fn keep(&mut self, step: Self) {
        if self.inner.is_empty() {
            self.inner.reserve_exact(1);
        }
        self.inner.push(step);
    }

    /// Forgets its steps.
    pub(in crate::cli::guard) fn forget(&mut self) {
        self.inner = Vec::new();
    }

    /// Why a rule was skipped, if one of its steps knows.
    pub(in crate::cli::guard) fn skip_reason(&self) -> Option<String> {
        self.inner.iter().find_map(Self::skip_reason).or_else(|| self.own_skip_reason())
    }

    fn own_skip_reason(&self) -> Option<String> {
        match &self.what {
            What::Type { ended, .. }
            | What::Clause(ended)
            | What::When(ended)
            | What::Block(ended)
            | What::Alternatives(ended)
                if ended.status == Status::Skip =>
            {
                ended.message.as_deref().map(str::to_owned)
            }
            What::Check(check) => check.reason().map(|message| {
                format!(
                    "the rule did not apply because one of its conditions could not be decided: {message}"
                )
            }),
            _ => None,
        }
    }

    /// Whether a reason for skipping is in here.
    fn has_reason(&self) -> bool {
        self.inner.iter().any(Self::has_reason)
            || match &self.what {
                What::Type { ended, .. }
                | What::Clause(ended)
                | What::When(ended)
                | What::Block(ended)
                | What::Alternatives(ended) => ended.status == Status::Skip && ended.message.is_some(),
                What::Check(check) => check.reason().is_some(),
                _ => false,
            }
    }

    /// Keeps of its parts only the first that is a reason for skipping; says whether there is no reason in it at all.
    pub(super) fn keep_reason(&mut self) -> bool {
        let first = self.inner.iter().position(Self::has_reason);
        self.inner = first.map(|at| self.inner.swap_remove(at)).into_iter().collect();
        first.is_none() && !self.has_reason()
    }

    /// The rules of a file, with their status, in order.
    pub(in crate::cli::guard) fn rules(&self) -> impl Iterator<Item = (&Event<'w>, &'w str, Status)> {
        self.inner.iter().filter_map(|event| match &event.what {
            What::Rule { name, status, .. } => Some((event, *name, *status)),
            _ => None,
        })
    }
}

impl Display for Event<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "{}[Context={}]", self.what, self.context)
    }
}
