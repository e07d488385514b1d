//! Comparing values of the facts.
//!
//! What facts do not have is nothing, lists are their elements, and values that exist under conditions are compared
//! where both exist.

use std::borrow::Cow;
use std::sync::Arc;

use crate::document::{Condition, Tri};

use crate::rules::ast::Op;

use super::binary::{Comparison, literal};
use super::compare::Cmp;
use super::found::{Found, What};
use super::record::{LeafClause, To};
use super::run::{Run, Stop};
use super::value::{Shape, Value};
use super::worlds::Outcome;

impl<'r> Run<'r> {
    /// Values of the facts: what they do not have is nothing, and each value is compared where both exist.
    pub(super) fn typed(
        &self,
        comparison: &mut Comparison<'_, 'r, '_>,
        left: &[Found],
        right: &[Found],
    ) -> Result<Outcome, Stop> {
        let env = comparison.env;
        let op = comparison.access.op;
        // A list that is spelled out is compared as a whole; a list that is found is its elements.
        let whole_list =
            literal(right).is_some_and(|(_, value)| matches!(self.view.shape(value), Shape::List(_)));
        let spread_left = !(op == Op::Eq && whole_list);
        let lefts = self.values_of(left, spread_left);
        let rights = self.values_of(right, op != Op::In && !whole_list || literal(right).is_none());
        // What is shown of the right side, once there is something to show.
        let mut shown: Option<Arc<[Found]>> = None;
        for found in &*lefts {
            let Some(left) = found.value() else {
                Self::say(comparison, Tri::No, found, To::Nothing);
                continue;
            };
            let outcome = self.typed_one(comparison, op, (found, left), &rights)?;
            comparison.tally.add_outcome(outcome);
            if env.record && !outcome.is_fine() {
                let leaf = Self::leaf(
                    env,
                    LeafClause::Access(comparison.access),
                    Some(found),
                    To::Many(Arc::clone(shown.get_or_insert_with(|| rights.iter().cloned().collect()))),
                    outcome,
                );
                comparison.log.leaf(env, leaf);
            }
        }
        Ok(comparison.tally.total)
    }

    /// Values, with lists taken apart, alternatives settled, and absent ones left out.
    fn values_of<'f>(&self, results: &'f [Found], spread: bool) -> Cow<'f, [Found]> {
        let is_list = |value: &Value| matches!(self.view.shape(value), Shape::List(_));
        let stays =
            |found: &Found| found.value().map_or(!found.is_absent_fact(), |value| !spread || !is_list(value));
        if results.iter().all(stays) {
            return Cow::Borrowed(results);
        }
        let mut out = Vec::with_capacity(results.len());
        for found in results {
            match found.value().map(|value| self.view.shape(value)) {
                Some(Shape::List(list)) if spread => {
                    for element in list.iter() {
                        self.settle(Self::part(found, element), true, &mut |found| out.push(found));
                    }
                }
                _ if found.is_absent_fact() => {}
                _ => out.push(found.clone()),
            }
        }
        Cow::Owned(out)
    }

    /// What all right values together say of a left one.
    fn typed_one(
        &self,
        comparison: &Comparison<'_, 'r, '_>,
        op: Op,
        (found, left): (&Found, &Value),
        rights: &[Found],
    ) -> Result<Outcome, Stop> {
        let worlds = self.worlds;
        let domain = comparison.env.domain;
        let there = worlds.and(domain, found.sure);
        let perhaps_there = worlds.and_not(worlds.and(domain, found.maybe), there);
        let both = worlds.or(there, perhaps_there);
        let (mut yes, mut perhaps) = (Condition::NEVER, Condition::NEVER);
        let mut incomparable = !rights.is_empty();
        for right in rights {
            let Some(value) = right.value() else { continue };
            let cmp = match op {
                Op::Eq => self.equal(left, value)?,
                Op::In => self.typed_in(left, right, value)?,
                op => self.ordered(op, left, value),
            };
            let Cmp::Is(answer) = cmp else { continue };
            incomparable = false;
            let sure = worlds.and(both, right.sure);
            let any = worlds.or(sure, worlds.and(both, right.maybe));
            match answer {
                Tri::Yes => {
                    yes = worlds.or(yes, sure);
                    perhaps = worlds.or(perhaps, any);
                }
                Tri::Maybe => perhaps = worlds.or(perhaps, any),
                Tri::No => {}
            }
        }
        let open = worlds.and_not(perhaps, yes);
        let no = worlds.and_not(worlds.and_not(both, yes), open);
        let (pass, fail) = match (incomparable, comparison.negated) {
            (true, _) => (Condition::NEVER, both),
            (false, false) => (yes, no),
            (false, true) => (no, yes),
        };
        let outcome = Outcome { pass, fail, unknown: open };
        if perhaps_there.is_never() {
            return Ok(outcome);
        }
        let doubtful = outcome.within(perhaps_there, worlds).doubted(worlds);
        Ok(outcome.within(there, worlds).both(doubtful, worlds))
    }

    /// Membership; text in a text that is spelled out.
    fn typed_in(&self, left: &Value, right: &Found, value: &Value) -> Result<Cmp, Stop> {
        match self.view.shape(value) {
            shape @ Shape::String(_) if matches!(right.what, What::Literal(_)) => {
                Ok(self.contains_text(self.view.shape(left), shape))
            }
            Shape::List(list) => {
                let mut any = Tri::No;
                for candidate in list.iter() {
                    any = any.or(self.same(left, &candidate)?);
                }
                Ok(Cmp::Is(any))
            }
            _ => self.equal(left, value),
        }
    }
}
