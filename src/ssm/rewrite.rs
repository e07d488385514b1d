//! Patterns without look-ahead that mean the same.
//!
//! `^(?!-)[a-z-]+$` asks something of the first character, which can be said of the first character itself:
//! `^[a-z][a-z-]*$`. What is made is held against what was written, as languages, before anybody sees it.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Repetition};

use super::automaton::{Automaton, Search, shortest};
use super::pattern::{Engine, Pattern};

/// Longer texts are not what a person would write.
const LONGEST: usize = 160;

/// A pattern for whole values that begins by looking ahead at one character.
struct Ahead<'p> {
    /// What it looks for: an expression, and whether it must be there.
    looks: Vec<(&'p str, bool)>,
    /// What it then matches.
    rest: &'p str,
}

/// The same pattern without look-ahead, for every engine; nothing where that cannot be said, or not be proven.
pub(super) fn without_looking_ahead(pattern: &str) -> Option<String> {
    let ahead = Ahead::read(pattern)?;
    let rest = regex_syntax::parse(ahead.rest).ok()?;
    let mut parts = match rest.into_kind() {
        HirKind::Concat(parts) => parts,
        kind => vec![of_kind(kind)?],
    };
    let (mut first, behind) = split_first(parts.remove(0))?;
    for (look, wanted) in &ahead.looks {
        let class = as_class(regex_syntax::parse(look).ok()?)?;
        if *wanted {
            first.intersect(&class);
        } else {
            first.difference(&class);
        }
    }
    let mut all = vec![Hir::class(Class::Unicode(first))];
    all.extend(behind);
    all.extend(parts);
    let made: String = all.iter().map(Hir::to_string).collect();
    let text = format!("^{made}$");
    let is_read = [Engine::Java, Engine::Re2].iter().all(|engine| Pattern::read(&text, *engine).is_ok());
    (text.len() <= LONGEST && is_read && is_same(&ahead, &made)).then_some(text)
}

impl<'p> Ahead<'p> {
    fn read(pattern: &'p str) -> Option<Self> {
        let mut rest = pattern.strip_prefix('^')?.strip_suffix('$').filter(|rest| !rest.ends_with('\\'))?;
        let mut looks = Vec::new();
        loop {
            let (wanted, inner) = match (rest.strip_prefix("(?!"), rest.strip_prefix("(?=")) {
                (Some(inner), _) => (false, inner),
                (_, Some(inner)) => (true, inner),
                _ => break,
            };
            // One character or class has no bracket of its own but an escaped one.
            let (look, behind) = inner.split_once(')').filter(|(look, _)| !look.ends_with('\\'))?;
            looks.push((look, wanted));
            rest = behind;
        }
        let plain = !["(?!", "(?=", "(?<", "(?>"].iter().any(|group| rest.contains(group));
        (!looks.is_empty() && plain).then_some(Self { looks, rest })
    }
}

fn of_kind(kind: HirKind) -> Option<Hir> {
    Some(match kind {
        HirKind::Repetition(repetition) => Hir::repetition(repetition),
        HirKind::Class(class) => Hir::class(class),
        HirKind::Literal(literal) => Hir::literal(literal.0),
        _ => return None,
    })
}

/// A class, or the class of one character.
fn as_class(hir: Hir) -> Option<ClassUnicode> {
    match hir.into_kind() {
        HirKind::Class(Class::Unicode(class)) => Some(class),
        HirKind::Class(Class::Bytes(class)) => class.to_unicode_class(),
        HirKind::Literal(literal) => {
            let mut letters = std::str::from_utf8(&literal.0).ok()?.chars();
            let (Some(letter), None) = (letters.next(), letters.next()) else { return None };
            Some(ClassUnicode::new([ClassUnicodeRange::new(letter, letter)]))
        }
        _ => None,
    }
}

/// The class of the first character, and what is left of the part that it belongs to.
fn split_first(part: Hir) -> Option<(ClassUnicode, Vec<Hir>)> {
    match part.into_kind() {
        HirKind::Repetition(Repetition { min, max, greedy, sub }) if min > 0 => {
            let class = as_class(*sub.clone())?;
            let (min, max) = (min - 1, max.map(|max| max.saturating_sub(1)));
            let rest = (max != Some(0)).then(|| Hir::repetition(Repetition { min, max, greedy, sub }));
            Some((class, rest.into_iter().collect()))
        }
        kind => Some((as_class(of_kind(kind)?)?, Vec::new())),
    }
}

/// Whether an expression is the language of a pattern that looks ahead.
fn is_same(ahead: &Ahead<'_>, made: &str) -> bool {
    let of_look = |(look, wanted): &(&str, bool)| {
        Automaton::whole(&format!("(?:{look}).*")).map(|automaton| (automaton, *wanted))
    };
    let looks: Option<Vec<(Automaton, bool)>> = ahead.looks.iter().map(of_look).collect();
    let (Some(made), Some(rest), Some(looks)) = (Automaton::whole(made), Automaton::whole(ahead.rest), looks)
    else {
        return false;
    };
    let never = |literals: &[(&Automaton, bool)]| matches!(shortest(literals), Search::Nothing);
    let mut wanted: Vec<(&Automaton, bool)> = vec![(&rest, true), (&made, false)];
    wanted.extend(looks.iter().map(|(automaton, wanted)| (automaton, *wanted)));
    never(&wanted)
        && never(&[(&made, true), (&rest, false)])
        && looks.iter().all(|(automaton, wanted)| never(&[(&made, true), (automaton, !wanted)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_character_says_what_was_looked_for() {
        for (pattern, expected) in [
            ("^(?!-)[a-z-]+$", Some("^[a-z][\\-a-z]*$")),
            ("^(?=[a-z])[a-z0-9]{3,16}$", Some("^[a-z][0-9a-z]{2,15}$")),
            ("^(?!-)(?!_)[a-z_-]+/[0-9]+$", Some("^[a-z][\\-_a-z]*/[0-9]+$")),
            ("^(?!a)[ab]$", Some("^b$")),
            // More than one character, a value that may be empty, and what looks ahead elsewhere.
            ("^(?!aws)[a-z]+$", None),
            ("^(?!-)[a-z-]*$", None),
            ("^[a-z]+(?!-)[a-z-]+$", None),
            ("(?!-)[a-z-]+", None),
        ] {
            assert_eq!(without_looking_ahead(pattern).as_deref(), expected, "{pattern}");
        }
    }
}
