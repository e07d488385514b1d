//! JSON as text, where a text is wanted and not the value.

use crate::document::{Piece, Tree};

use super::value::Content;
use super::value::Value;

/// The JSON of a value as pieces of a text; holes stand inside strings.
pub(super) fn json(value: &Value, tree: &Tree) -> Option<Vec<Piece>> {
    let mut out = Vec::new();
    write(value, tree, &mut out, 0)?;
    Some(out)
}

fn write(value: &Value, tree: &Tree, out: &mut Vec<Piece>, depth: usize) -> Option<()> {
    if depth > 64 {
        return None;
    }
    let value = value.clone().opened(tree);
    match &value.content {
        Content::Null => literal(out, "null"),
        Content::Bool(_) | Content::Number(_) => out.extend(value.pieces(tree)?),
        Content::List(elements) => {
            literal(out, "[");
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    literal(out, ",");
                }
                write(element, tree, out, depth + 1)?;
            }
            literal(out, "]");
        }
        Content::Map(entries) => {
            literal(out, "{");
            for (index, entry) in entries.iter().enumerate() {
                let comma = if index > 0 { "," } else { "" };
                literal(out, &format!("{comma}{}:", quoted(&entry.key)));
                write(&entry.value, tree, out, depth + 1)?;
            }
            literal(out, "}");
        }
        _ => {
            literal(out, "\"");
            for piece in value.pieces(tree)? {
                out.push(match piece {
                    Piece::Literal(text) => {
                        let text = quoted(&text);
                        Piece::Literal(text.get(1..text.len() - 1).unwrap_or("").into())
                    }
                    hole @ Piece::Hole(_) => hole,
                });
            }
            literal(out, "\"");
        }
    }
    Some(())
}

fn literal(out: &mut Vec<Piece>, text: &str) {
    out.push(Piece::Literal(text.into()));
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
