//! Which queries find something: what tests leave out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::document::Location;
use crate::rules::ast::Range;
use crate::rules::program::{Clause, Cnf, Program, QueryId, Rule};

/// Which queries of a program found something, on any of several inputs.
#[derive(Debug)]
pub struct Watch(Box<[AtomicBool]>);

impl Watch {
    /// A watch that has seen nothing.
    pub fn new(program: &Program) -> Arc<Self> {
        Arc::new(Self(program.queries.iter().map(|_| AtomicBool::new(false)).collect()))
    }

    pub(super) fn mark(&self, query: QueryId) {
        if let Some(mark) = self.0.get(query.0 as usize) {
            mark.store(true, Ordering::Relaxed);
        }
    }

    fn has(&self, query: QueryId) -> bool {
        self.0.get(query.0 as usize).is_some_and(|mark| mark.load(Ordering::Relaxed))
    }

    /// Where those queries of a rule stand that found nothing. What is behind one of them is left out.
    pub fn unmatched(&self, program: &Program, rule: &Rule) -> Vec<Location> {
        let mut queries = Vec::new();
        let mut all: Vec<&Cnf> = rule.when.iter().chain([&rule.body.lines]).collect();
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
        let missed = queries.into_iter().filter(|query| !self.has(*query));
        let mut ranges: Vec<Range> =
            missed.filter_map(|id| program.query(id)).map(|query| query.range).collect();
        ranges.sort_by_key(|range| (range.start, range.end));
        ranges.dedup();
        ranges.into_iter().map(|range| range.of(&rule.place().source)).collect()
    }
}
