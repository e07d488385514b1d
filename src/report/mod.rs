//! Findings and diagnostics to bytes, one file a format.
//!
//! A renderer sees a [`Run`](crate::check::Run) and a writer, and nothing else: it evaluates nothing, reads no file and
//! knows no terminal.

mod excerpt;
mod human;
mod json;
mod sarif;

use std::io::{self, Write};

use crate::check::Run;
use crate::document::Diagnostic;

/// A format of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// For people: excerpts, related places, a closing line.
    Human,
    /// Version 1 of the JSON report; its schema is in `docs/`.
    Json,
    /// SARIF 2.1.0.
    Sarif,
}

impl Format {
    /// All formats.
    pub const ALL: &[Self] = &[Self::Human, Self::Json, Self::Sarif];

    /// The name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Sarif => "sarif",
        }
    }
}

/// How a report looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// With colour.
    pub colour: bool,
    /// With excerpts' frames in Unicode.
    pub unicode: bool,
    /// The width of the terminal, in columns.
    pub width: Option<usize>,
}

/// What renderers need to know of rules.
#[derive(Clone, Debug)]
pub struct RuleInfo {
    /// The id.
    pub id: Box<str>,
    /// The name in its file.
    pub name: Box<str>,
    /// The title.
    pub title: Box<str>,
    /// The severity.
    pub severity: crate::check::Severity,
    /// What to do about its findings.
    pub remediation: Box<str>,
    /// What peers call it.
    pub maps: Vec<Box<str>>,
}

/// Writes diagnostics alone, for people.
pub fn diagnostics(diagnostics: &[Diagnostic], look: Look, out: &mut dyn Write) -> io::Result<()> {
    human::diagnostics(diagnostics, look, out)
}

/// Writes a report.
pub fn render(
    run: &Run,
    rules: &[RuleInfo],
    format: Format,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Human => human::render(run, look, out),
        Format::Json => json::render(run, out),
        Format::Sarif => sarif::render(run, rules, out),
    }
}
