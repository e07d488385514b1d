//! The record of a rule's answer.

use std::borrow::Cow;
use std::sync::Arc;

use crate::document::Location;
use crate::rules::Severity;

use super::fingerprint::Fingerprint;
use super::origin::Origin;
use super::repair::Fix;

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

/// Whether a finding is there already, before the deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingChange {
    /// The deployment brings it.
    New,
    /// It is there already.
    Existing,
}

impl FindingChange {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Existing => "existing",
        }
    }
}

/// What a rule has to say of one value.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's id; its name where it has none.
    pub rule: Arc<str>,
    /// The rule's name in its file.
    pub name: Arc<str>,
    /// Failure or open question.
    pub status: FindingStatus,
    /// How much it matters.
    pub severity: Severity,
    /// The rule's title; empty where it has none.
    pub title: Arc<str>,
    /// What is wrong here, with values.
    pub message: String,
    /// The logical id or address of the resource that a person would change.
    pub entity: Box<str>,
    /// What that resource is.
    pub entity_kind: Cow<'static, str>,
    /// The key under which the resource is declared.
    pub resource: Option<Location>,
    /// The offending value.
    pub place: Option<Location>,
    /// A JSON pointer to it.
    pub pointer: String,
    /// The offending value's text; empty where it is sensitive.
    pub evidence: String,
    /// Nothing but the value itself may be shown of its surroundings; where the value is sensitive, not even that.
    pub surroundings: Surroundings,
    /// The names of the template conditions that it needs.
    pub under: Vec<String>,
    /// Other places that matter, and why.
    pub related: Vec<(Location, String)>,
    /// What to do.
    pub remediation: Arc<str>,
    /// What can be done in the text itself, the best first.
    pub fixes: Vec<Fix>,
    /// The input that it was found in, as the user named it.
    pub input: Arc<str>,
    /// Equal for the same finding in a later run, whatever the line.
    pub fingerprint: Fingerprint,
    /// Whether the deployment brings it, where the input says what was before.
    pub change: Option<FindingChange>,
    /// What only some findings have.
    pub details: Details,
}

/// What only some findings have: there are many, and most have nothing of it.
#[derive(Clone, Debug, Default)]
pub struct Details(Option<Box<Detail>>);

/// What there may be to say of a finding beside what all of them say.
#[derive(Clone, Debug)]
pub struct Detail {
    /// Why it is not decided, for an open question: `Policy` is a parameter without a value.
    pub doubt: String,
    /// The logical id or address of the entity that the rule judged, where that is another resource.
    pub owner: Option<Box<str>>,
    /// The path of the construct that makes the resource, in what the CDK writes.
    pub construct: Option<Box<str>>,
    /// How it comes about, step by step: the places that a value passes, and what happens there.
    pub flow: Vec<(Location, String)>,
    /// Why the rule's fix cannot be written here, where it has one.
    pub obstacle: Option<String>,
    /// Where the value comes from; empty unless it was asked for.
    pub origin: Vec<Origin>,
}

static NOTHING: Detail = Detail {
    doubt: String::new(),
    owner: None,
    construct: None,
    flow: Vec::new(),
    obstacle: None,
    origin: Vec::new(),
};

impl From<Detail> for Details {
    fn from(detail: Detail) -> Self {
        let Detail { doubt, owner, construct, flow, obstacle, origin } = &detail;
        let is_empty = doubt.is_empty() && flow.is_empty() && origin.is_empty();
        let is_empty = is_empty && owner.is_none() && construct.is_none() && obstacle.is_none();
        Self((!is_empty).then(|| Box::new(detail)))
    }
}

impl std::ops::Deref for Details {
    type Target = Detail;

    fn deref(&self) -> &Detail {
        self.0.as_deref().unwrap_or(&NOTHING)
    }
}

/// Findings of a run. They are large, and are put in order more than once.
#[expect(clippy::vec_box, reason = "findings are large, and are put in order")]
pub type Findings = Vec<Box<Finding>>;

/// How much of the source around a value may be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Surroundings {
    /// Its line.
    #[default]
    Line,
    /// Only the value: its line may hold sensitive values.
    Value,
    /// Nothing: the value is sensitive.
    Nothing,
}

impl Finding {
    /// The file of the offending value; empty where there is none.
    pub fn file(&self) -> &str {
        self.place.as_ref().map_or("", |place| place.source.name())
    }

    /// The order of a report: by file, place, rule.
    pub fn order(&self) -> impl Ord + '_ {
        let place = self.place.as_ref();
        let file = place.map_or("", |place| place.source.name());
        (file, place.map_or(0, |place| place.start), &*self.rule, self.status, &*self.message, &self.under)
    }
}
