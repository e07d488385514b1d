//! What a value can be: the constraints on it, all of which hold.

use super::pattern::Engine;

/// The texts that a value can be. Without constraints, it can be any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Language {
    /// What every text satisfies.
    pub constraints: Vec<Constraint>,
}

/// Something that limits a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Constraint {
    /// It is one of these.
    Values(Box<[Box<str>]>),
    /// A pattern is found in it, by every engine that looks.
    Pattern {
        /// The pattern as written.
        text: Box<str>,
        /// Who looks.
        engines: &'static [Engine],
    },
    /// It is an identifier or a number of a known form: a Rust regular expression for the whole of it.
    Form(&'static str),
    /// It is one of so many values that whoever deploys the document says.
    Few(usize),
    /// It has been constrained by something that is not known, in a phrase that completes "not known: …".
    Unknown(Box<str>),
}

impl Language {
    /// The language of texts of a known form.
    pub fn form(pattern: &'static str) -> Self {
        Self { constraints: vec![Constraint::Form(pattern)] }
    }

    /// Values that are not known.
    pub fn unknown(why: &str) -> Self {
        Self { constraints: vec![Constraint::Unknown(why.into())] }
    }

    /// Whether nothing limits the value.
    pub fn is_free(&self) -> bool {
        self.constraints.is_empty()
    }

    /// The language of the texts that are in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut constraints = self.constraints.clone();
        for constraint in &other.constraints {
            if !constraints.contains(constraint) {
                constraints.push(constraint.clone());
            }
        }
        Self { constraints }
    }

    /// The first pattern, for messages.
    pub fn pattern(&self) -> Option<&str> {
        self.constraints.iter().find_map(|constraint| match constraint {
            Constraint::Pattern { text, .. } => Some(&**text),
            _ => None,
        })
    }

    /// How many values whoever deploys the document lets through, where they are listed but not known.
    pub fn few(&self) -> Option<usize> {
        self.constraints.iter().find_map(|constraint| match constraint {
            Constraint::Few(count) => Some(*count),
            _ => None,
        })
    }

    /// The allowed values, where they are listed.
    pub fn values(&self) -> Option<&[Box<str>]> {
        self.constraints.iter().find_map(|constraint| match constraint {
            Constraint::Values(values) => Some(&**values),
            _ => None,
        })
    }
}
