//! The report for people: what is wrong, where, who is affected, what to do; and a closing line.

use std::borrow::Cow;
use std::io::{self, Write};

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

use crate::check::{Finding, FindingChange, FindingStatus, InputStatus, Run, Severity, Surroundings};
use crate::document::{self, Diagnostic, Location, Position};

use super::excerpt::Excerpt;
use super::permissions;
use super::undecided::{self, Question};
use super::{Look, excerpt, listed, message, shown};

/// Writes the report.
pub(super) fn render(run: &Run, look: Look, out: &mut dyn Write) -> io::Result<()> {
    diagnostics(&run.diagnostics, look, out)?;
    findings(run, look, out)?;
    permissions(run, out)?;
    writeln!(out, "{}", closing(run, look))
}

/// Writes what the deployment changes for principals.
fn permissions(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    for (_, change) in &run.permissions {
        writeln!(out, "permissions of the {} `{}` change", change.kind, change.entity)?;
        for (sign, text) in permissions::lines(change) {
            writeln!(out, "  {sign} {text}")?;
        }
        writeln!(out)?;
    }
    match permissions::unlisted(run) {
        Some(text) => writeln!(out, "{text}\n"),
        None => Ok(()),
    }
}

/// Writes findings alone.
pub(super) fn findings(run: &Run, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let renderer = renderer(look);
    listed(run, look).try_for_each(|finding| {
        let laid_out = || renderer.render(&[group_of_finding(finding)]);
        let text = plain(finding, look);
        debug_assert!(
            text.as_ref().is_none_or(|text| *text == laid_out()),
            "plain text is as it is laid out"
        );
        writeln!(out, "{}\n", text.unwrap_or_else(laid_out))
    })?;
    let open = undecided::questions(run);
    open.iter()
        .try_for_each(|question| writeln!(out, "{}\n", renderer.render(&[group_of_question(question)])))
}

/// Writes diagnostics alone.
pub(super) fn diagnostics(diagnostics: &[Diagnostic], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let renderer = renderer(look);
    diagnostics.iter().try_for_each(|one| writeln!(out, "{}\n", renderer.render(&[group_of_diagnostic(one)])))
}

fn renderer(look: Look) -> Renderer {
    let renderer = if look.colour { Renderer::styled() } else { Renderer::plain() };
    let decor = if look.unicode { DecorStyle::Unicode } else { DecorStyle::Ascii };
    renderer.decor_style(decor).term_width(look.width.unwrap_or(140))
}

fn group_of_finding(finding: &Finding) -> Group<'_> {
    let level = match finding.severity {
        Severity::Critical | Severity::High => Level::ERROR,
        Severity::Medium => Level::WARNING,
        Severity::Low | Severity::Info => Level::INFO,
    };
    let level = level.with_name(finding.severity.as_str());
    let mut group =
        level.primary_title(message(finding)).id(&*finding.rule).elements(Vec::<Element<'_>>::new());
    if let Some(place) = &finding.place {
        let excerpt = excerpt::of(place, finding.surroundings);
        group = group.elements(framed(place, excerpt, &finding.evidence));
    }
    for (name, text) in remarks(finding) {
        let level = match name {
            "note" => Level::NOTE,
            "help" => Level::HELP,
            name => Level::NOTE.with_name(name),
        };
        group = group.element(level.message(text));
    }
    group
}

/// What is said below a finding, each with a word for it.
fn remarks(finding: &Finding) -> Vec<(&'static str, Cow<'_, str>)> {
    let existing =
        if finding.change == Some(FindingChange::Existing) { ", there before this change" } else { "" };
    let construct = finding.details.construct.as_ref().map(|path| format!(" (`{path}`)")).unwrap_or_default();
    let mut out = vec![("note", format!("in `{}`{construct}{existing}", finding.entity).into())];
    for (place, why) in &finding.related {
        out.push(("note", format!("{why}: {}", shown(place)).into()));
    }
    for (index, (place, what)) in finding.details.flow.iter().enumerate() {
        out.push(("flow", format!("{}. {what}: {}", index + 1, shown(place)).into()));
    }
    if !finding.under.is_empty() {
        out.push(("note", format!("when {}", finding.under.join(" and ")).into()));
    }
    if !finding.remediation.is_empty() {
        out.push(("help", Cow::Borrowed(&*finding.remediation)));
    }
    if let Some(fix) = finding.fixes.first() {
        let flags = if fix.safe { "" } else { " --unsafe-fixes" };
        out.push(("help", format!("{} (`rolecall fix{flags}` does it)", fix.message).into()));
    }
    out
}

/// A finding of which no line of the source is shown, as the renderer writes it without colour and frames: there is
/// nothing to be laid out. Nothing where a text has characters that the renderer may replace.
fn plain(finding: &Finding, look: Look) -> Option<String> {
    let place = finding.place.as_ref().filter(|_| !look.colour && !look.unicode)?;
    let excerpt = excerpt::of(place, finding.surroundings);
    if !excerpt.cut {
        return None;
    }
    let Position { line, column } = excerpt.position;
    let (severity, rule, name) = (finding.severity.as_str(), &finding.rule, place.source.name());
    let title = format!("{severity}[{rule}]: {}", message(finding));
    let remarks = remarks(finding);
    let value = Some(("value", quoted(&excerpt, &finding.evidence))).filter(|(_, value)| !value.is_empty());
    let below = value.into_iter().chain(remarks.iter().map(|(name, text)| (*name, &**text)));
    let mut out = format!("{title}\n--> {name}:{line}:{column}");
    let is_plain = |text: &str| text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let mut all_plain = is_plain(&title) && is_plain(name);
    for (name, text) in below {
        all_plain &= is_plain(text);
        out.extend(["\n = ", name, ": ", text]);
    }
    all_plain.then_some(out)
}

/// One value that several rules cannot decide about is one thing to look into.
fn group_of_question<'a>(question: &'a Question<'_>) -> Group<'a> {
    let mut group =
        Level::NOTE.with_name("unknown").primary_title(question.title()).elements(Vec::<Element<'_>>::new());
    if let Some(place) = &question.first.place {
        group = group.elements(framed(place, excerpt::of(place, question.first.surroundings), ""));
    }
    group.element(Level::NOTE.message(format!(
        "in `{}`; not decided: {}",
        question.first.entity,
        question.rules()
    )))
}

fn group_of_diagnostic(diagnostic: &Diagnostic) -> Group<'_> {
    let level = match diagnostic.level {
        document::Level::Error => Level::ERROR,
        document::Level::Warning => Level::WARNING,
        document::Level::Note => Level::NOTE,
    };
    let title = level.primary_title(&diagnostic.message).id(diagnostic.code.id());
    let mut group = title.elements(Vec::<Element<'_>>::new());
    match (&diagnostic.place, &diagnostic.file) {
        (Some(place), _) => group = group.elements(framed(place, excerpt::of(place, Surroundings::Line), "")),
        (None, Some(file)) => group = group.element(Origin::path(&**file)),
        (None, None) => {}
    }
    for (place, why) in &diagnostic.related {
        group = group.element(Level::NOTE.message(format!("{why}: {}", shown(place))));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    group
}

/// Where a value is, and the line that it is in.
fn framed<'a>(place: &'a Location, excerpt: Excerpt, value: &'a str) -> Vec<Element<'a>> {
    let name = place.source.name();
    let line = excerpt.position.line as usize;
    if excerpt.cut {
        // The columns of a part of a line are not those of the line.
        let origin = Origin::path(name).line(line).char_column(excerpt.position.column as usize);
        let value = quoted(&excerpt, value);
        if value.is_empty() {
            return vec![origin.into()];
        }
        return vec![origin.into(), Level::NOTE.with_name("value").message(value.to_owned()).into()];
    }
    let annotation = AnnotationKind::Primary.span(excerpt.span);
    vec![Snippet::source(excerpt.text).path(name).line_start(line).annotation(annotation).into()]
}

/// A value of which the line is not shown, without the escapes of the string that it may stand in.
fn quoted<'a>(excerpt: &'a Excerpt, value: &'a str) -> &'a str {
    if value.contains('\n') { &excerpt.text } else { value }
}

/// `2 findings (1 high, 1 low) in 3 files, 14 entities, 11 rules; 1 file could not be checked`
pub(super) fn closing(run: &Run, look: Look) -> String {
    let failures: Vec<_> =
        run.findings.iter().filter(|finding| finding.status == FindingStatus::Fail).collect();
    let by_severity = Severity::ALL.iter().rev().filter_map(|severity| {
        let count = failures.iter().filter(|finding| finding.severity == *severity).count();
        (count > 0).then(|| format!("{count} {}", severity.as_str()))
    });
    let by_severity: Vec<_> = by_severity.collect();
    let mut line = match failures.len() {
        0 => "no findings".to_owned(),
        count => format!("{} ({})", counted(count, "finding"), by_severity.join(", ")),
    };
    let checked = run.inputs.iter().filter(|input| input.status == InputStatus::Checked).count();
    let files = counted(checked, "file");
    let entities = match run.entities() {
        1 => "1 entity".to_owned(),
        count => format!("{count} entities"),
    };
    line.push_str(&format!(" in {files}, {entities}, {}", counted(run.rules.len(), "rule")));
    let quiet = failures.iter().filter(|finding| finding.severity < look.show).count();
    if quiet > 0 {
        line.push_str(&format!("; {quiet} not listed: `--show info` lists all"));
    }
    let unknown = run.count(FindingStatus::Unknown);
    if unknown > 0 {
        let values = counted(undecided::questions(run).len(), "value");
        line.push_str(&format!("; {} not decided for {values}", counted(unknown, "check")));
    }
    if !run.fixed.is_empty() {
        line.push_str(&format!("; {} fixed by this change", run.fixed.len()));
    }
    if run.suppressed > 0 {
        line.push_str(&format!("; {} suppressed", run.suppressed));
    }
    if run.other > 0 {
        line.push_str(&format!("; {} passed over, being no input", counted(run.other, "other file")));
    }
    let nested = run.inputs.iter().filter(|input| !input.within.is_empty()).count();
    if nested > 0 {
        let those = if nested == 1 { "the template that nests it" } else { "the templates that nest them" };
        line.push_str(&format!("; {} judged within {those}", counted(nested, "file")));
    }
    let failed = run.inputs.len() - checked;
    if failed > 0 {
        line.push_str(&format!("; {} could not be checked", counted(failed, "file")));
    }
    line
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
