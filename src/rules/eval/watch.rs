//! Which queries find something and which clauses fail: what tests leave out.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashSet;

use crate::document::Location;
use crate::rules::ast::Range;
use crate::rules::program::{Body, Clause, Cnf, Program, QueryId};

/// Which queries of a program found something, and which clauses failed, on any of several inputs.
#[derive(Debug)]
pub struct Watch {
    found: Box<[AtomicBool]>,
    /// Clauses that failed, by address.
    failed: Mutex<FxHashSet<usize>>,
}

/// A clause or a query of a rule, and whether it was seen to fail, or to find something.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The rule's id; the name of a rule with parameters.
    pub rule: Box<str>,
    /// Where it stands.
    pub place: Location,
    /// Whether that was seen.
    pub seen: bool,
}

impl Watch {
    /// A watch that has seen nothing.
    pub fn new(program: &Program) -> Arc<Self> {
        let found = program.queries.iter().map(|_| AtomicBool::new(false)).collect();
        Arc::new(Self { found, failed: Mutex::default() })
    }

    pub(super) fn mark(&self, query: QueryId) {
        if let Some(mark) = self.found.get(query.0 as usize) {
            mark.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn fail(&self, clause: &Clause) {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).insert(address(clause));
    }

    fn has(&self, query: QueryId) -> bool {
        self.found.get(query.0 as usize).is_some_and(|mark| mark.load(Ordering::Relaxed))
    }

    /// The clauses that can fail, of all rules: those that are not conditions.
    pub fn clauses(&self, program: &Program) -> Vec<Watched> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = Vec::new();
        for (rule, place, _, body) in bodies(program) {
            let mut found = Vec::new();
            let mut all = vec![body];
            while let Some(body) = all.pop() {
                for clause in body.lines.iter().flatten() {
                    match clause {
                        Clause::Access(access) => {
                            found.push((access.range, failed.contains(&address(clause))))
                        }
                        Clause::Reference(reference) => {
                            found.push((reference.range, failed.contains(&address(clause))));
                        }
                        // What it asserts is in the rule that it calls; a function asserts something itself.
                        Clause::Call(call) if call.function.is_some() => {
                            found.push((call.range, failed.contains(&address(clause))));
                        }
                        Clause::Call(_) => {}
                        Clause::Block(block) => all.push(&block.body),
                        Clause::When(when) => all.push(&when.body),
                        Clause::Type(block) => all.push(&block.body),
                    }
                }
            }
            out.extend(placed(rule, place, found));
        }
        out
    }

    /// The queries of all rules. What is behind one that found nothing is left out.
    pub fn queries(&self, program: &Program) -> Vec<Watched> {
        let mut out = Vec::new();
        for (rule, place, when, body) in bodies(program) {
            let mut queries = Vec::new();
            let mut all: Vec<&Cnf> = when.into_iter().chain([&body.lines]).collect();
            while let Some(lines) = all.pop() {
                for clause in lines.iter().flatten() {
                    match clause {
                        Clause::Access(access) => queries.push(access.query),
                        Clause::Block(block) => {
                            queries.push(block.query);
                            all.extend(Some(&block.body.lines).filter(|_| self.has(block.query)));
                        }
                        Clause::When(when) => all.extend([&when.conditions, &when.body.lines]),
                        Clause::Type(block) => {
                            queries.push(block.query);
                            let inner = block.when.iter().chain([&block.body.lines]);
                            all.extend(inner.filter(|_| self.has(block.query)));
                        }
                        Clause::Reference(_) | Clause::Call(_) => {}
                    }
                }
            }
            let found = queries.into_iter().filter_map(|id| Some((program.query(id)?.range, self.has(id))));
            out.extend(placed(rule, place, found.collect()));
        }
        out
    }
}

fn address(clause: &Clause) -> usize {
    std::ptr::from_ref(clause).addr()
}

type Asked<'p> = (&'p str, Location, Option<&'p Cnf>, &'p Body);

/// What rules ask, with and without parameters.
fn bodies(program: &Program) -> impl Iterator<Item = Asked<'_>> {
    let rules = program.rules.iter().map(|rule| (rule.id(), rule.place(), rule.when.as_ref(), &rule.body));
    let calls = program.files.iter().flat_map(|file| {
        let calls: std::collections::BTreeMap<_, _> = file.calls.iter().collect();
        let place = Range::default().of(&file.source);
        calls.into_values().map(move |call| (&*call.name, place.clone(), None, &call.body))
    });
    rules.chain(calls)
}

/// What was found, in the order in which it stands, each place once.
fn placed(rule: &str, file: Location, mut found: Vec<(Range, bool)>) -> impl Iterator<Item = Watched> {
    found.sort_by_key(|(range, seen)| (range.start, range.end, !seen));
    found.dedup_by_key(|(range, _)| *range);
    found.into_iter().map(move |(range, seen)| Watched {
        rule: rule.into(),
        place: range.of(&file.source),
        seen,
    })
}
