//! Clauses, lines and blocks.

use crate::document::Condition;

use crate::rules::program::{Block, Body, Clause, Operand, TypeBlock, When};

use super::answer::Problem;
use super::found::{Found, What};
use super::query;
use super::record::{Frame, Leaf, LeafClause, Log, To};
use super::run::{Run, Stop};
use super::scope::{Context, Env, LetScope, Role, Scope};
use super::value::{Shape, Value};
use super::worlds::Outcome;

impl<'r> Run<'r> {
    /// All lines hold.
    pub(super) fn cnf(
        &self,
        env: &Env<'_>,
        lines: &'r [Box<[Clause]>],
        log: &mut Log<'r>,
    ) -> Result<Outcome, Stop> {
        // Of a gate over facts that is shut, nobody needs to know what else shuts it.
        let settled = |total: Outcome| {
            env.role == Role::Gate
                && !env.record
                && total.fail == env.domain
                && !total.fail.is_never()
                && env.context.value.is_typed()
        };
        let mut total = Outcome::SKIP;
        for line in lines {
            let outcome = match &**line {
                [only] => self.clause(env, only, log)?,
                alternatives => self.line(env, alternatives, log)?,
            };
            total = total.both(outcome, self.worlds);
            if settled(total) {
                break;
            }
        }
        Ok(total)
    }

    /// One of the alternatives holds.
    fn line(&self, env: &Env<'_>, alternatives: &'r [Clause], log: &mut Log<'r>) -> Result<Outcome, Stop> {
        let mark = log.open(env, Frame::Line);
        let mut total = Outcome::SKIP;
        let mut open = env.domain;
        for alternative in alternatives {
            let inner = Env { domain: open, ..*env };
            let start = log.open(env, Frame::Alternative);
            let outcome = self.clause(&inner, alternative, log)?;
            log.close(env, start, outcome);
            total = total.either(outcome, self.worlds);
            open = self.worlds.and_not(open, outcome.pass);
            if open.is_never() {
                break;
            }
        }
        log.close(env, mark, total);
        log.restrict(mark, total, self.worlds);
        Ok(total)
    }

    fn clause(&self, env: &Env<'_>, clause: &'r Clause, log: &mut Log<'r>) -> Result<Outcome, Stop> {
        let outcome = match clause {
            Clause::Access(access) => self.access(env, access, log),
            Clause::Block(block) => self.block(env, block, log),
            Clause::When(when) => self.when(env, when, log),
            Clause::Type(block) => self.type_block(env, block, log),
            Clause::Call(call) => self.call(env, call, log),
            Clause::Reference(reference) => self.reference(env, reference, log),
        }?;
        if let Some(watch) = &self.cache.watch
            && env.role == Role::Assertion
            && !outcome.fail.is_never()
        {
            watch.fail(clause);
        }
        Ok(outcome)
    }

    /// A body, with a scope of its own.
    pub(super) fn body(&self, env: &Env<'_>, body: &'r Body, log: &mut Log<'r>) -> Result<Outcome, Stop> {
        if body.lets.0.is_empty() {
            return self.cnf(env, &body.lines, log);
        }
        let scope = Scope::Lets(LetScope::body(&body.lets, env));
        self.cnf(&Env { scope: &scope, ..*env }, &body.lines, log)
    }

    /// The results that a block is about: lists of the facts spread, and what the facts do not have is nothing.
    fn block_values(&self, results: &[Found]) -> Vec<Found> {
        let mut out = Vec::with_capacity(results.len());
        for found in results {
            match found.value().map(|value| self.view.shape(value)) {
                Some(Shape::List(list)) if found.is_typed() => {
                    for element in list.iter() {
                        let element = Found { what: What::Value(element), ..found.clone() };
                        self.settle(element, true, &mut |found| out.push(found));
                    }
                }
                _ if found.is_absent_fact() => {}
                _ => out.push(found.clone()),
            }
        }
        out
    }

    fn block(&self, env: &Env<'_>, block: &'r Block, log: &mut Log<'r>) -> Result<Outcome, Stop> {
        let some = self.program.query(block.query).is_some_and(|query| query.some);
        let results = self.query(env, block.query)?;
        let values = self.block_values(&results);
        let mark = log.open(env, Frame::Block);
        let mut total = Outcome::SKIP;
        if block.not_empty {
            total = self.must_be_there(env, block, &values, log);
        }
        for found in values {
            let outcome = self.block_value(env, block, &found, log)?;
            total = if some {
                let doubtful = self.worlds.and(found.maybe, outcome.pass);
                let pass = self.worlds.and_not(outcome.pass, doubtful);
                let unknown = self.worlds.or(outcome.unknown, doubtful);
                total.either(Outcome { pass, unknown, ..outcome }, self.worlds)
            } else {
                total.both(outcome, self.worlds)
            };
        }
        if some {
            log.restrict(mark, total, self.worlds);
        }
        log.close(env, mark, total);
        Ok(total)
    }

    /// `query !empty { … }`.
    fn must_be_there(&self, env: &Env<'_>, block: &'r Block, values: &[Found], log: &mut Log<'r>) -> Outcome {
        let sure = values.iter().fold(Condition::NEVER, |all, found| self.worlds.or(all, found.sure));
        let maybe = values.iter().fold(Condition::NEVER, |all, found| self.worlds.or(all, found.maybe));
        let nowhere = self.worlds.and_not(env.domain, sure);
        let unknown = self.worlds.and(nowhere, maybe);
        let fail = self.worlds.and_not(nowhere, maybe);
        let outcome = Outcome { pass: Condition::NEVER, fail, unknown };
        if !outcome.is_fine() {
            log.leaf(env, Self::leaf(env, LeafClause::Block(block), None, To::Nothing, outcome));
        }
        outcome
    }

    /// A block about one value.
    fn block_value(
        &self,
        env: &Env<'_>,
        block: &'r Block,
        found: &Found,
        log: &mut Log<'r>,
    ) -> Result<Outcome, Stop> {
        let worlds = self.worlds;
        let sure = worlds.and(env.domain, found.sure);
        let domain = worlds.or(sure, worlds.and(env.domain, found.maybe));
        if domain.is_never() {
            return Ok(Outcome::SKIP);
        }
        let Some(value) = found.value() else {
            let unknown = worlds.and_not(domain, sure);
            let outcome = Outcome { pass: Condition::NEVER, fail: sure, unknown };
            log.leaf(env, Self::leaf(env, LeafClause::Block(block), Some(found), To::Nothing, outcome));
            return Ok(outcome);
        };
        let context = Context { value: value.clone(), entity: found.entity, outer: Some(env.context) };
        let mark = log.mark();
        let outcome = self.body(&Env { context: &context, domain, ..*env }, &block.body, log)?;
        Ok(self.gated(outcome, worlds.and_not(domain, sure), mark, log))
    }

    fn when(&self, env: &Env<'_>, when: &'r When, log: &mut Log<'r>) -> Result<Outcome, Stop> {
        let gate = Env { role: Role::Gate, record: false, ..*env };
        let condition = match self.cnf(&gate, &when.conditions, log) {
            Ok(outcome) => outcome,
            Err(Stop::Undecidable(problem)) if self.forgives(env) => {
                return Ok(Self::undecided(env, &problem, log));
            }
            Err(stop) => return Err(stop),
        };
        self.when_body(env, when, condition, log)
    }

    /// What stands behind a condition that was asked.
    pub(super) fn when_body(
        &self,
        env: &Env<'_>,
        when: &'r When,
        condition: Outcome,
        log: &mut Log<'r>,
    ) -> Result<Outcome, Stop> {
        let domain = self.worlds.or(condition.pass, condition.unknown);
        if domain.is_never() {
            return Ok(Outcome::SKIP);
        }
        let mark = log.open(env, Frame::When);
        let outcome = self.body(&Env { domain, ..*env }, &when.body, log)?;
        let outcome = self.gated(outcome, condition.unknown, mark, log);
        log.close(env, mark, outcome);
        Ok(outcome)
    }

    /// A clause that cannot be decided fails as an assertion.
    pub(super) fn undecided(env: &Env<'_>, problem: &Problem, log: &mut Log<'r>) -> Outcome {
        log.problem(problem, env);
        Outcome::fail(env.domain)
    }

    fn type_block(&self, env: &Env<'_>, block: &'r TypeBlock, log: &mut Log<'r>) -> Result<Outcome, Stop> {
        let resources: query::Results = self.query(env, block.query)?;
        let mark = log.open(env, Frame::Type);
        let mut total = Outcome::SKIP;
        if self.program.classic {
            return self.classic_type_block(env, block, &resources, log);
        }
        for found in resources.iter() {
            // Without resources there is nothing to check.
            let Some(value) = found.value() else { continue };
            let context = Context { value: value.clone(), entity: found.entity, outer: Some(env.context) };
            let inner = Env { context: &context, ..*env };
            let mut domain = env.domain;
            if let Some(when) = &block.when {
                let gate = Env { role: Role::Gate, record: false, ..inner };
                match self.cnf(&gate, when, log) {
                    Ok(outcome) => domain = self.worlds.and(domain, outcome.pass),
                    Err(Stop::Undecidable(problem)) if self.forgives(env) => {
                        let outcome = Self::undecided(&inner, &problem, log);
                        total = total.both(outcome, self.worlds);
                        continue;
                    }
                    Err(stop) => return Err(stop),
                }
            }
            if domain.is_never() {
                continue;
            }
            let outcome = self.body(&Env { domain, ..inner }, &block.body, log)?;
            total = total.both(outcome, self.worlds);
        }
        log.close(env, mark, total);
        Ok(total)
    }

    /// Guard 3.1 asks the condition of a type block once, of the document, and gives up where there are no resources.
    fn classic_type_block(
        &self,
        env: &Env<'_>,
        block: &'r TypeBlock,
        resources: &[Found],
        log: &mut Log<'r>,
    ) -> Result<Outcome, Stop> {
        let mut total = Outcome::SKIP;
        if let Some(when) = &block.when {
            let root = self.root_context();
            let gate = Env { role: Role::Gate, record: false, context: &root, ..*env };
            if self.cnf(&gate, when, log)?.pass.is_never() {
                return Ok(total);
            }
        }
        for found in resources {
            let Some(value) = found.value() else {
                return Err(Stop::abort("there are no resources for a type block"));
            };
            let context = Context { value: value.clone(), entity: found.entity, outer: Some(env.context) };
            let outcome = self.body(&Env { context: &context, ..*env }, &block.body, log)?;
            total = total.both(outcome, self.worlds);
        }
        Ok(total)
    }

    /// A right side, or an argument.
    pub(super) fn operand(&self, env: &Env<'_>, operand: &'r Operand) -> Result<query::Results, Stop> {
        match operand {
            Operand::Literal(literal) => {
                let found = Found::always(What::Literal(Value::Literal(literal.clone())));
                Ok(query::Results::One(found))
            }
            Operand::Query(query) => self.query(env, *query),
            Operand::Function(function) => self.function(env, function).map(query::Results::Made),
        }
    }

    /// What a clause has to say about a value.
    pub(super) fn leaf(
        env: &Env<'_>,
        clause: LeafClause<'r>,
        from: Option<&Found>,
        to: To,
        outcome: Outcome,
    ) -> Leaf<'r> {
        let shows_values = clause.shows_values();
        let mut contexts = Vec::new();
        let mut context = Some(env.context);
        while let Some(at) = context {
            contexts.push(at.value.clone());
            context = at.outer.filter(|_| shows_values);
        }
        let entity = from.and_then(|found| found.entity).or(env.context.entity);
        Leaf {
            clause,
            from: from.cloned(),
            to,
            fail: outcome.fail,
            unknown: outcome.unknown,
            contexts,
            entity,
        }
    }
}
