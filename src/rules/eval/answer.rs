//! What came of asking a rule.

use crate::document::{Condition, NodeId, Reason};

use crate::rules::ast::Range;
use crate::rules::divide::Line;
use crate::rules::fix::Fix;
use crate::rules::metadata::Severity;
use crate::rules::program::RuleId;

/// The answer of one rule.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The rule.
    pub rule: RuleId,
    /// What of the rule was asked.
    pub line: Line,
    /// What became of it.
    pub status: Status,
    /// What failed or could not be told, in order.
    pub checks: Vec<Check>,
    /// Why the rule could not be evaluated; its status is then [`Status::Unknown`].
    pub problem: Option<Problem>,
}

/// What became of a rule, or of a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It holds.
    Pass,
    /// It does not hold.
    Fail,
    /// It does not apply.
    Skip,
    /// The input does not decide whether it holds.
    Unknown,
}

impl Status {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Skip => "SKIP",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// One value that a rule has something to say about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// [`Status::Fail`] or [`Status::Unknown`].
    pub status: Status,
    /// The offending value; what lacks it, where it is missing.
    pub node: NodeId,
    /// Whether the value is missing, and `node` is what lacks it.
    pub missing: bool,
    /// The innermost entity that the value belongs to.
    pub entity: Option<NodeId>,
    /// What the innermost block around is about.
    pub within: Option<NodeId>,
    /// When this holds.
    pub under: Condition,
    /// What is wrong, with values.
    pub message: String,
    /// How much it matters, where the value says that (`@severity_from`).
    pub severity: Option<Severity>,
    /// The clause, as bytes of the rule file.
    pub clause: Option<Range>,
    /// Why it cannot be told, for [`Status::Unknown`], if the value says.
    pub reason: Option<Reason>,
    /// What the rule says can be done about it, the best first.
    pub fixes: Vec<Fix>,
}

/// Why a rule could not be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, as the message of a diagnostic.
    pub message: String,
    /// The value that it is about.
    pub node: Option<NodeId>,
}
