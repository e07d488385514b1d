//! Templates that other inputs of the run nest.
//!
//! Such a template is judged as the stacks that its parents make of it, with the parameters that they pass; alone, it is
//! judged only where nobody nests it. What several parents, or several stacks of one, have in common is said once.

use std::path::{Component, Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use super::pipeline::Judged;
use super::{Finding, Findings, InputStatus, Run};

/// Leaves out what was said of templates alone that were also judged within those that nest them.
pub(super) fn within_parents(judged: &mut [Judged]) {
    if judged.iter().all(|one| one.nested.is_empty()) {
        return;
    }
    let parents = parents(judged);
    let names: Vec<Box<str>> = judged
        .iter()
        .map(|one| one.input.as_ref().map(|input| input.path.clone()).unwrap_or_default())
        .collect();
    for (one, parents) in judged.iter_mut().zip(parents) {
        if parents.is_empty() {
            continue;
        }
        if let Some(input) = &mut one.input {
            input.within = parents.iter().filter_map(|&parent| names.get(parent).cloned()).collect();
            input.entities = 0;
        }
        one.findings.clear();
        one.fixed.clear();
        one.diagnostics.clear();
        one.suppressed = 0;
    }
}

/// For each input, those within which it is judged: nothing for one that is judged alone. Of templates that nest each
/// other, the first is judged alone.
pub(super) fn parents(judged: &[Judged]) -> Vec<Vec<usize>> {
    let mut by_file: FxHashMap<PathBuf, usize> = FxHashMap::default();
    for (index, one) in judged.iter().enumerate() {
        let input = one.input.as_ref().filter(|input| input.status == InputStatus::Checked);
        by_file.extend(input.map(|input| (tidy(Path::new(&*input.path)), index)));
    }
    // Templates within those that are nested are also among the files that the outermost one names.
    let inside: Vec<Vec<usize>> = judged
        .iter()
        .enumerate()
        .map(|(index, one)| {
            let known = one.nested.iter().filter_map(|file| by_file.get(&tidy(Path::new(&**file))).copied());
            known.filter(|&child| child != index).collect()
        })
        .collect();
    let nested: FxHashSet<usize> = inside.iter().flatten().copied().collect();
    let mut out = vec![Vec::new(); judged.len()];
    let cover = |index: usize, covered: &mut Vec<Vec<usize>>| {
        for &child in inside.get(index).into_iter().flatten() {
            covered.get_mut(child).into_iter().for_each(|parents| parents.push(index));
        }
    };
    for index in (0..judged.len()).filter(|index| !nested.contains(index)) {
        cover(index, &mut out);
    }
    let mut circles: Vec<usize> = nested.into_iter().collect();
    circles.sort_unstable();
    let mut alone: Vec<usize> = Vec::new();
    for index in circles {
        if out.get(index).is_some_and(Vec::is_empty) {
            alone.push(index);
            cover(index, &mut out);
        }
    }
    for index in alone {
        out.get_mut(index).into_iter().for_each(Vec::clear);
    }
    out
}

/// Makes one finding of those that are about the same value of a template that is used several times. Findings are in
/// the order of places.
pub(super) fn merge(run: &mut Run) {
    let groups = run.findings.chunk_by(|left, right| starts_alike(left, right));
    let repeats = |group: &[Box<Finding>]| {
        // Those of one entity are not of several stacks.
        group.first().is_some_and(|first| group.iter().any(|one| one.entity != first.entity))
            && group
                .iter()
                .enumerate()
                .any(|(at, one)| group.iter().skip(at + 1).any(|other| is_same(one, other)))
    };
    if !{ groups }.any(repeats) {
        return;
    }
    let mut out: Findings = Vec::with_capacity(run.findings.len());
    for finding in std::mem::take(&mut run.findings) {
        let same = |earlier: &&mut Box<Finding>| is_same(earlier, &finding);
        match out.iter_mut().rev().take_while(|earlier| starts_alike(earlier, &finding)).find(same) {
            Some(earlier) => absorb(earlier, *finding),
            None => out.push(finding),
        }
    }
    run.findings = out;
}

fn starts_alike(left: &Finding, right: &Finding) -> bool {
    let start = |finding: &Finding| finding.place.as_ref().map(|place| place.start);
    left.file() == right.file() && start(left) == start(right)
}

/// Whether two findings say the same of one place in a template, of which each is about another stack.
fn is_same(left: &Finding, right: &Finding) -> bool {
    left.rule == right.rule
        && left.status == right.status
        && left.entity != right.entity
        && left.place.is_some()
        && local(&left.entity) == local(&right.entity)
        && left.evidence == right.evidence
        && left.message == right.message
        && left.change == right.change
        && left.pointer == right.pointer
        && (is_within(&left.under, &right.under) || is_within(&right.under, &left.under))
}

/// The logical id within the template.
fn local(entity: &str) -> &str {
    entity.rsplit('.').next().unwrap_or(entity)
}

fn is_within(some: &[String], all: &[String]) -> bool {
    some.iter().all(|name| all.contains(name))
}

/// Adds to a finding that it is also one of another stack's resource.
fn absorb(finding: &mut Finding, other: Finding) {
    // It holds whenever one of them does.
    if is_within(&other.under, &finding.under) {
        finding.under = other.under;
    }
    let place = other.resource.or(other.place);
    finding.related.extend(place.map(|place| (place, format!("the same in `{}`", other.entity))));
}

/// A path without steps that lead nowhere.
fn tidy(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}
