//! Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, `${*}`.

/// A piece of a text with policy variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunk<'a> {
    /// Text as written, in which `*` and `?` keep their meaning.
    Plain(&'a str),
    /// A wildcard character or `$` that stands for itself: `${*}`, `${?}`, `${$}`.
    Escaped(char),
    /// A variable, with its default.
    Variable {
        /// The condition key.
        key: &'a str,
        /// The value where the request has no such key.
        default: Option<&'a str>,
    },
    /// What looks like a variable and is none.
    Malformed(Malformed, &'a str),
}

/// Why a variable is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Malformed {
    /// No closing brace.
    Brace,
    /// A default without its quotes.
    Quote,
    /// A blank in the name.
    Blank,
    /// Nothing between the braces.
    Empty,
    /// A variable inside a variable.
    Nested,
}

/// Splits a text at its variables.
pub fn chunks(text: &str) -> Vec<Chunk<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if !before.is_empty() {
            out.push(Chunk::Plain(before));
        }
        let Some((inside, tail)) = after.split_once('}') else {
            out.push(Chunk::Malformed(Malformed::Brace, after));
            return out;
        };
        out.push(variable(inside));
        rest = tail;
    }
    if !rest.is_empty() {
        out.push(Chunk::Plain(rest));
    }
    out
}

/// Whether a text has any variable, or what looks like one.
pub fn has_variables(text: &str) -> bool {
    memchr::memchr(b'$', text.as_bytes()).is_some() && text.contains("${")
}

fn variable(inside: &str) -> Chunk<'_> {
    match inside {
        "*" => return Chunk::Escaped('*'),
        "?" => return Chunk::Escaped('?'),
        "$" => return Chunk::Escaped('$'),
        "" => return Chunk::Malformed(Malformed::Empty, inside),
        _ => {}
    }
    if inside.contains("${") {
        return Chunk::Malformed(Malformed::Nested, inside);
    }
    let (name, default) = match inside.split_once(',') {
        Some((name, default)) => (name, Some(default.trim())),
        None => (inside, None),
    };
    if name.trim().is_empty() {
        return Chunk::Malformed(Malformed::Empty, inside);
    }
    if name.contains(char::is_whitespace) {
        return Chunk::Malformed(Malformed::Blank, inside);
    }
    match default {
        None => Chunk::Variable { key: name, default: None },
        Some(quoted) => {
            let stripped = ['\'', '"']
                .iter()
                .find_map(|&quote| quoted.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)));
            match stripped {
                Some(default) => Chunk::Variable { key: name, default: Some(default) },
                None => Chunk::Malformed(Malformed::Quote, inside),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_told_from_text() {
        assert_eq!(
            chunks("a/${aws:username}-*"),
            [Chunk::Plain("a/"), Chunk::Variable { key: "aws:username", default: None }, Chunk::Plain("-*")]
        );
        assert_eq!(
            chunks("${aws:PrincipalTag/t, 'no ne'}${*}"),
            [Chunk::Variable { key: "aws:PrincipalTag/t", default: Some("no ne") }, Chunk::Escaped('*')]
        );
    }

    #[test]
    fn malformed_variables_say_why() {
        for (text, why) in [
            ("${aws:username", Malformed::Brace),
            ("${aws:username, none}", Malformed::Quote),
            ("${ aws:username }", Malformed::Blank),
            ("${}", Malformed::Empty),
        ] {
            assert!(matches!(chunks(text)[0], Chunk::Malformed(found, _) if found == why), "{text}");
        }
    }
}
