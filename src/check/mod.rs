//! From paths to a run: discover, load, evaluate, report.

pub mod discover;
mod finding;
mod run;

pub use finding::{Finding, FindingStatus, Severity};
pub use run::{Input, InputStatus, Outcome, Run, Unknowns};
