//! What was expected, in the language's words.

use super::Rule;
use super::scan::Scan;
use super::slips;

/// A syntax error for people.
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// What is underlined: an offset and a number of bytes.
    pub(super) at: usize,
    pub(super) length: usize,
}

/// A message for a syntax error at `offset`, and a hint where a usual slip explains it.
pub(super) fn message(text: &str, offset: usize, expected: &[Rule]) -> Wrong {
    let scan = Scan::to(text, offset);
    let words = words(expected, &scan);
    let found = found(text, offset);
    let message = match words.split_last() {
        None => format!("unexpected {found}"),
        Some((last, [])) => format!("expected {last}, found {found}"),
        Some((last, rest)) => format!("expected {} or {last}, found {found}", rest.join(", ")),
    };
    let plain = Wrong { message, help: None, at: offset, length: length(text, offset) };
    let Some(slip) = slips::find(text, offset, expected, &scan) else { return plain };
    let at = slip.at.unwrap_or(offset);
    Wrong {
        message: slip.message.unwrap_or(plain.message),
        help: Some(slip.help),
        at,
        length: slip.length.unwrap_or_else(|| length(text, at)),
    }
}

/// What could have stood there, each thing once.
fn words(expected: &[Rule], scan: &Scan) -> Vec<&'static str> {
    let mut words: Vec<&'static str> = Vec::new();
    // In a body, a rule's name may end the file only as far as the grammar goes.
    let whole = expected.contains(&Rule::import_);
    for kind in expected.iter().filter(|kind| whole || **kind != Rule::EOI) {
        if let Some(word) = word(*kind)
            && !words.contains(&word)
        {
            words.push(word);
        }
    }
    let has = |kind| expected.contains(&kind);
    let head = has(Rule::params) || (has(Rule::when_cond) && !has(Rule::clause_or) && !whole);
    let closer = scan.closer().filter(|_| has(Rule::message) || has(Rule::clause_attr));
    let extra = if head { Some("`{`") } else { closer };
    if let Some(extra) = extra.filter(|extra| !words.contains(extra)) {
        words.push(extra);
    }
    words
}

/// How many bytes to underline.
pub(super) fn length(text: &str, offset: usize) -> usize {
    let rest = text.get(offset..).unwrap_or("");
    let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    let first = rest.chars().next().map_or(0, char::len_utf8);
    word.max(first).min(40)
}

fn found(text: &str, offset: usize) -> String {
    let rest = text.get(offset..).unwrap_or("");
    if rest.trim().is_empty() {
        return "the end of the file".to_owned();
    }
    if rest.starts_with(['\n', '\r']) {
        return "the end of the line".to_owned();
    }
    let first = rest.chars().next().unwrap_or(' ');
    if slips::is_invisible(first) {
        return format!("the character U+{:04X}", u32::from(first));
    }
    let word = rest.get(..length(text, offset)).or_else(|| rest.get(..1)).unwrap_or("");
    if word.trim().is_empty() { "a blank".to_owned() } else { format!("`{word}`") }
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
        Rule::round_end => "`)`",
        Rule::index_end | Rule::list_end => "`]`",
        Rule::map_end => "`}`",
        Rule::EOI => "the end of the file",
        _ => return None,
    })
}
