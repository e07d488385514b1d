//! The checks that failed, taken from what happened: the common root of all reports.

use std::borrow::Cow;

use crate::cli::guard::trace::{Check, Context, Event, Found, Missing, Operator, Pathed, Row, Status, What};
use crate::cli::guard::value::{Full, Position, Val};
use crate::rules::ast::Op;

/// A check that failed, or several.
#[derive(Debug)]
pub(in crate::cli::guard) enum Failure<'e, 'w> {
    /// A rule, or a call of one with parameters.
    Rule { name: &'w str, custom: Option<&'e str>, checks: Vec<Failure<'e, 'w>> },
    /// Alternatives, none of which holds.
    Any(Vec<Failure<'e, 'w>>),
    /// A block without values, or a step that could not be evaluated.
    Block { context: &'e Context<'w>, error: &'e str },
    /// A block's value that is not there.
    Absent { context: &'e Context<'w>, missing: &'e Missing<'w> },
    /// A clause, for one value.
    Clause { context: &'e Context<'w>, check: &'e Check<'w> },
}

/// What is said about a failure.
#[derive(Debug, Default)]
pub(in crate::cli::guard) struct Messages<'m> {
    /// The rule file's own words.
    pub(in crate::cli::guard) custom: Option<Cow<'m, str>>,
    /// The peer's.
    pub(in crate::cli::guard) error: Option<String>,
    pub(in crate::cli::guard) place: Option<Position>,
}

/// What failed in some steps.
pub(in crate::cli::guard) fn failures<'e, 'w>(events: &'e [Event<'w>]) -> Vec<Failure<'e, 'w>> {
    let mut out = Vec::new();
    for event in events {
        collect(event, &mut out);
    }
    out
}

fn collect<'e, 'w>(event: &'e Event<'w>, out: &mut Vec<Failure<'e, 'w>>) {
    let context = &event.context;
    match &event.what {
        What::Rule { name, status: Status::Fail, message } => {
            out.push(Failure::Rule { name, custom: message.as_deref(), checks: failures(&event.inner) });
        }
        What::Block(ended) if ended.status == Status::Fail => {
            if !event.stirred {
                let error = ended.message.as_deref();
                let error = error.unwrap_or("query for block clause did not retrieve any value");
                out.push(Failure::Block { context, error });
            }
            out.extend(failures(&event.inner));
        }
        What::Alternatives(ended) if ended.status == Status::Fail => {
            let checks = failures(&event.inner);
            match ended.message.as_deref() {
                Some(error) if checks.is_empty() => out.push(Failure::Block { context, error }),
                _ if checks.is_empty() => {}
                _ => out.push(Failure::Any(checks)),
            }
        }
        What::Clause(ended) | What::When(ended) | What::Type { ended, .. }
            if ended.status == Status::Fail =>
        {
            let checks = failures(&event.inner);
            if let Some(error) = ended.message.as_deref()
                && checks.is_empty()
            {
                out.push(Failure::Block { context, error });
            }
            out.extend(checks);
        }
        What::TypeValue(Status::Fail) => out.extend(failures(&event.inner)),
        What::Check(check) => match &**check {
            Check::Success => {}
            Check::Missing { from: Found::Missing(missing), .. } => {
                out.push(Failure::Absent { context, missing });
            }
            check => out.push(Failure::Clause { context, check }),
        },
        _ => {}
    }
}

impl<'w> Failure<'_, 'w> {
    /// What is said about it, and about what is in it.
    pub(in crate::cli::guard) fn messages(&self, out: &mut Vec<Messages<'w>>) {
        match self {
            Self::Rule { checks, .. } | Self::Any(checks) => {
                for check in checks {
                    check.messages(out);
                }
            }
            Self::Block { error, .. } => {
                out.push(Messages { error: Some((*error).to_owned()), ..Messages::default() });
            }
            Self::Absent { missing, .. } => out.push(absent(missing)),
            Self::Clause { context, check } => out.push(clause(context, check)),
        }
    }

    /// The failures in it, if it is a group.
    pub(super) fn inner(&self) -> Option<&[Self]> {
        match self {
            Self::Rule { checks, .. } | Self::Any(checks) => Some(checks),
            Self::Block { .. } | Self::Absent { .. } | Self::Clause { .. } => None,
        }
    }

    /// The left value, or where the way to it ended.
    pub(super) fn from(&self) -> Option<Val<'w>> {
        match self {
            Self::Absent { missing, .. } => Some(missing.at),
            Self::Clause { check: Check::Binary { from, to, .. }, .. } => match (from, to) {
                (Found::Value(_), Some(Found::Missing(to))) => Some(to.at),
                _ => Some(from.place()),
            },
            Self::Clause { check: Check::Unary { from, .. } | Check::In { from, .. }, .. } => {
                Some(from.place())
            }
            _ => None,
        }
    }

    /// The right value of a comparison.
    pub(super) fn to(&self) -> Option<Val<'w>> {
        match self {
            Self::Clause { check: Check::Binary { from: Found::Value(_), to: Some(to), .. }, .. } => {
                to.value()
            }
            _ => None,
        }
    }
}

pub(super) fn absent(missing: &Missing<'_>) -> Messages<'static> {
    Messages {
        custom: Some(Cow::Borrowed("")),
        error: Some(format!(
            "Check was not compliant as property [{}] is missing. Value traversed to [{}]",
            missing.remaining(),
            Full(missing.at)
        )),
        place: None,
    }
}

/// What is said about a clause.
pub(super) fn clause<'w>(context: &Context<'_>, check: &Check<'w>) -> Messages<'w> {
    match check {
        Check::Success | Check::Missing { .. } => Messages::default(),
        Check::Empty(custom) => Messages {
            custom: Some(Cow::Owned(custom.unwrap_or("").replace('\n', ";"))),
            error: Some(format!("Check was not compliant as variable in context [{context}] was not empty")),
            place: None,
        },
        Check::Reference { rule, custom, .. } => Messages {
            custom: Some(Cow::Borrowed(custom.unwrap_or(""))),
            error: Some(format!(
                "Check was not compliant as dependent rule [{rule}] did not PASS. Context [{context}]"
            )),
            place: None,
        },
        Check::Unary { op, from, message, custom } => Messages {
            custom: Some(Cow::Borrowed(custom.unwrap_or(""))),
            error: Some(unary(*op, from, message.as_deref())),
            place: Some(match from {
                Found::Missing(missing) => missing.at.position(),
                _ => Position::default(),
            }),
        },
        Check::Binary { op, from, to, message, custom } => {
            let (error, place) = binary(*op, from, to.as_ref(), message.as_deref());
            Messages {
                custom: Some(Cow::Borrowed(custom.unwrap_or(""))),
                error: Some(error),
                place: Some(place),
            }
        }
        Check::In { from, to, custom, .. } => Messages {
            custom: custom.map(Cow::Borrowed),
            error: Some(format!(
                "Check was not compliant as property [{}] was not present in [{}]",
                Pathed(from.place()),
                Row(to)
            )),
            place: Some(from.place().position()),
        },
    }
}

fn unary((op, negated): Operator, from: &Found<'_>, message: Option<&str>) -> String {
    let error = message.map(|message| format!("Error = [{message}]")).unwrap_or_default();
    match from {
        Found::Missing(missing) => format!(
            "Check was not compliant as property [{}] is missing. Value traversed to [{}].{error}",
            missing.remaining(),
            Full(missing.at)
        ),
        Found::Value(value) | Found::Literal(value) => {
            format!("Check was not compliant as property [{}] {}.{error}", Pathed(*value), was(op, negated))
        }
    }
}

/// The peer's words for a value that a unary operator does not hold for, blanks included.
fn was(op: Op, negated: bool) -> &'static str {
    let (plain, negative) = match op {
        Op::Exists => ("did not exist", "existed"),
        Op::Empty => ("was not empty", "was empty"),
        Op::IsList => ("was not list", "was a list "),
        Op::IsStruct => ("was not struct", "was a struct"),
        Op::IsString => ("was not string", "was a string "),
        Op::IsInt => ("was not int", "was int"),
        Op::IsBool => ("was not bool", "was bool"),
        Op::IsNull => ("was not null", "was null"),
        _ => ("was not float", "was float"),
    };
    if negated { negative } else { plain }
}

fn binary(
    (op, negated): Operator,
    from: &Found<'_>,
    to: Option<&Found<'_>>,
    message: Option<&str>,
) -> (String, Position) {
    let error = message.map(|message| format!(" Error = [{message}]")).unwrap_or_default();
    let missing = |missing: &Missing<'_>, which: &str| {
        let text = format!(
            "Check was not compliant as property [{}] to compare {which} is missing. Value traversed to [{}].{error}",
            missing.remaining(),
            Full(missing.at)
        );
        (text, missing.at.position())
    };
    match (from, to) {
        (Found::Missing(from), _) => missing(from, "from"),
        (_, Some(Found::Missing(to))) => missing(to, "to"),
        (_, to) => {
            let to = to.map(Found::place);
            let words = match (op, negated) {
                (Op::Eq, false) => "not equal to",
                (Op::Eq, true) => "equal to",
                (Op::Le, false) => "not less than equal to",
                (Op::Le, true) => "less than equal to",
                (Op::Lt, false) => "not less than",
                (Op::Lt, true) => "less than",
                (Op::Ge, false) => "not greater than equal",
                (Op::Ge, true) => "greater than equal to",
                (Op::Gt, false) => "not greater than",
                (Op::Gt, true) => "greater than",
                (_, false) => "not in",
                (_, true) => "in",
            };
            let from = Full(from.place());
            let text = match to {
                Some(to) => format!(
                    "Check was not compliant as property value [{from}] {words} value [{}].{error}",
                    Full(to)
                ),
                None => {
                    format!("Check was not compliant as property value [{from}] {words} value [].{error}")
                }
            };
            (text, to.map(Val::position).unwrap_or_default())
        }
    }
}
