//! A page of HTML that stands alone, for an archive of a pipeline's artifacts.

use std::io::{self, Write};

use crate::check::{Finding, FindingStatus, Run};

use super::{Look, human, message, shown};

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
section{border-left:4px solid #888;margin:1rem 0;padding:.2rem 1rem}.critical,.high{border-color:#c62828}\
.medium{border-color:#ef6c00}.low,.info{border-color:#1565c0}code{background:#8882;padding:0 .2em}small{color:#666}";

/// Writes the report.
pub(super) fn render(run: &Run, look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>rolecall</title>")?;
    writeln!(
        out,
        "<style>{STYLE}</style>\n<h1>rolecall</h1>\n<p>{}</p>",
        escape(&human::closing(run, look))
    )?;
    for one in &run.diagnostics {
        let place = one.place.as_ref().map(shown).or_else(|| one.file.as_deref().map(str::to_owned));
        writeln!(
            out,
            "<section><b>{} {}</b> {}<br><small>{}</small></section>",
            one.level.as_str(),
            one.code.id(),
            text(&one.message),
            escape(&place.unwrap_or_default())
        )?;
    }
    run.findings.iter().try_for_each(|finding| section(finding, out))?;
    writeln!(out, "</html>")
}

fn section(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let severity = match finding.status {
        FindingStatus::Fail => finding.severity.as_str(),
        FindingStatus::Unknown => "unknown",
    };
    writeln!(
        out,
        "<section class=\"{severity}\"><b>{severity} {}</b> {}",
        escape(&finding.rule),
        text(message(finding))
    )?;
    let place = finding.place.as_ref().map(shown).unwrap_or_default();
    writeln!(out, "<br><code>{}</code> <small>{}</small>", escape(&finding.entity), escape(&place))?;
    if !finding.evidence.is_empty() {
        writeln!(out, "<br><code>{}</code>", escape(&finding.evidence))?;
    }
    if !finding.under.is_empty() {
        writeln!(out, "<br>when {}", escape(&finding.under.join(" and ")))?;
    }
    for (place, why) in &finding.related {
        writeln!(out, "<br><small>{}: {}</small>", text(why), escape(&shown(place)))?;
    }
    if !finding.remediation.is_empty() {
        writeln!(out, "<br><i>{}</i>", text(&finding.remediation))?;
    }
    writeln!(out, "</section>")
}

/// Text in which back-ticks mark code.
fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, part) in text.split('`').enumerate() {
        let part = escape(part);
        out.push_str(&if index % 2 == 1 { format!("<code>{part}</code>") } else { part });
    }
    out
}

/// Escapes what HTML would read as its own.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
