//! What a deployment changes for principals, as lines for people.

use std::collections::BTreeSet;

use crate::check::Run;
use crate::check::permissions::{PermissionChange, line};
use crate::iam::compare::Witness;

/// More differences than this of one principal are only counted.
const SHOWN: usize = 4;
/// So many services are named.
const SERVICES: usize = 5;

/// What changes for a principal: a sign and a phrase each.
pub(super) fn lines(change: &PermissionChange) -> Vec<(char, String)> {
    let mut out: Vec<(char, String)> = Vec::new();
    out.extend(differences(&change.difference.gained).into_iter().map(|text| ('+', text)));
    out.extend(differences(&change.difference.lost).into_iter().map(|text| ('-', text)));
    out.extend(change.trust_gained.iter().map(|text| ('+', format!("trust: {text}"))));
    out.extend(change.trust_lost.iter().map(|text| ('-', format!("trust: {text}"))));
    out
}

/// A line for each difference; one for all where there are many.
fn differences(all: &[Witness]) -> Vec<String> {
    if all.len() <= SHOWN {
        return all.iter().map(line).collect();
    }
    let actions: BTreeSet<&str> = all.iter().flat_map(|one| &one.actions).map(String::as_str).collect();
    let services: BTreeSet<&str> = actions.iter().filter_map(|action| action.split(':').next()).collect();
    let named: Vec<&str> = services.iter().take(SERVICES).copied().collect();
    let more = match services.len().saturating_sub(SERVICES) {
        0 => String::new(),
        more => format!(" and {more} more services"),
    };
    let (count, named) = (actions.len(), named.join(", "));
    vec![format!("{count} actions of {named}{more}: `rolecall diff` lists them")]
}

/// A sentence about principals that are not listed; nothing where all are.
pub(super) fn unlisted(run: &Run) -> Option<String> {
    (run.unlisted > 0)
        .then(|| format!("{} roles, users and groups are new or gone, and are not listed", run.unlisted))
}
