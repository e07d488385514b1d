//! `==`, `in`, `<` and their opposites: two sets of results against each other.
//!
//! Which values are paired depends on how they were come by: spelled out in the rule, or found. Values of the facts
//! exist under conditions, so pairs of them do too.

use std::sync::Arc;

use crate::document::Tri;

use crate::rules::ast::Op;
use crate::rules::limits;
use crate::rules::program::{Access, Operand};

use super::compare::Cmp;
use super::found::{Found, What};
use super::record::{LeafClause, Log, To};
use super::run::{Run, Stop};
use super::scope::{Env, Role};
use super::unary::Tally;
use super::value::{Shape, Value};
use super::worlds::Outcome;

/// Why nothing was compared.
const EMPTY_LEFT: &str = "the variable on the left stands for no values, so that nothing was compared; \
    where that is expected, put the clause into `when <variable> !empty { … }`";
const EMPTY_RIGHT: &str = "the right side stands for no values, so that nothing was compared; \
    where that is expected, put the clause into `when <reference> !empty { … }`";

/// A comparison under way.
pub(super) struct Comparison<'c, 'r, 'w> {
    pub(super) env: &'c Env<'c>,
    pub(super) access: &'r Access,
    pub(super) negated: bool,
    pub(super) tally: Tally<'w>,
    pub(super) log: &'c mut Log<'r>,
}

impl<'r> Run<'r> {
    /// `query operator operand`.
    pub(super) fn access(
        &self,
        env: &Env<'_>,
        access: &'r Access,
        log: &mut Log<'r>,
    ) -> Result<Outcome, Stop> {
        if let Some(outcome) = self.plainly(env, access) {
            return Ok(outcome);
        }
        let some = self.program.query(access.query).is_some_and(|query| query.some);
        let mark = if some { log.open(env, super::record::Frame::Some) } else { log.mark() };
        let outcome = match &access.operand {
            None => self.unary(env, access, log)?,
            Some(operand) => self.binary(env, access, operand, log)?,
        };
        if some {
            log.restrict(mark, outcome, self.worlds);
            log.close(env, mark, outcome);
        }
        Ok(outcome)
    }

    fn binary(
        &self,
        env: &Env<'_>,
        access: &'r Access,
        operand: &'r Operand,
        log: &mut Log<'r>,
    ) -> Result<Outcome, Stop> {
        let right = self.operand(env, operand)?;
        let Some(query) = self.program.query(access.query) else { return Ok(Outcome::SKIP) };
        let left = match self.query(env, access.query) {
            Ok(left) => left,
            Err(Stop::Undecidable(problem)) if self.forgives(env) => {
                return Ok(Self::undecided(env, &problem, log));
            }
            Err(stop) => return Err(stop),
        };
        let classic = self.program.classic;
        // Guard 3.1 does not see `not` before a comparison.
        let negated = (access.negated && !classic) != access.op_negated;
        let mut comparison =
            Comparison { env, access, negated, tally: Tally::new(self, env, query.some), log };
        if left.is_empty() {
            let strict = query.parts.len() == 1 && !query.typed && !classic && env.role == Role::Assertion;
            let lone = matches!(
                query.parts.first().map(|part| &part.kind),
                Some(crate::rules::program::PartKind::Variable(_))
            );
            return Ok(if strict && lone {
                Self::nothing(&mut comparison, EMPTY_LEFT)
            } else {
                Outcome::SKIP
            });
        }
        let typed_right = match operand {
            Operand::Query(id) => self.program.query(*id).is_some_and(|query| query.typed),
            _ => false,
        };
        if query.typed || typed_right || left.iter().chain(&*right).any(Found::is_typed) {
            return self.typed(&mut comparison, &left, &right);
        }
        if right.is_empty() {
            let strict = env.role == Role::Assertion && !classic;
            return Ok(if strict { Self::nothing(&mut comparison, EMPTY_RIGHT) } else { Outcome::SKIP });
        }
        limits::compare(left.len(), right.len()).map_err(Stop::abort)?;
        match access.op {
            Op::Eq => self.raw_eq(&mut comparison, &left, &right)?,
            Op::In => self.raw_in(&mut comparison, &left, &right)?,
            op => self.raw_order(&mut comparison, op, &left, &right)?,
        }
        Ok(match (comparison.tally.asked, query.some) {
            (true, _) => comparison.tally.total,
            // Nothing was compared.
            (false, false) => Outcome::pass(env.domain),
            (false, true) => Self::nothing(&mut comparison, ""),
        })
    }

    /// There is nothing to compare.
    fn nothing(comparison: &mut Comparison<'_, 'r, '_>, note: &'static str) -> Outcome {
        let env = comparison.env;
        let outcome = Outcome::fail(env.domain);
        let leaf = Self::leaf(env, LeafClause::Access(comparison.access), None, To::Note(note), outcome);
        comparison.log.leaf(env, leaf);
        outcome
    }

    /// One comparison of two values.
    fn pair(comparison: &mut Comparison<'_, 'r, '_>, cmp: Cmp, left: &Found, to: To) {
        let answer = match cmp {
            Cmp::Is(answer) if comparison.negated => answer.negate(),
            Cmp::Is(answer) => answer,
            Cmp::Incomparable => Tri::No,
        };
        Self::say(comparison, answer, left, to);
    }

    /// One answer about a left value.
    pub(super) fn say(comparison: &mut Comparison<'_, 'r, '_>, answer: Tri, left: &Found, to: To) {
        let outcome = comparison.tally.add(answer, left.sure, left.maybe);
        let (env, access) = (comparison.env, comparison.access);
        if env.record && answer != Tri::Yes {
            let leaf = Self::leaf(env, LeafClause::Access(access), Some(left), to, outcome);
            comparison.log.leaf(env, leaf);
        }
    }

    /// Splits results into values and what is missing on the left; each missing one fails.
    fn present<'f>(
        comparison: &mut Comparison<'_, 'r, '_>,
        left: &'f [Found],
    ) -> Vec<(&'f Found, &'f Value)> {
        let mut out = Vec::with_capacity(left.len());
        for found in left {
            match found.value() {
                Some(value) => out.push((found, value)),
                None => Self::say(comparison, Tri::No, found, To::Nothing),
            }
        }
        out
    }

    /// The values on the right; each missing one fails for every left value.
    fn present_right<'f>(
        comparison: &mut Comparison<'_, 'r, '_>,
        left: &[(&Found, &Value)],
        right: &'f [Found],
    ) -> Vec<(&'f Found, &'f Value)> {
        let mut out = Vec::with_capacity(right.len());
        for found in right {
            match found.value() {
                Some(value) => out.push((found, value)),
                None => {
                    for (one, _) in left {
                        Self::say(comparison, Tri::No, one, To::One(found.clone()));
                    }
                }
            }
        }
        out
    }

    /// A part of a result.
    pub(super) fn part(of: &Found, value: Value) -> Found {
        Found { what: What::Value(value), ..of.clone() }
    }

    fn raw_eq(
        &self,
        comparison: &mut Comparison<'_, 'r, '_>,
        left: &[Found],
        right: &[Found],
    ) -> Result<(), Stop> {
        match (literal(left), literal(right)) {
            (Some((l, left)), Some((r, right))) => {
                let cmp = self.equal(left, right)?;
                Self::pair(comparison, cmp, l, To::One(r.clone()));
            }
            (Some((l, left)), None) => {
                let single = !matches!(self.view.shape(left), Shape::List(_));
                for (r, right) in Self::present_right(comparison, &[(l, left)], right) {
                    match self.view.shape(right) {
                        Shape::List(list) if single => {
                            for element in list.iter() {
                                let cmp = self.equal(left, &element)?;
                                Self::pair(comparison, cmp, l, To::One(Self::part(r, element)));
                            }
                        }
                        _ => {
                            let cmp = self.equal(left, right)?;
                            Self::pair(comparison, cmp, l, To::One(r.clone()));
                        }
                    }
                }
            }
            (None, Some((r, right))) => {
                for (l, left) in Self::present(comparison, left) {
                    self.eq_literal(comparison, (l, left), (r, right))?;
                }
            }
            (None, None) => {
                let present = Self::present(comparison, left);
                let others = Self::present_right(comparison, &present, right);
                self.pooled(comparison, &present, &others, left.len(), right.len())?;
            }
        }
        Ok(())
    }

    /// A found value against one that is spelled out.
    fn eq_literal(
        &self,
        comparison: &mut Comparison<'_, 'r, '_>,
        (l, left): (&Found, &Value),
        (r, right): (&Found, &Value),
    ) -> Result<(), Stop> {
        match (self.view.shape(left), self.view.shape(right)) {
            (shape, Shape::List(list)) if shape.is_scalar() && list.len() == 1 => {
                if let Some(element) = list.get(0) {
                    let cmp = self.equal(left, &element)?;
                    Self::pair(comparison, cmp, l, To::One(Self::part(r, element)));
                }
            }
            (Shape::List(list), other) if !matches!(other, Shape::List(_)) => {
                for element in list.iter() {
                    let cmp = self.equal(&element, right)?;
                    Self::pair(comparison, cmp, &Self::part(l, element), To::One(r.clone()));
                }
            }
            _ => {
                let cmp = self.equal(left, right)?;
                Self::pair(comparison, cmp, l, To::One(r.clone()));
            }
        }
        Ok(())
    }

    /// Found values against found values: two pools, of which the longer one is looked for in the other.
    fn pooled(
        &self,
        comparison: &mut Comparison<'_, 'r, '_>,
        left: &[(&Found, &Value)],
        right: &[(&Found, &Value)],
        left_count: usize,
        right_count: usize,
    ) -> Result<(), Stop> {
        let all: Arc<[Found]> = right.iter().map(|(found, _)| (*found).clone()).collect();
        let (longer, other) = if left.len() > right.len() { (left, right) } else { (right, left) };
        let difference = self.not_among(longer, other)?;
        let passes = |comparison: &mut Comparison<'_, 'r, '_>| {
            for (found, _) in left {
                Self::say(comparison, Tri::Yes, found, To::Nothing);
            }
        };
        if !comparison.negated {
            if difference.is_empty() {
                passes(comparison);
            }
            for (found, _) in difference {
                Self::say(comparison, Tri::No, found, To::Many(all.clone()));
            }
            return Ok(());
        }
        let wrong = if difference.is_empty() {
            left.to_vec()
        } else {
            let pool = if right_count >= left_count { right } else { left };
            self.not_among(pool, &difference)?
        };
        if wrong.is_empty() {
            passes(comparison);
        }
        for (found, _) in wrong {
            Self::say(comparison, Tri::No, found, To::Many(all.clone()));
        }
        Ok(())
    }

    /// The values of the first pool that are not in the second.
    fn not_among<'f>(
        &self,
        pool: &[(&'f Found, &'f Value)],
        other: &[(&Found, &Value)],
    ) -> Result<Vec<(&'f Found, &'f Value)>, Stop> {
        let mut out = Vec::new();
        for &(found, value) in pool {
            let mut known = false;
            for (_, candidate) in other {
                if self.same(candidate, value)? == Tri::Yes {
                    known = true;
                    break;
                }
            }
            if !known {
                out.push((found, value));
            }
        }
        Ok(out)
    }

    fn raw_in(
        &self,
        comparison: &mut Comparison<'_, 'r, '_>,
        left: &[Found],
        right: &[Found],
    ) -> Result<(), Stop> {
        match (literal(left), literal(right)) {
            (Some((l, left)), Some((r, right))) => {
                let part = self.contains_text(self.view.shape(left), self.view.shape(right));
                let answer = match part {
                    Cmp::Is(Tri::Yes) => Cmp::Is(Tri::from(!comparison.negated)),
                    _ => self.contained(left, right, comparison.negated)?,
                };
                let to = self.whereabouts(r, right);
                Self::answered(comparison, answer, l, to);
            }
            (Some((l, left)), None) => self.literal_in(comparison, (l, left), right)?,
            (None, Some((r, right))) => {
                let whole = self.view.shape(right);
                for (l, left) in Self::present(comparison, left) {
                    match (self.view.shape(left), whole) {
                        (Shape::List(list), Shape::String(_)) => {
                            for element in list.iter() {
                                let cmp = self.contains_text(self.view.shape(&element), whole);
                                Self::pair(comparison, cmp, &Self::part(l, element), To::One(r.clone()));
                            }
                        }
                        (shape, Shape::String(_)) => {
                            let cmp = self.contains_text(shape, whole);
                            Self::pair(comparison, cmp, l, To::One(r.clone()));
                        }
                        _ => {
                            let answer = self.contained(left, right, comparison.negated)?;
                            let to = self.whereabouts(r, right);
                            Self::answered(comparison, answer, l, to);
                        }
                    }
                }
            }
            (None, None) => {
                let present = Self::present(comparison, left);
                let others = Self::present_right(comparison, &present, right);
                self.members(comparison, &present, &others)?;
            }
        }
        Ok(())
    }

    /// A list is where something should be; anything else is what it should be.
    fn whereabouts(&self, found: &Found, value: &Value) -> To {
        match self.view.shape(value) {
            Shape::List(_) => To::Many(Arc::new([found.clone()])),
            _ => To::One(found.clone()),
        }
    }

    /// An answer that is turned round already.
    fn answered(comparison: &mut Comparison<'_, 'r, '_>, answer: Cmp, left: &Found, to: To) {
        Self::say(comparison, answer.lenient(), left, to);
    }

    /// A value that is spelled out, in found values.
    fn literal_in(
        &self,
        comparison: &mut Comparison<'_, 'r, '_>,
        (l, left): (&Found, &Value),
        right: &[Found],
    ) -> Result<(), Stop> {
        let others = Self::present_right(comparison, &[(l, left)], right);
        let is_list = |value: &Value| matches!(self.view.shape(value), Shape::List(_));
        let lists = others.iter().any(|(_, value)| is_list(value));
        match self.view.shape(left) {
            Shape::List(list) if !lists => {
                let elements: Vec<Found> = list.iter().map(|element| Self::part(l, element)).collect();
                let pool: Vec<(&Found, &Value)> =
                    elements.iter().filter_map(|found| Some((found, found.value()?))).collect();
                let difference = self.not_among(&pool, &others)?;
                let all: Arc<[Found]> = others.iter().map(|(found, _)| (*found).clone()).collect();
                if comparison.negated {
                    Self::say(comparison, Tri::No, l, To::Many(all.clone()));
                } else if difference.is_empty() {
                    Self::say(comparison, Tri::Yes, l, To::Many(all.clone()));
                } else {
                    for (found, _) in difference {
                        Self::say(comparison, Tri::No, found, To::Many(all.clone()));
                    }
                }
            }
            _ => {
                for (r, right) in others {
                    let answer = self.contained(left, right, comparison.negated)?;
                    let to = self.whereabouts(r, right);
                    Self::answered(comparison, answer, l, to);
                }
            }
        }
        Ok(())
    }

    /// Each left value in at least one right value.
    fn members(
        &self,
        comparison: &mut Comparison<'_, 'r, '_>,
        left: &[(&Found, &Value)],
        right: &[(&Found, &Value)],
    ) -> Result<(), Stop> {
        let all: Arc<[Found]> = right.iter().map(|(found, _)| (*found).clone()).collect();
        let mut inside = Vec::new();
        let mut outside = Vec::new();
        for &(found, value) in left {
            let mut known = false;
            for (_, candidate) in right {
                if self.contained(value, candidate, false)? == Cmp::Is(Tri::Yes) {
                    known = true;
                    break;
                }
            }
            if known { inside.push(found) } else { outside.push(found) }
        }
        let wrong = if comparison.negated { inside } else { outside };
        if wrong.is_empty() {
            for (found, _) in left {
                Self::say(comparison, Tri::Yes, found, To::Nothing);
            }
        }
        for found in wrong {
            Self::say(comparison, Tri::No, found, To::Many(all.clone()));
        }
        Ok(())
    }

    /// Whether the left value is in the right one, or, turned round, surely is not.
    fn contained(&self, left: &Value, right: &Value, negated: bool) -> Result<Cmp, Stop> {
        let turn = |answer: Tri| Cmp::Is(if negated { answer.negate() } else { answer });
        match (self.view.shape(left), self.view.shape(right)) {
            (Shape::List(part), Shape::List(whole)) => {
                let first = whole.get(0);
                let nested = first.is_some_and(|first| matches!(self.view.shape(&first), Shape::List(_)));
                if nested {
                    let mut any = Tri::No;
                    for element in whole.iter() {
                        any = any.or(self.same(&element, left)?);
                    }
                    // The peer turns a list in a list of lists round wrongly: only an empty list is not in it.
                    return Ok(if negated && !part.is_empty() { Cmp::Is(Tri::No) } else { turn(any) });
                }
                let (mut all, mut any) = (Tri::Yes, Tri::No);
                for element in part.iter() {
                    let mut member = Tri::No;
                    for candidate in whole.iter() {
                        member = member.or(self.same(&candidate, &element)?);
                    }
                    all = all.and(member);
                    any = any.or(member);
                }
                Ok(Cmp::Is(match negated {
                    false => all,
                    true if part.is_empty() => Tri::No,
                    true => any.negate(),
                }))
            }
            (Shape::List(_), _) => Ok(Cmp::Incomparable),
            (_, Shape::List(whole)) => {
                let mut any = Tri::No;
                for candidate in whole.iter() {
                    any = any.or(self.same(&candidate, left)?);
                }
                Ok(turn(any))
            }
            _ => Ok(match self.equal(left, right)? {
                Cmp::Is(answer) => turn(answer),
                Cmp::Incomparable => Cmp::Incomparable,
            }),
        }
    }

    fn raw_order(
        &self,
        comparison: &mut Comparison<'_, 'r, '_>,
        op: Op,
        left: &[Found],
        right: &[Found],
    ) -> Result<(), Stop> {
        let present = Self::present(comparison, left);
        let spread = |of: &[(&Found, &Value)]| -> Vec<Found> {
            let mut out = Vec::with_capacity(of.len());
            for (found, value) in of {
                match self.view.shape(value) {
                    Shape::List(list) => out.extend(list.iter().map(|element| Self::part(found, element))),
                    _ => out.push((*found).clone()),
                }
            }
            out
        };
        let lefts = spread(&present);
        let pairs: Vec<(&Found, &Value)> =
            lefts.iter().filter_map(|found| Some((found, found.value()?))).collect();
        let others = Self::present_right(comparison, &pairs, right);
        let rights = spread(&others);
        limits::answer(pairs.len(), rights.len()).map_err(Stop::abort)?;
        for (found, value) in pairs {
            for other in &rights {
                let Some(right) = other.value() else { continue };
                let cmp = self.ordered(op, value, right);
                Self::pair(comparison, cmp, found, To::One(other.clone()));
            }
        }
        Ok(())
    }
}

/// The only result, if it is spelled out in the rule.
pub(super) fn literal(results: &[Found]) -> Option<(&Found, &Value)> {
    match results {
        [found] => match &found.what {
            What::Literal(value) => Some((found, value)),
            _ => None,
        },
        _ => None,
    }
}
