//! The peer's summary table and single-line report.

use std::io::Write;

use serde_json::Value;

use crate::rules::ast::Op;
use crate::rules::{Status, Trace, TraceCheck, TraceClause};

use super::Summary;
use super::judge::{Verdict, overall};

/// What the console shows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shown {
    pub(super) pass: bool,
    pub(super) fail: bool,
    pub(super) skip: bool,
}

impl Shown {
    pub(super) fn new(summary: &[Summary]) -> Self {
        let mut out = Self::default();
        for one in summary {
            match one {
                Summary::All => out = Self { pass: true, fail: true, skip: true },
                Summary::Pass => out.pass = true,
                Summary::Fail => out.fail = true,
                Summary::Skip => out.skip = true,
                Summary::None => out = Self::default(),
            }
        }
        out
    }

    pub(super) fn is_nothing(self) -> bool {
        !(self.pass || self.fail || self.skip)
    }
}

/// The rules with a status, each name once; a rule that is defined twice does not count as skipped if it also passes or
/// fails.
fn names(verdicts: &[Verdict], status: Status) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::new();
    for verdict in verdicts.iter().filter(|verdict| verdict.status == status) {
        let decided = status == Status::Skip
            && verdicts.iter().any(|other| other.name == verdict.name && other.status != Status::Skip);
        if !decided && !out.contains(&&*verdict.name) {
            out.push(&verdict.name);
        }
    }
    out
}

/// A rule's name without its file's.
fn short<'n>(rules: &str, name: &'n str) -> &'n str {
    name.strip_prefix(rules).and_then(|rest| rest.strip_prefix('/')).unwrap_or(name)
}

/// The summary table.
pub(super) fn table(
    out: &mut dyn Write,
    shown: Shown,
    (rules, data): (&str, &str),
    verdicts: &[Verdict],
) -> std::io::Result<()> {
    let longest = verdicts.iter().map(|verdict| short(rules, &verdict.name).len()).max().unwrap_or(0);
    let mut started = false;
    let groups = [
        (shown.skip, Status::Skip, "SKIP rules"),
        (shown.pass, Status::Pass, "PASS rules"),
        (shown.fail, Status::Fail, "FAILED rules"),
    ];
    for (wanted, status, title) in groups {
        let names = names(verdicts, status);
        if !wanted || names.is_empty() {
            continue;
        }
        if !started {
            started = true;
            writeln!(out, "{data} Status = {}", overall(verdicts).as_str())?;
        }
        writeln!(out, "{title}")?;
        for name in names {
            writeln!(out, "{rules}/{:<width$}{}", short(rules, name), status.as_str(), width = longest + 4)?;
        }
    }
    if started {
        writeln!(out, "---")?;
    }
    Ok(())
}

/// One line for each failure.
pub(super) fn lines(
    out: &mut dyn Write,
    shown: Shown,
    (rules, data): (&str, &str),
    verdicts: &[Verdict],
) -> std::io::Result<()> {
    let with = |status: Status| verdicts.iter().filter(move |verdict| verdict.status == status);
    let reportable = if shown.fail {
        with(Status::Fail).next().is_some()
    } else if shown.pass {
        with(Status::Pass).next().is_some()
    } else {
        shown.skip && with(Status::Skip).next().is_some()
    };
    if !reportable {
        return Ok(());
    }
    writeln!(out, "Evaluation of rules {rules} against data {data}")?;
    if shown.fail {
        if with(Status::Fail).next().is_some() {
            writeln!(out, "--")?;
        }
        let mut failed: Vec<&Verdict> = with(Status::Fail).collect();
        failed.sort_by(|left, right| left.name.cmp(&right.name));
        for verdict in failed {
            each(&verdict.checks, &mut |check| line(out, &verdict.name, data, check))?;
        }
    }
    for (wanted, status, phrase) in
        [(shown.pass, Status::Pass, "compliant"), (shown.skip, Status::Skip, "not applicable")]
    {
        let mut names: Vec<&str> = with(status).map(|verdict| &*verdict.name).collect();
        names.sort_unstable();
        names.dedup();
        if wanted && !names.is_empty() {
            writeln!(out, "--")?;
            for name in names {
                writeln!(out, "Rule [{name}] is {phrase} for template [{data}]")?;
            }
        }
    }
    writeln!(out, "--")
}

fn each(checks: &[Trace], with: &mut dyn FnMut(&Trace) -> std::io::Result<()>) -> std::io::Result<()> {
    for check in checks {
        match check {
            Trace::Rule { checks, .. } | Trace::Disjunctions(checks) => each(checks, with)?,
            one => with(one)?,
        }
    }
    Ok(())
}

fn line(out: &mut dyn Write, rule: &str, data: &str, check: &Trace) -> std::io::Result<()> {
    match check {
        Trace::Clause(clause) => clause_line(out, rule, data, clause),
        Trace::Block { error, unresolved, .. } => {
            let (path, error) = match unresolved {
                Some(ended) => (&*ended.reached.path, &*ended.reason),
                None => ("", &**error),
            };
            writeln!(
                out,
                "Property traversed until [{path}] in data [{data}] is not compliant with [{rule}] due to retrieval error. Error Message [{error}]"
            )
        }
        Trace::Rule { .. } | Trace::Disjunctions(_) => Ok(()),
    }
}

fn clause_line(out: &mut dyn Write, rule: &str, data: &str, clause: &TraceClause) -> std::io::Result<()> {
    let message = clause.message.as_deref().unwrap_or("").replace('\n', ";");
    let (op, negated) = clause.comparison;
    match &clause.check {
        TraceCheck::Unresolved(ended) => writeln!(
            out,
            "Property traversed until [{}] in data [{data}] is not compliant with [{rule}] due to retrieval error. Error Message [{}]",
            ended.reached.path, ended.reason
        ),
        TraceCheck::Context(_) => writeln!(
            out,
            "Property traversed until [] in data [{data}] is not compliant with [{rule}] due to retrieval error. Error Message [{message}]"
        ),
        TraceCheck::Resolved(value, None) => {
            let phrase = unary(op, negated);
            let (path, shown) = (&value.path, &value.value);
            writeln!(
                out,
                "Property [{path}] in data [{data}] is not compliant with [{rule}] because needed value at [{shown}] {phrase}. Error Message [{message}]"
            )
        }
        TraceCheck::Resolved(value, Some(expected)) => {
            binary(out, (rule, data), &value.path, &value.value, (op, negated), &expected.value, &message)
        }
        TraceCheck::In(value, others) => {
            let others = Value::Array(others.iter().map(|other| other.value.clone()).collect());
            binary(out, (rule, data), "", &value.value, (op, negated), &others, "")
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one sentence")]
fn binary(
    out: &mut dyn Write,
    (rule, data): (&str, &str),
    path: &str,
    provided: &Value,
    (op, negated): (Op, bool),
    expected: &Value,
    message: &str,
) -> std::io::Result<()> {
    let did = if negated { "did" } else { "did not" };
    let what = if op == Op::In { "match expected value in" } else { "match expected value" };
    writeln!(
        out,
        "Property [{path}] in data [{data}] is not compliant with [{rule}] because provided value [{provided}] {did} {what} [{expected}]. Error Message [{message}]"
    )
}

fn unary(op: Op, negated: bool) -> &'static str {
    match (op, negated) {
        (Op::Exists, false) => "did not exist",
        (Op::Exists, true) => "existed",
        (Op::Empty, false) => "was not empty",
        (Op::Empty, true) => "was empty",
        (Op::IsList, false) => "was not a list",
        (Op::IsList, true) => "was a list",
        (Op::IsStruct, false) => "was not a struct",
        (Op::IsStruct, true) => "was a struct",
        (Op::IsString, false) => "was not a string",
        (Op::IsString, true) => "was a string",
        (_, false) => "was not of the type",
        (_, true) => "was of the type",
    }
}
