//! What a run has found, for renderers.

use crate::document::{Diagnostic, Level};

use super::finding::{Finding, FindingStatus, Severity};

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
    /// How many entities it declares.
    pub entities: usize,
}

/// Everything that a renderer may see.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// The inputs, in order.
    pub inputs: Vec<Input>,
    /// The findings, in order.
    pub findings: Vec<Finding>,
    /// Defects of inputs, rules and the run.
    pub diagnostics: Vec<Diagnostic>,
    /// How many rules were asked.
    pub rules: usize,
    /// How many findings were waived.
    pub suppressed: usize,
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unknowns {
    /// Leave them out.
    Ignore,
    /// Show them, but do not fail.
    #[default]
    Warn,
    /// Treat them as failures.
    Fail,
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
    pub fn outcome(&self, threshold: Severity, unknowns: Unknowns) -> Outcome {
        let counts = |finding: &Finding| {
            finding.severity >= threshold
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
