//! Policies under conditions, taken apart into the cases that the conditions make.

use crate::document::Condition;
use crate::document::Conditions;
use crate::document::Tri;
use crate::iam::Policy;
use crate::iam::policy::Patterns;
use crate::iam::policy::Scalar;
use crate::iam::policy::Statement;

/// More cases than this are not told apart; what depends on the rest is not decided.
const CASES: usize = 64;

/// The conditions that parts of a policy depend on.
pub(super) fn unders<'a>(policy: &'a Policy<'_>) -> impl Iterator<Item = Condition> + 'a {
    policy.statements.iter().flat_map(|statement| {
        let lists = std::iter::once(&statement.actions).chain(&statement.resources);
        let scalars = lists.flat_map(|list| list.values.iter().map(|value| value.under));
        let tests = statement.conditions.iter().flat_map(|test| test.values.iter().map(|value| value.under));
        std::iter::once(statement.under).chain(scalars).chain(tests)
    })
}

/// The cases that conditions make: they exclude each other, and one of them always holds.
pub(super) fn split(conditions: &mut Conditions, unders: impl Iterator<Item = Condition>) -> Vec<Condition> {
    let mut worlds = vec![Condition::ALWAYS];
    let mut known: Vec<Condition> = Vec::new();
    for under in unders.filter(|under| !under.is_always()) {
        if known.contains(&under) || worlds.len() >= CASES {
            continue;
        }
        known.push(under);
        let mut next = Vec::with_capacity(worlds.len() * 2);
        for world in worlds {
            let (inside, outside) = (conditions.and(world, under), conditions.and_not(world, under));
            next.extend([inside, outside].into_iter().filter(|one| !one.is_never()));
        }
        worlds = next;
    }
    worlds
}

/// Whether a condition holds in a world.
pub(super) fn holds(conditions: &mut Conditions, under: Condition, world: Condition) -> Tri {
    if under.is_always() || conditions.and_not(world, under).is_never() {
        Tri::Yes
    } else if conditions.and(world, under).is_never() {
        Tri::No
    } else {
        Tri::Maybe
    }
}

/// A policy as it is in one world.
pub(super) fn specialise<'t>(
    policy: &Policy<'t>,
    world: Condition,
    conditions: &mut Conditions,
) -> Policy<'t> {
    let mut out = policy.clone();
    if world.is_always() {
        return out;
    }
    let mut settle = |under: &mut Condition| match holds(conditions, *under, world) {
        Tri::Yes => {
            *under = Condition::ALWAYS;
            true
        }
        Tri::No => false,
        Tri::Maybe => true,
    };
    let mut values = |values: &mut Vec<Scalar<'t>>| values.retain_mut(|value| settle(&mut value.under));
    for statement in &mut out.statements {
        let Statement { actions, resources, conditions: tests, .. } = statement;
        values(&mut actions.values);
        for Patterns { values: inner, .. } in resources.iter_mut() {
            values(inner);
        }
        for test in tests.iter_mut() {
            values(&mut test.values);
        }
    }
    out.statements.retain_mut(|statement| settle(&mut statement.under));
    out
}
