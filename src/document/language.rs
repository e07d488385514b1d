//! The texts that a parameter can be, as a regular expression that somebody wrote.

use std::hash::{Hash, Hasher};
use std::sync::OnceLock;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind, Look};

/// The language of a value: a regular expression for the whole of it, read when it is first asked for.
///
/// Two languages are the same where the same was written.
#[derive(Debug)]
pub struct Language {
    written: Box<str>,
    bare: OnceLock<Option<Box<str>>>,
}

impl Language {
    /// The texts that match an expression as a whole, whether or not it says so with anchors.
    pub fn new(written: &str) -> Self {
        Self { written: written.into(), bare: OnceLock::new() }
    }

    /// The texts that match an expression without anchors.
    pub fn exact(pattern: &str) -> Self {
        let pattern: Box<str> = pattern.into();
        Self { written: pattern.clone(), bare: OnceLock::from(Some(pattern)) }
    }

    /// The expression without anchors at its ends, so that it can stand in the middle of others. Nothing where it is
    /// malformed, or looks around elsewhere: then it says nothing.
    pub fn pattern(&self) -> Option<&str> {
        self.bare.get_or_init(|| whole(&self.written)).as_deref()
    }
}

impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

impl Eq for Language {}

impl Hash for Language {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.written.hash(state);
    }
}

fn whole(pattern: &str) -> Option<Box<str>> {
    let hir = ParserBuilder::new().build().parse(pattern).ok()?;
    let bare = without(without(hir, Side::Start), Side::End);
    bare.properties().look_set().is_empty().then(|| bare.to_string().into())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Start,
    End,
}

impl Side {
    fn is_anchor(self, look: Look) -> bool {
        match self {
            Self::Start => look == Look::Start,
            Self::End => look == Look::End,
        }
    }
}

/// The expression without the anchors at one side.
fn without(hir: Hir, side: Side) -> Hir {
    match hir.into_kind() {
        HirKind::Look(look) if side.is_anchor(look) => Hir::empty(),
        HirKind::Concat(mut parts) => {
            let at = if side == Side::Start { 0 } else { parts.len().saturating_sub(1) };
            if at < parts.len() {
                let part = parts.remove(at);
                parts.insert(at, without(part, side));
            }
            Hir::concat(parts)
        }
        HirKind::Alternation(parts) => {
            Hir::alternation(parts.into_iter().map(|part| without(part, side)).collect())
        }
        HirKind::Capture(mut capture) => {
            capture.sub = Box::new(without(*capture.sub, side));
            Hir::capture(capture)
        }
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => Hir::literal(literal.0),
        HirKind::Class(class) => Hir::class(class),
        HirKind::Look(look) => Hir::look(look),
        HirKind::Repetition(repetition) => Hir::repetition(repetition),
    }
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn anchors_at_the_ends_are_taken_off() {
        for (pattern, expected) in [
            ("^[a-z]+$", Some("(?:[a-z]+)")),
            ("[a-z]", Some("[a-z]")),
            ("^(a|b)$", Some("([a-b])")),
            ("(^x$)|(^$)", Some("(?:(x)|((?:)))")),
            ("a$|b", Some("[a-b]")),
            ("a^b", None),
            ("\\bx", None),
            ("(?!no)x", None),
        ] {
            let found = whole(pattern);
            let same = |found: &str, expected: &str| {
                let full = |pattern: &str| regex::Regex::new(&format!("\\A(?:{pattern})\\z")).unwrap();
                ["", "a", "b", "x", "abc", "ax", "^a"]
                    .iter()
                    .all(|text| full(found).is_match(text) == full(expected).is_match(text))
            };
            match (&found, expected) {
                (Some(found), Some(expected)) => assert!(same(found, expected), "{pattern}: {found}"),
                _ => assert_eq!(found.as_deref(), expected, "{pattern}"),
            }
        }
    }
}
