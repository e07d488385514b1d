//! Which fixes are made in a round.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::check::Finding;
use crate::check::FindingStatus;
use crate::check::Fix;
use crate::check::FixEdit;
use crate::check::Run;

use super::Wish;
use super::apply::overlap;

/// A fix of one or more findings.
#[derive(Clone, Debug)]
pub(super) struct Chosen<'r> {
    pub(super) fix: &'r Fix,
    /// The findings that ask for it; the first is the one that it is said of.
    pub(super) findings: Vec<&'r Finding>,
    /// What plans would say: one text can stand for several instances.
    pub(super) proof: Vec<&'r FixEdit>,
}

/// What a fix is known by, whatever the lines.
pub(super) type Key = (Arc<str>, Box<str>, String, String);

pub(super) fn key(finding: &Finding, fix: &Fix) -> Key {
    (finding.rule.clone(), finding.entity.clone(), finding.evidence.clone(), fix.message.clone())
}

impl Wish {
    /// Whether a finding is one that is to be mended.
    pub(super) fn asks(&self, finding: &Finding) -> bool {
        let named = |rule: &String| rule.eq_ignore_ascii_case(&finding.rule) || **rule == *finding.name;
        finding.status == FindingStatus::Fail && (self.rules.is_empty() || self.rules.iter().any(named))
    }
}

/// The fixes of a round: for each finding the best one that may be made and was not taken back. Of fixes that touch the
/// same text, the first is made now; the others have their turn in a later round.
pub(super) fn choose<'r>(
    run: &'r Run,
    wish: &Wish,
    refused: &BTreeSet<Key>,
    stand_ins: &BTreeSet<String>,
) -> Vec<Chosen<'r>> {
    let mut out: Vec<Chosen<'r>> = Vec::new();
    let best = |finding: &'r Finding| {
        let may = |fix: &&Fix| {
            (fix.safe || wish.unsafe_fixes)
                && !refused.contains(&key(finding, fix))
                && !is_made_up(fix, stand_ins)
        };
        Some((finding, finding.fixes.iter().find(may)?))
    };
    let mut all: Vec<(&Finding, &Fix)> =
        run.findings.iter().map(|one| &**one).filter(|finding| wish.asks(finding)).filter_map(best).collect();
    // What is made up in a plan comes last, so that nothing is worked out from it.
    if all.iter().any(|(_, fix)| fix.stand_ins.is_empty()) {
        all.retain(|(_, fix)| fix.stand_ins.is_empty());
    }
    for (finding, fix) in all {
        if let Some(same) = out.iter_mut().find(|chosen| is_same(chosen.fix, fix)) {
            same.findings.push(finding);
            let known = |edit: &FixEdit| same.proof.iter().any(|one| is_same_edit(one, edit));
            let new: Vec<&FixEdit> = fix.proof.iter().filter(|edit| !known(edit)).collect();
            same.proof.extend(new);
            continue;
        }
        let touches = |chosen: &Chosen<'_>| {
            let own = fix.edits.iter().chain(&fix.proof);
            let mut others = chosen.fix.edits.iter().chain(chosen.proof.iter().copied());
            others.any(|left| own.clone().any(|right| overlap(left, right)))
        };
        // The same text twice in one resource may be one too many: the next round sees it.
        let repeats = |chosen: &Chosen<'_>| {
            chosen.findings.iter().any(|other| other.entity == finding.entity)
                && written(chosen.fix) == written(fix)
        };
        if !out.iter().any(touches) && !out.iter().any(repeats) {
            out.push(Chosen { fix, findings: vec![finding], proof: fix.proof.iter().collect() });
        }
    }
    out
}

/// Whether a fix of a configuration writes what only stands for a value that an earlier fix asks for.
fn is_made_up(fix: &Fix, stand_ins: &BTreeSet<String>) -> bool {
    let writes = |name: &String| fix.edits.iter().any(|edit| edit.text.contains(name.as_str()));
    !fix.proof.is_empty() && stand_ins.iter().any(writes)
}

/// The last word of what a fix writes.
fn written(fix: &Fix) -> Option<&str> {
    fix.message.rsplit('`').nth(1)?.rsplit('/').next()
}

fn is_same(left: &Fix, right: &Fix) -> bool {
    left.edits.len() == right.edits.len()
        && left.edits.iter().zip(&right.edits).all(|(left, right)| is_same_edit(left, right))
}

fn is_same_edit(left: &FixEdit, right: &FixEdit) -> bool {
    let (a, b) = (&left.place, &right.place);
    a.source.name() == b.source.name() && (a.start, a.end) == (b.start, b.end) && left.text == right.text
}
