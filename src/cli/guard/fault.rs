//! Why a command ends early, and with which code.

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::document::{Code, Diagnostic, Source};
use crate::rules;
use crate::rules::ast::File;

/// A rule file or data of a run cannot be used, or a flag contradicts another one: exit code 255.
#[derive(Debug)]
pub(super) enum Fault {
    /// In the peer's words.
    Said(String),
    /// In the peer's words, and where.
    At(String, Box<Diagnostic>),
    /// The output cannot be written.
    Output(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(text) | Self::At(text, _) => out.write_str(text),
            Self::Output(error) => error.fmt(out),
        }
    }
}

impl Fault {
    /// Text that cannot be read.
    pub(super) fn parse(text: &str) -> Self {
        Self::Said(parse(text))
    }

    pub(super) fn reading(error: &dyn fmt::Display) -> Self {
        Self::Said(format!("I/O error when reading {error}"))
    }
}

/// Reads a rule file of the peer, which has no functions over entities.
pub(super) fn read(source: &Arc<Source>) -> Result<File, Box<Diagnostic>> {
    let file = rules::parse(source)?;
    match file.asks.first() {
        None => Ok(file),
        Some(name) => {
            let made = Diagnostic::new(Code::RuleSyntax, format!("there is no function `{}`", name.text));
            let made = made.at(name.range.of(source));
            Err(Box::new(
                made.help("functions over entities are known to `rolecall check` and `rolecall test`"),
            ))
        }
    }
}

/// What is wrong with a rule file, in the frame in which the peer says it.
pub(super) fn syntax(name: &str, diagnostic: &Diagnostic) -> String {
    let Some(place) = &diagnostic.place else { return parse(&diagnostic.message) };
    let text = place.source.text();
    let at = place.source.lines().position(text, place.start);
    let fragment = text.get(place.start as usize..).unwrap_or("").lines().next().unwrap_or("");
    parse(&format!(
        "Parsing Error Error parsing file {name} at line {} at column {}, when handling {}, fragment {fragment}",
        at.line, at.column, diagnostic.message
    ))
}

/// The peer's frame around what is wrong with a text.
pub(super) fn parse(text: &str) -> String {
    format!("Parser Error when parsing `{text}`")
}
