//! What a rule's author says about it: the attributes in front of a rule.

use std::sync::Arc;

use crate::document::{Code, Diagnostic, Source};

use super::ast::{Attribute, Name};
use super::suggest::suggest;

/// The attributes of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// `@id("…")`: how findings name it.
    pub id: Option<Box<str>>,
    /// `@title("…")`: what it finds, in a line.
    pub title: Option<Box<str>>,
    /// `@severity(high)`.
    pub severity: Option<Severity>,
    /// `@severity_from(…)`: the attribute of what a finding is about, or of what is around it, that says how much this
    /// finding matters.
    pub severity_from: Option<Box<str>>,
    /// `@description("…")`: why that matters.
    pub description: Option<Box<str>>,
    /// `@remediation("…")`: what to do.
    pub remediation: Option<Box<str>>,
    /// `@tags(…)`: words to select it by.
    pub tags: Vec<Box<str>>,
    /// `@maps("tool:ID", …)`: the same check in other tools and standards.
    pub maps: Vec<Box<str>>,
    /// `@supersedes("ID", …)`: rules whose findings at the same place it replaces.
    pub supersedes: Vec<Box<str>>,
    /// `@references("https://…", …)`: what to read.
    pub references: Vec<Box<str>>,
}

/// How much a rule's findings matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Good practice.
    Low,
    /// A weakness.
    Medium,
    /// A hole, or something that will not work.
    High,
    /// A hole that gives everything away.
    Critical,
}

impl Severity {
    /// All severities, the least first.
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The severity with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == name)
    }
}

const NAMES: &[&str] = &[
    "id",
    "title",
    "severity",
    "severity_from",
    "description",
    "remediation",
    "tags",
    "maps",
    "supersedes",
    "references",
];

/// Reads attributes; defects go to `diagnostics`.
pub(super) fn read(
    source: &Arc<Source>,
    attributes: &[Attribute],
    diagnostics: &mut Vec<Diagnostic>,
) -> Metadata {
    let mut out = Metadata::default();
    let mut seen: Vec<&str> = Vec::new();
    for attribute in attributes {
        let name = &*attribute.name.text;
        let mut report = |at: &Name, message: String, help: Option<String>| {
            let mut made = Diagnostic::new(Code::RuleName, message).at(at.range.of(source));
            made.help = help;
            diagnostics.push(made);
        };
        if seen.contains(&name) {
            report(&attribute.name, format!("attribute `@{name}` stands twice"), None);
            continue;
        }
        seen.push(name);
        if let Some(argument) = attribute.arguments.iter().find(|argument| argument.text.trim().is_empty()) {
            report(argument, format!("what `@{name}` says is empty"), None);
            continue;
        }
        let many = || attribute.arguments.iter().map(|argument| argument.text.clone()).collect();
        let slot = match name {
            "tags" => {
                out.tags = many();
                continue;
            }
            "maps" => {
                out.maps = many();
                continue;
            }
            "supersedes" => {
                out.supersedes = many();
                continue;
            }
            "references" => {
                out.references = many();
                continue;
            }
            "id" => &mut out.id,
            "title" => &mut out.title,
            "description" => &mut out.description,
            "remediation" => &mut out.remediation,
            "severity_from" => &mut out.severity_from,
            "severity" => &mut None,
            _ => {
                let help =
                    suggest(name, NAMES.iter().copied()).map(|near| format!("did you mean `@{near}`?"));
                report(&attribute.name, format!("there is no attribute `@{name}`"), help);
                continue;
            }
        };
        let [argument] = &*attribute.arguments else {
            report(&attribute.name, format!("attribute `@{name}` takes one argument"), None);
            continue;
        };
        if name != "severity" {
            *slot = Some(argument.text.clone());
            continue;
        }
        out.severity = Severity::from_name(&argument.text);
        if out.severity.is_none() {
            let known: Vec<_> = Severity::ALL.iter().map(|one| format!("`{}`", one.as_str())).collect();
            let help = format!("one of {}", known.join(", "));
            report(argument, format!("there is no severity `{}`", argument.text), Some(help));
        }
    }
    out
}
