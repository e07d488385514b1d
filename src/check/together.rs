//! Plans that are named together: one may attach to a role of another, so rules see them as one.
//!
//! Rules about the document itself are asked of each plan alone.

use crate::document::{Code, Diagnostic};
use crate::ingest;
use crate::rules::RuleId;

use super::discover::Candidate;
use super::judge::Asked;
use super::pipeline::{Checker, Judged};
use super::{Input, InputStatus, judge, load};

/// So many bytes of inputs that are no plans are kept for whoever judges them, so that they are read once.
const KEPT: usize = 8 << 20;

/// What is known of a candidate.
#[derive(Default)]
pub(super) struct Joined {
    /// What became of it; nothing where it is to be judged alone.
    pub(super) judged: Option<Judged>,
    /// Its text, where that is at hand.
    pub(super) bytes: Option<Vec<u8>>,
}

/// Judges the plans among the candidates that are named, if there are several.
pub(super) fn judge(checker: &Checker<'_>, candidates: &[Candidate]) -> Vec<Joined> {
    let mut out: Vec<Joined> = Vec::new();
    out.resize_with(candidates.len(), Joined::default);
    if candidates.iter().filter(|candidate| candidate.named && candidate.path.is_some()).count() < 2 {
        return out;
    }
    let mut plans = Vec::new();
    let mut room = KEPT;
    for (at, (candidate, joined)) in candidates.iter().zip(&mut out).enumerate() {
        let is_meant = candidate.named && candidate.path.is_some();
        let Some(bytes) = is_meant.then(|| load::text(candidate, checker.options).ok()).flatten() else {
            continue;
        };
        if ingest::looks_like_plan(&bytes) {
            plans.push(at);
        } else if let Some(left) = room.checked_sub(bytes.capacity()) {
            room = left;
            joined.bytes = Some(bytes);
        }
    }
    while plans.len() > 1 {
        let inputs = plans.iter().filter_map(|&at| {
            let candidate = candidates.get(at)?;
            Some((candidate.name.clone(), load::bytes(candidate.path.as_deref()).ok()?))
        });
        let inputs: Vec<_> = inputs.collect();
        let work = std::panic::AssertUnwindSafe(|| ingest::read_together(inputs, &checker.request.options));
        match std::panic::catch_unwind(work) {
            Ok(Ok(read)) => {
                fill(checker, candidates, &plans, read, &mut out);
                break;
            }
            // What cannot be read with the others says so alone.
            Ok(Err(position)) => {
                plans.remove(position.min(plans.len() - 1));
            }
            Err(_) => break,
        }
    }
    out
}

fn fill(
    checker: &Checker<'_>,
    candidates: &[Candidate],
    plans: &[usize],
    read: ingest::Together,
    out: &mut [Joined],
) {
    let members = plans.iter().zip(read.entities).filter_map(|(&at, entities)| {
        let candidate = candidates.get(at)?;
        Some(Member { at, candidate, kind: ingest::InputKind::TerraformPlan.as_str(), entities })
    });
    for (at, judged) in as_one(checker, members.collect(), read.unit) {
        if let Some(slot) = out.get_mut(at) {
            slot.judged = Some(judged);
        }
    }
}

/// An input that is judged with others.
pub(super) struct Member<'c> {
    /// Its position among the candidates.
    pub(super) at: usize,
    pub(super) candidate: &'c Candidate,
    pub(super) kind: &'static str,
    /// How many entities it declares.
    pub(super) entities: usize,
}

/// Judges inputs as the one unit that was made of them. What is found of all is the first one's.
pub(super) fn as_one(
    checker: &Checker<'_>,
    members: Vec<Member<'_>>,
    unit: ingest::Unit,
) -> Vec<(usize, Judged)> {
    let asked = checker.asked;
    let of_document = |id: &RuleId| asked.program.rule(*id).is_some_and(|rule| rule.reads().document);
    let (raw, facts): (Vec<RuleId>, Vec<RuleId>) = asked.rules.iter().copied().partition(of_document);
    let judged = judge::unit(unit, Asked { rules: &facts, ..asked }, checker.request, checker.waivers);
    let mut all = Some(judged);
    let mut out = Vec::with_capacity(members.len());
    for Member { at, candidate, kind, entities } in members {
        let mut made = if raw.is_empty() {
            Judged::default()
        } else {
            let alone = Checker { asked: Asked { rules: &raw, ..asked }, ..*checker }.one(candidate, None);
            let diagnostics = alone.diagnostics.into_iter().filter(is_of_rule).collect();
            Judged {
                findings: alone.findings,
                suppressed: alone.suppressed,
                diagnostics,
                ..Judged::default()
            }
        };
        made.input = Some(Input {
            path: candidate.name.clone(),
            kind: Some(kind),
            status: InputStatus::Checked,
            entities,
            within: Vec::new(),
        });
        if let Some(judged) = all.take() {
            made.findings.extend(judged.findings);
            made.diagnostics.extend(judged.diagnostics);
            made.suppressed += judged.suppressed;
            made.fixed = judged.fixed;
            made.permissions = judged.permissions;
        }
        out.push((at, made));
    }
    out
}

/// Whether a diagnostic is about a rule, and not about the input, of which everything is said already.
fn is_of_rule(one: &Diagnostic) -> bool {
    one.code == Code::RuleEvaluation || one.code == Code::Internal
}
