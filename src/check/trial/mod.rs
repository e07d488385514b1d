//! Rule unit tests: rule files, their test files, and what came of them.

mod cases;
mod pairs;
mod spec;

use crate::document::{Diagnostic, Location};

pub use cases::run;
pub use pairs::{Pair, discover};

/// What came of the tests of a rule file.
#[derive(Clone, Debug, Default)]
pub struct Tested {
    /// The rule file.
    pub rules: Box<str>,
    /// Its cases, in order.
    pub cases: Vec<Case>,
    /// Defects of the rule file and of its test files.
    pub diagnostics: Vec<Diagnostic>,
    /// What no case made fail.
    pub uncovered: Vec<Uncovered>,
    /// Queries for which no case had anything.
    pub unmatched: Vec<Uncovered>,
    /// How many clauses could have failed.
    pub clauses: usize,
}

/// What came of a case.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name; its number where it has none.
    pub name: String,
    /// Where it is written.
    pub place: Location,
    /// What was not as expected; nothing where all was.
    pub failure: Option<Failure>,
    /// Defects of the case, or of its input.
    pub diagnostics: Vec<Diagnostic>,
}

/// What was expected, and what came, as lines of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Expected lines.
    pub expected: Vec<String>,
    /// Actual lines.
    pub actual: Vec<String>,
}

/// A clause or query that no case tests.
#[derive(Clone, Debug)]
pub struct Uncovered {
    /// The rule's id.
    pub rule: Box<str>,
    /// Where it stands.
    pub place: Location,
}

impl Case {
    /// Whether all was as expected.
    pub fn is_met(&self) -> bool {
        self.failure.is_none()
            && self.diagnostics.iter().all(|one| one.level != crate::document::Level::Error)
    }
}
