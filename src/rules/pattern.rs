//! Regular expressions, built once.
//!
//! Most patterns are within what `regex` can do in linear time. Look-around and back-references need `fancy-regex`,
//! whose backtracking has a limit: where a text runs into it, the answer is an error, never a hang.

use std::sync::OnceLock;

use super::limits;
use regex_syntax::ast::{Ast, RepetitionKind, RepetitionRange};
use serde::{Deserialize, Serialize};

/// Steps of backtracking before a match is given up.
const BACKTRACKS: usize = 1_000_000;
/// Patterns of more steps are built when they are read, to see whether they are too large.
const LARGE: usize = 2_000;
/// The size of a compiled pattern in bytes.
const SIZE: usize = 10 << 20;

/// A compiled regular expression. Where it is kept, only its text is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Box<str>", into = "Box<str>")]
pub struct Pattern {
    text: Box<str>,
    engine: Engine,
    /// It is found in every text, because it matches the empty text anywhere.
    everything: bool,
}

#[derive(Clone, Debug)]
enum Engine {
    /// Checked when it is read, and built when it is first asked; nothing where it is too large. With the text that it stands for,
    /// where there is nothing special in it.
    Linear(Box<OnceLock<Option<regex::Regex>>>, Option<Box<str>>),
    Backtracking(Box<fancy_regex::Regex>),
}

/// A match was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pattern needs too many steps on this text")]
pub struct TooManySteps;

impl Pattern {
    /// Compiles a pattern; the error is a phrase for people.
    pub fn new(text: &str) -> Result<Self, String> {
        let mut read = regex_syntax::ast::parse::Parser::new().parse(text).map_err(|error| error.to_string());
        if let Ok(ast) = &read
            && names_a_class(text)
            && let Err(error) = regex_syntax::hir::translate::Translator::new().translate(text, ast)
        {
            read = Err(error.to_string());
        }
        match read {
            Ok(ast) => {
                if size(&ast) > LARGE && regex::RegexBuilder::new(text).size_limit(SIZE).build().is_err() {
                    return Err(format!("it takes more than {} MB", SIZE >> 20));
                }
                let everything = matches_empty(&ast) && !looks(&ast);
                let engine = Engine::Linear(Box::default(), plain(&ast).map(Into::into));
                Ok(Self { text: text.into(), engine, everything })
            }
            Err(error) => Self::fancy(text).map_err(|fancy| fancy.unwrap_or_else(|| phrase(&error))),
        }
    }

    fn fancy(text: &str) -> Result<Self, Option<String>> {
        let built = fancy_regex::RegexBuilder::new(text)
            .backtrack_limit(BACKTRACKS)
            .delegate_size_limit(SIZE)
            .build();
        match built {
            Ok(regex) => {
                let engine = Engine::Backtracking(Box::new(regex));
                Ok(Self { text: text.into(), engine, everything: false })
            }
            Err(fancy_regex::Error::CompileError(error))
                if format!("{error:?}").contains("CompiledTooBig") =>
            {
                Err(Some(format!("it takes more than {} MB", SIZE >> 20)))
            }
            Err(_) => Err(None),
        }
    }

    /// The pattern, as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it takes time linear in the text.
    pub fn is_linear(&self) -> bool {
        matches!(self.engine, Engine::Linear(..))
    }

    fn linear<'r>(&self, slot: &'r OnceLock<Option<regex::Regex>>) -> Result<&'r regex::Regex, TooManySteps> {
        let build = || regex::RegexBuilder::new(&self.text).size_limit(SIZE).build().ok();
        slot.get_or_init(build).as_ref().ok_or(TooManySteps)
    }

    /// Whether it is known to be found in every text.
    pub fn matches_everything(&self) -> bool {
        self.everything
    }

    /// Whether it matches somewhere.
    pub fn is_match(&self, text: &str) -> Result<bool, TooManySteps> {
        match &self.engine {
            Engine::Linear(_, Some(plain)) => Ok(text.contains(&**plain)),
            Engine::Linear(slot, None) => Ok(self.linear(slot)?.is_match(text)),
            Engine::Backtracking(regex) => regex.is_match(text).map_err(|_| TooManySteps),
        }
    }

    /// The expansions of `template` for every match, put together; text outside the matches is dropped.
    pub fn extract(&self, text: &str, template: &str) -> Result<String, String> {
        let given_up = |error: TooManySteps| error.to_string();
        let mut out = String::new();
        match &self.engine {
            Engine::Linear(slot, _) => {
                for captures in self.linear(slot).map_err(given_up)?.captures_iter(text) {
                    captures.expand(template, &mut out);
                    limits::text(out.len())?;
                }
            }
            Engine::Backtracking(regex) => {
                for captures in regex.captures_iter(text) {
                    captures.map_err(|_| given_up(TooManySteps))?.expand(template, &mut out);
                    limits::text(out.len())?;
                }
            }
        }
        Ok(out)
    }
}

impl TryFrom<Box<str>> for Pattern {
    type Error = String;

    fn try_from(text: Box<str>) -> Result<Self, String> {
        Self::new(&text)
    }
}

impl From<Pattern> for Box<str> {
    fn from(pattern: Pattern) -> Self {
        pattern.text
    }
}

/// Whether the pattern may name a class of characters, which is looked up only when the pattern is translated. Nothing else of a
/// pattern that has been parsed can be wrong.
fn names_a_class(text: &str) -> bool {
    text.contains("\\p") || text.contains("\\P")
}

/// About how many steps a pattern has when its counts are written out.
fn size(ast: &Ast) -> usize {
    match ast {
        Ast::Repetition(repetition) => {
            let times = match &repetition.op.kind {
                RepetitionKind::Range(
                    RepetitionRange::Exactly(times)
                    | RepetitionRange::AtLeast(times)
                    | RepetitionRange::Bounded(_, times),
                ) => (*times).max(1) as usize,
                _ => 1,
            };
            size(&repetition.ast).saturating_mul(times)
        }
        Ast::Group(group) => size(&group.ast),
        Ast::Alternation(alternation) => alternation.asts.iter().map(size).fold(0, usize::saturating_add),
        Ast::Concat(concat) => concat.asts.iter().map(size).fold(0, usize::saturating_add),
        Ast::ClassUnicode(_) | Ast::ClassPerl(_) | Ast::ClassBracketed(_) | Ast::Dot(_) => 20,
        _ => 1,
    }
}

/// The text that a pattern without anything special stands for.
fn plain(ast: &Ast) -> Option<String> {
    match ast {
        Ast::Literal(literal) => Some(literal.c.to_string()),
        Ast::Concat(concat) => concat
            .asts
            .iter()
            .map(|ast| match ast {
                Ast::Literal(literal) => Some(literal.c),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

/// Whether the empty text matches, but for what looks around.
fn matches_empty(ast: &Ast) -> bool {
    match ast {
        Ast::Empty(_) | Ast::Flags(_) | Ast::Assertion(_) => true,
        Ast::Literal(_) | Ast::Dot(_) | Ast::ClassUnicode(_) | Ast::ClassPerl(_) | Ast::ClassBracketed(_) => {
            false
        }
        Ast::Repetition(repetition) => {
            let none = match &repetition.op.kind {
                RepetitionKind::ZeroOrOne | RepetitionKind::ZeroOrMore => true,
                RepetitionKind::OneOrMore => false,
                RepetitionKind::Range(
                    RepetitionRange::Exactly(least)
                    | RepetitionRange::AtLeast(least)
                    | RepetitionRange::Bounded(least, _),
                ) => *least == 0,
            };
            none || matches_empty(&repetition.ast)
        }
        Ast::Group(group) => matches_empty(&group.ast),
        Ast::Alternation(alternation) => alternation.asts.iter().any(matches_empty),
        Ast::Concat(concat) => concat.asts.iter().all(matches_empty),
    }
}

/// Whether the pattern looks at what stands around a place.
fn looks(ast: &Ast) -> bool {
    match ast {
        Ast::Assertion(_) => true,
        Ast::Repetition(repetition) => looks(&repetition.ast),
        Ast::Group(group) => looks(&group.ast),
        Ast::Alternation(alternation) => alternation.asts.iter().any(looks),
        Ast::Concat(concat) => concat.asts.iter().any(looks),
        _ => false,
    }
}

/// The last line of the library's message says what is wrong.
fn phrase(text: &str) -> String {
    let last = text.lines().last().unwrap_or("").trim();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_engines_answer_and_a_runaway_pattern_stops() {
        assert_eq!(Pattern::new("^a.c$").unwrap().is_match("abc"), Ok(true));
        let plain = Pattern::new(r"AWS::S3::Bucket\.x").unwrap();
        assert_eq!(plain.is_match("(AWS::S3::Bucket.x)"), Ok(true));
        assert_eq!(plain.is_match("AWS::S3::Bucket-x"), Ok(false));
        assert_eq!(Pattern::new("(?i)ab").unwrap().is_match("xAB"), Ok(true));
        let look = Pattern::new("^(?!aws:).*").unwrap();
        assert!(!look.is_linear());
        assert_eq!(look.is_match("aws:x"), Ok(false));
        let runaway = Pattern::new("^((a+)(?!b))+$").unwrap();
        assert_eq!(runaway.is_match(&format!("{}!", "a".repeat(60))), Err(TooManySteps));
        assert!(Pattern::new("a(").unwrap_err().contains("group"));
        assert_eq!(Pattern::new("b(.)").unwrap().extract("abcbd", "<$1>").unwrap(), "<c><d>");
    }

    #[test]
    fn what_is_found_everywhere_is_what_the_library_says() {
        let patterns = [
            "",
            "a",
            "a*",
            "^",
            "^.*$",
            ".*",
            "(a|b*)c?",
            "(a|)",
            "a{0,3}",
            "a{2}",
            "(?i)",
            "(?i)a",
            r"\b",
            "[a-z]*",
            "x|.*",
            "(^a)*",
            r"\p{Greek}*",
            r"\.",
            "ab",
            r"a\.b",
            ".+",
            "(?:)",
            "a{0}",
        ];
        for text in patterns {
            let hir = regex_syntax::parse(text).unwrap();
            let properties = hir.properties();
            let expected = properties.minimum_len() == Some(0) && properties.look_set().is_empty();
            assert_eq!(Pattern::new(text).unwrap().matches_everything(), expected, "{text}");
        }
        assert!(Pattern::new(r"\p{Nothing}").is_err());
    }
}
