//! Results of queries.

use crate::document::{Condition, NodeId};

use crate::rules::casing::Case;
use crate::rules::program::QueryId;

use super::value::Value;

/// A result of a query.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) what: What,
    /// When it is surely a result.
    pub(crate) sure: Condition,
    /// When it may be one, because a filter could not tell.
    pub(crate) maybe: Condition,
    /// The innermost entity on the way to it.
    pub(crate) entity: Option<NodeId>,
    /// The case in which keys were found on the way.
    pub(crate) case: Case,
    /// What a filter behind `*` looks at, which in documents is not the value but where the way to it was last divided; nothing
    /// for the value that the query started from.
    pub(crate) base: Option<Value>,
}

/// What a query found.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// A value that was reached, or that a function made.
    Value(Value),
    /// A value that the rule file spells out where the query stands.
    Literal(Value),
    /// The way ends before the query does.
    Missing(Missing),
}

/// Where a way ended.
#[derive(Clone, Debug)]
pub(crate) struct Missing {
    /// The value that has no such part.
    pub(crate) at: Value,
    /// The query, and the step that could not be taken.
    pub(crate) query: QueryId,
    pub(crate) part: usize,
    pub(crate) why: Why,
}

/// Why a way ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// A map without the key.
    NoKey(Box<str>),
    /// A key of something that is no map.
    NotAMap,
    /// An index of something that is no list.
    NotAList,
    /// An index beyond the list.
    OutOfRange,
    /// All values of an empty list or map.
    Empty,
    /// A filter on something that is neither list nor map.
    NotAFilter,
    /// A key from a variable that itself could not be resolved.
    NoName,
}

impl Found {
    /// A result that is there whatever the conditions.
    pub(crate) fn always(what: What) -> Self {
        Self {
            what,
            sure: Condition::ALWAYS,
            maybe: Condition::NEVER,
            entity: None,
            case: Case::WRITTEN,
            base: None,
        }
    }

    /// The value, if there is one.
    pub(crate) fn value(&self) -> Option<&Value> {
        match &self.what {
            What::Value(value) | What::Literal(value) => Some(value),
            What::Missing(_) => None,
        }
    }

    /// The value, or where the way to it ended.
    pub(crate) fn place(&self) -> &Value {
        match &self.what {
            What::Value(value) | What::Literal(value) => value,
            What::Missing(missing) => &missing.at,
        }
    }

    /// Whether something that the facts do not have was asked of them.
    pub(crate) fn is_absent_fact(&self) -> bool {
        matches!(&self.what, What::Missing(missing) if missing.at.is_typed())
    }

    /// Whether it is part of the facts.
    pub(crate) fn is_typed(&self) -> bool {
        self.place().is_typed()
    }
}
