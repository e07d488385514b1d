//! What was expected, in the language's words.

use super::Rule;

/// A message for a syntax error at `offset`, and a hint where a usual slip explains it.
pub(super) fn message(text: &str, offset: usize, expected: &[Rule]) -> (String, Option<String>) {
    let mut words: Vec<&'static str> = Vec::new();
    for word in expected.iter().filter_map(|kind| word(*kind)) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    let found = found(text, offset);
    let message = match words.split_last() {
        None => format!("unexpected {found}"),
        Some((last, [])) => format!("expected {last}, found {found}"),
        Some((last, rest)) => format!("expected {} or {last}, found {found}", rest.join(", ")),
    };
    (message, hint(text, offset))
}

/// How many bytes to underline.
pub(super) fn length(text: &str, offset: usize) -> u32 {
    let rest = text.get(offset..).unwrap_or("");
    let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    let first = rest.chars().next().map_or(0, char::len_utf8);
    u32::try_from(word.max(first).min(40)).unwrap_or(0)
}

fn found(text: &str, offset: usize) -> String {
    let rest = text.get(offset..).unwrap_or("");
    if rest.trim().is_empty() {
        return "the end of the file".to_owned();
    }
    if rest.starts_with(['\n', '\r']) {
        return "the end of the line".to_owned();
    }
    let length = length(text, offset) as usize;
    let word = rest.get(..length).or_else(|| rest.get(..1)).unwrap_or("");
    if word.trim().is_empty() { "a blank".to_owned() } else { format!("`{word}`") }
}

/// Usual slips.
fn hint(text: &str, offset: usize) -> Option<String> {
    let rest = text.get(offset..).unwrap_or("");
    let before = text.get(..offset).unwrap_or("").trim_end();
    let hint = if text.starts_with('\u{feff}') {
        "the file starts with a byte order mark; save it as UTF-8 without one"
    } else if rest.starts_with("and ") || rest.starts_with("AND ") || rest.starts_with("&&") {
        "clauses that stand one after another must all hold; there is no `and`"
    } else if rest.starts_with("||") {
        "alternatives are joined by `or`"
    } else if rest.starts_with('=') && !rest.starts_with("==") {
        "`=` is only for `let`; comparison is `==`"
    } else if rest.starts_with('(') {
        "there are no parentheses; give the alternatives a rule of their own"
    } else if rest.starts_with(';') || rest.starts_with(',') {
        "clauses are separated by blanks only"
    } else if rest.starts_with("NOT_IN") || rest.starts_with("not_in") {
        "write `not in`"
    } else if before.ends_with('!') {
        "no blank may follow `!`"
    } else if before.ends_with('{') && rest.starts_with('}') {
        "a body holds at least one clause"
    } else if rest.starts_with('}') && before.ends_with("==") {
        "the right side of the comparison is missing"
    } else {
        return None;
    };
    Some(hint.to_owned())
}

fn word(kind: Rule) -> Option<&'static str> {
    Some(match kind {
        Rule::rule | Rule::param_rule => "a rule",
        Rule::let_ => "`let`",
        Rule::attribute | Rule::attributed => "an attribute",
        Rule::attr_arg | Rule::attr_word => "a word or a string",
        Rule::import_ => "`import`",
        Rule::name | Rule::bare_key | Rule::map_key => "a name",
        Rule::type_name | Rule::type_block | Rule::type_or => "a resource type",
        Rule::when_cond | Rule::nested_when | Rule::rule_when | Rule::file_when => "`when`",
        Rule::rule_or
        | Rule::when_or
        | Rule::clause_or
        | Rule::plain
        | Rule::access_clause
        | Rule::cond_or => "a clause",
        Rule::call | Rule::bare_ref => "a rule's name",
        Rule::block => "`{`",
        Rule::unary_op
        | Rule::unary_kw
        | Rule::binary_op
        | Rule::compare_op
        | Rule::in_kw
        | Rule::not_empty => "an operator",
        Rule::keys_op => "`==`, `!=`, `in` or `not in`",
        Rule::message | Rule::message_text => "a message (`<<…>>`)",
        Rule::query | Rule::key | Rule::var | Rule::this => "a query",
        Rule::filter | Rule::keys_filter => "a filter",
        Rule::br_all | Rule::tight_cap | Rule::loose_cap | Rule::quoted_key | Rule::index | Rule::dot_all => {
            "a step of a query"
        }
        Rule::string
        | Rule::int
        | Rule::float
        | Rule::regex
        | Rule::range
        | Rule::list
        | Rule::map
        | Rule::null
        | Rule::bool
        | Rule::true_
        | Rule::false_ => "a value",
        Rule::map_pair => "a key and a value",
        Rule::range_open | Rule::range_close | Rule::chr_b => "a range",
        Rule::function | Rule::fn_entity | Rule::fn_now | Rule::fn_one | Rule::fn_two | Rule::fn_three => {
            "a function"
        }
        Rule::args | Rule::params => "arguments",
        Rule::EOI => "the end of the file",
        _ => return None,
    })
}
