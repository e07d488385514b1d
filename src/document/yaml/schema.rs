//! What plain scalars mean.
//!
//! `yes` is true to CloudFormation and a string to YAML 1.2; `2012-10-17` is a date to YAML 1.1 and a string to both
//! of them. Numbers are kept as written whatever the schema: `012` as a value of a string property is `012`.

use crate::document::tree::Kind;

use super::Scalar;

/// Who reads the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Schema {
    /// CloudFormation and Systems Manager: YAML 1.1 without its dates, sexagesimals and other number formats.
    CloudFormation,
    /// YAML 1.2's core schema, as `serde_yaml` reads it.
    Core,
    /// The `validate` command of `cfn-guard` 3.2.
    Guard,
}

impl Schema {
    /// The kind that a plain scalar has for this reader.
    pub fn kind_of(self, text: &str) -> Kind {
        match self.plain(text) {
            Scalar::Null => Kind::Null,
            Scalar::Bool(_) => Kind::Bool,
            Scalar::Number => Kind::Number,
            Scalar::Text => Kind::String,
        }
    }

    pub(super) fn plain(self, text: &str) -> Scalar {
        match self {
            Self::CloudFormation => cloudformation(text),
            Self::Core => core(text),
            Self::Guard => guard(text),
        }
    }

    /// A plain scalar behind a tag: only YAML's own tags say what kind it is.
    pub(super) fn tagged(tag: &str, text: &str) -> Scalar {
        match tag {
            "!null" => Scalar::Null,
            "!bool" => match cloudformation(text) {
                Scalar::Bool(value) => Scalar::Bool(value),
                _ => Scalar::Text,
            },
            "!int" | "!float" if is_decimal(text) => Scalar::Number,
            _ => Scalar::Text,
        }
    }
}

fn cloudformation(text: &str) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Scalar::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Scalar::Bool(false),
        _ if is_decimal(text) => Scalar::Number,
        _ => Scalar::Text,
    }
}

fn core(text: &str) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "true" | "True" | "TRUE" => Scalar::Bool(true),
        "false" | "False" | "FALSE" => Scalar::Bool(false),
        _ if is_decimal(text) && !has_leading_zero(text) => Scalar::Number,
        _ if is_radix(text) => Scalar::Number,
        _ => Scalar::Text,
    }
}

fn guard(text: &str) -> Scalar {
    match text {
        "~" => Scalar::Null,
        "true" | "yes" | "on" | "y" => Scalar::Bool(true),
        "false" | "no" | "off" | "n" => Scalar::Bool(false),
        _ if text.eq_ignore_ascii_case("null") => Scalar::Null,
        _ if text.parse::<i64>().is_ok() || text.parse::<f64>().is_ok() => Scalar::Number,
        _ => Scalar::Text,
    }
}

/// Digits, with at most a sign, a fraction and an exponent.
fn is_decimal(text: &str) -> bool {
    // Most scalars are words.
    if !text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '+' | '.')) {
        return false;
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()) && exponent_fits
}

fn has_leading_zero(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    unsigned.len() > 1 && unsigned.starts_with('0') && unsigned.bytes().all(|byte| byte.is_ascii_digit())
}

/// `0x…`, `0o…` or `0b…`.
fn is_radix(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let fits = |prefix: &str, radix: u32| {
        let digits = unsigned.strip_prefix(prefix);
        digits.is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_digit(radix)))
    };
    fits("0x", 16) || fits("0o", 8) || fits("0b", 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reader_has_its_own_scalars() {
        use Scalar::{Bool, Null, Number, Text};
        for (text, cloudformation, core, guard) in [
            ("", Null, Null, Text),
            ("~", Null, Null, Null),
            ("nUlL", Text, Text, Null),
            ("yes", Bool(true), Text, Bool(true)),
            ("True", Bool(true), Bool(true), Text),
            ("2012-10-17", Text, Text, Text),
            ("012", Number, Text, Number),
            ("1e3", Number, Number, Number),
            (".5", Number, Number, Number),
            (".", Text, Text, Text),
            ("0x1F", Text, Number, Text),
            ("1_000", Text, Text, Text),
            ("inf", Text, Text, Number),
            ("-", Text, Text, Text),
        ] {
            assert_eq!(Schema::CloudFormation.plain(text), cloudformation, "cloudformation {text:?}");
            assert_eq!(Schema::Core.plain(text), core, "core {text:?}");
            assert_eq!(Schema::Guard.plain(text), guard, "guard {text:?}");
        }
    }
}
