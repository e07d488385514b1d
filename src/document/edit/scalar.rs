//! How scalars are written.

/// How strings are quoted where they need not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quote {
    /// As JSON has it.
    Json,
    /// Not at all, unless they must be.
    Plain,
    /// In single quotes.
    Single,
    /// In double quotes.
    Double,
}

/// A string as it is written. `flow`: between brackets.
pub(super) fn string(text: &str, quote: Quote, flow: bool) -> String {
    match quote {
        Quote::Plain if is_plain(text, flow) => text.to_owned(),
        Quote::Plain | Quote::Single if !text.chars().any(char::is_control) => {
            format!("'{}'", text.replace('\'', "''"))
        }
        _ => quoted(text),
    }
}

/// In double quotes; JSON's escapes are YAML's too.
fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// A text with JSON's escapes, without quotes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if u32::from(control) < 0x20 || control == '\u{7f}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => out.push(other),
        }
    }
    out
}

/// Whether a text can stand without quotes, and is then read as a string by every reader of YAML 1.1 and 1.2.
pub(super) fn is_plain(text: &str, flow: bool) -> bool {
    const WORDS: &[&str] = &[
        "null", "~", "true", "false", "yes", "no", "on", "off", "y", "n", ".nan", ".inf", "=", "<<", "---",
        "...",
    ];
    let Some(first) = text.chars().next() else { return false };
    let last = text.chars().next_back().unwrap_or(first);
    let looks_like_number = first.is_ascii_digit() || matches!(first, '+' | '-' | '.');
    !(first.is_whitespace()
        || last.is_whitespace()
        || last == ':'
        || "-?:,[]{}#&*!|>'\"%@`=~<".contains(first)
        || looks_like_number
            && !text.contains(|c: char| {
                c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E' | 'x' | 'o' | 'T' | 'Z')
            })
        || text.contains(": ")
        || text.contains(" #")
        || text.chars().any(|c| c.is_control() || c == '\u{feff}' || c == '\u{2028}' || c == '\u{2029}')
        || flow && (text.contains([',', '[', ']', '{', '}']) || text.contains(" -") || text.ends_with('-'))
        || WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_where_they_must_be() {
        for (text, written) in [
            ("s3:GetObject", "s3:GetObject"),
            ("*", "'*'"),
            ("s3:*", "s3:*"),
            ("2012-10-17", "'2012-10-17'"),
            ("15", "'15'"),
            ("true", "'true'"),
            ("No", "'No'"),
            ("", "''"),
            ("it's: so", "'it''s: so'"),
            ("a\nb", "\"a\\nb\""),
            ("a,b", "a,b"),
            ("{{ x }}", "'{{ x }}'"),
        ] {
            assert_eq!(string(text, Quote::Plain, false), written);
        }
        assert_eq!(string("a,b", Quote::Plain, true), "'a,b'");
        assert_eq!(string("a\"b", Quote::Json, true), "\"a\\\"b\"");
    }
}
