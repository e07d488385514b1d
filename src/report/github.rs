//! Workflow commands of GitHub Actions, which become annotations of a change's files.

use std::io::{self, Write};

use crate::check::{FindingStatus, Run, Severity};
use crate::document::{Level, Location};

use super::{human, message};

/// Writes the report.
pub(super) fn render(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    for one in &run.diagnostics {
        let command = match one.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "notice",
        };
        let place = match (&one.place, &one.file) {
            (Some(place), _) => region(place),
            (None, Some(file)) => format!("file={},", property(file)),
            (None, None) => String::new(),
        };
        writeln!(out, "::{command} {place}title={}::{}", one.code.id(), data(&one.message))?;
    }
    for finding in &run.findings {
        let command = match (finding.status, finding.severity) {
            (FindingStatus::Unknown, _) | (_, Severity::Low | Severity::Info) => "notice",
            (_, Severity::Medium) => "warning",
            (_, Severity::High | Severity::Critical) => "error",
        };
        let place = finding.place.as_ref().map(region).unwrap_or_default();
        let title = property(&format!("{} {}", finding.rule, finding.title));
        let mut text = format!("{} (`{}`)", message(finding), finding.entity);
        if !finding.under.is_empty() {
            text.push_str(&format!("\nwhen {}", finding.under.join(" and ")));
        }
        if !finding.remediation.is_empty() {
            text.push_str(&format!("\nhelp: {}", finding.remediation));
        }
        writeln!(out, "::{command} {place}title={title}::{}", data(&text))?;
    }
    writeln!(out, "{}", human::closing(run, super::Look::default()))
}

fn region(place: &Location) -> String {
    let (text, lines) = (place.source.text(), place.source.lines());
    let (start, end) = (lines.position(text, place.start), lines.position(text, place.end));
    let mut out = format!("file={},line={},endLine={},", property(place.source.name()), start.line, end.line);
    // Columns of values that span lines are refused.
    if start.line == end.line {
        out.push_str(&format!("col={},endColumn={},", start.column, end.column));
    }
    out
}

/// Escapes the text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
