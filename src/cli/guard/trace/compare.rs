//! Two values against each other.

use std::cmp::Ordering;

use crate::cli::guard::value::{Full, Kind, Val};
use crate::rules::literal::Bounds;

use super::{Edition, Stop};

/// Why two values cannot be compared.
#[derive(Clone, Copy, Debug)]
pub(super) enum Clash {
    /// Their kinds differ.
    Kinds(&'static str, &'static str),
    /// One of them is not a number.
    NotANumber,
    /// A text is looked for in something else.
    NoTexts,
    /// A list is looked for in something that is no list.
    NoList,
}

impl Clash {
    /// In the peer's words.
    pub(super) fn reason(self, left: Val<'_>, right: Val<'_>) -> String {
        match self {
            Self::Kinds(left, right) => format!("PathAwareValues are not comparable {left}, {right}"),
            Self::NotANumber => "Float values are not comparable".to_owned(),
            Self::NoTexts => format!("Type not comparable, {}, {}", Full(left), Full(right)),
            Self::NoList => format!("Can not compare type {}, {}", Full(left), Full(right)),
        }
    }
}

/// An answer, or why there is none.
pub(super) type Compared<T> = Result<Result<T, Clash>, Stop>;

/// The order of two values.
pub(super) fn order(edition: Edition, left: Val<'_>, right: Val<'_>) -> Result<Ordering, Clash> {
    let floats = |order: Option<Ordering>| order.ok_or(Clash::NotANumber);
    match (left.kind(), right.kind()) {
        (Kind::Null, Kind::Null) => Ok(Ordering::Equal),
        (Kind::Int(a), Kind::Int(b)) => Ok(a.cmp(b)),
        (Kind::String(a), Kind::String(b)) => Ok(a.cmp(b)),
        (Kind::Char(a), Kind::Char(b)) => Ok(a.cmp(b)),
        (Kind::Float(a), Kind::Float(b)) => floats(a.partial_cmp(b)),
        (Kind::Int(_), Kind::Float(_)) | (Kind::Float(_), Kind::Int(_)) if edition == Edition::Guard31 => {
            Err(Clash::Kinds(left.type_name(), right.type_name()))
        }
        (Kind::Int(a), Kind::Float(b)) => floats(mixed(*a, *b)),
        (Kind::Float(a), Kind::Int(b)) => floats(mixed(*b, *a).map(Ordering::reverse)),
        _ => Err(Clash::Kinds(left.type_name(), right.type_name())),
    }
}

/// A whole number against one with a fraction, exactly.
fn mixed(whole: i64, float: f64) -> Option<Ordering> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if float.is_nan() {
        return None;
    }
    if float >= LIMIT {
        return Some(Ordering::Less);
    }
    if float < -LIMIT {
        return Some(Ordering::Greater);
    }
    let floor = float.floor();
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and within the bounds")]
    let order = whole.cmp(&(floor as i64));
    Some(if order == Ordering::Equal && float > floor { Ordering::Less } else { order })
}

fn within<T>(bounds: &Bounds<T>, against: impl Fn(&T) -> Option<Ordering>) -> bool {
    let low = match against(&bounds.low) {
        Some(Ordering::Greater) => true,
        Some(Ordering::Equal) => bounds.low_inside,
        _ => false,
    };
    let high = match against(&bounds.high) {
        Some(Ordering::Less) => true,
        Some(Ordering::Equal) => bounds.high_inside,
        _ => false,
    };
    low && high
}

/// Whether two values are equal, as `==` asks.
pub(super) fn equal(edition: Edition, left: Val<'_>, right: Val<'_>) -> Compared<bool> {
    Ok(match (left.kind(), right.kind()) {
        (Kind::String(text), Kind::Regex(pattern)) | (Kind::Regex(pattern), Kind::String(text)) => {
            Ok(pattern.is_match(text).map_err(|error| Stop::pattern(pattern, error))?)
        }
        (Kind::Map(_), Kind::Map(_)) => return equal_maps(edition, left, right),
        (Kind::List(a), Kind::List(b)) => {
            if a.len() != b.len() {
                return Ok(Ok(false));
            }
            let pairs = left.list().into_iter().flatten().zip(right.list().into_iter().flatten());
            for (a, b) in pairs {
                match equal(edition, a, b)? {
                    Ok(true) => {}
                    other => return Ok(other),
                }
            }
            Ok(true)
        }
        (Kind::Bool(a), Kind::Bool(b)) => Ok(a == b),
        (Kind::Regex(a), Kind::Regex(b)) => Ok(a.text() == b.text()),
        (Kind::Int(value), Kind::IntRange(bounds)) => Ok(within(bounds, |end| Some(value.cmp(end)))),
        (Kind::Float(value), Kind::FloatRange(bounds)) => Ok(within(bounds, |end| value.partial_cmp(end))),
        (Kind::Int(_), Kind::FloatRange(_)) | (Kind::Float(_), Kind::IntRange(_))
            if edition == Edition::Guard31 =>
        {
            Err(Clash::Kinds(left.type_name(), right.type_name()))
        }
        (Kind::Int(value), Kind::FloatRange(bounds)) => Ok(within(bounds, |end| mixed(*value, *end))),
        (Kind::Float(value), Kind::IntRange(bounds)) => {
            Ok(within(bounds, |end| mixed(*end, *value).map(Ordering::reverse)))
        }
        (Kind::Char(value), Kind::CharRange(bounds)) => Ok(within(bounds, |end| Some(value.cmp(end)))),
        _ => order(edition, left, right).map(|order| order == Ordering::Equal),
    })
}

fn equal_maps(edition: Edition, left: Val<'_>, right: Val<'_>) -> Compared<bool> {
    let count = |map: Val<'_>| map.map().map_or(0, |entries| entries.len());
    if count(left) != count(right) {
        return Ok(Ok(false));
    }
    for (key, a) in left.map().into_iter().flatten() {
        let Some(b) = right.get(key.string().unwrap_or("")) else { return Ok(Ok(false)) };
        match equal(edition, a, b)? {
            Ok(true) => {}
            other => return Ok(other),
        }
    }
    Ok(Ok(true))
}

/// Whether two values are the same, as membership asks: what cannot be compared differs.
pub(super) fn same(edition: Edition, left: Val<'_>, right: Val<'_>) -> Result<bool, Stop> {
    Ok(match (left.kind(), right.kind()) {
        (Kind::Map(_), Kind::Map(_)) => {
            let count = |map: Val<'_>| map.map().map_or(0, |entries| entries.len());
            if count(left) != count(right) {
                return Ok(false);
            }
            for (key, a) in left.map().into_iter().flatten() {
                let Some(b) = right.get(key.string().unwrap_or("")) else { return Ok(false) };
                if !same(edition, a, b)? {
                    return Ok(false);
                }
            }
            true
        }
        (Kind::List(a), Kind::List(b)) => {
            if a.len() != b.len() {
                return Ok(false);
            }
            for (a, b) in left.list().into_iter().flatten().zip(right.list().into_iter().flatten()) {
                if !same(edition, a, b)? {
                    return Ok(false);
                }
            }
            true
        }
        (Kind::String(text), Kind::Regex(pattern)) | (Kind::Regex(pattern), Kind::String(text)) => {
            pattern.is_match(text).map_err(|error| Stop::pattern(pattern, error))?
        }
        (Kind::Bool(a), Kind::Bool(b)) => a == b,
        (Kind::Regex(a), Kind::Regex(b)) => a.text() == b.text(),
        (Kind::IntRange(a), Kind::IntRange(b)) => a == b,
        (Kind::FloatRange(a), Kind::FloatRange(b)) => a == b,
        (Kind::CharRange(a), Kind::CharRange(b)) => a == b,
        _ => order(edition, left, right).is_ok_and(|order| order == Ordering::Equal),
    })
}

/// Whether a list of values has one that is the same.
pub(super) fn contains<'w>(
    edition: Edition,
    values: impl IntoIterator<Item = Val<'w>>,
    wanted: Val<'w>,
) -> Result<bool, Stop> {
    for value in values {
        if same(edition, value, wanted)? {
            return Ok(true);
        }
    }
    Ok(false)
}
