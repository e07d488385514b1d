//! JUnit's XML as the peer writes it.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::cli::guard::trace::Status;

use super::failures::Failure;
use super::json::FileReport;

/// A group of cases.
#[derive(Debug, Default)]
pub(in crate::cli::guard) struct Suite {
    pub(in crate::cli::guard) name: String,
    pub(in crate::cli::guard) cases: Vec<Case>,
    /// Milliseconds.
    pub(in crate::cli::guard) time: u128,
    pub(in crate::cli::guard) errors: usize,
    pub(in crate::cli::guard) failures: usize,
}

#[derive(Debug)]
pub(in crate::cli::guard) struct Case {
    pub(in crate::cli::guard) id: Option<String>,
    pub(in crate::cli::guard) name: String,
    pub(in crate::cli::guard) time: u128,
    pub(in crate::cli::guard) outcome: Outcome,
}

#[derive(Debug)]
pub(in crate::cli::guard) enum Outcome {
    Pass,
    Skip(Vec<String>),
    Fail { rule: Option<String>, texts: Vec<String> },
    Error(String),
}

/// The case that the report of one rule file makes.
pub(in crate::cli::guard) fn case(name: &str, report: &FileReport<'_, '_>, time: u128) -> Case {
    let outcome = match report.status() {
        Status::Pass => Outcome::Pass,
        Status::Skip => {
            Outcome::Skip(report.reasons().iter().map(|(rule, reason)| format!("{rule}: {reason}")).collect())
        }
        Status::Fail => {
            let (mut rule, mut texts) = (None, Vec::new());
            for failure in report.failures() {
                let mut messages = Vec::new();
                failure.messages(&mut messages);
                if let Failure::Rule { name, .. } = &failure
                    && !messages.is_empty()
                {
                    rule = Some(name.split(".guard/").nth(1).unwrap_or(name).to_owned());
                }
                texts.extend(
                    messages
                        .into_iter()
                        .flat_map(|one| [one.custom.map(Cow::into_owned), one.error])
                        .flatten(),
                );
            }
            Outcome::Fail { rule, texts }
        }
    };
    Case { id: None, name: name.to_owned(), time, outcome }
}

/// The document.
pub(in crate::cli::guard) fn document(name: &str, suites: &[Suite], time: u128) -> String {
    let count = |of: fn(&Suite) -> usize| -> usize { suites.iter().map(of).sum() };
    let tests = count(|suite| suite.cases.len());
    let (failures, errors) = (count(|suite| suite.failures), count(|suite| suite.errors));
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let name = escape(name);
    let _ = writeln!(
        out,
        "<testsuites name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" time=\"{time}\">"
    );
    for suite in suites {
        let Suite { time, errors, failures, .. } = suite;
        let name = escape(&suite.name);
        let _ = writeln!(
            out,
            "    <testsuite name=\"{name}\" errors=\"{errors}\" failures=\"{failures}\" time=\"{time}\">"
        );
        for case in &suite.cases {
            write_case(&mut out, case);
        }
        out.push_str("    </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn write_case(out: &mut String, case: &Case) {
    out.push_str("        <testcase");
    if let Some(id) = &case.id {
        let _ = write!(out, " id=\"{}\"", escape(id));
    }
    let _ = write!(out, " name=\"{}\" time=\"{}\"", escape(&case.name), case.time);
    let (inner, text, attribute) = match &case.outcome {
        Outcome::Pass => (None, String::new(), " status=\"pass\""),
        Outcome::Skip(reasons) => {
            ((!reasons.is_empty()).then_some("skipped"), reasons.join("\n"), " status=\"skip\"")
        }
        Outcome::Fail { texts, .. } => (Some("failure"), texts.concat(), ""),
        Outcome::Error(error) => (Some("error"), error.clone(), " status=\"error\""),
    };
    out.push_str(attribute);
    let Some(inner) = inner else {
        out.push_str("/>\n");
        return;
    };
    let rule = match &case.outcome {
        Outcome::Fail { rule: Some(rule), .. } => format!(" message=\"{}\"", escape(rule)),
        _ => String::new(),
    };
    let empty = matches!(&case.outcome, Outcome::Fail { texts, .. } if texts.is_empty());
    let _ = if empty {
        writeln!(out, ">\n            <{inner}{rule}/>\n        </testcase>")
    } else {
        let text = escape(&text);
        writeln!(out, ">\n            <{inner}{rule}>{text}</{inner}>\n        </testcase>")
    };
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\'' => out.push_str("&apos;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}
