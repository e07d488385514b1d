//! One line a finding, for `grep` and editors: `file:line:column: severity[rule] message (entity)`.

use std::io::{self, Write};

use crate::check::Run;

use super::{Look, human, listed, message, shown, undecided};

/// Writes the report.
pub(super) fn render(run: &Run, look: Look, out: &mut dyn Write) -> io::Result<()> {
    for one in &run.diagnostics {
        let place = match (&one.place, &one.file) {
            (Some(place), _) => format!("{}: ", shown(place)),
            (None, Some(file)) => format!("{file}: "),
            (None, None) => String::new(),
        };
        writeln!(out, "{place}{}[{}] {}", one.level.as_str(), one.code.id(), one.message)?;
    }
    for question in undecided::questions(run) {
        let place =
            question.first.place.as_ref().map(|place| format!("{}: ", shown(place))).unwrap_or_default();
        let (title, rules, entity) = (question.title(), question.rules(), &question.first.entity);
        writeln!(out, "{place}unknown[{rules}] {title} ({entity})")?;
    }
    for finding in listed(run, look) {
        let place = finding.place.as_ref().map(|place| format!("{}: ", shown(place))).unwrap_or_default();
        let severity = finding.severity.as_str();
        let under = match finding.under.as_slice() {
            [] => String::new(),
            under => format!(" when {}", under.join(" and ")),
        };
        let said = message(finding);
        writeln!(out, "{place}{severity}[{}] {said} ({}{under})", finding.rule, finding.entity)?;
    }
    writeln!(out, "{}", human::closing(run, look))
}
