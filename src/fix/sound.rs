//! Whether a mended text is better than it was, and no worse.

use std::collections::BTreeMap;

use crate::check::Finding;
use crate::check::FindingStatus;
use crate::check::InputStatus;
use crate::check::Run;
use crate::document::Level;
use crate::rules::Severity;

use super::choose::Chosen;

/// What findings are counted by: removing a value changes what is said of its neighbours, but not how much.
type Kind<'r> = (&'r str, FindingStatus, &'r str);

/// Nothing where the fixes did what they should and nothing else; else what is wrong after them.
pub(super) fn defect(before: &Run, after: &Run, chosen: &[Chosen<'_>]) -> Option<String> {
    let errors = |run: &Run| run.diagnostics.iter().filter(|one| one.level != Level::Note).count();
    let unread = after.inputs.iter().any(|input| input.status == InputStatus::Failed);
    if unread || errors(after) > errors(before) {
        let known = |message: &str| before.diagnostics.iter().any(|one| one.message == message);
        let new = after.diagnostics.iter().find(|one| one.level != Level::Note && !known(&one.message));
        return Some(match new {
            Some(one) => format!("the file would then have a defect: {}", one.message),
            None => "the file could not be read any more".to_owned(),
        });
    }
    let (was, is) = (count(before), count(after));
    // What works at last may be wider than what did nothing: a lesser remark about it is no harm.
    let mending = chosen.iter().flat_map(|chosen| &chosen.findings).map(|finding| finding.severity).min();
    let lesser = |finding: &&&Finding| {
        finding.severity <= Severity::Low && mending.is_some_and(|mending| finding.severity < mending)
    };
    for (kind, findings) in &is {
        if findings.iter().filter(lesser).count() == findings.len() {
            continue;
        }
        if findings.len() > was.get(kind).map_or(0, Vec::len) {
            let earlier: Vec<&str> = was.get(kind).into_iter().flatten().map(|one| &*one.message).collect();
            let new = findings.iter().find(|one| !earlier.contains(&&*one.message)).or(findings.first());
            let message = new.map_or("", |one| &one.message);
            return Some(format!("`{}` would then say: {message}", kind.0));
        }
    }
    let mut mended: BTreeMap<Kind<'_>, usize> = BTreeMap::new();
    for finding in chosen.iter().flat_map(|chosen| &chosen.findings) {
        *mended.entry(kind(finding)).or_default() += 1;
    }
    for (kind, count) in mended {
        let left = is.get(&kind).map_or(0, Vec::len);
        if left + count > was.get(&kind).map_or(0, Vec::len) {
            let message = is.get(&kind).and_then(|all| all.first()).map_or("", |one| &one.message);
            return Some(format!("the finding would still be there: {message}"));
        }
    }
    None
}

fn kind(finding: &Finding) -> Kind<'_> {
    (&finding.rule, finding.status, &finding.entity)
}

fn count(run: &Run) -> BTreeMap<Kind<'_>, Vec<&Finding>> {
    let mut out: BTreeMap<Kind<'_>, Vec<&Finding>> = BTreeMap::new();
    for finding in &run.findings {
        out.entry(kind(finding)).or_default().push(finding);
    }
    out
}
