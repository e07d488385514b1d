//! The regular expressions of `allowedPattern`, in the two dialects that enforce them.
//!
//! The service checks a parameter's value with a Java regular expression; for documents that run on nodes the agent
//! checks it again with RE2. Neither is the dialect of a Rust crate, and the differences decide whether a document works
//! and what it lets through. A pattern is read once for each engine into a syntax tree, and `lower` makes automata
//! input of that.

mod class;
mod escape;
mod lower;
mod read;

use regex_syntax::hir::{ClassUnicode, Hir};

pub(super) use lower::Branch;

/// Who matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Engine {
    /// `java.util.regex`, in the service.
    Java,
    /// Go's `regexp`, in the agent.
    Re2,
}

impl Engine {
    /// What a person calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Java => "Java",
            Self::Re2 => "RE2",
        }
    }
}

/// Why a pattern is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PatternError {
    /// The byte of the pattern at which it goes wrong.
    pub offset: usize,
    /// What is wrong, in lower case.
    pub message: String,
}

/// A pattern as one engine reads it.
#[derive(Clone, Debug)]
pub struct Pattern {
    node: Node,
    /// The shape that can take exponential time: an unbounded repetition directly inside another.
    pub nested_repetition: bool,
}

impl Pattern {
    /// Reads a pattern as an engine does.
    pub fn read(text: &str, engine: Engine) -> Result<Self, PatternError> {
        let node = read::read(text, engine)?;
        let nested_repetition = engine == Engine::Java && node.has_nested_repetition(false);
        Ok(Self { node, nested_repetition })
    }

    /// The language of the texts in which the pattern is found: a union of branches.
    pub(super) fn branches(&self) -> Vec<Branch> {
        lower::branches(&self.node)
    }
}

/// A piece of a pattern.
#[derive(Clone, Debug)]
enum Node {
    Empty,
    Class(ClassUnicode),
    Start,
    End,
    LineStart,
    LineEnd,
    WordEdge {
        negated: bool,
    },
    Concat(Vec<Node>),
    Alternation(Vec<Node>),
    Repeat {
        inner: Box<Node>,
        min: u32,
        max: Option<u32>,
    },
    Look {
        inner: Box<Node>,
        ahead: bool,
        negated: bool,
    },
    /// What was captured before.
    Again,
}

impl Node {
    fn has_nested_repetition(&self, inside: bool) -> bool {
        match self {
            Self::Repeat { inner, min, max } => {
                let open = max.is_none() && *min <= 1;
                open && inside || inner.has_nested_repetition(inside || open)
            }
            // A fixed neighbour tells the rounds apart, except where it can be empty.
            Self::Concat(parts) => {
                let alone = parts.iter().filter(|part| !part.can_be_empty()).count() <= 1;
                parts.iter().any(|part| part.has_nested_repetition(inside && alone))
            }
            Self::Alternation(parts) => parts.iter().any(|part| part.has_nested_repetition(inside)),
            Self::Look { inner, .. } => inner.has_nested_repetition(false),
            _ => false,
        }
    }

    fn can_be_empty(&self) -> bool {
        match self {
            Self::Class(_) => false,
            Self::Concat(parts) => parts.iter().all(Self::can_be_empty),
            Self::Alternation(parts) => parts.iter().any(Self::can_be_empty),
            Self::Repeat { inner, min, .. } => *min == 0 || inner.can_be_empty(),
            _ => true,
        }
    }
}

/// Any text, line breaks included.
fn anything() -> Hir {
    lower::repeat(Hir::dot(regex_syntax::hir::Dot::AnyChar), 0, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_engine_refuses_what_it_does_not_know() {
        for (pattern, java, re2) in [
            ("^[a-z]+$", true, true),
            ("^(?!-)[a-z-]+$", true, false),
            ("^(a)\\1$", true, false),
            ("^a++$", true, false),
            ("^(?>a)$", true, false),
            ("[_-\\/]", false, false),
            ("[A-Za-z0-9_-\\/.]{1,512}", false, false),
            ("a{1,2048}", true, false),
            ("a{1,1000}", true, true),
            ("(a", false, false),
            ("a)", false, false),
            ("[a", false, false),
            ("*a", false, false),
            ("a**", false, false),
            ("a{", false, true),
            ("{a}", false, true),
            ("\\Qa.b\\E", true, true),
            ("\\h+", true, false),
            ("\\p{Alpha}+", true, false),
            ("\\p{L}+", true, true),
            ("[[:alpha:]]+", true, true),
            ("\\u0041", true, false),
            ("\\y", false, false),
            ("(?i)abc", true, true),
            ("(?<name>a)", true, true),
            ("(?P<name>a)", false, true),
            ("[a-z&&[^b]]", true, true),
            ("\\Z", true, false),
            ("\\z", true, true),
            ("[]a]", true, true),
            ("", true, true),
            ("a||b", true, true),
            ("\\", false, false),
            ("a{2,1}", false, false),
            ("(?#x)a", false, false),
            ("[\\w-.]+", true, true),
        ] {
            assert_eq!(Pattern::read(pattern, Engine::Java).is_ok(), java, "Java `{pattern}`");
            assert_eq!(Pattern::read(pattern, Engine::Re2).is_ok(), re2, "RE2 `{pattern}`");
        }
    }

    #[test]
    fn nested_repetition_is_seen_where_it_is_one() {
        for (pattern, nested) in [
            ("^(a+)+$", true),
            ("^(a*b?)*$", true),
            ("^([a-z]+,)*[a-z]+$", false),
            ("^(a+|b)+$", true),
            ("^a+b+$", false),
        ] {
            assert_eq!(Pattern::read(pattern, Engine::Java).unwrap().nested_repetition, nested, "{pattern}");
        }
    }
}
