//! The record of a rule's answer.

use crate::document::Location;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

/// Whether a finding is a failure or an open question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingStatus {
    /// The rule fails.
    Fail,
    /// The input does not decide whether the rule fails.
    Unknown,
}

impl FindingStatus {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "FAIL",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// What a rule has to say of one value.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's id; its name where it has none.
    pub rule: Box<str>,
    /// The rule's name in its file.
    pub name: Box<str>,
    /// Failure or open question.
    pub status: FindingStatus,
    /// How much it matters.
    pub severity: Severity,
    /// The rule's title; empty where it has none.
    pub title: Box<str>,
    /// What is wrong here, with values.
    pub message: String,
    /// The logical id or address of the resource that a person would change.
    pub entity: Box<str>,
    /// What that resource is.
    pub entity_kind: Box<str>,
    /// The offending value.
    pub place: Option<Location>,
    /// A JSON pointer to it.
    pub pointer: String,
    /// The offending value's text; empty where it is sensitive.
    pub evidence: String,
    /// The names of the template conditions that it needs.
    pub under: Vec<String>,
    /// Other places that matter, and why.
    pub related: Vec<(Location, String)>,
    /// What to do.
    pub remediation: Box<str>,
    /// Equal for the same finding in a later run, whatever the line.
    pub fingerprint: String,
}

impl Finding {
    /// The order of a report: by file, place, rule.
    pub fn order(&self) -> impl Ord + '_ {
        let place = self.place.as_ref();
        let file = place.map_or("", |place| place.source.name());
        (file, place.map_or(0, |place| place.start), &*self.rule, self.status, &*self.message, &self.under)
    }
}
