//! `Fn::ToJsonString` where its text is asked for.

use crate::document::{HoleKind, NodeId, Piece, Reason, Tree, View};

use super::texts;

/// The JSON of a value, with holes where it is not decided.
pub(super) fn json(tree: &Tree, value: NodeId) -> Vec<Piece> {
    let mut out = Vec::new();
    write(tree, value, &mut out);
    out
}

fn write(tree: &Tree, value: NodeId, out: &mut Vec<Piece>) {
    if tree.is_sensitive(value) {
        out.push(texts::hole(HoleKind::Any(Reason::Parameter), "a secret"));
        return;
    }
    match tree.view(value) {
        View::Null => push(out, "null"),
        View::Bool(known) => push(out, if known { "true" } else { "false" }),
        View::Number(text) => push(out, text),
        View::String(text) => push(out, &quoted(text)),
        View::Text(pieces) => {
            push(out, "\"");
            for piece in pieces {
                match piece {
                    Piece::Literal(text) => {
                        let quoted = quoted(text);
                        let inside = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
                        push(out, inside.unwrap_or(""));
                    }
                    Piece::Hole(_) => out.push(piece.clone()),
                }
            }
            push(out, "\"");
        }
        View::List(list) => {
            push(out, "[");
            for (index, element) in list.iter().enumerate() {
                if index > 0 {
                    push(out, ",");
                }
                write(tree, element, out);
            }
            push(out, "]");
        }
        View::Map(map) => {
            push(out, "{");
            for (index, (_, key, value)) in map.iter().enumerate() {
                push(out, if index > 0 { "," } else { "" });
                push(out, &quoted(key));
                push(out, ":");
                write(tree, value, out);
            }
            push(out, "}");
        }
        View::Choice(_) => out.push(texts::hole(HoleKind::Any(Reason::Parameter), "one of several values")),
        View::Unknown(unknown) => out.push(texts::hole(HoleKind::Any(unknown.reason), &unknown.blocker)),
    }
}

fn push(out: &mut Vec<Piece>, text: &str) {
    out.push(Piece::Literal(text.into()));
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
