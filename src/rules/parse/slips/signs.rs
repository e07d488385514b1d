//! Signs of other languages, and signs in wrong places.

use super::super::Rule;
use super::super::scan::Scan;
use super::words::{self, first_word};
use super::{Slip, Stop};

const QUOTES: &str = "texts are in quotes";

/// A sign where the parser stopped.
pub(super) fn at(stop: &Stop<'_>, scan: &Scan) -> Option<Slip> {
    let (rest, before) = (stop.rest, stop.before.trim_end());
    let first = rest.chars().next()?;
    let help = match first {
        '=' | '~' | '>' | '<' if !rest.starts_with(">>") => return comparison(stop, before),
        '&' => "clauses that stand one after another must all hold; there is no `and`",
        '|' => "alternatives are joined by `or`",
        '(' => return Some(Slip::help(parenthesis(before))),
        ')' if before.ends_with('(') && last_line(before).trim_start().starts_with("rule ") => {
            "a rule without parameters has no parentheses"
        }
        ')' if before.ends_with('(') => "nothing may stand between the parentheses",
        _ if in_range(before) => "a range is written `r[1,5]`",
        '>' if rest.starts_with(">>") => "a message ends at its first `>>`",
        ',' | ']' | '}' | ')' if before.ends_with(',') => "no comma may stand before the end",
        ',' if last_line(before).trim_start().starts_with("import") => "each file has an `import` of its own",
        ',' if one_of_several(last_line(before)) => "a list is written in brackets: `['a', 'b']`",
        ',' if names_selection(before) => CAPTURE,
        ';' | ',' if scan.innermost().is_none_or(|(open, _)| open == '{') => {
            "clauses are separated by blanks only"
        }
        ';' => "the parts are separated by `,`",
        '$' => "a variable's value is written `%NAME`, and as the key of a query `.%NAME`",
        '{' if before.ends_with('.') => "a variable's value as the key of a query is written `.%NAME`",
        '%' if before.ends_with("let") || before.ends_with('(') && stop.expects(&[Rule::name]) => {
            "the `%` stands only where a variable is used"
        }
        ']' if before.rsplit('[').next().is_some_and(|inside| inside.starts_with('%')) => {
            "a variable's value as the key of a query is written `.%NAME`"
        }
        ']' if before.ends_with('[') => "write `[*]` for every element, or say in the filter which ones",
        '[' if before.ends_with('.') => "no `.` stands before `[`",
        _ if before.ends_with('.') && first.is_whitespace() => {
            "a key, `*`, a number or `%NAME` stands behind `.`"
        }
        _ if first.is_ascii_alphabetic() && last_line(before).trim() == "let" => {
            "a variable is written `let NAME = …`"
        }
        _ if attribute_begins(before) => "what an attribute says is in parentheses: `@severity(high)`",
        _ if stop.expects(&[Rule::attributed, Rule::attribute])
            && !stop.expects(&[Rule::import_])
            && !stop.expects_clause() =>
        {
            "attributes stand before the rule that they are about"
        }
        '{' if before.ends_with("when") || before.ends_with("WHEN") => {
            "say behind `when` under which conditions"
        }
        '+' | '*' | '^' if !before.ends_with('.') => "there is no arithmetic",
        '?' => "there are no conditional values; write a `when` block for each case",
        '!' => "write `!=`, `!exists`, `!empty` or `not in`",
        '.' if before.ends_with('.') => "one dot stands between two steps",
        '.' if last_line(before).trim_start().starts_with("rule ") => {
            "a rule's name holds letters, digits and `_`"
        }
        '.' => number(before, rest),
        ':' if names_selection(before) && rest.starts_with(": ") => CAPTURE,
        '`' => QUOTES,
        '[' if last_word_is_type(before) => "a block is in braces: `AWS::S3::Bucket { … }`",
        ':' | '-' | '/' => return bare(stop),
        _ if first.is_ascii_digit() || first == '_' => digits(stop, before)?,
        _ if before.ends_with('!') => "no blank may follow `!`",
        _ if first.is_alphabetic() || first == '%' => return element(stop, scan),
        '\'' | '"' if before.ends_with('{') && stop.expects(&[Rule::map_pair]) => {
            "a map is written `{key: value}`, a list `[value, value]`"
        }
        '\'' | '"' if before.ends_with("rule") => "a rule's name is written without quotes",
        _ => return None,
    };
    Some(Slip::help(help))
}

/// The line that a text ends with.
fn last_line(text: &str) -> &str {
    text.rsplit('\n').next().unwrap_or("")
}

/// Whether a line has nothing but an attribute's name.
fn attribute_begins(before: &str) -> bool {
    let line = last_line(before).trim();
    line.strip_prefix('@').is_some_and(|name| !name.is_empty() && first_word(name) == name)
}

fn comparison(stop: &Stop<'_>, before: &str) -> Option<Slip> {
    let rest = stop.rest;
    let help = if rest.starts_with("=~") || rest.starts_with('~') {
        "patterns are regular expressions: `QUERY == /^abc/`"
    } else if rest.starts_with("=>") {
        "write `>=`"
    } else if rest.starts_with("=<") {
        "write `<=`"
    } else if rest.starts_with('>') && before.ends_with('<') {
        "write `!=`"
    } else if rest.starts_with('=') && !rest.starts_with("==") && before.ends_with(['<', '>', '!']) {
        "no blank stands within `>=`, `<=` and `!=`"
    } else if before.ends_with("!=") {
        "comparison is `!=`"
    } else if rest.starts_with('=') && before.ends_with('=') {
        "comparison is `==`"
    } else if before.ends_with("not") || before.ends_with("NOT") {
        "write `!=`, or put `not` before the whole clause"
    } else if rest.starts_with('<') && stop.expects(&[Rule::message]) {
        "a message is written `<<…>>`"
    } else if words::UNARY.contains(&words::last_word(before)) {
        "this holds or does not; leave the comparison out"
    } else if rest.starts_with('=') && !rest.starts_with("==") {
        "`=` is only for `let`; comparison is `==`"
    } else if before.ends_with(')') {
        "a call alone holds or does not; functions that make values stand behind `let` and on the right side: \
         `let x = count(…)`, and then `%x > 1`"
    } else {
        return None;
    };
    Some(Slip::help(help))
}

const CAPTURE: &str = "a name for what a filter selects is written `[ NAME | … ]`";

/// Whether a range is not closed.
fn in_range(before: &str) -> bool {
    let line = last_line(before);
    let start = line.rfind("r[").max(line.rfind("r("));
    let inside = start.and_then(|at| line.get(at + 2..)).unwrap_or("]");
    let alone = start
        .and_then(|at| line.get(..at))
        .is_some_and(|head| head.ends_with([' ', '=', '[', ',']) || head.is_empty());
    alone
        && inside.ends_with(',')
        && inside.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | '-' | ' '))
}

/// Whether a line has `in` and a text behind it.
fn one_of_several(line: &str) -> bool {
    let behind =
        line.rsplit_once(" in ").or_else(|| line.rsplit_once(" IN ")).map(|(_, behind)| behind.trim());
    behind.is_some_and(|behind| behind.starts_with(['\'', '"']) || behind.parse::<f64>().is_ok())
}

/// Whether there is nothing but a name behind the last bracket.
fn names_selection(before: &str) -> bool {
    let inside = before.rsplit_once('[').map(|(_, inside)| inside.trim());
    inside.is_some_and(|name| !name.is_empty() && first_word(name) == name)
}

fn last_word_is_type(before: &str) -> bool {
    let word = last_line(before).trim().rsplit(' ').next().unwrap_or("");
    word.contains("::") && word.chars().all(|c| c.is_alphanumeric() || c == ':')
}

/// What stands before the text in quotes that `before` ends with.
fn head_of_text(before: &str) -> Option<&str> {
    let quote = before.chars().next_back().filter(|c| matches!(c, '\'' | '"'))?;
    let inner = before.get(..before.len() - 1)?;
    inner.get(..inner.rfind(quote)?)
}

fn parenthesis(before: &str) -> &'static str {
    let line = last_line(before);
    if words::UNARY.contains(&words::last_word(before)) {
        "`exists`, `empty` and the like have no parentheses"
    } else if line.ends_with(" in") || line.ends_with(" IN") {
        "a list is written in brackets: `['a', 'b']`"
    } else if line.trim_start().starts_with("rule ") && line.matches(' ').count() > 1 {
        "there are no parentheses; give the alternatives a rule of their own"
    } else if line.trim_start().starts_with("rule ") {
        "a rule with parameters is written `rule NAME(a, b) { … }`, without a blank before `(` and without `when`"
    } else if before.ends_with(|c: char| c.is_alphanumeric() || c == '_') && line.contains('=') {
        "no blank may stand before the `(` of a function"
    } else {
        "there are no parentheses; give the alternatives a rule of their own"
    }
}

fn number(before: &str, rest: &str) -> &'static str {
    if rest.starts_with("..") && before.ends_with(|c: char| c.is_ascii_digit()) {
        "a range is written `r[1,5]`"
    } else if before.ends_with(|c: char| c.is_ascii_digit()) && before.contains("r[") {
        "both ends of a range are whole numbers, or both have a point"
    } else {
        "digits stand before and behind the point of a number"
    }
}

fn digits(stop: &Stop<'_>, before: &str) -> Option<&'static str> {
    let word = first_word(stop.rest);
    if before.ends_with("rule") {
        return Some("a rule's name begins with a letter");
    }
    if before.ends_with("r[") || before.ends_with("r(") {
        return Some("a range is written `r[1,5]`");
    }
    let plain = word.chars().all(|c| c.is_ascii_digit());
    if plain && before.ends_with('[') && before.len() < stop.before.len() {
        return Some("no blank stands before an index: `[0]`");
    }
    if stop.expects_value() && !plain || word.starts_with('_') {
        return Some("numbers are written in decimal digits; texts are in quotes");
    }
    (stop.expects_clause() && plain)
        .then_some("what is asked stands left, and what it is compared with right: `QUERY > 5`")
}

/// A text without quotes, or a key that needs them.
fn bare(stop: &Stop<'_>) -> Option<Slip> {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ':' | '/' | '*');
    let start = stop.before.char_indices().rev().take_while(|(_, c)| inside(*c)).last().map(|(at, _)| at)?;
    let rest = stop.text.get(start..)?;
    let word = rest.get(..rest.find(|c| !inside(c)).unwrap_or(rest.len())).unwrap_or("");
    let ahead = stop.before.get(..start)?;
    let line = ahead.rsplit('\n').next().unwrap_or("").trim();
    let is_type = word.contains("::");
    let help = if line == "rule" {
        "a rule's name holds letters, digits and `_`".to_owned()
    } else if line.ends_with("let") {
        "a variable is written `let NAME = …`".to_owned()
    } else if is_type && !ahead.ends_with('.') && stop.expects_operator() {
        if word.contains('*') {
            "types are matched by a filter: `Resources.*[ Type == /^AWS::S3::/ ] { … }`".to_owned()
        } else if word.matches("::").count() > 2 {
            "a resource type has two or three parts".to_owned()
        } else {
            "a block about a resource type stands directly in a rule or in the file".to_owned()
        }
    } else if ahead.ends_with('.') || stop.expects_operator() && !line.ends_with("==") {
        format!("put the key into quotes: `'{}'`", word.trim_end_matches(':'))
    } else {
        format!("{QUOTES}: `'{word}'`")
    };
    Some(Slip::help(help).at(start, word.len()))
}

/// A word within a list or map, where only values stand.
fn element(stop: &Stop<'_>, scan: &Scan) -> Option<Slip> {
    if !stop.expects_value() || stop.expects(&[Rule::query, Rule::key, Rule::function]) {
        return None;
    }
    let (open, _) = scan.innermost()?;
    let kind = match open {
        '[' => "list",
        '{' => "map",
        _ => return None,
    };
    if stop.rest.starts_with('%') {
        return Some(Slip::help(format!("a {kind} that is written out holds no variables")));
    }
    let word = first_word(stop.rest);
    if open == '{' && stop.rest.trim_start_matches(word).trim_start().starts_with('=') {
        return Some(Slip::help("a map is written `{key: value}`"));
    }
    Some(Slip::help(format!("{QUOTES}: `'{word}'`")))
}

/// Where something ends too early.
pub(super) fn missing(stop: &Stop<'_>) -> Option<Slip> {
    let before = stop.before.trim_end();
    let ends = |signs: &[&str]| signs.iter().any(|sign| before.ends_with(sign));
    let help = if stop.expects(&[Rule::attributed, Rule::attribute]) && !stop.expects(&[Rule::import_]) {
        "attributes stand before the rule that they are about"
    } else if stop.expects_value() && ends(&["==", "!=", ">", "<", "="]) {
        "the right side is missing"
    } else if stop.expects_operator()
        && head_of_text(before).is_some_and(|head| head.trim_end().ends_with(" or"))
    {
        "each alternative is a clause of its own; `in ['a', 'b']` asks for one of several"
    } else if stop.expects_operator() && head_of_text(before).is_some_and(|head| head.ends_with(" r")) {
        "a regular expression is written `/…/`"
    } else if stop.expects_operator() && before.ends_with(['\'', '"']) {
        "a message is written `<<…>>`; a text in quotes is a property here"
    } else if stop.expects_operator() && stop.rest.starts_with(['}', ']'])
        || stop.rest.trim().is_empty() && stop.expects_operator()
    {
        "say what must hold of it: `exists`, `!empty`, `== VALUE`; rules can be named in bodies of rules, `when` blocks and conditions"
    } else {
        return None;
    };
    Some(Slip::help(help))
}
