//! From paths to a run: discover, load, evaluate, report.

pub mod discover;
mod finding;
pub mod load;
mod run;

pub use finding::{Finding, FindingStatus, Severity};
pub use run::{Input, InputStatus, Outcome, Run, Unknowns};
