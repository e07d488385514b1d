//! What a rule says can be done about a finding: `@fix(safe, replace, "…")` behind a clause.
//!
//! A rule knows what should be written, not how. It names what becomes of the value that fails; the text of the file is
//! somebody else's.

use super::program::Message;

/// What becomes of the value that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FixKind {
    /// `replace, VALUE…`: it becomes another value, or several.
    Replace,
    /// `substitute, OLD, NEW`: a part of its text becomes another.
    Substitute,
    /// `rename, NAME`: its key becomes another; `rename, WITHIN, NAME`: the key directly under another one does;
    /// `rename, "...", KEY…, NAME`: the last of some keys does.
    Rename,
    /// `remove`: it goes, with what would be left empty; `remove, KEY`: the entry of that name goes.
    Remove,
    /// `drop`: it goes, unless it is a pattern, which stands for more.
    Drop,
    /// `set, KEY…, VALUE`: what it stands in gets an entry, where there is none with another value.
    Set,
    /// `append, KEY…, VALUE`: a list that it stands in gets another element.
    Append,
    /// `before, KEY, VALUE`: the list gets another element before the one around it that has the key.
    Before,
    /// `rewrite, KEY, VALUE`: the map around it that has the key becomes another, or several.
    Rewrite,
    /// `declare, TYPE, NAME, BODY`: the input gets another resource.
    Declare,
    /// `undeclare`: the resource that the value is in goes, in a configuration.
    Undeclare,
}

/// Each kind, its word, and the least number of arguments behind it.
pub(super) const KINDS: &[(&str, FixKind, usize)] = &[
    ("replace", FixKind::Replace, 1),
    ("substitute", FixKind::Substitute, 2),
    ("rename", FixKind::Rename, 1),
    ("remove", FixKind::Remove, 0),
    ("drop", FixKind::Drop, 0),
    ("set", FixKind::Set, 2),
    ("append", FixKind::Append, 2),
    ("before", FixKind::Before, 2),
    ("rewrite", FixKind::Rewrite, 2),
    ("declare", FixKind::Declare, 3),
    ("undeclare", FixKind::Undeclare, 0),
];

/// The word between two things that a fix does at once.
pub(super) const AND: &str = "and";

impl FixKind {
    /// What it does, for a page about a rule.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Replace | Self::Substitute => "replaces the value",
            Self::Rename => "renames a key",
            Self::Remove => "removes the value",
            Self::Drop => "removes the value, unless it is a pattern",
            Self::Set => "sets a value",
            Self::Append | Self::Before => "adds an element to a list",
            Self::Rewrite => "writes a part anew",
            Self::Declare => "adds a resource",
            Self::Undeclare => "removes a resource",
        }
    }

    /// The word of the language.
    pub fn as_str(self) -> &'static str {
        KINDS.iter().find(|(_, kind, _)| *kind == self).map_or("", |(word, ..)| word)
    }
}

/// A fix as a rule declares it.
#[derive(Debug)]
pub(crate) struct DeclaredFix {
    pub(crate) safe: bool,
    pub(crate) steps: Box<[DeclaredStep]>,
}

impl DeclaredFix {
    /// Whether its texts show values.
    pub(crate) fn shows_values(&self) -> bool {
        let shows =
            |value: &DeclaredValue| matches!(value, DeclaredValue::Text(text) if !text.pieces.is_empty());
        self.steps.iter().flat_map(|step| &step.arguments).any(shows)
    }
}

/// One thing that a fix does.
#[derive(Debug)]
pub(crate) struct DeclaredStep {
    pub(crate) kind: FixKind,
    pub(crate) arguments: Box<[DeclaredValue]>,
}

/// An argument of a fix.
#[derive(Debug)]
pub(crate) enum DeclaredValue {
    /// A word: `true`, `15`.
    Word(FixValue),
    /// A text in quotes, which may show values.
    Text(Message),
}

/// A fix of one finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Whether it changes nothing but what is wrong. Others change what is allowed or done, and want to be looked at.
    pub safe: bool,
    /// What it does, all at once.
    pub steps: Vec<FixStep>,
}

/// One thing that a fix does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixStep {
    /// What becomes of the value that fails.
    pub kind: FixKind,
    /// With what.
    pub arguments: Vec<FixValue>,
}

/// An argument of a fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FixValue {
    /// A text.
    Text(String),
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(String),
}

impl FixValue {
    /// What a word means.
    pub(super) fn word(text: &str) -> Self {
        match text {
            "true" => Self::Bool(true),
            "false" => Self::Bool(false),
            _ if text.bytes().all(|byte| byte.is_ascii_digit()) => Self::Number(text.to_owned()),
            _ => Self::Text(text.to_owned()),
        }
    }

    /// As text.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Number(text) => text,
            Self::Bool(true) => "true",
            Self::Bool(false) => "false",
        }
    }
}
