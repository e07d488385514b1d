//! What is wrong with an input, a rule or a run, as plain data.
//!
//! A finding says that a sound rule judged a sound entity; a diagnostic says that an input, a rule file or the run is
//! defective. Diagnostics are made where the defect is found and shown by a renderer floors above.

use std::fmt;
use std::sync::Arc;

use super::source::{DecodeError, Source};
use super::span::Span;
use super::syntax::SyntaxError;

/// How bad a defect is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth knowing.
    Note,
    /// Probably not meant.
    Warning,
    /// Something was not read or not judged.
    Error,
}

impl Level {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $id:literal, $level:ident;)+) => {
        /// The kinds of defect, each with a stable id.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[doc = $doc])+ $name,)+ }

        impl Code {
            /// All codes, by id.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The id, such as `E104`.
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)+ }
            }

            /// How bad the defect is.
            pub fn level(self) -> Level {
                match self { $(Self::$name => Level::$level,)+ }
            }

            /// What the code means, in a sentence.
            pub fn summary(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

codes! {
    /// The file or folder cannot be read.
    Unreadable = "E101", Error;
    /// The file is not text in UTF-8 or UTF-16.
    Encoding = "E102", Error;
    /// The file holds nothing.
    Empty = "E103", Error;
    /// The file is not valid JSON.
    Json = "E104", Error;
    /// The file is not valid YAML.
    Yaml = "E105", Error;
    /// A key stands twice in one map; readers keep only one of them.
    DuplicateKey = "W106", Warning;
    /// The input passes a limit on size, depth or expansion.
    Limit = "E107", Error;
    /// The content is of no kind that can be checked.
    UnknownKind = "E108", Error;
    /// The file is a binary plan; its JSON form is needed.
    BinaryPlan = "E109", Error;
    /// The file is a log of Terraform in JSON lines, not a plan.
    PlanLog = "E110", Error;
    /// The file is a raw state file; its JSON form is needed.
    RawState = "E111", Error;
    /// No input was found.
    NoInput = "E112", Error;
    /// Text around the plan's JSON was skipped.
    TextAround = "N113", Note;
    /// A document inside a string cannot be read.
    Embedded = "W114", Warning;
    /// The plan is incomplete: it was limited to targets, or parts of it were deferred.
    IncompletePlan = "W115", Warning;
    /// The format version is newer than the ones that are known.
    NewerFormat = "N116", Note;
    /// The plan ended with an error: it cannot be applied, and lacks what was not planned.
    ErroredPlan = "E117", Error;
    /// The format version is another one altogether than those that are known.
    UnknownFormat = "E118", Error;
    /// A rule file cannot be parsed.
    RuleSyntax = "E201", Error;
    /// A rule file names something that does not exist.
    RuleName = "E202", Error;
    /// A rule could not be evaluated.
    RuleEvaluation = "E203", Error;
    /// A rule file says something that probably means something else.
    RuleSuspicious = "W204", Warning;
    /// No rule was found, or none was selected.
    NoRules = "E205", Error;
    /// The configuration is not valid.
    Configuration = "E301", Error;
    /// A flag's value is not valid.
    Flag = "E302", Error;
    /// A suppression is not honoured: it has expired, or lacks a rule or a reason.
    Suppression = "W303", Warning;
    /// A suppression covers nothing.
    UnusedSuppression = "N304", Note;
    /// A reference leads to something that the input does not declare.
    Unresolved = "W401", Warning;
    /// A part of the input could not be evaluated.
    NotEvaluated = "W402", Warning;
    /// A defect of rolecall itself; please report it.
    Internal = "E901", Error;
}

/// A place in a source that keeps the source at hand, so that it can be shown.
#[derive(Clone)]
pub struct Location {
    /// The source.
    pub source: Arc<Source>,
    /// First byte.
    pub start: u32,
    /// Behind the last byte.
    pub end: u32,
}

impl Location {
    /// The place that a span of `source` covers.
    pub fn new(source: Arc<Source>, span: Span) -> Self {
        Self { source, start: span.start, end: span.end }
    }

    /// The character at `offset`.
    pub fn at(source: Arc<Source>, offset: usize) -> Self {
        let length =
            source.text().get(offset..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        let start = u32::try_from(offset).unwrap_or(u32::MAX);
        Self { source, start, end: start.saturating_add(u32::try_from(length).unwrap_or(0)) }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let position = self.source.lines().position(self.source.text(), self.start);
        write!(out, "{}:{}:{}", self.source.name(), position.line, position.column)
    }
}

/// A defect of an input, a rule file or the run.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// What kind of defect.
    pub code: Code,
    /// How bad it is; usually the code's own level.
    pub level: Level,
    /// What is wrong, in lower case, without a full stop, with user text in back-ticks.
    pub message: String,
    /// The file, where there is one but no place in it.
    pub file: Option<Box<str>>,
    /// Where.
    pub place: Option<Location>,
    /// Other places that explain it, and why they do.
    pub related: Vec<(Location, String)>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A defect without a place.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            level: code.level(),
            message: message.into(),
            file: None,
            place: None,
            related: Vec::new(),
            help: None,
        }
    }

    /// Says which file.
    #[must_use]
    pub fn in_file(self, name: impl Into<Box<str>>) -> Self {
        Self { file: Some(name.into()), ..self }
    }

    /// Says where.
    #[must_use]
    pub fn at(self, place: Location) -> Self {
        Self { file: Some(place.source.name().into()), place: Some(place), ..self }
    }

    /// Adds another place.
    #[must_use]
    pub fn related(mut self, place: Location, why: impl Into<String>) -> Self {
        self.related.push((place, why.into()));
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Changes the level.
    #[must_use]
    pub fn level(self, level: Level) -> Self {
        Self { level, ..self }
    }

    /// A syntax error in a source.
    pub fn syntax(code: Code, source: &Arc<Source>, error: SyntaxError) -> Self {
        let code = if error.limit.is_some() { Code::Limit } else { code };
        let mut made = Self::new(code, error.message).at(Location::at(Arc::clone(source), error.offset));
        if let Some((offset, why)) = error.related {
            made = made.related(Location::at(Arc::clone(source), offset), why);
        }
        made.help = error.help;
        made
    }

    /// Bytes that are no text.
    pub fn encoding(file: &str, error: &DecodeError) -> Self {
        let made = Self::new(Code::Encoding, error.to_string()).in_file(file);
        made.help("save the file as UTF-8 or UTF-16")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_say_their_level() {
        let ids: std::collections::BTreeSet<_> = Code::ALL.iter().map(|code| code.id()).collect();
        assert_eq!(ids.len(), Code::ALL.len());
        for code in Code::ALL {
            let letter = match code.level() {
                Level::Error => 'E',
                Level::Warning => 'W',
                Level::Note => 'N',
            };
            assert!(code.id().starts_with(letter), "{}", code.id());
            assert!(code.summary().ends_with('.') && code.summary().len() > 15, "{}", code.id());
        }
    }
}
