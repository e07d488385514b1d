//! Binary operators over all results of both sides.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::cli::guard::value::Val;
use crate::rules::ast::Op;
use crate::rules::limits;

use super::compare::{Clash, Compared, contains, equal, order};
use super::event::Operator;
use super::found::{Found, Missing};
use super::{Edition, Stop};

/// The answer for one value, or for one pair.
#[derive(Debug)]
pub(super) enum Outcome<'w> {
    /// The left side led nowhere.
    Left(Missing<'w>),
    /// The right side led nowhere.
    Right(Missing<'w>, Val<'w>),
    Clash(Clash, Val<'w>, Val<'w>),
    Pass(Pair<'w>),
    Fail(Pair<'w>),
}

/// What was compared.
#[derive(Debug)]
pub(super) enum Pair<'w> {
    Values(Val<'w>, Val<'w>),
    /// A value and the list that it may be in.
    Member(Val<'w>, Val<'w>),
    /// A list and the list that its elements may be in; those that are not.
    Elements(Vec<Val<'w>>, Val<'w>, Val<'w>),
    /// All left values and all right ones; the left ones that are not among the right ones, or the other way round.
    Pools(Vec<Val<'w>>, Vec<Val<'w>>, Vec<Val<'w>>),
}

/// What comes of a clause with a binary operator.
#[derive(Debug)]
pub(super) enum Answer<'w> {
    /// There was nothing on the left.
    NoLeft,
    /// There was nothing on the right.
    NoRight,
    Each(Vec<Outcome<'w>>),
}

/// Compares.
pub(super) fn compare<'w>(
    edition: Edition,
    operator: Operator,
    left: &[Found<'w>],
    right: &[Found<'w>],
) -> Result<Answer<'w>, Stop> {
    if left.is_empty() {
        return Ok(Answer::NoLeft);
    }
    if right.is_empty() {
        return Ok(Answer::NoRight);
    }
    limits::compare(left.len(), right.len()).map_err(Stop::Abort)?;
    let (op, negated) = operator;
    let mut outcomes = Vec::with_capacity(left.len());
    match op {
        Op::Eq => equals(edition, left, right, &mut outcomes)?,
        Op::In => within(edition, left, right, &mut outcomes)?,
        _ => ordered(edition, op, left, right, &mut outcomes)?,
    }
    if negated {
        let right_pool = op == Op::Eq && right.len() >= left.len();
        for outcome in &mut outcomes {
            negate(edition, outcome, right_pool)?;
        }
    }
    Ok(Answer::Each(outcomes))
}

fn literal<'w>(found: &[Found<'w>]) -> Option<Val<'w>> {
    match found {
        [Found::Literal(value)] => Some(*value),
        _ => None,
    }
}

/// The values; what led nowhere is an outcome of its own.
fn left_values<'w>(found: &[Found<'w>], out: &mut Vec<Outcome<'w>>) -> Vec<Val<'w>> {
    let mut values = Vec::with_capacity(found.len());
    for one in found {
        match one {
            Found::Missing(missing) => out.push(Outcome::Left(missing.clone())),
            Found::Value(value) | Found::Literal(value) => values.push(*value),
        }
    }
    values
}

/// The values; what led nowhere is an outcome for each left value.
fn right_values<'w>(found: &[Found<'w>], left: &[Val<'w>], out: &mut Vec<Outcome<'w>>) -> Vec<Val<'w>> {
    let mut values = Vec::with_capacity(found.len());
    for one in found {
        match one {
            Found::Missing(missing) => {
                out.extend(left.iter().map(|value| Outcome::Right(missing.clone(), *value)));
            }
            Found::Value(value) | Found::Literal(value) => values.push(*value),
        }
    }
    values
}

fn elements(value: Val<'_>) -> impl Iterator<Item = Val<'_>> {
    value.list().into_iter().flatten()
}

fn decide<'w>(left: Val<'w>, right: Val<'w>, answer: Result<bool, Clash>) -> Outcome<'w> {
    match answer {
        Ok(true) => Outcome::Pass(Pair::Values(left, right)),
        Ok(false) => Outcome::Fail(Pair::Values(left, right)),
        Err(clash) => Outcome::Clash(clash, left, right),
    }
}

fn equals_one<'w>(edition: Edition, left: Val<'w>, right: Val<'w>) -> Result<Outcome<'w>, Stop> {
    let answer: Compared<bool> = equal(edition, left, right);
    Ok(decide(left, right, answer?))
}

fn equals<'w>(
    edition: Edition,
    left: &[Found<'w>],
    right: &[Found<'w>],
    out: &mut Vec<Outcome<'w>>,
) -> Result<(), Stop> {
    match (literal(left), literal(right)) {
        (Some(left), Some(right)) => out.push(equals_one(edition, left, right)?),
        (Some(left), None) => {
            for right in right_values(right, &[left], out) {
                if right.is_list() && !left.is_list() {
                    for right in elements(right) {
                        out.push(equals_one(edition, left, right)?);
                    }
                } else {
                    out.push(equals_one(edition, left, right)?);
                }
            }
        }
        (None, Some(right)) => {
            let single = right.list().filter(|list| list.len() == 1).and_then(|mut list| list.next());
            for left in left_values(left, out) {
                if right.is_list() {
                    let right = if left.is_scalar() { single.unwrap_or(right) } else { right };
                    out.push(equals_one(edition, left, right)?);
                } else if left.is_list() {
                    for left in elements(left) {
                        out.push(equals_one(edition, left, right)?);
                    }
                } else {
                    out.push(equals_one(edition, left, right)?);
                }
            }
        }
        (None, None) => {
            let left = left_values(left, out);
            let right = right_values(right, &left, out);
            let (many, few) = if left.len() > right.len() { (&left, &right) } else { (&right, &left) };
            let mut lacking = Vec::new();
            for &value in many {
                if !contains(edition, few.iter().copied(), value)? {
                    lacking.push(value);
                }
            }
            out.push(pools(lacking, left, right));
        }
    }
    Ok(())
}

fn pools<'w>(lacking: Vec<Val<'w>>, left: Vec<Val<'w>>, right: Vec<Val<'w>>) -> Outcome<'w> {
    let pass = lacking.is_empty();
    let pair = Pair::Pools(lacking, left, right);
    if pass { Outcome::Pass(pair) } else { Outcome::Fail(pair) }
}

/// Whether a text is within another one.
fn text_within<'w>(left: Val<'w>, right: Val<'w>) -> Outcome<'w> {
    match (left.string(), right.string()) {
        (Some(part), Some(whole)) => decide(left, right, Ok(whole.contains(part))),
        _ => Outcome::Clash(Clash::NoTexts, left, right),
    }
}

/// Whether a value is in a list, or all elements of a list are.
fn member<'w>(edition: Edition, left: Val<'w>, right: Val<'w>) -> Result<Outcome<'w>, Stop> {
    if !left.is_list() {
        if !right.is_list() {
            return equals_one(edition, left, right);
        }
        let pair = Pair::Member(left, right);
        return Ok(if contains(edition, elements(right), left)? {
            Outcome::Pass(pair)
        } else {
            Outcome::Fail(pair)
        });
    }
    if !right.is_list() {
        return Ok(Outcome::Clash(Clash::NoList, left, right));
    }
    let mut lacking = Vec::new();
    if right.element(0).is_some_and(Val::is_list) {
        if !contains(edition, elements(right), left)? {
            lacking.push(left);
        }
    } else {
        for element in elements(left) {
            if !contains(edition, elements(right), element)? {
                lacking.push(element);
            }
        }
    }
    let pass = lacking.is_empty();
    let pair = Pair::Elements(lacking, left, right);
    Ok(if pass { Outcome::Pass(pair) } else { Outcome::Fail(pair) })
}

fn within<'w>(
    edition: Edition,
    left: &[Found<'w>],
    right: &[Found<'w>],
    out: &mut Vec<Outcome<'w>>,
) -> Result<(), Stop> {
    match (literal(left), literal(right)) {
        (Some(left), Some(right)) => {
            let texts = text_within(left, right);
            out.push(if matches!(texts, Outcome::Pass(_)) { texts } else { member(edition, left, right)? });
        }
        (Some(left), None) => {
            let right = right_values(right, &[left], out);
            if right.iter().any(|value| value.is_list()) || !left.is_list() {
                for value in right {
                    out.push(member(edition, left, value)?);
                }
            } else {
                let mut lacking = Vec::new();
                for element in elements(left) {
                    if !contains(edition, right.iter().copied(), element)? {
                        lacking.push(element);
                    }
                }
                out.push(pools(lacking, vec![left], right));
            }
        }
        (None, Some(right)) => {
            for left in left_values(left, out) {
                if right.string().is_none() {
                    out.push(member(edition, left, right)?);
                } else if left.is_list() {
                    out.extend(elements(left).map(|left| text_within(left, right)));
                } else {
                    out.push(text_within(left, right));
                }
            }
        }
        (None, None) => {
            let left = left_values(left, out);
            let right = right_values(right, &left, out);
            let mut lacking = Vec::new();
            'left: for &value in &left {
                for &one in &right {
                    if matches!(member(edition, value, one)?, Outcome::Pass(_)) {
                        continue 'left;
                    }
                }
                lacking.push(value);
            }
            out.push(pools(lacking, left, right));
        }
    }
    Ok(())
}

fn ordered<'w>(
    edition: Edition,
    op: Op,
    left: &[Found<'w>],
    right: &[Found<'w>],
    out: &mut Vec<Outcome<'w>>,
) -> Result<(), Stop> {
    let flat = |values: Vec<Val<'w>>| -> Vec<Val<'w>> {
        values
            .into_iter()
            .flat_map(|value| match value.list() {
                Some(list) => list.collect(),
                None => vec![value],
            })
            .collect()
    };
    let left = flat(left_values(left, out));
    let right = flat(right_values(right, &left, out));
    limits::answer(left.len(), right.len()).map_err(Stop::Abort)?;
    for &left in &left {
        for &right in &right {
            let answer = order(edition, left, right).map(|order| match op {
                Op::Gt => order == Ordering::Greater,
                Op::Lt => order == Ordering::Less,
                Op::Ge => order != Ordering::Less,
                _ => order != Ordering::Greater,
            });
            out.push(decide(left, right, answer));
        }
    }
    Ok(())
}

/// Turns an outcome round. What could not be compared stays a failure.
fn negate(edition: Edition, outcome: &mut Outcome<'_>, right_pool: bool) -> Result<(), Stop> {
    let placeholder = Outcome::Pass(Pair::Pools(Vec::new(), Vec::new(), Vec::new()));
    let turned = match std::mem::replace(outcome, placeholder) {
        Outcome::Pass(pair) => Outcome::Fail(match pair {
            Pair::Pools(_, left, right) => Pair::Pools(left.clone(), left, right),
            Pair::Elements(_, left, right) => Pair::Elements(elements(left).collect(), left, right),
            other => other,
        }),
        Outcome::Fail(Pair::Pools(lacking, left, right)) => {
            let mut rest = Vec::new();
            for &value in if right_pool { &right } else { &left } {
                if !contains(edition, lacking.iter().copied(), value)? {
                    rest.push(value);
                }
            }
            pools(rest, left, right)
        }
        Outcome::Fail(Pair::Elements(lacking, left, right)) => {
            let mut rest = Vec::new();
            for value in elements(left) {
                if !contains(edition, lacking.iter().copied(), value)? {
                    rest.push(value);
                }
            }
            let pass = rest.is_empty();
            let pair = Pair::Elements(rest, left, right);
            if pass { Outcome::Pass(pair) } else { Outcome::Fail(pair) }
        }
        Outcome::Fail(pair) => Outcome::Pass(pair),
        other => other,
    };
    *outcome = turned;
    Ok(())
}

/// All values of a pool as results.
pub(super) fn found<'w>(pool: &[Val<'w>]) -> Arc<[Found<'w>]> {
    pool.iter().map(|&value| Found::Value(value)).collect()
}
