//! Comparing two values.
//!
//! Each question has three answers, or makes no sense. Texts with holes decide what their known parts decide; a value
//! that is not known decides nothing.

use std::cmp::Ordering;

use crate::document::text;
use crate::document::{Piece, Tri};

use crate::rules::ast::Op;
use crate::rules::literal::Bounds;
use crate::rules::pattern::Pattern;

use super::run::{Run, Stop};
use super::value::{ListShape, MapShape, Shape, Value};

/// The answer to a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cmp {
    Is(Tri),
    /// Values of these kinds are not compared.
    Incomparable,
}

impl Cmp {
    const YES: Self = Self::Is(Tri::Yes);
    const NO: Self = Self::Is(Tri::No);
    const MAYBE: Self = Self::Is(Tri::Maybe);

    fn of(known: bool) -> Self {
        Self::Is(Tri::from(known))
    }

    /// Incomparable is not equal.
    pub(super) fn lenient(self) -> Tri {
        match self {
            Self::Is(answer) => answer,
            Self::Incomparable => Tri::No,
        }
    }
}

impl Run<'_> {
    /// `==` of two values.
    pub(super) fn equal(&self, left: &Value, right: &Value) -> Result<Cmp, Stop> {
        self.equal_shapes(self.view.shape(left), self.view.shape(right), false)
    }

    /// Equality as membership sees it: what cannot be compared is not equal, and a range is equal to itself only.
    pub(super) fn same(&self, left: &Value, right: &Value) -> Result<Tri, Stop> {
        Ok(self.equal_shapes(self.view.shape(left), self.view.shape(right), true)?.lenient())
    }

    fn equal_shapes(&self, left: Shape<'_>, right: Shape<'_>, lenient: bool) -> Result<Cmp, Stop> {
        use Shape as S;
        Ok(match (left, right) {
            (S::String(left), S::String(right)) => Cmp::of(left == right),
            (S::String(text), S::Regex(pattern)) | (S::Regex(pattern), S::String(text)) => {
                Cmp::of(matches(pattern, text)?)
            }
            (S::Null, S::Null) => Cmp::YES,
            (S::Bool(left), S::Bool(right)) => Cmp::of(left == right),
            (S::Char(left), S::Char(right)) => Cmp::of(left == right),
            (S::Regex(left), S::Regex(right)) => Cmp::of(left.text() == right.text()),
            (S::IntRange(left), S::IntRange(right)) if lenient => Cmp::of(left == right),
            (S::FloatRange(left), S::FloatRange(right)) if lenient => Cmp::of(left == right),
            (S::CharRange(left), S::CharRange(right)) if lenient => Cmp::of(left == right),
            (S::Int(value), S::IntRange(bounds)) if !lenient => Cmp::of(within(&value, bounds)),
            (S::Float(value), S::FloatRange(bounds)) if !lenient => Cmp::of(within(&value, bounds)),
            (S::Char(value), S::CharRange(bounds)) if !lenient => Cmp::of(within(&value, bounds)),
            (S::Int(_), S::Float(_) | S::FloatRange(_)) | (S::Float(_), S::Int(_) | S::IntRange(_))
                if self.program.classic =>
            {
                Cmp::Incomparable
            }
            (S::Int(value), S::FloatRange(bounds)) if !lenient => {
                Cmp::of(inside(bounds, |end| compare_numbers(value, end)))
            }
            (S::Float(value), S::IntRange(bounds)) if !lenient => {
                Cmp::of(inside(bounds, |end| compare_numbers(end, value).map(Ordering::reverse)))
            }
            (S::List(left), S::List(right)) => self.equal_lists(left, right, lenient)?,
            (S::Map(left), S::Map(right)) => self.equal_maps(left, right, lenient)?,
            (S::Unknown, _) | (_, S::Unknown) => Cmp::MAYBE,
            (S::Choice(_), _) | (_, S::Choice(_)) => self.equal_alternatives(left, right, lenient)?,
            (S::Text(pieces), other) | (other, S::Text(pieces)) => self.equal_text(pieces, other),
            (left, right) => match order(left, right) {
                Some(ordering) => Cmp::of(ordering == Ordering::Equal),
                None => Cmp::Incomparable,
            },
        })
    }

    /// In order and in full.
    fn equal_lists(&self, left: ListShape<'_>, right: ListShape<'_>, lenient: bool) -> Result<Cmp, Stop> {
        if left.len() != right.len() {
            return Ok(Cmp::NO);
        }
        let mut all = Tri::Yes;
        for (left, right) in left.iter().zip(right.iter()) {
            match self.equal_shapes(self.view.shape(&left), self.view.shape(&right), lenient)? {
                Cmp::Is(Tri::No) => return Ok(Cmp::NO),
                Cmp::Is(answer) => all = all.and(answer),
                Cmp::Incomparable => return Ok(Cmp::Incomparable),
            }
        }
        Ok(Cmp::Is(all))
    }

    fn equal_maps(&self, left: MapShape<'_>, right: MapShape<'_>, lenient: bool) -> Result<Cmp, Stop> {
        for map in [left, right] {
            if let MapShape::Nodes(_, node) = map {
                self.cache.takes_whole(self.input.tree, node.id);
            }
        }
        let left = left.entries();
        if left.len() != right.entries().len() {
            return Ok(Cmp::NO);
        }
        let mut all = Tri::Yes;
        for (key, value) in left {
            let Some(other) = right.get(key) else { return Ok(Cmp::NO) };
            match self.equal_shapes(self.view.shape(&value), self.view.shape(&other), lenient)? {
                Cmp::Is(Tri::No) => return Ok(Cmp::NO),
                Cmp::Is(answer) => all = all.and(answer),
                Cmp::Incomparable => return Ok(Cmp::Incomparable),
            }
        }
        Ok(Cmp::Is(all))
    }

    /// Yes or no where all alternatives agree. Only parts of values that are compared as a whole come here.
    fn equal_alternatives(&self, left: Shape<'_>, right: Shape<'_>, lenient: bool) -> Result<Cmp, Stop> {
        let ((Shape::Choice(choice), other) | (other, Shape::Choice(choice))) = (left, right) else {
            return Ok(Cmp::MAYBE);
        };
        let mut answers = Vec::new();
        for alternative in choice.iter().filter(|alternative| !alternative.condition.is_never()) {
            answers.push(match alternative.value {
                Some(id) => self
                    .equal_shapes(self.view.node(super::value::Node::typed(id)), other, lenient)?
                    .lenient(),
                None => Tri::No,
            });
        }
        let first = answers.first().copied().unwrap_or(Tri::No);
        Ok(if answers.iter().all(|answer| *answer == first) { Cmp::Is(first) } else { Cmp::MAYBE })
    }

    fn equal_text(&self, pieces: &[Piece], other: Shape<'_>) -> Cmp {
        match other {
            Shape::String(wanted) => {
                Cmp::Is(self.cache.text(&text::pattern_of(pieces), wanted, || text::equals(pieces, wanted)))
            }
            Shape::Regex(pattern) => Cmp::Is(self.text_matches(pieces, pattern)),
            Shape::Text(others) => Cmp::Is(equal_texts(pieces, others)),
            // A text that is nothing but a hole may be of any kind.
            _ if matches!(pieces, [Piece::Hole(_)]) => Cmp::MAYBE,
            _ => Cmp::Incomparable,
        }
    }

    fn text_matches(&self, pieces: &[Piece], pattern: &Pattern) -> Tri {
        if !pattern.is_linear() {
            return Tri::Maybe;
        }
        let key = text::pattern_of(pieces);
        self.cache.text(&key, pattern.text(), || text::matches(pieces, pattern.text()))
    }

    /// Whether the right text contains the left one.
    pub(super) fn contains_text(&self, left: Shape<'_>, right: Shape<'_>) -> Cmp {
        match (left, right) {
            (Shape::String(part), Shape::String(whole)) => Cmp::of(whole.contains(part)),
            (Shape::Unknown, _) | (_, Shape::Unknown) | (Shape::Text(_), Shape::Text(_)) => Cmp::MAYBE,
            (Shape::String(part), Shape::Text(pieces)) => {
                let pattern = format!("(?s){}", regex_syntax::escape(part));
                Cmp::Is(
                    self.cache.text(&text::pattern_of(pieces), &pattern, || text::matches(pieces, &pattern)),
                )
            }
            (Shape::Text(pieces), Shape::String(whole)) => Cmp::Is(part_of(pieces, whole)),
            _ => Cmp::Incomparable,
        }
    }

    /// `<`, `<=`, `>`, `>=`.
    pub(super) fn ordered(&self, op: Op, left: &Value, right: &Value) -> Cmp {
        let (left, right) = (self.view.shape(left), self.view.shape(right));
        let open = |shape: Shape<'_>| match shape {
            Shape::Unknown | Shape::Choice(_) => true,
            Shape::Text(pieces) => matches!(pieces, [Piece::Hole(_)]) || matches!(right, Shape::String(_)),
            _ => false,
        };
        if open(left) || open(right) {
            return Cmp::MAYBE;
        }
        let mixed =
            matches!((left, right), (Shape::Int(_), Shape::Float(_)) | (Shape::Float(_), Shape::Int(_)));
        match order(left, right).filter(|_| !(mixed && self.program.classic)) {
            None => Cmp::Incomparable,
            Some(ordering) => Cmp::of(match op {
                Op::Lt => ordering.is_lt(),
                Op::Le => ordering.is_le(),
                Op::Gt => ordering.is_gt(),
                _ => ordering.is_ge(),
            }),
        }
    }
}

fn matches(pattern: &Pattern, text: &str) -> Result<bool, Stop> {
    pattern.is_match(text).map_err(|error| Stop::abort(format!("`/{}/`: {error}", pattern.text())))
}

/// Two texts with holes: equal holes are filled alike.
fn equal_texts(left: &[Piece], right: &[Piece]) -> Tri {
    if left == right {
        return Tri::Yes;
    }
    let literal = |piece: Option<&Piece>| match piece {
        Some(Piece::Literal(text)) => text.to_string(),
        _ => String::new(),
    };
    let (first, other) = (literal(left.first()), literal(right.first()));
    let (last, other_last) = (literal(left.last()), literal(right.last()));
    let starts = first.starts_with(&other) || other.starts_with(&first);
    let ends = last.ends_with(&other_last) || other_last.ends_with(&last);
    if starts && ends { Tri::Maybe } else { Tri::No }
}

/// Whether a text with holes is part of a whole: surely not where a known piece is not.
fn part_of(pieces: &[Piece], whole: &str) -> Tri {
    let fits = pieces.iter().all(|piece| match piece {
        Piece::Literal(text) => whole.contains(&**text),
        Piece::Hole(_) => true,
    });
    if fits { Tri::Maybe } else { Tri::No }
}

/// The order of two values of kinds that have one.
fn order(left: Shape<'_>, right: Shape<'_>) -> Option<Ordering> {
    match (left, right) {
        (Shape::Null, Shape::Null) => Some(Ordering::Equal),
        (Shape::Int(left), Shape::Int(right)) => Some(left.cmp(&right)),
        (Shape::Float(left), Shape::Float(right)) => left.partial_cmp(&right),
        (Shape::Int(left), Shape::Float(right)) => compare_numbers(left, right),
        (Shape::Float(left), Shape::Int(right)) => compare_numbers(right, left).map(Ordering::reverse),
        (Shape::String(left), Shape::String(right)) => Some(left.cmp(right)),
        (Shape::Char(left), Shape::Char(right)) => Some(left.cmp(&right)),
        _ => None,
    }
}

/// A whole number against any number, exactly.
#[expect(clippy::cast_possible_truncation, reason = "the ranges are checked before")]
fn compare_numbers(whole: i64, number: f64) -> Option<Ordering> {
    const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
    if number.is_nan() {
        return None;
    }
    if number >= TWO_TO_63 {
        return Some(Ordering::Less);
    }
    if number < -TWO_TO_63 {
        return Some(Ordering::Greater);
    }
    let floor = number.floor();
    let ordering = whole.cmp(&(floor as i64));
    Some(if ordering == Ordering::Equal && number > floor { Ordering::Less } else { ordering })
}

fn within<T: PartialOrd + Copy>(value: &T, bounds: Bounds<T>) -> bool {
    inside(bounds, |end| value.partial_cmp(&end))
}

/// Whether a value, compared with both ends, is between them.
fn inside<T: Copy>(bounds: Bounds<T>, compare: impl Fn(T) -> Option<Ordering>) -> bool {
    let above = match compare(bounds.low) {
        Some(Ordering::Greater) => true,
        Some(Ordering::Equal) => bounds.low_inside,
        _ => false,
    };
    let below = match compare(bounds.high) {
        Some(Ordering::Less) => true,
        Some(Ordering::Equal) => bounds.high_inside,
        _ => false,
    };
    above && below
}
