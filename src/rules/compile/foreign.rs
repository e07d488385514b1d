//! Words that mean something in other languages, and are read as properties in this one.

use crate::document::Source;
use crate::rules::ast::{Access, Block, Op, Operand, PartKind, Query};

use super::vacuous::Warning;

/// A comparison with a word that is no value, or of something in quotes on the left.
pub(super) fn access(access: &Access, source: &Source) -> Option<Warning> {
    let Some(Operand::Query(right)) = &access.operand else { return None };
    if let Some(word) = bare_word(right, source)
        && let Some(meant) = value(word)
    {
        let message = format!("`{word}` is read as a property here");
        return Some((right.range, message, Some(meant)));
    }
    let quoted = matches!(&*access.query.parts, [part] if matches!(part.kind, PartKind::Key(_)))
        && access.query.range.text(source).trim().starts_with(['\'', '"']);
    let longer = right.parts.len() > 1
        && right.parts.first().is_some_and(|part| matches!(part.kind, PartKind::Key(_)));
    (quoted && longer && !matches!(access.op, Op::Exists | Op::Empty)).then(|| {
        let message = format!("`{}` is read as a property here", access.query.range.text(source).trim());
        (
            access.query.range,
            message,
            Some("what is asked stands left, and the value right: `QUERY == 'VALUE'`"),
        )
    })
}

/// A block about something that is no property.
pub(super) fn block(block: &Block, source: &Source) -> Option<Warning> {
    let [part] = &*block.query.parts else { return None };
    let PartKind::Key(key) = &part.kind else { return None };
    if bare_word(&block.query, source) == Some("else") {
        let help = "write a second `when` block with the opposite condition";
        return Some((
            block.query.range,
            "there is no `else`: it is read as a property".to_owned(),
            Some(help),
        ));
    }
    let is_type = key.matches("::").count() == 2 || key.starts_with("Custom::");
    is_type.then(|| {
        let message = format!("`{key}` in quotes is a property, no resource type");
        (block.query.range, message, Some("write the type without quotes"))
    })
}

/// The word that a query consists of, without quotes.
fn bare_word<'s>(query: &Query, source: &'s Source) -> Option<&'s str> {
    let [part] = &*query.parts else { return None };
    let text = query.range.text(source).trim();
    matches!(&part.kind, PartKind::Key(key) if **key == *text).then_some(text)
}

/// What was probably meant by a word on the right side of a comparison.
fn value(word: &str) -> Option<&'static str> {
    Some(match word {
        "none" | "None" | "NONE" | "nil" | "Nil" | "undefined" => {
            "write `null`, or `!exists` for what is missing"
        }
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" => "write `true`, or put the text into quotes",
        "no" | "No" | "NO" | "off" | "Off" | "OFF" => "write `false`, or put the text into quotes",
        _ if word.eq_ignore_ascii_case("true") => "write `true`",
        _ if word.eq_ignore_ascii_case("false") => "write `false`",
        _ if word.eq_ignore_ascii_case("null") => "write `null`",
        _ => return None,
    })
}
