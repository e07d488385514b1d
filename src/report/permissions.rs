//! What a deployment changes for principals, as lines for people.

use crate::check::Run;
use crate::check::permissions::{PermissionChange, line};

/// More lines than this about one principal are only counted.
const SHOWN: usize = 6;

/// What changes for a principal: a sign and a phrase each.
pub(super) fn lines(change: &PermissionChange) -> Vec<(char, String)> {
    let mut out: Vec<(char, String)> = Vec::new();
    out.extend(change.difference.gained.iter().map(|witness| ('+', line(witness))));
    out.extend(change.difference.lost.iter().map(|witness| ('-', line(witness))));
    out.extend(change.trust_gained.iter().map(|text| ('+', format!("trust: {text}"))));
    out.extend(change.trust_lost.iter().map(|text| ('-', format!("trust: {text}"))));
    let more = out.len().saturating_sub(SHOWN);
    if more > 1 {
        out.truncate(SHOWN);
        out.push(('…', format!("and {more} more: see `rolecall diff`")));
    }
    out
}

/// A sentence about principals that are not listed; nothing where all are.
pub(super) fn unlisted(run: &Run) -> Option<String> {
    (run.unlisted > 0)
        .then(|| format!("{} roles, users and groups are new or gone, and are not listed", run.unlisted))
}
