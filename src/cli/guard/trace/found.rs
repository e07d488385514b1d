//! Results of queries, with what the peer says about those that led nowhere.

use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use crate::cli::guard::value::{Debug, Full, Val};
use crate::rules::ast::{Part, PartKind};

use super::spell::Steps;

/// A result of a query.
#[derive(Clone, Debug)]
pub(in crate::cli::guard) enum Found<'w> {
    /// A value that was reached, or that a function made.
    Value(Val<'w>),
    /// A value that the rule file spells out.
    Literal(Val<'w>),
    /// The way ended.
    Missing(Missing<'w>),
}

/// Where a way ended.
#[derive(Clone, Debug)]
pub(in crate::cli::guard) struct Missing<'w> {
    /// The value that was reached last.
    pub(in crate::cli::guard) at: Val<'w>,
    /// The steps that were not taken.
    pub(in crate::cli::guard) rest: &'w [Part],
    pub(in crate::cli::guard) why: Why<'w>,
}

/// Why a way ended.
#[derive(Clone, Debug)]
pub(in crate::cli::guard) enum Why<'w> {
    /// A map without the key.
    NoKey(&'w str),
    /// A key of something that is no map.
    NotAMap(&'w PartKind),
    /// A key that is a number, of something that is no list.
    NumberOfNoList(i64),
    /// An index of something that is no list.
    NotAList(i64),
    /// An index beyond the list.
    OutOfRange(i64),
    /// All values of an empty list or map.
    Empty,
    /// A filter on a scalar.
    Filter,
    /// A filter on the keys of something that is no map.
    Keys,
    /// An index beyond the values of a variable in place of a key.
    NoSuchValue(i64, &'w str, Arc<[Found<'w>]>),
    /// A variable in place of a key that itself led nowhere.
    Unresolved(&'w str, Box<Missing<'w>>),
    /// A key from a variable that the map does not have; the place that is named for it.
    NoSuchKey(&'w str, Val<'w>),
}

impl<'w> Found<'w> {
    /// The value, if there is one.
    pub(in crate::cli::guard) fn value(&self) -> Option<Val<'w>> {
        match self {
            Self::Value(value) | Self::Literal(value) => Some(*value),
            Self::Missing(_) => None,
        }
    }

    /// The value, or the last one on the way to it.
    pub(in crate::cli::guard) fn place(&self) -> Val<'w> {
        match self {
            Self::Value(value) | Self::Literal(value) => *value,
            Self::Missing(missing) => missing.at,
        }
    }
}

/// Several results as the peer writes them in a row.
pub(in crate::cli::guard) struct Row<'f, 'w>(pub(in crate::cli::guard) &'f [Found<'w>]);

impl Display for Row<'_, '_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        out.write_str(&all.join(".").replace(".[", "["))
    }
}

impl Display for Found<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(value) => write!(out, "literal, {}", Full(*value)),
            Self::Value(value) => write!(out, "(resolved, {})", Full(*value)),
            Self::Missing(missing) => write!(out, "(unresolved, {})", Full(missing.at)),
        }
    }
}

impl Missing<'_> {
    /// The steps that were not taken, as the peer writes them.
    pub(in crate::cli::guard) fn remaining(&self) -> String {
        Steps(self.rest).to_string()
    }

    /// Why, in the peer's words.
    pub(in crate::cli::guard) fn reason(&self) -> String {
        self.to_string()
    }
}

/// Why a way ended, in the peer's words.
impl Display for Missing<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let at = self.at;
        let (path, kind) = (Pathed(at), at.type_name());
        match &self.why {
            Why::NoKey(key) => write!(out, "Could not find key {key} inside struct at path {path}"),
            Why::NotAMap(part) => write!(
                out,
                "Attempting to retrieve from key {} but type is not an struct type at path {path}, Type = {kind}, \
                 Value = {}",
                super::spell::Step(part),
                Debug(at)
            ),
            Why::NumberOfNoList(index) => {
                write!(
                    out,
                    "Attempting to retrieve from index {index} but type is not an array at path {path}"
                )
            }
            Why::NotAList(index) => write!(
                out,
                "Attempting to retrieve from index {index} but type is not an array at path {path}, type {kind}"
            ),
            Why::OutOfRange(index) => {
                write!(
                    out,
                    "Array Index out of bounds for path = {path} on index = {index} inside Array = ["
                )?;
                crate::cli::guard::value::debug_all(out, at.list().into_iter().flatten())?;
                write!(out, "], remaining query = {}", Steps(self.rest))
            }
            Why::Empty => write!(out, "No more entries for value at path = {path} on type = {kind} "),
            Why::Filter => {
                write!(out, "Filter on value type that was not a struct or array {kind} {path}")
            }
            Why::Keys => write!(out, "Map Filter for keys was not a struct {kind} {path}"),
            Why::NoSuchValue(index, variable, values) => {
                let values: Vec<String> = values.iter().map(debug).collect();
                write!(
                    out,
                    "Index {index} on the set of values returned for variable {variable} on the join, is out of \
                     bounds. Length {}, Values = [{}]",
                    values.len(),
                    values.join(", ")
                )
            }
            Why::Unresolved(variable, missing) => write!(
                out,
                "Keys returned for variable {variable} could not completely resolve. Path traversed until {}{missing}",
                Pathed(missing.at)
            ),
            Why::NoSuchKey(key, place) => {
                write!(out, "Could not locate key = {key} inside struct at path = {}", Pathed(*place))
            }
        }
    }
}

/// `/a/b[L:1,C:2]`.
pub(in crate::cli::guard) struct Pathed<'w>(pub(in crate::cli::guard) Val<'w>);

impl Display for Pathed<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        self.0.write_path(out)?;
        write!(out, "[{}]", self.0.position())
    }
}

fn debug(found: &Found<'_>) -> String {
    match found {
        Found::Literal(value) => format!("Literal({})", Debug(*value)),
        Found::Value(value) => format!("Resolved({})", Debug(*value)),
        Found::Missing(missing) => format!(
            "UnResolved(UnResolved {{ traversed_to: {}, remaining_query: {:?}, reason: Some({:?}) }})",
            Debug(missing.at),
            missing.remaining(),
            missing.reason()
        ),
    }
}
