//! Open questions by the value that leaves them open.

use crate::check::{Finding, FindingStatus, Run};

/// More rules than this are only counted.
const LISTED: usize = 6;

/// A value that the input does not decide, and the rules that ask for it.
#[derive(Debug)]
pub(super) struct Question<'r> {
    /// The first finding about it.
    pub(super) first: &'r Finding,
    rules: Vec<&'r str>,
}

impl Question<'_> {
    /// Why it is open.
    pub(super) fn title(&self) -> &str {
        if self.first.details.doubt.is_empty() { &self.first.message } else { &self.first.details.doubt }
    }

    /// The ids of the rules.
    pub(super) fn rules(&self) -> String {
        if self.rules.len() <= LISTED {
            return self.rules.join(", ");
        }
        let first: Vec<&str> = self.rules.iter().take(LISTED - 1).copied().collect();
        format!("{} and {} more", first.join(", "), self.rules.len() + 1 - LISTED)
    }
}

/// The open questions of a run, in the order of its findings.
pub(super) fn questions(run: &Run) -> Vec<Question<'_>> {
    let mut out: Vec<Question<'_>> = Vec::new();
    for finding in run.findings.iter().filter(|finding| finding.status == FindingStatus::Unknown) {
        let same = |question: &&mut Question<'_>| {
            let (left, right) = (&question.first, finding);
            left.details.doubt == right.details.doubt
                && left.pointer == right.pointer
                && left.file() == right.file()
        };
        // Findings are in the order of places, so only the last questions can be about the same value.
        match out.iter_mut().rev().take(8).find(same) {
            Some(question) if question.rules.last() == Some(&&*finding.rule) => {}
            Some(question) => question.rules.push(&finding.rule),
            None => out.push(Question { first: finding, rules: vec![&finding.rule] }),
        }
    }
    out
}
