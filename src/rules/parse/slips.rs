//! Slips of people who do not know the language yet, and what to write instead.

mod signs;
mod words;

use super::Rule;
use super::scan::{self, Scan};

/// What was probably meant.
pub(super) struct Slip {
    /// Where it stands, if not where the parser stopped.
    pub(super) at: Option<usize>,
    pub(super) length: Option<usize>,
    /// What is wrong, if that can be said better than by what was expected.
    pub(super) message: Option<String>,
    pub(super) help: String,
}

impl Slip {
    fn help(help: impl Into<String>) -> Self {
        Self { at: None, length: None, message: None, help: help.into() }
    }

    fn at(self, at: usize, length: usize) -> Self {
        Self { at: Some(at), length: Some(length), ..self }
    }

    fn says(self, message: impl Into<String>) -> Self {
        Self { message: Some(message.into()), ..self }
    }
}

/// Where the parser stopped.
struct Stop<'t> {
    text: &'t str,
    offset: usize,
    before: &'t str,
    rest: &'t str,
    expected: &'t [Rule],
}

impl Stop<'_> {
    fn expects(&self, kinds: &[Rule]) -> bool {
        kinds.iter().any(|kind| self.expected.contains(kind))
    }

    /// Whether a query has been read, and nothing of what is asked of it.
    fn expects_operator(&self) -> bool {
        self.expects(&[
            Rule::unary_op,
            Rule::unary_kw,
            Rule::binary_op,
            Rule::compare_op,
            Rule::in_kw,
            Rule::not_empty,
        ])
    }

    fn expects_value(&self) -> bool {
        self.expects(&[Rule::string, Rule::regex, Rule::int, Rule::list])
    }

    fn expects_clause(&self) -> bool {
        self.expects(&[
            Rule::clause_or,
            Rule::rule_or,
            Rule::when_or,
            Rule::cond_or,
            Rule::plain,
            Rule::access_clause,
            Rule::message,
        ])
    }
}

/// The slip that explains why the parser stopped at `offset`.
pub(super) fn find(text: &str, offset: usize, expected: &[Rule], scan: &Scan) -> Option<Slip> {
    let (before, rest) = text.split_at_checked(offset)?;
    let stop = Stop { text, offset, before, rest, expected };
    another_language(&stop)
        .or_else(|| conflict(&stop))
        .or_else(|| odd_character(&stop))
        .or_else(|| without_end(&stop, scan))
        .or_else(|| words::before(&stop, scan))
        .or_else(|| words::at(&stop))
        .or_else(|| separated(&stop, scan))
        .or_else(|| signs::at(&stop, scan))
        .or_else(|| brackets(&stop, scan))
        .or_else(|| signs::missing(&stop))
}

/// Files that are no rules at all.
fn another_language(stop: &Stop<'_>) -> Option<Slip> {
    let start = stop.text.trim_start_matches('\u{feff}').trim_start();
    let line = start.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or("");
    let first_line =
        scan::line(stop.text, stop.offset) <= scan::line(stop.text, stop.text.find(line).unwrap_or(0));
    let name = if stop.text.contains('\0') {
        return Some(Slip::help("a rule file is text in UTF-8").says("this is no text"));
    } else if !first_line {
        return None;
    } else if start.starts_with('{') || start.starts_with("[{") {
        "JSON"
    } else if start.starts_with('<') && !start.starts_with("<<") {
        "HTML or XML"
    } else if line.starts_with("package ") {
        "Rego"
    } else if line.starts_with("---") || is_yaml(line) {
        "YAML"
    } else {
        return None;
    };
    let help = "templates and plans are named behind the options, rule files behind `--rules`";
    Some(Slip::help(help).says(format!("this looks like {name}, not like rules")))
}

fn is_yaml(line: &str) -> bool {
    let line = line.trim_start_matches("- ");
    let Some((key, rest)) = line.split_once(':') else { return false };
    let key = key.trim_matches(['"', '\'']);
    let word = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    word && (rest.is_empty() || rest.starts_with([' ', '\t']))
}

/// Two versions of a file that were not put together.
fn conflict(stop: &Stop<'_>) -> Option<Slip> {
    let line = stop.before.rfind('\n').map_or(0, |at| at + 1);
    let line = stop.text.get(line..)?;
    let marked = ["<<<<<<< ", "=======\n", ">>>>>>> "].iter().any(|marker| line.starts_with(marker));
    marked.then(|| Slip::help("merge the two versions first").says("this is the mark of a merge conflict"))
}

/// Characters that look like others, or like nothing.
fn odd_character(stop: &Stop<'_>) -> Option<Slip> {
    let first = stop.rest.chars().next().filter(|c| !c.is_ascii())?;
    let help = match first {
        '\u{feff}' if stop.offset == 0 => {
            "the file starts with a byte order mark; save it as UTF-8 without one".to_owned()
        }
        '\u{2018}'
        | '\u{2019}'
        | '\u{201a}'
        | '\u{201c}'..='\u{201e}'
        | '\u{ab}'
        | '\u{bb}'
        | '`'
        | '\u{b4}' => "these are typographic quotes; write `'` or `\"`".to_owned(),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "this is a typographic dash; write `-`".to_owned(),
        '\u{2260}' => "write `!=`".to_owned(),
        '\u{2264}' => "write `<=`".to_owned(),
        '\u{2265}' => "write `>=`".to_owned(),
        '\u{2026}' => "the dots stand for something that is left out".to_owned(),
        // Letters and signs as wide as Chinese ones.
        '\u{ff01}'..='\u{ff5e}' => {
            let narrow = u32::from(first).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(' ');
            format!("this is a wide form of a sign; write `{narrow}`")
        }
        _ if first.is_whitespace() || is_invisible(first) => {
            "only blanks, tabs and line ends may stand between words".to_owned()
        }
        _ => return None,
    };
    Some(Slip::help(help))
}

/// Whether a character shows nothing of itself.
pub(super) fn is_invisible(c: char) -> bool {
    let blank = c.is_whitespace() && !c.is_ascii();
    blank || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}')
}

/// Texts, patterns and messages that are never closed.
fn without_end(stop: &Stop<'_>, scan: &Scan) -> Option<Slip> {
    let rest = stop.rest;
    let line = rest.lines().next().unwrap_or("").trim_end();
    let to_end = |help: &str, message: &str| Slip::help(help).says(message).at(stop.offset, line.len());
    if rest.starts_with(['\'', '"']) {
        let quote = rest.as_bytes().first().copied()?;
        if scan::closing(rest.as_bytes(), 1, quote) < rest.len() {
            return broken(stop, scan);
        }
        if let Some(slip) = broken(stop, scan) {
            return Some(slip);
        }
        if line.contains("\\'") || line.contains("\\\"") {
            let help = "a backslash before a quote makes the quote a part of the text; a text cannot end in a backslash";
            return Some(to_end(help, "this text has no end"));
        }
        return Some(to_end("close it with the same quote", "this text has no end"));
    }
    if rest.starts_with("<<") && stop.expects_clause() && !rest.contains(">>") {
        return Some(to_end("a message is written `<<…>>`", "this message has no end"));
    }
    if rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with("--") {
        return Some(Slip::help(if stop.expects_value() && line.starts_with("//") {
            "a regular expression holds at least one character"
        } else {
            "comments begin with `#`"
        }));
    }
    if rest.starts_with('/') && stop.expects_value() {
        let escaped = line.ends_with("\\/") || line.contains("\\/ ") || line.contains("\\//");
        let help = if escaped {
            "`\\/` is a slash within the pattern, which cannot be its last character; write `\\x2F`"
        } else {
            "close it with `/`"
        };
        return Some(to_end(help, "this regular expression has no end"));
    }
    broken(stop, scan)
}

/// A text that ran on to a quote of another line, where it should have ended before.
fn broken(stop: &Stop<'_>, scan: &Scan) -> Option<Slip> {
    let (start, end) = scan.broken()?;
    let (first, last) = (scan::line(stop.text, start), scan::line(stop.text, end));
    if last != scan::line(stop.text, stop.offset) {
        return None;
    }
    let length = stop.text.get(start..)?.lines().next()?.trim_end().len();
    let help = format!("it goes on to line {last}; close it in line {first}");
    Some(Slip::help(help).says("this text does not end in its line").at(start, length))
}

/// A list, map or arguments that go on without a comma, or do not end.
fn separated(stop: &Stop<'_>, scan: &Scan) -> Option<Slip> {
    let ends = [Rule::round_end, Rule::index_end, Rule::list_end, Rule::map_end];
    let line = stop.before.rsplit('\n').next().unwrap_or("");
    if stop.expects(&[Rule::round_end]) && line.trim_start().starts_with("rule ") && !line.contains('{') {
        return Some(Slip::help("a parameter is a name alone; several are separated by `,`"));
    }
    let begins = stop.expects_value() || stop.expects(&[Rule::map_pair]);
    if !stop.expects(&ends) || begins || stop.rest.starts_with(['=', '<', '>']) {
        return None;
    }
    let (open, at) = scan.innermost()?;
    let line = scan::line(stop.text, at);
    let before = stop.before.trim_end();
    let begins_word = stop.rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let goes_on = begins_word || stop.rest.starts_with(['\'', '"', '/', '[', '{', '%', '-']);
    let help = if stop.text.get(..at)?.ends_with(" r") {
        "a range is written `r[1,5]`".to_owned()
    } else if before.ends_with(['\'', '"']) && begins_word && before.len() == stop.before.len() {
        "a quote within a text is written with a backslash: `\\'`".to_owned()
    } else if stop.expects(&[Rule::index_end]) || stop.rest.starts_with([']', '}', ')', ';', ':', '(']) {
        return None;
    } else if stop.before.get(before.len()..).is_some_and(|blank| blank.contains('\n')) || !goes_on {
        format!("the `{open}` of line {line} is not closed")
    } else if stop.text.get(..at)?.trim_end().rsplit(['\n', ' ']).next()?.starts_with('@') {
        "a text with blanks is in quotes; several are separated by `,`".to_owned()
    } else {
        "the parts are separated by `,`".to_owned()
    };
    Some(Slip::help(help))
}

/// Brackets that do not fit.
fn brackets(stop: &Stop<'_>, scan: &Scan) -> Option<Slip> {
    let closes = stop.rest.chars().next().filter(|c| matches!(c, '}' | ']' | ')'));
    let at_end = stop.rest.trim().is_empty();
    match (scan.innermost(), closes) {
        (None, Some(_)) => Some(Slip::help("no bracket is open here; an earlier one closes too much")),
        (Some((open, at)), Some(close)) if !matches!((open, close), ('{', '}') | ('[', ']') | ('(', ')')) => {
            Some(Slip::help(format!("the `{open}` of line {} is not closed yet", scan::line(stop.text, at))))
        }
        (Some((open, at)), None) if at_end => {
            let help = format!("the `{open}` of line {} is never closed", scan::line(stop.text, at));
            Some(Slip::help(help))
        }
        (Some(('{', at)), Some('}'))
            if stop.expects(&[Rule::block]) && begins_a_line(stop.text.get(at..stop.offset)?, "when ") =>
        {
            Some(Slip::help("what a condition is for stands in braces: `when CONDITIONS { … }`"))
        }
        (Some(('{', at)), Some('}')) if only_comments(stop.text.get(at + 1..stop.offset)?) => {
            Some(Slip::help("a body holds at least one clause"))
        }
        _ => None,
    }
}

fn begins_a_line(text: &str, word: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with(word))
}

fn only_comments(text: &str) -> bool {
    text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
}
