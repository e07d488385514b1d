//! The functions of the language, on single values.

use std::sync::Arc;

use crate::document::{FileId, Kind, Limits, Source, Tree, View, parse, yaml};

use super::eval::Scalar;
use super::literal::Literal;
use super::pattern::Pattern;

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum FunctionName {
    Count,
    /// One over entities; Guard has none.
    Entity(super::entity::EntityFunction),
    Join,
    JsonParse,
    Now,
    ParseBoolean,
    ParseChar,
    ParseEpoch,
    ParseFloat,
    ParseInt,
    ParseString,
    RegexReplace,
    Substring,
    ToLower,
    ToUpper,
    UrlDecode,
}

impl FunctionName {
    const ALL: [(&'static str, Self); 15] = [
        ("count", Self::Count),
        ("join", Self::Join),
        ("json_parse", Self::JsonParse),
        ("now", Self::Now),
        ("parse_boolean", Self::ParseBoolean),
        ("parse_char", Self::ParseChar),
        ("parse_epoch", Self::ParseEpoch),
        ("parse_float", Self::ParseFloat),
        ("parse_int", Self::ParseInt),
        ("parse_string", Self::ParseString),
        ("regex_replace", Self::RegexReplace),
        ("substring", Self::Substring),
        ("to_lower", Self::ToLower),
        ("to_upper", Self::ToUpper),
        ("url_decode", Self::UrlDecode),
    ];

    /// The function with this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, function)| *function)
    }

    /// The names of all that Guard has.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().map(|(name, _)| *name)
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        if let Self::Entity(function) = self {
            return function.name();
        }
        Self::ALL.iter().find(|(_, function)| *function == self).map_or("", |(name, _)| name)
    }
}

/// Why a function has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The value cannot be converted: the clause cannot be decided.
    Value(String),
    /// The call makes no sense.
    Call(String),
}

/// A value that a function takes; lists, maps and everything else are one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Argument<'a> {
    String(&'a str),
    Int(i64),
    Float(f64),
    Bool(bool),
    Char(char),
    Other,
}

type Answer = Result<Option<Literal>, Failure>;

/// A function of one value.
pub(crate) fn convert(function: FunctionName, argument: Argument<'_>) -> Answer {
    use Argument as A;
    Ok(match (function, argument) {
        (FunctionName::ToLower, A::String(text)) => Some(Literal::string(&text.to_lowercase())),
        (FunctionName::ToUpper, A::String(text)) => Some(Literal::string(&text.to_uppercase())),
        (FunctionName::UrlDecode, A::String(text)) => url_decode(text).map(|text| Literal::string(&text)),
        (FunctionName::JsonParse, A::String(text)) => Some(json_parse(text)?),
        (FunctionName::ParseEpoch, A::String(text)) => match epoch(text) {
            Some(seconds) => Some(Literal::Int(seconds)),
            None => return Err(not_a(text, "an RFC 3339 date")),
        },
        (FunctionName::ParseInt, argument) => parse_int(argument)?,
        (FunctionName::ParseFloat, argument) => parse_float(argument)?,
        (FunctionName::ParseBoolean, A::Bool(value)) => Some(Literal::Bool(value)),
        (FunctionName::ParseBoolean, A::String(text)) => match text.to_lowercase().as_str() {
            "true" => Some(Literal::Bool(true)),
            "false" => Some(Literal::Bool(false)),
            _ => return Err(not_a(text, "a truth value")),
        },
        (FunctionName::ParseString, A::String(text)) => Some(Literal::string(text)),
        (FunctionName::ParseString, A::Int(value)) => Some(Literal::string(&value.to_string())),
        (FunctionName::ParseString, A::Float(value)) => Some(Literal::string(&value.to_string())),
        (FunctionName::ParseString, A::Bool(value)) => Some(Literal::string(&value.to_string())),
        (FunctionName::ParseString | FunctionName::ParseChar, A::Char(value)) => {
            Some(Literal::string(&value.to_string()))
        }
        (FunctionName::ParseChar, A::Int(value)) => {
            let digit = u32::try_from(value).ok().and_then(|digit| char::from_digit(digit, 10));
            match digit {
                Some(digit) => Some(Literal::Char(digit)),
                None => return Err(not_a(&value.to_string(), "a single character")),
            }
        }
        (FunctionName::ParseChar, A::String(text)) => {
            if text.len() > 1 {
                return Err(not_a(text, "a single character"));
            }
            text.chars().next().map(Literal::Char)
        }
        _ => None,
    })
}

fn not_a(text: &str, what: &str) -> Failure {
    Failure::Value(format!("`{text}` is not {what}"))
}

fn digit(value: char, what: &str) -> Result<u32, Failure> {
    value.to_digit(10).ok_or_else(|| not_a(&value.to_string(), what))
}

fn parse_int(argument: Argument<'_>) -> Answer {
    Ok(Some(Literal::Int(match argument {
        Argument::String(text) => text.parse().map_err(|_| not_a(text, "a whole number"))?,
        Argument::Int(value) => value,
        Argument::Float(value) => truncate(value),
        Argument::Char(value) => i64::from(digit(value, "a whole number")?),
        Argument::Bool(_) | Argument::Other => return Ok(None),
    })))
}

fn parse_float(argument: Argument<'_>) -> Answer {
    Ok(Some(Literal::Float(match argument {
        Argument::String(text) => text.parse().map_err(|_| not_a(text, "a number"))?,
        Argument::Int(value) => widen(value),
        Argument::Float(value) => value,
        Argument::Char(value) => f64::from(digit(value, "a number")?),
        Argument::Bool(_) | Argument::Other => return Ok(None),
    })))
}

#[expect(clippy::cast_precision_loss, reason = "the nearest number is meant")]
fn widen(value: i64) -> f64 {
    value as f64
}

#[expect(clippy::cast_possible_truncation, reason = "the whole part is meant")]
fn truncate(value: f64) -> i64 {
    value as i64
}

/// `substring(text, from, to)`, in characters.
pub(crate) fn substring(text: &str, from: usize, to: usize) -> Option<Literal> {
    let length = text.chars().count();
    (from < to && to <= length)
        .then(|| Literal::string(&text.chars().skip(from).take(to - from).collect::<String>()))
}

/// An argument that says where in a text something starts or ends.
pub(crate) fn offset(argument: Argument<'_>, position: &str) -> Result<usize, Failure> {
    let number = match argument {
        Argument::Int(value) => value,
        Argument::Float(value) if value.is_finite() => truncate(value),
        _ => return Err(Failure::Call(format!("the {position} argument of `substring` must be a number"))),
    };
    usize::try_from(number)
        .map_err(|_| Failure::Call(format!("the {position} argument of `substring` is negative: {number}")))
}

/// `regex_replace(text, pattern, replacement)`: only what the pattern matches is kept.
pub(crate) fn regex_replace(text: &str, pattern: &str, replacement: &str) -> Answer {
    let pattern = Pattern::new(pattern)
        .map_err(|why| Failure::Call(format!("`{pattern}` is not a regular expression: {why}")))?;
    let out = pattern.extract(text, replacement).map_err(Failure::Call)?;
    Ok(Some(Literal::string(&out)))
}

/// Percent decoding; nothing where the result is not UTF-8.
fn url_decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
        if first == b'%'
            && let (Some(high), Some(low)) = (hex(tail.first()), hex(tail.get(1)))
        {
            out.push(u8::try_from(high * 16 + low).unwrap_or(0));
            rest = tail.get(2..).unwrap_or_default();
        } else {
            out.push(first);
            rest = tail;
        }
    }
    String::from_utf8(out).ok()
}

/// A document inside a string.
fn json_parse(text: &str) -> Result<Literal, Failure> {
    let mut tree = Tree::new();
    let file = tree.add_source(Source::from_text("", text));
    debug_assert_eq!(file, FileId(0), "the only source");
    let parsed = parse(&mut tree, file, text, yaml::Schema::Core, Limits::default())
        .map_err(|error| Failure::Call(format!("the text is neither JSON nor YAML: {}", error.message)))?;
    Ok(parsed.roots.first().map_or(Literal::Null, |root| from_tree(&tree, *root)))
}

fn from_tree(tree: &Tree, node: crate::document::NodeId) -> Literal {
    match tree.view(node) {
        View::Bool(value) => Literal::Bool(value),
        View::Number(text) | View::String(text) => {
            let is_plain = tree.is_plain(node) || tree.kind(node) == Kind::Number;
            match Scalar::read(text, tree.tag(node), is_plain) {
                Some(Scalar::Null) => Literal::Null,
                Some(Scalar::Bool(value)) => Literal::Bool(value),
                Some(Scalar::Int(value)) => Literal::Int(value),
                Some(Scalar::Float(value)) => Literal::Float(value),
                Some(Scalar::Text) | None => Literal::string(text),
            }
        }
        View::List(list) => Literal::List(list.iter().map(|element| from_tree(tree, element)).collect()),
        View::Map(map) => {
            let mut entries: Vec<(Arc<str>, Literal)> = Vec::with_capacity(map.len());
            for (_, key, value) in map.iter() {
                let value = from_tree(tree, value);
                match entries.iter_mut().find(|(known, _)| **known == *key) {
                    Some(entry) => entry.1 = value,
                    None => entries.push((key.into(), value)),
                }
            }
            Literal::Map(entries.into())
        }
        _ => Literal::Null,
    }
}

/// The seconds since 1970 of an RFC 3339 date.
fn epoch(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| -> Option<i64> {
        let part = text.get(from..to)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
    };
    let at = |index: usize, wanted: &str| text.get(index..=index).is_some_and(|found| wanted.contains(found));
    let fits = at(4, "-") && at(7, "-") && at(10, "Tt ") && at(13, ":") && at(16, ":");
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !fits || !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut zone = text.get(19..)?;
    if let Some(fraction) = zone.strip_prefix('.') {
        let digits = fraction.len() - fraction.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        zone = fraction.get(digits..).filter(|_| digits > 0)?;
    }
    let shift = offset_of(zone)?;
    // Days since 1970, by the count of days before a year that starts in March.
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = year * 365 + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (month * 153 + 2) / 5
        + day
        - 1
        - 719_468;
    Some(days * 86_400 + hour * 3_600 + minute * 60 + second.min(59) - shift)
}

/// `Z`, `+01:00`: seconds.
fn offset_of(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let sign = if zone.starts_with('+') { 1 } else { -1 };
    let rest = zone.strip_prefix(['+', '-', '\u{2212}'])?;
    let (hours, minutes) = rest.split_once(':')?;
    let number = |text: &str| -> Option<i64> {
        (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_seconds() {
        assert_eq!(epoch("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(epoch("2024-02-29T12:30:15.25+02:00"), Some(1_709_202_615));
        assert_eq!(epoch("1969-12-31T23:59:59Z"), Some(-1));
        assert_eq!(epoch("1970-01-01T00:00:60\u{2212}00:01"), Some(119));
        assert_eq!(epoch("2023-02-29T00:00:00Z"), None);
        assert_eq!(epoch("2023-02-20"), None);
    }

    #[test]
    fn texts_are_decoded() {
        assert_eq!(url_decode("a%20b%2").as_deref(), Some("a b%2"));
        assert_eq!(url_decode("%ff"), None);
        assert_eq!(json_parse("{\"a\": [1, 2.5]}").unwrap().to_string(), "{\"a\": [1, 2.5]}");
    }
}
