//! Values that a rule file spells out, or that a function makes.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::pattern::Pattern;

/// A value that does not stand in a document. Cheap to clone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Literal {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction or an exponent.
    Float(f64),
    /// A string.
    String(Arc<str>),
    /// A single character; only a function makes it.
    Char(char),
    /// `/…/`.
    Regex(Arc<Pattern>),
    /// `r[1, 9)` of whole numbers.
    IntRange(Bounds<i64>),
    /// `r[1.5, 9.0)`.
    FloatRange(Bounds<f64>),
    /// `r[a, z]`.
    CharRange(Bounds<char>),
    /// `[…]`.
    List(Arc<[Literal]>),
    /// `{…}`.
    Map(Arc<[(Arc<str>, Literal)]>),
}

/// The ends of a range.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bounds<T> {
    /// The lower end.
    pub low: T,
    /// The upper end.
    pub high: T,
    /// Whether the lower end is inside.
    pub low_inside: bool,
    /// Whether the upper end is inside.
    pub high_inside: bool,
}

impl<T: Copy + fmt::Display> fmt::Display for Bounds<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = if self.low_inside { '[' } else { '(' };
        let close = if self.high_inside { ']' } else { ')' };
        write!(out, "r{open}{},{}{close}", self.low, self.high)
    }
}

impl Literal {
    /// A string.
    pub fn string(text: &str) -> Self {
        Self::String(text.into())
    }

    /// The text, if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }
}

/// The literal as a rule file would spell it; equal literals have equal spellings.
impl fmt::Display for Literal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => out.write_str("null"),
            Self::Bool(value) => write!(out, "{value}"),
            Self::Int(value) => write!(out, "{value}"),
            Self::Float(value) => write!(out, "{value:?}"),
            Self::String(text) => write!(out, "{text:?}"),
            Self::Char(value) => write!(out, "{value:?}"),
            Self::Regex(pattern) => write!(out, "/{}/", pattern.text()),
            Self::IntRange(bounds) => bounds.fmt(out),
            Self::FloatRange(bounds) => bounds.fmt(out),
            Self::CharRange(bounds) => bounds.fmt(out),
            Self::List(elements) => {
                out.write_char('[')?;
                for (index, element) in elements.iter().enumerate() {
                    write!(out, "{}{element}", if index > 0 { ", " } else { "" })?;
                }
                out.write_char(']')
            }
            Self::Map(entries) => {
                out.write_char('{')?;
                for (index, (key, value)) in entries.iter().enumerate() {
                    write!(out, "{}{key:?}: {value}", if index > 0 { ", " } else { "" })?;
                }
                out.write_char('}')
            }
        }
    }
}
