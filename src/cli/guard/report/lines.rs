//! The report of one line for each failure, for documents of no known kind.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use crate::cli::guard::trace::{Check, Event, Found, Operator, Status, What};
use crate::cli::guard::value::{Json, Val};
use crate::rules::ast::Op;

use super::table::Shown;

/// What is said about one failure.
#[derive(Default)]
struct Line<'w> {
    rule: &'w str,
    path: String,
    provided: Option<String>,
    expected: Option<String>,
    op: Option<Operator>,
    message: String,
    error: Option<String>,
}

/// Writes the report.
pub(in crate::cli::guard) fn write(
    out: &mut dyn Write,
    shown: Shown,
    (data, rules): (&str, &str),
    event: &Event<'_>,
) -> io::Result<()> {
    let mut failed: BTreeMap<&str, Vec<Line<'_>>> = BTreeMap::new();
    let mut passed: BTreeSet<&str> = BTreeSet::new();
    let mut skipped: BTreeMap<&str, Option<String>> = BTreeMap::new();
    for (rule, name, status) in event.rules() {
        match status {
            Status::Fail => {
                let mut found = Vec::new();
                failing(rule, &mut found);
                failed.insert(name, found.into_iter().map(|event| line(name, event)).collect());
            }
            Status::Pass => {
                passed.insert(name);
            }
            Status::Skip => {
                skipped.insert(name, rule.skip_reason());
            }
        }
    }
    let reportable = match shown {
        Shown { fail: true, .. } => !failed.is_empty(),
        Shown { pass: true, .. } => !passed.is_empty(),
        Shown { skip, .. } => skip && !skipped.is_empty(),
    };
    if !reportable {
        return Ok(());
    }
    writeln!(out, "Evaluation of rules {rules} against data {data}")?;
    if shown.fail {
        if !failed.is_empty() {
            writeln!(out, "--")?;
        }
        for line in failed.values().flatten() {
            writeln!(out, "{}", line.text(data))?;
        }
    }
    if shown.pass && !passed.is_empty() {
        writeln!(out, "--")?;
        for rule in &passed {
            writeln!(out, "Rule [{rule}] is compliant for template [{data}]")?;
        }
    }
    if shown.skip && !skipped.is_empty() {
        writeln!(out, "--")?;
        for (rule, reason) in &skipped {
            writeln!(out, "Rule [{rule}] is not applicable for template [{data}]")?;
            if let Some(reason) = reason {
                writeln!(out, "  {reason}")?;
            }
        }
    }
    writeln!(out, "--")
}

/// The steps that made a rule fail; filters aside.
fn failing<'e, 'w>(event: &'e Event<'w>, out: &mut Vec<&'e Event<'w>>) {
    match &event.what {
        What::Filter(_) => {}
        What::Check(check) if matches!(**check, Check::Success) => {}
        What::Check(_) | What::Rule { message: Some(_), status: Status::Fail, .. } => out.push(event),
        what => {
            let before = out.len();
            for inner in &event.inner {
                failing(inner, out);
            }
            if let What::Clause(ended) = what
                && ended.message.is_some()
                && ended.status == Status::Fail
                && out.len() == before
            {
                out.push(event);
            }
        }
    }
}

fn json(value: Val<'_>) -> String {
    serde_json::to_string(&Json(value)).unwrap_or_default()
}

fn line<'e, 'w: 'e>(rule: &'w str, event: &'e Event<'w>) -> Line<'w> {
    let base = Line { rule, ..Line::default() };
    let owned = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    let custom = |text: Option<&str>| text.unwrap_or("").to_owned();
    match &event.what {
        What::Rule { name, message, .. } => {
            Line { rule: name, message: owned(message).unwrap_or_default(), ..base }
        }
        What::Clause(ended) => Line { error: owned(&ended.message), ..base },
        What::Check(check) => match &**check {
            Check::Success => base,
            Check::Reference { message, custom: own, .. } => {
                Line { error: owned(message), message: custom(*own), ..base }
            }
            Check::Missing { from, message } => {
                Line { error: Some(message.to_string()), path: from.place().path(), ..base }
            }
            Check::Empty(own) => Line { op: Some((Op::Empty, false)), message: custom(*own), ..base },
            Check::Unary { op, from, message, custom: own } => Line {
                op: Some(*op),
                error: error(from, message.as_deref()),
                message: custom(*own),
                provided: Some(json(from.place())),
                path: from.place().path(),
                ..base
            },
            Check::Binary { op, from, to, message, custom: own } => Line {
                op: Some(*op),
                error: error(from, message.as_deref()),
                message: custom(*own),
                provided: Some(json(from.place())),
                expected: match from {
                    Found::Missing(_) => None,
                    _ => to.as_ref().map(|to| json(to.place())),
                },
                path: from.place().path(),
                ..base
            },
            Check::In { op, from, to, .. } => {
                let expected: Vec<String> = to.iter().map(|one| json(one.place())).collect();
                Line {
                    op: Some(*op),
                    provided: Some(json(from.place())),
                    expected: Some(format!("[{}]", expected.join(","))),
                    ..base
                }
            }
        },
        _ => base,
    }
}

/// Why there is no answer for a value: an error, or that it is not there.
fn error(from: &Found<'_>, message: Option<&str>) -> Option<String> {
    match from {
        Found::Missing(missing) => Some(message.map_or_else(|| missing.reason(), str::to_owned)),
        _ => message.map(str::to_owned),
    }
}

impl Line<'_> {
    fn text(&self, data: &str) -> String {
        let Self { rule, path, .. } = self;
        if let Some(error) = &self.error {
            return format!(
                "Property traversed until [{path}] in data [{data}] is not compliant with [{rule}] due to retrieval error. \
                 Error Message [{error}]"
            );
        }
        let Some((op, negated)) = self.op else {
            let reason = self.message.replace('\n', "; ");
            return format!("Rule {rule} failed for {data}. Reason {reason}");
        };
        let message = self.message.replace('\n', ";");
        let provided = self.provided.as_deref().unwrap_or("null");
        if op.is_unary() {
            let was = was(op, negated);
            return format!(
                "Property [{path}] in data [{data}] is not compliant with [{rule}] because needed value at [{provided}] {was}. \
                 Error Message [{message}]"
            );
        }
        let did = if negated { "did" } else { "did not" };
        let matched = if op == Op::In { "match expected value in" } else { "match expected value" };
        let expected = self.expected.as_deref().unwrap_or("null");
        format!(
            "Property [{path}] in data [{data}] is not compliant with [{rule}] because provided value [{provided}] {did} \
             {matched} [{expected}]. Error Message [{message}]"
        )
    }
}

fn was(op: Op, negated: bool) -> &'static str {
    let (plain, negative) = match op {
        Op::Exists => ("did not exist", "existed"),
        Op::Empty => ("was not empty", "was empty"),
        Op::IsList => ("was not a list ", "was list"),
        Op::IsStruct => ("was not a struct", "was struct"),
        Op::IsString => ("was not a string ", "was string"),
        Op::IsBool => ("was not a bool", "was bool"),
        Op::IsInt => ("was not an int", "was int"),
        Op::IsNull => ("was not null", "was null"),
        _ => ("was not a float", "was float"),
    };
    if negated { negative } else { plain }
}
