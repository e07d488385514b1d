//! GitLab's code quality report.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::check::{Finding, FindingStatus, Run, Severity};
use crate::document::{Diagnostic, Level};

use super::message;

/// Writes the report.
pub(super) fn render(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let errors = run.diagnostics.iter().filter(|one| one.level == Level::Error);
    let all: Vec<Value> = errors.map(defect).chain(run.findings.iter().map(|one| finding(one))).collect();
    serde_json::to_writer_pretty(&mut *out, &all)?;
    writeln!(out)
}

fn finding(finding: &Finding) -> Value {
    let severity = match (finding.status, finding.severity) {
        (FindingStatus::Unknown, _) | (_, Severity::Info) => "info",
        (_, Severity::Low) => "minor",
        (_, Severity::Medium) => "major",
        (_, Severity::High) => "critical",
        (_, Severity::Critical) => "blocker",
    };
    let line = finding
        .place
        .as_ref()
        .map_or(1, |place| place.source.lines().position(place.source.text(), place.start).line);
    json!({
        "description": format!("{} (`{}`)", message(finding), finding.entity),
        "check_name": &*finding.rule,
        "fingerprint": finding.fingerprint.to_string(),
        "severity": severity,
        "location": {"path": finding.file(), "lines": {"begin": line}},
    })
}

fn defect(one: &Diagnostic) -> Value {
    let line = one
        .place
        .as_ref()
        .map_or(1, |place| place.source.lines().position(place.source.text(), place.start).line);
    let file = one.file.as_deref().unwrap_or("");
    json!({
        "description": one.message,
        "check_name": one.code.id(),
        "fingerprint": format!("{}:{file}:{line}", one.code.id()),
        "severity": "blocker",
        "location": {"path": file, "lines": {"begin": line}},
    })
}
