//! From paths to a run: discover, load, judge, waive.
//!
//! **Invariants:** every input that was named is in the run, judged or with a diagnostic that says why not; the order of a
//! run is that of its inputs and places, whatever the number of threads.

pub mod config;
mod discover;
mod draft;
mod finding;
mod fingerprint;
mod judge;
mod linking;
mod load;
mod nesting;
mod origin;
pub mod packs;
mod parts;
mod pattern;
pub mod permissions;
mod pipeline;
mod present;
mod program;
mod repair;
mod run;
mod together;
pub mod trial;
mod under;
mod visit;
mod waive;

pub use crate::model::Date;
pub use crate::rules::Severity;
pub use finding::{Detail, Details, Finding, FindingChange, FindingStatus, Findings, Surroundings};
pub use fingerprint::Fingerprint;
pub use load::bytes;
pub use origin::Origin;
pub use pipeline::{Progress, Request, check, check_with};
pub use program::{info, load as load_rules};
pub use repair::{Fix, FixEdit};
pub use run::{Gate, Input, InputStatus, Outcome, RuleInfo, Run, Unknowns};
pub use visit::{Visited, visit};
pub use waive::{Baseline, Suppression, Waivers};
