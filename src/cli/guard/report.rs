//! The peer's report of one data file, as JSON.
//!
//! Reports can be far larger than what they are about, so they are written piece by piece: what becomes of all rules
//! first, then the failures of a few rules at a time.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde::Serialize;

use crate::rules::ast::Op;
use crate::rules::{Status, Trace, TraceCheck, TraceClause, TraceJson, TraceValue, Unresolved, Worlds};

use super::data::Data;
use super::judge::{RuleSet, Verdict, overall};

/// Rules whose failures are held at a time.
const CHUNK: usize = 8;

/// Writes the report of a data file; `depth` is how deep it stands.
pub(super) fn write(
    out: &mut dyn Write,
    depth: usize,
    (rules, data): (&RuleSet, &Data),
    verdicts: &[&Verdict<()>],
) -> io::Result<()> {
    let pad = "  ".repeat(depth);
    let failed: Vec<_> = verdicts
        .iter()
        .filter(|verdict| verdict.status == Status::Fail)
        .map(|verdict| verdict.rule)
        .collect();
    writeln!(out, "{pad}{{")?;
    writeln!(out, "{pad}  \"name\": {},", quoted(&data.name)?)?;
    writeln!(out, "{pad}  \"metadata\": {{}},")?;
    writeln!(out, "{pad}  \"status\": \"{}\",", overall(verdicts.iter().copied()).as_str())?;
    write!(out, "{pad}  \"not_compliant\": [")?;
    let inner = format!("{pad}    ");
    let worlds = Worlds::default();
    let session = rules.session(data, &worlds);
    for (position, chunk) in failed.chunks(CHUNK).enumerate() {
        let entries = rules.render(&session, chunk, &|name, checks| entry(name, checks, &inner));
        for (index, entry) in entries.into_iter().enumerate() {
            out.write_all(if position + index > 0 { b",\n" } else { b"\n" })?;
            out.write_all(&entry?)?;
        }
    }
    if failed.is_empty() {
        writeln!(out, "],")?;
    } else {
        writeln!(out, "\n{pad}  ],")?;
    }
    names(out, &pad, "not_applicable", verdicts, Status::Skip)?;
    writeln!(out, ",")?;
    names(out, &pad, "compliant", verdicts, Status::Pass)?;
    write!(out, "\n{pad}}}")
}

fn quoted(text: &str) -> io::Result<String> {
    serde_json::to_string(text).map_err(io::Error::from)
}

fn names(
    out: &mut dyn Write,
    pad: &str,
    key: &str,
    verdicts: &[&Verdict<()>],
    status: Status,
) -> io::Result<()> {
    let names: BTreeSet<&str> =
        verdicts.iter().filter(|verdict| verdict.status == status).map(|verdict| &*verdict.name).collect();
    write!(out, "{pad}  \"{key}\": [")?;
    for (index, name) in names.iter().enumerate() {
        write!(out, "{}{pad}    {}", if index > 0 { ",\n" } else { "\n" }, quoted(name)?)?;
    }
    if names.is_empty() { write!(out, "]") } else { write!(out, "\n{pad}  ]") }
}

/// A rule's failures, indented.
fn entry(name: &str, checks: &[Trace<'_>], pad: &str) -> io::Result<Vec<u8>> {
    let rule = Check::Rule(rule(name, None, checks));
    let text = serde_json::to_vec_pretty(&rule)?;
    let mut out = Vec::with_capacity(text.len() + text.len() / 4);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        out.extend_from_slice(pad.as_bytes());
        out.extend_from_slice(line);
    }
    Ok(out)
}

// ---- the peer's shapes --------------------------------------------------------------------------------------------

#[derive(Serialize)]
enum Check<'a> {
    Rule(Rule<'a>),
    Clause(Clause<'a>),
    Block(Block<'a>),
    Disjunctions { checks: Vec<Check<'a>> },
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
struct Rule<'a> {
    name: &'a str,
    metadata: Nothing,
    messages: Messages<'a>,
    checks: Vec<Check<'a>>,
}

#[derive(Serialize)]
struct Messages<'a> {
    custom_message: Option<&'a str>,
    error_message: Option<&'a str>,
}

#[derive(Serialize)]
enum Clause<'a> {
    Unary { check: Values<'a>, context: &'a str, messages: Messages<'a> },
    Binary { context: &'a str, messages: Messages<'a>, check: Values<'a> },
}

#[derive(Serialize)]
struct Block<'a> {
    context: &'a str,
    messages: Messages<'a>,
    unresolved: Option<Ended<'a>>,
}

type Comparison = (&'static str, bool);

#[derive(Serialize)]
enum Values<'a> {
    Resolved(Resolved<'a>),
    InResolved { from: Shown<'a>, to: Vec<Shown<'a>>, comparison: Comparison },
    UnResolved { value: Ended<'a>, comparison: Comparison },
    UnResolvedContext(&'a str),
}

#[derive(Serialize)]
#[serde(untagged)]
enum Resolved<'a> {
    Pair { from: Shown<'a>, to: Shown<'a>, comparison: Comparison },
    One { value: Shown<'a>, comparison: Comparison },
}

#[derive(Serialize)]
struct Shown<'a> {
    path: &'a str,
    value: TraceJson<'a, 'a>,
}

#[derive(Serialize)]
struct Ended<'a> {
    traversed_to: Shown<'a>,
    remaining_query: &'a str,
    reason: &'a str,
}

fn rule<'a>(name: &'a str, message: Option<&'a str>, checks: &'a [Trace<'_>]) -> Rule<'a> {
    let messages = Messages { custom_message: message, error_message: None };
    Rule { name, metadata: Nothing {}, messages, checks: checks.iter().map(check).collect() }
}

fn check<'a>(trace: &'a Trace<'_>) -> Check<'a> {
    match trace {
        Trace::Rule { name, message, checks } => Check::Rule(rule(name, message.as_deref(), checks)),
        Trace::Clause(one) => Check::Clause(clause(one)),
        Trace::Block { context, message, error, unresolved } => Check::Block(Block {
            context,
            messages: Messages { custom_message: message.as_deref(), error_message: Some(error) },
            unresolved: unresolved.as_ref().map(ended),
        }),
        Trace::Disjunctions(checks) => Check::Disjunctions { checks: checks.iter().map(check).collect() },
    }
}

fn clause<'a>(clause: &'a TraceClause<'_>) -> Clause<'a> {
    let comparison = (op(clause.comparison.0), clause.comparison.1);
    let check = match &clause.check {
        TraceCheck::Resolved(from, Some(to)) => {
            Values::Resolved(Resolved::Pair { from: shown(from), to: shown(to), comparison })
        }
        TraceCheck::Resolved(from, None) => {
            Values::Resolved(Resolved::One { value: shown(from), comparison })
        }
        TraceCheck::In(from, to) => {
            Values::InResolved { from: shown(from), to: to.iter().map(shown).collect(), comparison }
        }
        TraceCheck::Unresolved(unresolved) => Values::UnResolved { value: ended(unresolved), comparison },
        TraceCheck::Context(text) => Values::UnResolvedContext(text),
    };
    let messages = Messages { custom_message: clause.message.as_deref(), error_message: Some(&clause.error) };
    if clause.unary {
        Clause::Unary { check, context: &clause.context, messages }
    } else {
        Clause::Binary { context: &clause.context, messages, check }
    }
}

fn shown<'a>(value: &'a TraceValue<'_>) -> Shown<'a> {
    Shown { path: &value.path, value: value.json() }
}

fn ended<'a>(unresolved: &'a Unresolved<'_>) -> Ended<'a> {
    Ended {
        traversed_to: shown(&unresolved.reached),
        remaining_query: &unresolved.remaining,
        reason: &unresolved.reason,
    }
}

/// An operator, as the peer serialises it.
pub(super) fn op(op: Op) -> &'static str {
    match op {
        Op::Eq => "Eq",
        Op::In => "In",
        Op::Gt => "Gt",
        Op::Lt => "Lt",
        Op::Le => "Le",
        Op::Ge => "Ge",
        Op::Exists => "Exists",
        Op::Empty => "Empty",
        Op::IsString => "IsString",
        Op::IsList => "IsList",
        Op::IsStruct => "IsMap",
        Op::IsBool => "IsBool",
        Op::IsInt => "IsInt",
        Op::IsFloat => "IsFloat",
        Op::IsNull => "IsNull",
    }
}

/// The messages of a failure, the author's and the peer's, each with line and column from 0.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) custom: String,
    pub(super) error: String,
    pub(super) location: Option<(u32, u32)>,
}

/// The messages below a rule, in order.
pub(super) fn messages(checks: &[Trace<'_>]) -> Vec<Message> {
    let mut out = Vec::new();
    for check in checks {
        match check {
            Trace::Rule { checks, .. } | Trace::Disjunctions(checks) => out.extend(messages(checks)),
            Trace::Clause(clause) => out.push(Message {
                custom: clause.message.clone().unwrap_or_default(),
                error: clause.error.clone(),
                location: clause.location,
            }),
            Trace::Block { message, error, .. } => out.push(Message {
                custom: message.clone().unwrap_or_default(),
                error: error.clone(),
                location: None,
            }),
        }
    }
    out
}
