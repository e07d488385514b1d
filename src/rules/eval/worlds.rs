//! Answers that depend on conditions.
//!
//! A template's values and entities exist under conditions, and what is true in production may be false in test. An
//! answer is therefore not one status but says for every combination of conditions which it is. For documents without
//! conditions everything is constant, and nothing here takes a lock.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::document::{Condition, Conditions};

/// A table of conditions that several threads may ask.
#[derive(Debug, Default)]
pub struct Worlds {
    table: Mutex<Conditions>,
}

impl Worlds {
    /// From the table of a unit.
    pub fn new(table: Conditions) -> Self {
        Self { table: Mutex::new(table) }
    }

    /// The table itself.
    pub fn table(&self) -> MutexGuard<'_, Conditions> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The table, when nobody asks any more.
    pub fn into_inner(self) -> Conditions {
        self.table.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Both hold.
    pub fn and(&self, left: Condition, right: Condition) -> Condition {
        if left.is_always() || left == right || right.is_never() {
            return right;
        }
        if right.is_always() || left.is_never() {
            return left;
        }
        self.table().and(left, right)
    }

    /// One of them holds.
    pub fn or(&self, left: Condition, right: Condition) -> Condition {
        if left.is_never() || left == right || right.is_always() {
            return right;
        }
        if right.is_never() || left.is_always() {
            return left;
        }
        self.table().or(left, right)
    }

    /// Whether the second holds wherever the first does.
    pub fn implies(&self, left: Condition, right: Condition) -> bool {
        self.and_not(left, right).is_never()
    }

    /// The first holds and the second does not.
    pub fn and_not(&self, left: Condition, right: Condition) -> Condition {
        if right.is_never() || left.is_never() {
            return left;
        }
        if right.is_always() || left == right {
            return Condition::NEVER;
        }
        self.table().and_not(left, right)
    }
}

/// When something passes, fails, and cannot be told; where none of these holds, it does not apply. The three never hold
/// together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) pass: Condition,
    pub(crate) fail: Condition,
    pub(crate) unknown: Condition,
}

impl Outcome {
    pub(crate) const SKIP: Self =
        Self { pass: Condition::NEVER, fail: Condition::NEVER, unknown: Condition::NEVER };

    pub(crate) fn pass(when: Condition) -> Self {
        Self { pass: when, ..Self::SKIP }
    }

    pub(crate) fn fail(when: Condition) -> Self {
        Self { fail: when, ..Self::SKIP }
    }

    /// Neither fails nor is unknown anywhere.
    pub(crate) fn is_fine(self) -> bool {
        self.fail.is_never() && self.unknown.is_never()
    }

    /// Both: a failure wins over an unknown, that over a pass, that over a skip.
    pub(crate) fn both(self, other: Self, worlds: &Worlds) -> Self {
        if other == Self::SKIP {
            return self;
        }
        if self == Self::SKIP {
            return other;
        }
        let fail = worlds.or(self.fail, other.fail);
        let unknown = worlds.and_not(worlds.or(self.unknown, other.unknown), fail);
        let pass = worlds.and_not(worlds.and_not(worlds.or(self.pass, other.pass), fail), unknown);
        Self { pass, fail, unknown }
    }

    /// One of the two: a pass wins over an unknown, that over a failure, that over a skip.
    pub(crate) fn either(self, other: Self, worlds: &Worlds) -> Self {
        if other == Self::SKIP {
            return self;
        }
        if self == Self::SKIP {
            return other;
        }
        let pass = worlds.or(self.pass, other.pass);
        let unknown = worlds.and_not(worlds.or(self.unknown, other.unknown), pass);
        let fail = worlds.and_not(worlds.and_not(worlds.or(self.fail, other.fail), pass), unknown);
        Self { pass, fail, unknown }
    }

    /// Only where `when` holds.
    pub(crate) fn within(self, when: Condition, worlds: &Worlds) -> Self {
        if when.is_always() {
            return self;
        }
        Self {
            pass: worlds.and(self.pass, when),
            fail: worlds.and(self.fail, when),
            unknown: worlds.and(self.unknown, when),
        }
    }

    /// About something that may not be there: what would fail is not known.
    pub(crate) fn doubted(self, worlds: &Worlds) -> Self {
        Self { fail: Condition::NEVER, unknown: worlds.or(self.unknown, self.fail), ..self }
    }
}
