//! Why a text could not be read, before it has a file name.

use super::limits::LimitError;

/// A syntax error at an offset of the text that was being read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The byte at which reading stopped.
    pub offset: usize,
    /// What was found and what was expected, in lower case and without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Another place that explains the error, and why.
    pub related: Option<(usize, String)>,
    /// The limit that was passed, where that is the error.
    pub limit: Option<LimitError>,
}

impl SyntaxError {
    /// An error with a message.
    pub fn new(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, message: message.into(), help: None, related: None, limit: None }
    }

    /// An input that is too large or too deep.
    pub fn from_limit(offset: usize, limit: LimitError) -> Self {
        Self { limit: Some(limit), ..Self::new(offset, limit.to_string()) }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Adds another place.
    #[must_use]
    pub fn related(self, offset: usize, why: impl Into<String>) -> Self {
        Self { related: Some((offset, why.into())), ..self }
    }
}
