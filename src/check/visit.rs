//! Reading many inputs for something else than rules.

use std::path::PathBuf;

use rayon::prelude::*;

use crate::document::{Code, Diagnostic};
use crate::ingest::{Options, Unit};

use super::Outcome;
use super::discover::discover;
use super::load::{self, Loaded};

/// What became of some inputs.
#[derive(Debug)]
pub struct Visited<T> {
    /// What was made of each, in order.
    pub made: Vec<T>,
    /// What is wrong with them.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether all were read: `Clean`, `Incomplete`, or `Unusable` where there was none.
    pub outcome: Outcome,
}

/// Reads the inputs that paths lead to, as a check does, and makes something of each.
pub fn visit<T: Send>(
    paths: &[PathBuf],
    exclude: &[String],
    options: &Options,
    work: impl Fn(Unit) -> T + Sync,
) -> Visited<T> {
    let (candidates, mut diagnostics) = discover(paths, exclude);
    let read: Vec<(Option<T>, Vec<Diagnostic>)> = candidates
        .par_iter()
        .with_max_len(1)
        .map(|candidate| match load::one(candidate, options, None) {
            Loaded::Other => (None, Vec::new()),
            Loaded::Failed(diagnostic) => (None, vec![*diagnostic]),
            Loaded::Unit(unit) => {
                let diagnostics = unit.diagnostics.clone();
                (Some(work(*unit)), diagnostics)
            }
        })
        .collect();
    let mut made = Vec::new();
    for (one, found) in read {
        made.extend(one);
        diagnostics.extend(found);
    }
    let failed = diagnostics.iter().any(|one| one.level == crate::document::Level::Error);
    if made.is_empty() && !failed {
        diagnostics.push(Diagnostic::new(Code::NoInput, "there is no template, plan or other input"));
    }
    let outcome = match (made.is_empty(), failed) {
        (true, false) => Outcome::Unusable,
        (_, true) => Outcome::Incomplete,
        (false, false) => Outcome::Clean,
    };
    Visited { made, diagnostics, outcome }
}
