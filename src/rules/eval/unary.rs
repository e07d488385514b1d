//! `exists`, `empty`, `is_…`: questions about one value.

use crate::document::text;
use crate::document::{Condition, Tri};

use crate::rules::ast::Op;
use crate::rules::program::{Access, PartKind, Query};

use super::answer::Problem;
use super::found::{Found, What};
use super::record::{LeafClause, Log, To};
use super::run::{Run, Stop};
use super::scope::Env;
use super::value::{Shape, Value};
use super::worlds::{Outcome, Worlds};

/// The sum of what a clause says of several values: all must hold, or some.
pub(super) struct Tally<'w> {
    worlds: &'w Worlds,
    domain: Condition,
    some: bool,
    pub(super) total: Outcome,
    /// Whether anything was asked at all.
    pub(super) asked: bool,
    /// Whether a question that makes no sense is answered with no.
    forgives: bool,
}

impl<'w> Tally<'w> {
    pub(super) fn new(run: &Run<'w>, env: &Env<'_>, some: bool) -> Self {
        let (worlds, forgives) = (run.worlds, run.forgives(env));
        Self { worlds, domain: env.domain, some, total: Outcome::SKIP, asked: false, forgives }
    }

    /// Adds an answer about a value that surely or perhaps is there.
    pub(super) fn add(&mut self, answer: Tri, sure: Condition, maybe: Condition) -> Outcome {
        let worlds = self.worlds;
        let sure = worlds.and(self.domain, sure);
        let maybe = worlds.and_not(worlds.and(self.domain, maybe), sure);
        let outcome = match (answer, self.some) {
            (Tri::Yes, false) => Outcome::pass(worlds.or(sure, maybe)),
            (Tri::Yes, true) => Outcome { pass: sure, unknown: maybe, fail: Condition::NEVER },
            (Tri::No, false) => Outcome { fail: sure, unknown: maybe, pass: Condition::NEVER },
            (Tri::No, true) => Outcome::fail(sure),
            (Tri::Maybe, _) => {
                Outcome { unknown: worlds.or(sure, maybe), pass: Condition::NEVER, fail: Condition::NEVER }
            }
        };
        self.add_outcome(outcome);
        outcome
    }

    pub(super) fn add_outcome(&mut self, outcome: Outcome) {
        self.asked = true;
        self.total = if self.some {
            self.total.either(outcome, self.worlds)
        } else {
            self.total.both(outcome, self.worlds)
        };
    }
}

impl<'r> Run<'r> {
    pub(super) fn unary(
        &self,
        env: &Env<'_>,
        access: &'r Access,
        log: &mut Log<'r>,
    ) -> Result<Outcome, Stop> {
        let Some(query) = self.program.query(access.query) else { return Ok(Outcome::SKIP) };
        let results = match self.query(env, access.query) {
            Ok(results) => results,
            Err(Stop::Undecidable(problem)) if self.forgives(env) => {
                return Ok(Self::undecided(env, &problem, log));
            }
            Err(stop) => return Err(stop),
        };
        let last = query.parts.last().map(|part| &part.kind);
        let selects = matches!(last, Some(PartKind::Filter(..) | PartKind::Keys(_)));
        let lone = matches!((&*query.parts, last), ([_], Some(PartKind::Variable(_))));
        if access.op == Op::Empty && (selects || lone) {
            return self.selection(env, (access, query), &results, lone, log);
        }
        let mut tally = Tally::new(self, env, query.some);
        for found in results.iter() {
            let answer = self.ask(access.op, found);
            Self::tell(env, (access, found), answer, &mut tally, log)?;
        }
        Ok(tally.total)
    }

    /// Adds one answer, turned round as often as the clause says.
    fn tell(
        env: &Env<'_>,
        (access, found): (&'r Access, &Found),
        answer: Result<Tri, Box<Problem>>,
        tally: &mut Tally<'_>,
        log: &mut Log<'r>,
    ) -> Result<(), Stop> {
        let turned = access.negated != access.op_negated;
        let answer = match answer {
            Ok(answer) if turned => answer.negate(),
            Ok(answer) => answer,
            // An assertion that cannot be decided does not hold, either way round.
            Err(_) if tally.forgives => Tri::No,
            Err(problem) => return Err(Stop::Undecidable(problem)),
        };
        let outcome = tally.add(answer, found.sure, found.maybe);
        if env.record && answer != Tri::Yes {
            log.leaf(env, Self::leaf(env, LeafClause::Access(access), Some(found), To::Nothing, outcome));
        }
        Ok(())
    }

    /// `empty` of a selection, or of a variable: is there anything?
    fn selection(
        &self,
        env: &Env<'_>,
        (access, query): (&'r Access, &'r Query),
        results: &[Found],
        lone: bool,
        log: &mut Log<'r>,
    ) -> Result<Outcome, Stop> {
        let worlds = self.worlds;
        let turned = access.negated != access.op_negated;
        let mut tally = Tally::new(self, env, query.some);
        let (mut sure, mut maybe) = (Condition::NEVER, Condition::NEVER);
        for found in results {
            // What the facts do not have is not there.
            if found.is_absent_fact() {
                continue;
            }
            sure = worlds.or(sure, found.sure);
            maybe = worlds.or(maybe, found.maybe);
            let answer = if lone && !self.program.classic {
                self.ask(Op::Empty, found)
            } else {
                Ok(Tri::from(found.value().is_none_or(|value| matches!(self.view.shape(value), Shape::Null))))
            };
            // Whether anything is selected may be all that is unknown.
            let found = Found { maybe: Condition::NEVER, ..found.clone() };
            Self::tell(env, (access, &found), answer, &mut tally, log)?;
        }
        let perhaps = worlds.and_not(worlds.and(env.domain, maybe), sure);
        let nothing = worlds.and_not(worlds.and_not(env.domain, sure), maybe);
        let mut outcome = if turned { Outcome::fail(nothing) } else { Outcome::pass(nothing) };
        outcome.unknown = perhaps;
        if !outcome.fail.is_never() {
            // Nothing is there: there is no value to point at.
            let missing = Outcome { unknown: Condition::NEVER, ..outcome };
            log.leaf(env, Self::leaf(env, LeafClause::Access(access), None, To::Nothing, missing));
        }
        // What may be there, or not, is what leaves it open.
        for found in results.iter().filter(|found| !found.is_absent_fact()) {
            let open = Outcome { unknown: worlds.and(perhaps, found.maybe), ..Outcome::SKIP };
            if !open.unknown.is_never() {
                log.leaf(env, Self::leaf(env, LeafClause::Access(access), Some(found), To::Nothing, open));
            }
        }
        Ok(tally.total.both(outcome, worlds))
    }

    /// The plain answer to a question about one result.
    fn ask(&self, op: Op, found: &Found) -> Result<Tri, Box<Problem>> {
        let value = match &found.what {
            What::Missing(_) => return Ok(Tri::from(op == Op::Empty)),
            What::Value(value) | What::Literal(value) => value,
        };
        if value.node().is_some_and(super::value::Node::is_within) {
            return Ok(Tri::Maybe);
        }
        if op == Op::Exists {
            return Ok(Tri::Yes);
        }
        let shape = self.view.shape(value);
        if matches!(shape, Shape::Unknown | Shape::Choice(_)) {
            return Ok(Tri::Maybe);
        }
        if op == Op::Empty {
            return is_empty(value, shape, self.program.classic);
        }
        if let Shape::Text(pieces) = shape {
            let any_kind = matches!(pieces, [crate::document::Piece::Hole(_)]);
            return Ok(if any_kind { Tri::Maybe } else { Tri::from(op == Op::IsString) });
        }
        Ok(Tri::from(match op {
            Op::IsString => matches!(shape, Shape::String(_)),
            Op::IsList => matches!(shape, Shape::List(_)),
            Op::IsStruct => matches!(shape, Shape::Map(_)),
            Op::IsBool => matches!(shape, Shape::Bool(_)),
            Op::IsInt => matches!(shape, Shape::Int(_)),
            Op::IsFloat => matches!(shape, Shape::Float(_)),
            _ => matches!(shape, Shape::Null),
        }))
    }
}

fn is_empty(value: &Value, shape: Shape<'_>, classic: bool) -> Result<Tri, Box<Problem>> {
    Ok(match shape {
        Shape::List(list) => Tri::from(list.is_empty()),
        Shape::Map(map) => Tri::from(map.is_empty()),
        Shape::String(text) => Tri::from(text.is_empty()),
        Shape::Text(pieces) => text::equals(pieces, ""),
        // A fact that is there is not empty, whatever its kind.
        Shape::Null if value.is_typed() => Tri::Yes,
        _ if value.is_typed() => Tri::No,
        Shape::Bool(_) if classic => Tri::No,
        other => {
            let message = format!("`empty` cannot be asked of a value of kind {}", other.kind_name());
            return Err(Box::new(Problem { message, node: value.node().map(|node| node.id) }));
        }
    })
}
