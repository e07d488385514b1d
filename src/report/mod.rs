//! Findings and diagnostics to bytes, one file a format.
//!
//! A renderer sees a [`Run`] and a writer, and nothing else: it evaluates nothing, reads no file and
//! knows no terminal.

mod concise;
mod excerpt;
mod github;
mod gitlab;
mod html;
mod human;
mod json;
mod junit;
mod markdown;
mod permissions;
mod sarif;
mod undecided;

use std::io::{self, Write};

use crate::check::{Finding, Run, Severity};
use crate::document::Diagnostic;

/// A format of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// For people: excerpts, related places, a closing line.
    Human,
    /// Version 1 of the JSON report; its schema is in `docs/`.
    Json,
    /// The findings of the JSON report, one a line.
    Jsonl,
    /// SARIF 2.1.0.
    Sarif,
    /// One finding a line: place, severity, rule, message.
    Concise,
    /// JUnit's XML: a test suite an input, a test case a rule.
    Junit,
    /// Annotations of GitHub Actions.
    Github,
    /// A code quality report of GitLab.
    Gitlab,
    /// Markdown, for a comment on a change.
    Markdown,
    /// A page of HTML that stands alone.
    Html,
}

impl Format {
    /// All formats.
    pub const ALL: &[Self] = &[
        Self::Human,
        Self::Concise,
        Self::Json,
        Self::Jsonl,
        Self::Sarif,
        Self::Junit,
        Self::Github,
        Self::Gitlab,
        Self::Markdown,
        Self::Html,
    ];

    /// The name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
            Self::Concise => "concise",
            Self::Junit => "junit",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }
}

impl Default for Look {
    fn default() -> Self {
        Self { colour: false, unicode: false, width: None, show: Severity::Info }
    }
}

/// How a report looks.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// With colour.
    pub colour: bool,
    /// With excerpts' frames in Unicode.
    pub unicode: bool,
    /// The width of the terminal, in columns.
    pub width: Option<usize>,
    /// Findings of a lower severity are only counted.
    pub show: Severity,
}

/// Writes diagnostics alone, for people.
pub fn diagnostics(diagnostics: &[Diagnostic], look: Look, out: &mut dyn Write) -> io::Result<()> {
    human::diagnostics(diagnostics, look, out)
}

/// Writes a report.
pub fn render(run: &Run, format: Format, look: Look, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => human::render(run, look, out),
        Format::Json => json::render(run, out),
        Format::Jsonl => json::render_lines(run, out),
        Format::Sarif => sarif::render(run, out),
        Format::Concise => concise::render(run, look, out),
        Format::Junit => junit::render(run, out),
        Format::Github => github::render(run, out),
        Format::Gitlab => gitlab::render(run, out),
        Format::Markdown => markdown::render(run, look, out),
        Format::Html => html::render(run, look, out),
    }
}

/// Writes findings alone, for people, or else a whole report.
pub fn render_findings(run: &Run, format: Format, look: Look, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => human::findings(run, look, out),
        other => render(run, other, look, out),
    }
}

/// A place as people write it: file, line, column.
pub fn shown(place: &crate::document::Location) -> String {
    let position = place.source.lines().position(place.source.text(), place.start);
    format!("{}:{}:{}", place.source.name(), position.line, position.column)
}

/// The failures that are listed.
fn listed(run: &Run, look: Look) -> impl Iterator<Item = &Finding> {
    let fails = |finding: &&Finding| finding.status == crate::check::FindingStatus::Fail;
    run.findings
        .iter()
        .map(|finding| &**finding)
        .filter(fails)
        .filter(move |finding| finding.severity >= look.show)
}

/// What a finding says.
fn message(finding: &Finding) -> &str {
    if finding.message.is_empty() { &finding.title } else { &finding.message }
}
