//! Words of other languages.

use super::super::Rule;
use super::super::scan::{self, Scan};
use super::{Slip, Stop};
use crate::rules::suggest::suggest;

/// The words that stand behind what is asked.
const OPERATORS: [&str; 17] = [
    "exists",
    "empty",
    "in",
    "is_string",
    "is_list",
    "is_struct",
    "is_bool",
    "is_int",
    "is_float",
    "is_null",
    "EXISTS",
    "EMPTY",
    "IN",
    "not",
    "NOT",
    "or",
    "OR",
];

/// Those of them that say all there is to say.
pub(super) const UNARY: [&str; 9] =
    ["exists", "empty", "is_string", "is_list", "is_struct", "is_bool", "is_int", "is_float", "is_null"];

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The word that a text ends with.
pub(super) fn last_word(text: &str) -> &str {
    let start =
        text.char_indices().rev().take_while(|(_, c)| is_word(*c)).last().map_or(text.len(), |(at, _)| at);
    text.get(start..).unwrap_or("")
}

/// The word that a text begins with.
pub(super) fn first_word(text: &str) -> &str {
    text.get(..text.find(|c| !is_word(c)).unwrap_or(text.len())).unwrap_or("")
}

/// A word before the place where the parser stopped, which it took for a property.
pub(super) fn before(stop: &Stop<'_>, scan: &Scan) -> Option<Slip> {
    let before = stop.before.trim_end();
    let word = last_word(before);
    let start = before.len() - word.len();
    let alone = !before.get(..start)?.ends_with(['.', '%', '\'', '"', '@', '$']);
    if word.is_empty() || !alone || before.len() == stop.before.len() || !stop.expects_operator() {
        return None;
    }
    let known =
        ["let", "rule", "import", "when", "WHEN", "some", "SOME", "not", "NOT", "in", "IN", "this", "THIS"];
    if known.contains(&word) && !matches!(word, "rule" | "import") {
        return None;
    }
    let mut message = format!("there is no `{word}` in the language");
    let help = match &*word.to_lowercase() {
        "and" => "clauses that stand one after another must all hold".to_owned(),
        "or" if word != "or" && word != "OR" => "write `or`".to_owned(),
        "or" => {
            message = "`or` stands between two clauses".into();
            "a clause is missing before it".to_owned()
        }
        "if" | "elif" | "unless" => "a condition is written `when CONDITIONS { … }`".to_owned(),
        "for" | "foreach" | "each" => {
            "a block is about each value of its query: `Resources.* { … }`".to_owned()
        }
        "rule" if word == "rule" => {
            message = "a rule cannot stand within another one".into();
            match scan.innermost() {
                Some((open, at)) => {
                    format!("the `{open}` of line {} is not closed", scan::line(stop.text, at))
                }
                None => "a rule is written `rule NAME { … }`".to_owned(),
            }
        }
        "rule" | "rules" | "def" | "function" | "func" | "fn" | "policy" | "deny" => {
            "a rule is written `rule NAME { … }`".to_owned()
        }
        "let" | "var" | "const" | "set" | "local" => "a variable is written `let NAME = …`".to_owned(),
        "all" | "every" => "a clause holds if all values of its query do; leave the word out".to_owned(),
        "any" | "some" => "`some QUERY …` holds if one value does".to_owned(),
        "import" => {
            message = "the file to import is not in quotes".into();
            "write `import 'FILE'`".to_owned()
        }
        "include" | "require" | "use" => "other rule files are read by `import 'FILE'`".to_owned(),
        small if UNARY.contains(&small) && query_begins(stop, before) => {
            message = format!("`{word}` stands behind what it is asked of");
            format!("write `QUERY {word}`")
        }
        "type" | "resource" | "resources" if first_word(stop.rest) == "AWS" => {
            "a block is written `AWS::S3::Bucket { … }`".to_owned()
        }
        "must" | "should" | "ensure" | "assert" | "check" | "expect" | "return" => {
            "a clause states what must hold: `QUERY exists`, `QUERY == VALUE`".to_owned()
        }
        "when" | "not" | "in" | "this" => {
            "words of the language are in small letters or in capitals".to_owned()
        }
        _ => {
            let meant = suggest(word, ["let", "rule", "when", "import"].into_iter())?;
            if !word.to_lowercase().starts_with(meant.get(..1).unwrap_or("")) {
                return None;
            }
            format!("did you mean `{meant}`?")
        }
    };
    Some(Slip::help(help).says(message).at(start, word.len()))
}

/// Whether a query follows in the same line.
fn query_begins(stop: &Stop<'_>, before: &str) -> bool {
    let blank = stop.before.get(before.len()..).unwrap_or("");
    !blank.contains('\n') && stop.rest.starts_with(|c: char| is_word(c) || c == '%')
}

/// A word where an operator should stand.
pub(super) fn at(stop: &Stop<'_>) -> Option<Slip> {
    let word = first_word(stop.rest);
    if matches!(word, "for" | "on") && stop.expects(&[Rule::when_cond]) {
        let help = "what a rule is about stands in it: `rule NAME { AWS::S3::Bucket { … } }`";
        return Some(Slip::help(help));
    }
    if matches!(word, "if" | "unless" | "where") && stop.expects(&[Rule::when_cond]) {
        return Some(Slip::help("a condition is written `when CONDITIONS { … }`"));
    }
    if word.is_empty() || !stop.expects_operator() {
        return None;
    }
    let small = word.to_lowercase();
    let pattern = "patterns are regular expressions: `QUERY == /^abc/`";
    let help = match &*small {
        "is" if stop.rest.trim_start_matches(word).trim_start().to_lowercase().starts_with("not") => {
            "write `!=`, or `!` before `exists`, `empty` and the like: `QUERY !empty`"
        }
        "is" | "equals" | "equal" | "eq" => "comparison is `==`",
        "isnt" | "ne" | "neq" | "differs" => "comparison is `!=`",
        "does" | "doesnt" | "doesn" | "dont" => "write `!exists`, `!empty` or `!=`",
        "as" => {
            "within a block, properties are those of its value; a filter can name what it selects: `[ NAME | … ]`"
        }
        "gt" => "write `>`",
        "ge" | "gte" => "write `>=`",
        "lt" => "write `<`",
        "le" | "lte" => "write `<=`",
        "and" => "clauses that stand one after another must all hold; there is no `and`",
        "between" => "a range is written `in r[1,5]`",
        "contains" | "includes" | "has" => {
            "write `some QUERY[*] == VALUE` for an element of a list, `QUERY == /part/` for a part of a text"
        }
        "like" | "matches" | "match" | "regex" | "matching" | "startswith" | "starts_with" | "endswith"
        | "ends_with" => pattern,
        "when" | "if" | "where" => {
            "put `when CONDITIONS { … }` into the block, or choose by a filter: `QUERY[ … ]`"
        }
        "notexists" | "not_exists" | "missing" | "absent" | "undefined" => "write `!exists`",
        "not_empty" | "notempty" | "nonempty" | "isnotempty" | "is_not_empty" => "write `!empty`",
        "notin" | "not_in" | "nin" => "write `not in`",
        "is_empty" | "isempty" => "write `empty`",
        "is_present" | "is_defined" | "is_set" | "present" | "defined" | "is_exists" => "write `exists`",
        "is_str" | "is_text" | "isstring" => "write `is_string`",
        "is_number" | "is_num" | "is_numeric" => "write `is_int` or `is_float`",
        "is_array" | "is_arr" => "write `is_list`",
        "is_map" | "is_object" | "is_dict" | "is_hash" => "write `is_struct`",
        "is_none" | "is_nil" => "write `is_null`",
        _ if OPERATORS.contains(&&*small) || small == "exists" => {
            "words of the language are in small letters or in capitals"
        }
        _ => {
            let known = suggest(word, OPERATORS.into_iter().take(10))?;
            return Some(Slip::help(format!("did you mean `{known}`?")));
        }
    };
    Some(Slip::help(help))
}
