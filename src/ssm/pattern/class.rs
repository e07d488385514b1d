//! Classes of characters: names, escapes and sets of sets.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

use super::{Engine, PatternError};

/// A class of these ranges.
pub(super) fn ranges(ranges: &[(char, char)]) -> ClassUnicode {
    ClassUnicode::new(ranges.iter().map(|&(from, to)| ClassUnicodeRange::new(from, to)))
}

pub(super) fn single(character: char) -> ClassUnicode {
    ranges(&[(character, character)])
}

pub(super) fn negated(mut class: ClassUnicode) -> ClassUnicode {
    class.negate();
    class
}

/// What `.` stands for.
pub(super) fn dot(engine: Engine, all: bool, unix_lines: bool) -> ClassUnicode {
    if all {
        return negated(ClassUnicode::empty());
    }
    negated(if engine == Engine::Java && !unix_lines {
        ranges(&[('\n', '\n'), ('\r', '\r'), ('\u{85}', '\u{85}'), ('\u{2028}', '\u{2029}')])
    } else {
        single('\n')
    })
}

/// The class of `\d`, `\w`, `\s`, … for a lower-case letter.
pub(super) fn escaped(letter: char, engine: Engine) -> Option<ClassUnicode> {
    let java = engine == Engine::Java;
    Some(match letter {
        'd' => ranges(&[('0', '9')]),
        'w' => ranges(&[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]),
        's' if java => ranges(&[('\t', '\r'), (' ', ' ')]),
        's' => ranges(&[('\t', '\n'), ('\u{c}', '\r'), (' ', ' ')]),
        'h' if java => ranges(&[
            ('\t', '\t'),
            (' ', ' '),
            ('\u{a0}', '\u{a0}'),
            ('\u{1680}', '\u{1680}'),
            ('\u{180e}', '\u{180e}'),
            ('\u{2000}', '\u{200a}'),
            ('\u{202f}', '\u{202f}'),
            ('\u{205f}', '\u{205f}'),
            ('\u{3000}', '\u{3000}'),
        ]),
        'v' if java => ranges(&[('\n', '\r'), ('\u{85}', '\u{85}'), ('\u{2028}', '\u{2029}')]),
        _ => return None,
    })
}

/// A class by its POSIX name, in any case.
pub(super) fn posix(name: &str) -> Option<ClassUnicode> {
    Some(match name.to_ascii_lowercase().as_str() {
        "lower" => ranges(&[('a', 'z')]),
        "upper" => ranges(&[('A', 'Z')]),
        "ascii" => ranges(&[('\0', '\u{7f}')]),
        "alpha" => ranges(&[('A', 'Z'), ('a', 'z')]),
        "digit" => ranges(&[('0', '9')]),
        "alnum" => ranges(&[('0', '9'), ('A', 'Z'), ('a', 'z')]),
        "word" => ranges(&[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]),
        "punct" => ranges(&[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')]),
        "graph" => ranges(&[('!', '~')]),
        "print" => ranges(&[(' ', '~')]),
        "blank" => ranges(&[('\t', '\t'), (' ', ' ')]),
        "cntrl" => ranges(&[('\0', '\u{1f}'), ('\u{7f}', '\u{7f}')]),
        "xdigit" => ranges(&[('0', '9'), ('A', 'F'), ('a', 'f')]),
        "space" => ranges(&[('\t', '\r'), (' ', ' ')]),
        _ => return None,
    })
}

/// The class of `\p{name}`.
pub(super) fn property(name: &str, engine: Engine, offset: usize) -> Result<ClassUnicode, PatternError> {
    if engine == Engine::Java
        && let Some(class) = posix(name)
    {
        return Ok(class);
    }
    let bare = if engine == Engine::Java {
        name.strip_prefix("Is").or_else(|| name.strip_prefix("java")).unwrap_or(name)
    } else {
        name
    };
    // The database of the syntax crate knows the categories, scripts and binary properties.
    let known = regex_syntax::parse(&format!("\\p{{{bare}}}")).ok();
    match known.as_ref().map(regex_syntax::hir::Hir::kind) {
        Some(regex_syntax::hir::HirKind::Class(regex_syntax::hir::Class::Unicode(class)))
            if engine == Engine::Java || is_category_or_script(name) =>
        {
            Ok(class.clone())
        }
        _ => Err(PatternError { offset, message: format!("there is no character class `\\p{{{name}}}`") }),
    }
}

/// RE2 knows general categories (one or two letters) and scripts, by their exact names.
fn is_category_or_script(name: &str) -> bool {
    let mut letters = name.chars();
    let capital = letters.next().is_some_and(char::is_uppercase);
    capital && (name.len() <= 2 || posix(name).is_none() && name.len() > 3)
}

/// The class with the other case of its letters.
pub(super) fn folded(mut class: ClassUnicode) -> ClassUnicode {
    let upper: Vec<_> = class
        .iter()
        .flat_map(|range| {
            let cut = |from: char, to: char| (range.start().max(from), range.end().min(to));
            [(cut('a', 'z'), -32i32), (cut('A', 'Z'), 32)]
        })
        .filter(|((from, to), _)| from <= to)
        .filter_map(|((from, to), by)| {
            let shift = |character: char| char::from_u32(u32::from(character).checked_add_signed(by)?);
            Some(ClassUnicodeRange::new(shift(from)?, shift(to)?))
        })
        .collect();
    class.union(&ClassUnicode::new(upper));
    class
}
