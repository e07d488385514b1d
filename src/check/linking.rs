//! Templates of a run that import what others of it export: they are judged as one.
//!
//! Each was judged alone before, so what it exports and imports is known. A template that others nest exports and imports
//! as the stacks that they make of it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::prelude::*;

use crate::ingest;
use crate::ingest::{LinkTo, LinkedTemplate, Links, Trade};

use super::discover::Candidate;
use super::pipeline::{Checker, Judged};
use super::together::{Member, as_one};
use super::{load, nesting};

/// Templates are not judged as one where they are more than this,
const TOGETHER: usize = 32;
/// and have more conditions than this: these are too many to be told apart.
const CONDITIONS: usize = 64;

/// Judges those templates again of whose imports more is known than they say themselves.
pub(super) fn judge(checker: &Checker<'_>, candidates: &[Candidate], judged: &mut [Judged]) {
    if judged.iter().all(|one| one.imports.is_empty()) || checker.request.earlier.is_some() {
        return;
    }
    let within = nesting::parents(judged);
    let trades: Vec<Trade<'_>> = judged
        .iter()
        .zip(candidates)
        .zip(within)
        .map(|((one, candidate), parents)| {
            let template = one.input.as_ref().map_or("", |input| &*input.path);
            let alone = parents.is_empty();
            let (exports, imports): (&[_], &[_]) =
                if alone { (&one.exports, &one.imports) } else { (&[], &[]) };
            let stack = candidate.stack.as_ref();
            let environment =
                [stack.and_then(|one| one.account.as_deref()), stack.and_then(|one| one.region.as_deref())];
            Trade { template, environment, exports, imports }
        })
        .collect();
    let mut links = ingest::wire(&trades);
    let conditions = |group: &Vec<usize>| -> usize {
        group.iter().filter_map(|&at| judged.get(at)).map(|one| one.conditions).sum()
    };
    let too_many = |group: &Vec<usize>| group.len() > TOGETHER && conditions(group) > CONDITIONS;
    for group in groups(&links).into_iter().filter(too_many) {
        for at in group {
            let own = links.get_mut(at).into_iter().flat_map(Links::values_mut);
            own.for_each(|link| ingest::loosen(link, &trades));
        }
    }
    let again: Vec<Vec<(usize, Judged)>> = groups(&links)
        .into_par_iter()
        .with_max_len(1)
        .map(|group| {
            let work = AssertUnwindSafe(|| together(checker, candidates, &group, (judged, &links)));
            // What was found of each alone stays where they cannot be judged together.
            catch_unwind(work).ok().flatten().unwrap_or_default()
        })
        .collect();
    for (at, made) in again.into_iter().flatten() {
        let Some(one) = judged.get_mut(at) else { continue };
        let (declared, exports) = (one.declared.take(), std::mem::take(&mut one.exports));
        *one = Judged { exports, declared, ..made };
    }
}

/// Templates that are tied by imports, as positions. One of which only an import is known that several answer is alone.
fn groups(links: &[Links]) -> Vec<Vec<usize>> {
    let mut leader: Vec<usize> = (0..links.len()).collect();
    let find = |leader: &[usize], mut at: usize| {
        while let Some(&next) = leader.get(at).filter(|&&next| next != at) {
            at = next;
        }
        at
    };
    for (at, links) in links.iter().enumerate() {
        for link in links.values() {
            let LinkTo::Export { template, .. } = link else { continue };
            let (one, other) = (find(&leader, at), find(&leader, *template));
            // The first of a group leads it.
            if let Some(slot) = leader.get_mut(one.max(other)) {
                *slot = one.min(other);
            }
        }
    }
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); links.len()];
    for at in 0..links.len() {
        out.get_mut(find(&leader, at)).into_iter().for_each(|group| group.push(at));
    }
    let alone = |group: &[usize]| matches!(group, [at] if links.get(*at).is_none_or(Links::is_empty));
    out.into_iter().filter(|group| !group.is_empty() && !alone(group)).collect()
}

fn together(
    checker: &Checker<'_>,
    candidates: &[Candidate],
    group: &[usize],
    (judged, links): (&[Judged], &[Links]),
) -> Option<Vec<(usize, Judged)>> {
    let position = |template: &usize| group.iter().position(|at| at == template);
    let mut templates = Vec::with_capacity(group.len());
    for at in group {
        let candidate = candidates.get(*at)?;
        let mut links = links.get(*at)?.clone();
        for link in links.values_mut() {
            if let LinkTo::Export { template, .. } = link {
                *template = position(template)?;
            }
        }
        templates.push(LinkedTemplate {
            name: candidate.name.clone(),
            bytes: load::text(candidate, checker.options).ok()?,
            options: load::placed(candidate, checker.options).into_owned(),
            links,
        });
    }
    let read = ingest::read_linked(templates)?;
    let members = group.iter().zip(read.entities).filter_map(|(&at, entities)| {
        let kind = judged.get(at)?.input.as_ref()?.kind?;
        Some(Member { at, candidate: candidates.get(at)?, kind, entities })
    });
    let mut made = as_one(checker, members.collect(), read.unit);
    for ((_, one), nested) in made.iter_mut().zip(read.nested) {
        one.nested = nested;
    }
    Some(made)
}
