//! Markdown, for a comment on a change: a table of what is wrong, and what to do about each.

use std::io::{self, Write};

use crate::check::{Finding, Run};
use crate::document::Level;

use super::{Look, human, listed, message, permissions, shown, undecided};

/// Writes the report.
pub(super) fn render(run: &Run, look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## rolecall: {}\n", human::closing(run, look))?;
    for one in run.diagnostics.iter().filter(|one| one.level == Level::Error) {
        let place = one.place.as_ref().map(shown).or_else(|| one.file.as_deref().map(str::to_owned));
        writeln!(
            out,
            "- **{}** {} {}",
            one.code.id(),
            code(&place.unwrap_or_default()),
            escape(&one.message)
        )?;
    }
    if !run.findings.is_empty() {
        findings(run, look, out)?;
    }
    permissions(run, out)
}

/// What the deployment changes for principals.
fn permissions(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    if !run.permissions.is_empty() {
        writeln!(out, "\n### Permissions that change\n")?;
    }
    for (_, change) in &run.permissions {
        writeln!(out, "- {} {}", change.kind, code(&change.entity))?;
        for (sign, text) in permissions::lines(change) {
            writeln!(out, "  - {} {}", code(&sign.to_string()), escape(&text))?;
        }
    }
    match permissions::unlisted(run) {
        Some(text) => writeln!(out, "\n{text}"),
        None => Ok(()),
    }
}

fn findings(run: &Run, look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| severity | rule | where | what |\n|---|---|---|---|")?;
    for finding in listed(run, look) {
        let severity = finding.severity.as_str();
        let place = finding.place.as_ref().map(shown).unwrap_or_default();
        writeln!(
            out,
            "| {severity} | {} | {}<br>{} | {} |",
            finding.rule,
            code(&finding.entity),
            code(&place),
            what(finding)
        )?;
    }
    for question in undecided::questions(run) {
        let place = question.first.place.as_ref().map(shown).unwrap_or_default();
        let (entity, rules) = (code(&question.first.entity), question.rules());
        writeln!(out, "| unknown | {rules} | {entity}<br>{} | {} |", code(&place), escape(question.title()))?;
    }
    Ok(())
}

fn what(finding: &Finding) -> String {
    let mut text = escape(message(finding));
    if !finding.under.is_empty() {
        text.push_str(&format!("<br>when {}", escape(&finding.under.join(" and "))));
    }
    if !finding.remediation.is_empty() {
        text.push_str(&format!("<br>*{}*", escape(&finding.remediation)));
    }
    text
}

/// Text in a cell of a table; what is in back-ticks stays code.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            out.push_str(&code(part));
            continue;
        }
        for character in part.chars() {
            match character {
                '<' => out.push_str("&lt;"),
                '\n' => out.push_str("<br>"),
                '|' | '*' | '_' | '[' | ']' | '\\' => {
                    out.push('\\');
                    out.push(character);
                }
                other => out.push(other),
            }
        }
    }
    out
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", super::html::escape(text).replace('|', "&#124;").replace('\n', " "))
}
