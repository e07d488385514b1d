//! The table of rules and their answers that comes before a report on the console.

use std::io::{self, Write};

use crate::cli::guard::trace::{Event, Status};

use super::paint::Paint;

/// Which rules are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::cli::guard) struct Shown {
    pub(in crate::cli::guard) pass: bool,
    pub(in crate::cli::guard) fail: bool,
    pub(in crate::cli::guard) skip: bool,
}

impl Shown {
    pub(in crate::cli::guard) fn nothing(self) -> bool {
        self == Self::default()
    }
}

/// A rule's name without the file's, where the file's stands before it.
fn short<'r>(file: &str, rule: &'r str) -> &'r str {
    rule.strip_prefix(file).and_then(|rest| rest.strip_prefix('/')).unwrap_or(rule)
}

/// Adds a rule unless its name is there already.
fn add<'r>(to: &mut Vec<&'r str>, name: &'r str) {
    if !to.contains(&name) {
        to.push(name);
    }
}

/// Writes the table, if there is anything in it.
pub(in crate::cli::guard) fn write(
    out: &mut dyn Write,
    paint: Paint,
    shown: Shown,
    (data, rules): (&str, &str),
    event: &Event<'_>,
    status: Status,
) -> io::Result<()> {
    let (mut passed, mut failed, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
    let mut reasons: Vec<(&str, String)> = Vec::new();
    let mut longest = 0;
    for (rule, name, status) in event.rules() {
        longest = longest.max(short(rules, name).len());
        match status {
            Status::Pass => add(&mut passed, name),
            Status::Fail => add(&mut failed, name),
            Status::Skip => {
                add(&mut skipped, name);
                if let Some(reason) = rule.skip_reason() {
                    reasons.retain(|(known, _)| *known != name);
                    reasons.push((name, reason));
                }
            }
        }
    }
    skipped.retain(|name| !passed.contains(name) && !failed.contains(name));
    reasons.retain(|(name, _)| skipped.contains(name));
    let mut started = false;
    let mut section =
        |out: &mut dyn Write, title: &str, names: &[&str], status_of: Status| -> io::Result<()> {
            if !started {
                started = true;
                writeln!(out, "{data} Status = {}", paint.status(status))?;
            }
            writeln!(out, "{}", paint.bold(title))?;
            for name in names {
                let width = longest + 4;
                writeln!(out, "{rules}/{:<width$}{}", short(rules, name), paint.status(status_of))?;
            }
            Ok(())
        };
    if shown.skip && !skipped.is_empty() {
        section(out, "SKIP rules", &skipped, Status::Skip)?;
        for (name, reason) in &reasons {
            writeln!(out, "  {}: {reason}", short(rules, name))?;
        }
    }
    if shown.pass && !passed.is_empty() {
        section(out, "PASS rules", &passed, Status::Pass)?;
    }
    if shown.fail && !failed.is_empty() {
        section(out, "FAILED rules", &failed, Status::Fail)?;
    }
    if started {
        writeln!(out, "---")?;
    }
    Ok(())
}
