//! What a scalar is to the reader of test files, and of documents inside strings: YAML 1.2, as `serde_yaml` reads it.

/// What a scalar is. Whole numbers of 64 bits without a sign wrap, as the peer has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// No value.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another number.
    Float(f64),
    /// The text as it is written.
    Text,
}

impl Scalar {
    /// What the text of a scalar is, which may stand behind a tag (without its first `!`) and in quotes; nothing where the
    /// reader refuses it.
    pub fn read(text: &str, tag: Option<&str>, is_plain: bool) -> Option<Self> {
        match tag {
            Some("!null") => null(text),
            Some("!bool") => bool(text),
            Some("!int") => int(text).and_then(Result::ok).map(Self::Int),
            Some("!float") => float(text).map(Self::Float),
            Some(core) if core.starts_with('!') => Some(Self::Text),
            _ if !is_plain => Some(Self::Text),
            _ if text.is_empty() => Some(Self::Null),
            _ => untagged(text),
        }
    }
}

fn untagged(text: &str) -> Option<Scalar> {
    if let Some(known) = null(text).or_else(|| bool(text)) {
        return Some(known);
    }
    match int(text) {
        Some(Ok(whole)) => Some(Scalar::Int(whole)),
        Some(Err(TooLong)) => None,
        None if has_leading_zero(text) => Some(Scalar::Text),
        None => Some(float(text).map_or(Scalar::Text, Scalar::Float)),
    }
}

fn null(text: &str) -> Option<Scalar> {
    matches!(text, "~" | "null" | "Null" | "NULL").then_some(Scalar::Null)
}

fn bool(text: &str) -> Option<Scalar> {
    match text {
        "true" | "True" | "TRUE" => Some(Scalar::Bool(true)),
        "false" | "False" | "FALSE" => Some(Scalar::Bool(false)),
        _ => None,
    }
}

/// A whole number that 64 bits do not hold.
#[derive(Debug)]
struct TooLong;

/// A whole number: decimal, or behind `0x`, `0o` or `0b`.
fn int(text: &str) -> Option<Result<i64, TooLong>> {
    let (is_negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let based = [("0x", 16), ("0o", 8), ("0b", 2)]
        .into_iter()
        .find_map(|(prefix, base)| unsigned.strip_prefix(prefix).map(|digits| (digits, base)));
    let (digits, base) = based.unwrap_or((unsigned, 10));
    if digits.is_empty() || has_leading_zero(text) || !digits.chars().all(|digit| digit.is_digit(base)) {
        return None;
    }
    // No number of 128 bits has more digits; the reader takes a longer one for a float or a text.
    let value = u128::from_str_radix(digits, base).ok()?;
    if is_negative {
        return Some(i64::try_from(-i128::try_from(value).ok()?).map_err(|_| TooLong));
    }
    Some(u64::try_from(value).map(u64::cast_signed).map_err(|_| TooLong))
}

/// Digits behind a zero are a text.
fn has_leading_zero(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    unsigned.len() > 1 && unsigned.starts_with('0') && unsigned.bytes().all(|byte| byte.is_ascii_digit())
}

fn float(text: &str) -> Option<f64> {
    let unsigned = match text.strip_prefix('+') {
        Some(rest) if rest.starts_with(['+', '-']) => return None,
        Some(rest) => rest,
        None => text,
    };
    match unsigned {
        ".inf" | ".Inf" | ".INF" => return Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Some(f64::NAN);
    }
    unsigned.parse().ok().filter(|value: &f64| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_what_they_are_to_yaml() {
        use Scalar::{Bool, Float, Int, Null, Text};
        for (text, expected) in [
            ("", Some(Null)),
            ("~", Some(Null)),
            ("True", Some(Bool(true))),
            ("yes", Some(Text)),
            ("+7", Some(Int(7))),
            ("007", Some(Text)),
            ("-0x1F", Some(Int(-31))),
            ("0o8", Some(Text)),
            ("18446744073709551615", Some(Int(-1))),
            ("18446744073709551616", None),
            ("-9223372036854775808", Some(Int(i64::MIN))),
            ("-9223372036854775809", None),
            ("1e400", Some(Text)),
            ("1.", Some(Float(1.0))),
            ("-.inf", Some(Float(f64::NEG_INFINITY))),
            ("inf", Some(Text)),
        ] {
            assert_eq!(Scalar::read(text, None, true), expected, "{text:?}");
            assert_eq!(Scalar::read(text, None, false), Some(Text), "{text:?} in quotes");
        }
        assert_eq!(Scalar::read("5", Some("!int"), false), Some(Int(5)));
        assert_eq!(Scalar::read("5", Some("!float"), true), Some(Float(5.0)));
        assert_eq!(Scalar::read("yes", Some("!bool"), true), None);
        assert_eq!(Scalar::read("5", Some("!str"), true), Some(Text));
        assert_eq!(Scalar::read("5", Some("Ref"), true), Some(Int(5)));
        assert_eq!(Scalar::read("5", Some("Ref"), false), Some(Text));
    }
}
