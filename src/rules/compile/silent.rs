//! Steps and operators that are read as something else than they look like, without a word.

use crate::document::Source;
use crate::rules::ast::{Access, File, Let, Op, Operand, PartKind, Query};
use crate::rules::literal::Literal;

use super::vacuous::Warning;

/// Steps of a query.
pub(super) fn query(query: &Query, file: &File) -> Vec<Warning> {
    let mut out = Vec::new();
    for part in &query.parts {
        let PartKind::Key(key) = &part.kind else { continue };
        if key.parse::<i32>().is_ok() {
            let written = part.range.text(&file.source);
            let message = format!("`{}` is an index of a list here, and no key of a map", inner(written));
            let help = "keys that are numbers are found by a filter: `MAP[ keys == '1' ]`";
            out.push((part.range, message, Some(help)));
        }
    }
    if let [first, second, third, ..] = &*query.parts
        && let (PartKind::Variable(name), PartKind::AllIndices(None), PartKind::Key(_)) =
            (&first.kind, &second.kind, &third.kind)
        // The step may be implied.
        && second.range.start < second.range.end
        && is_property(&file.lets, name)
    {
        let message = format!("`%{name}[*]` does not go into the lists that `%{name}` holds");
        let help = "put the `[*]` behind the query that is assigned, or write it twice";
        out.push((first.range, message, Some(help)));
    }
    out
}

/// `in` and the beginning of a word.
pub(super) fn operator(access: &Access, source: &Source) -> Option<Warning> {
    let Some(Operand::Query(right)) = &access.operand else { return None };
    let before = source.text().get(..right.range.start as usize)?;
    let operator = before.get(before.len().checked_sub(2)?..)?;
    let word = right.range.text(source).split(|c: char| !(c.is_alphanumeric() || c == '_')).next()?;
    (access.op == Op::In && matches!(operator, "in" | "IN") && !word.is_empty()).then(|| {
        let message = format!("`{operator}{word}` is read as `{operator}` and `{word}`");
        (right.range, message, Some("a blank stands behind `in`"))
    })
}

/// A comparison of a property of the document that has a rule's name with what a rule could answer.
pub(super) fn rule(access: &Access, file: &File) -> Option<Warning> {
    let [part] = &*access.query.parts else { return None };
    let PartKind::Key(key) = &part.kind else { return None };
    let answer = match &access.operand {
        Some(Operand::Literal(Literal::Bool(_), _)) => true,
        Some(Operand::Literal(Literal::String(text), _)) => matches!(&**text, "PASS" | "FAIL" | "SKIP"),
        _ => false,
    };
    let names_rule = || file.rules.iter().filter_map(|rule| rule.name.as_ref()).any(|name| name.text == *key);
    (answer && access.query.range.text(&file.source).trim() == &**key && names_rule()).then(|| {
        let message = format!("`{key}` is read as a property here, and not as the rule");
        (access.query.range, message, Some("a rule that must pass is named alone; with `not` it must fail"))
    })
}

/// A key without the brackets around it.
fn inner(written: &str) -> &str {
    written.trim().trim_start_matches(['.', '[']).trim_end_matches(']').trim()
}

/// Whether a variable is assigned what stands under a key, which may be a list.
fn is_property(lets: &[Let], name: &str) -> bool {
    let last = lets.iter().rev().find(|one| &*one.name.text == name);
    let Some(Operand::Query(query)) = last.map(|one| &one.value) else { return false };
    let documents = !matches!(query.parts.first().map(|part| &part.kind), Some(PartKind::Variable(_)));
    documents && matches!(query.parts.last().map(|part| &part.kind), Some(PartKind::Key(_)))
}
