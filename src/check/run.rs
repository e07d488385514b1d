//! What a run has found, for renderers.

use serde::Deserialize;

use crate::document::{Diagnostic, Level};

use super::Severity;
use super::finding::{Finding, FindingChange, FindingStatus, Findings};
use super::permissions::PermissionChange;

/// What became of one input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputStatus {
    /// It was read and judged.
    Checked,
    /// It could not be read or judged as a whole.
    Failed,
}

/// One input of the run.
#[derive(Clone, Debug)]
pub struct Input {
    /// The path as the user gave it, or `<stdin>`.
    pub path: Box<str>,
    /// What it is; nothing where that is not known.
    pub kind: Option<&'static str>,
    /// What became of it.
    pub status: InputStatus,
    /// How many entities it declares; none where it is judged within others.
    pub entities: usize,
    /// The inputs that nest this template, where it was judged within them, with the parameters that they pass.
    pub within: Vec<Box<str>>,
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
    /// Why it matters.
    pub description: Box<str>,
    /// The severity.
    pub severity: Severity,
    /// What to do about its findings.
    pub remediation: Box<str>,
    /// What peers call it.
    pub maps: Vec<Box<str>>,
}

/// Everything that a renderer may see.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// The inputs, in order.
    pub inputs: Vec<Input>,
    /// The findings, in order.
    pub findings: Findings,
    /// What was wrong before the deployment and is not after it, where inputs say what was before.
    pub fixed: Findings,
    /// Defects of inputs, rules and the run.
    pub diagnostics: Vec<Diagnostic>,
    /// The rules that were asked, in the order of the program.
    pub rules: Vec<RuleInfo>,
    /// How many files in folders turned out to be something else than an input.
    pub other: usize,
    /// How many findings were waived.
    pub suppressed: usize,
    /// What the deployments change for roles, users and groups, each with the input that says so.
    pub permissions: Vec<(Box<str>, PermissionChange)>,
    /// How many principals are new or gone, and too many to be compared.
    pub unlisted: usize,
}

/// How a run ended. Ordered: the worst outcome wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Nothing at or over the threshold.
    Clean,
    /// Findings at or over the threshold.
    Findings,
    /// The run itself is wrong: flags, configuration, rules, no input.
    Unusable,
    /// Some input could not be read or judged.
    Incomplete,
}

/// What to make of open questions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unknowns {
    /// Leave them out.
    Ignore,
    /// Show them, but do not fail.
    #[default]
    Warn,
    /// Treat them as failures.
    Fail,
}

/// Which findings count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gate {
    /// All of them.
    #[default]
    All,
    /// Those that the deployment brings, where the input says what was before.
    New,
}

impl Run {
    /// How many findings there are with this status.
    pub fn count(&self, status: FindingStatus) -> usize {
        self.findings.iter().filter(|finding| finding.status == status).count()
    }

    /// How many entities the inputs declare.
    pub fn entities(&self) -> usize {
        self.inputs.iter().map(|input| input.entities).sum()
    }

    /// How the run ended.
    pub fn outcome(&self, threshold: Severity, unknowns: Unknowns, gate: Gate) -> Outcome {
        let counts = |finding: &Box<Finding>| {
            finding.severity >= threshold
                && (gate == Gate::All || finding.change != Some(FindingChange::Existing))
                && (finding.status == FindingStatus::Fail || unknowns == Unknowns::Fail)
        };
        let found = if self.findings.iter().any(counts) { Outcome::Findings } else { Outcome::Clean };
        let defects =
            self.diagnostics.iter().filter(|one| one.level == Level::Error).map(|one| outcome_of(one.code));
        defects.fold(found, Outcome::max)
    }
}

/// What an error means for the run.
fn outcome_of(code: crate::document::Code) -> Outcome {
    use crate::document::Code;
    match code {
        Code::NoInput
        | Code::RuleSyntax
        | Code::RuleName
        | Code::NoRules
        | Code::Configuration
        | Code::Flag => Outcome::Unusable,
        _ => Outcome::Incomplete,
    }
}
