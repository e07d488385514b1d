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

/// Judges the plans among the candidates that are named, if there are several: what became of each candidate, nothing
/// where it is to be judged alone.
pub(super) fn judge(checker: &Checker<'_>, candidates: &[Candidate]) -> Vec<Option<Judged>> {
    let mut out: Vec<Option<Judged>> = Vec::new();
    out.resize_with(candidates.len(), || None);
    if candidates.iter().filter(|candidate| candidate.named && candidate.path.is_some()).count() < 2 {
        return out;
    }
    let mut plans: Vec<usize> = (0..candidates.len()).filter(|&at| is_plan(candidates.get(at))).collect();
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

fn is_plan(candidate: Option<&Candidate>) -> bool {
    let Some(candidate) = candidate.filter(|candidate| candidate.named) else { return false };
    let Some(path) = candidate.path.as_deref() else { return false };
    load::bytes(Some(path)).is_ok_and(|bytes| ingest::looks_like_plan(&bytes))
}

fn fill(
    checker: &Checker<'_>,
    candidates: &[Candidate],
    plans: &[usize],
    read: ingest::Together,
    out: &mut [Option<Judged>],
) {
    let asked = checker.asked;
    let of_document = |id: &RuleId| asked.program.rule(*id).is_some_and(|rule| rule.reads().document);
    let (raw, facts): (Vec<RuleId>, Vec<RuleId>) = asked.rules.iter().copied().partition(of_document);
    let judged = judge::unit(read.unit, Asked { rules: &facts, ..asked }, checker.request, checker.waivers);
    let mut all = Some(judged);
    for (&at, entities) in plans.iter().zip(read.entities) {
        let (Some(candidate), Some(slot)) = (candidates.get(at), out.get_mut(at)) else { continue };
        let mut made = if raw.is_empty() {
            Judged::default()
        } else {
            let alone = Checker { asked: Asked { rules: &raw, ..asked }, ..*checker }.one(candidate);
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
            kind: Some(ingest::InputKind::TerraformPlan.as_str()),
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
        *slot = Some(made);
    }
}

/// Whether a diagnostic is about a rule, and not about the input, of which everything is said already.
fn is_of_rule(one: &Diagnostic) -> bool {
    one.code == Code::RuleEvaluation || one.code == Code::Internal
}
