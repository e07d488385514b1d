//! Policy documents as JSON text.

use crate::document::NodeId;
use crate::document::Tree;
use crate::document::View;

/// The JSON of a node with what is sensitive left out, for people.
pub fn to_shown_json(tree: &Tree, node: NodeId) -> String {
    let mut out = String::new();
    Printer { tree, hides: true }.write(node, 0, &mut out);
    out
}

/// The JSON of a node: as written, keys in their order. Holes are `${name}`, values that are not known `${reason}`;
/// of alternatives the first is printed.
pub fn to_json(tree: &Tree, node: NodeId) -> String {
    let mut out = String::new();
    Printer { tree, hides: false }.write(node, 0, &mut out);
    out
}

/// Deeper values are left out.
const DEEPEST: usize = 128;

struct Printer<'t> {
    tree: &'t Tree,
    /// Whether sensitive values are left out.
    hides: bool,
}

impl Printer<'_> {
    fn write(&self, node: NodeId, depth: usize, out: &mut String) {
        let tree = self.tree;
        if depth > DEEPEST {
            out.push_str("null");
            return;
        }
        if self.hides && tree.is_sensitive(node) {
            quote("(sensitive)", out);
            return;
        }
        match tree.view(node) {
            View::Null => out.push_str("null"),
            View::Bool(value) => out.push_str(if value { "true" } else { "false" }),
            View::Number(text) => match serde_json::from_str::<serde_json::Number>(text) {
                Ok(number) => out.push_str(&number.to_string()),
                Err(_) => quote(text, out),
            },
            View::String(text) => quote(text, out),
            View::Text(_) => quote(&tree.display(node), out),
            View::Unknown(unknown) => quote(&format!("${{{}}}", unknown.blocker), out),
            View::Choice(all) => match all.iter().find_map(|one| one.value) {
                Some(value) => self.write(value, depth + 1, out),
                None => out.push_str("null"),
            },
            View::List(list) => {
                out.push('[');
                for (index, element) in list.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    self.write(element, depth + 1, out);
                }
                out.push(']');
            }
            View::Map(map) => {
                out.push('{');
                for (index, (_, key, value)) in map.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    quote(key, out);
                    out.push(':');
                    self.write(value, depth + 1, out);
                }
                out.push('}');
            }
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}
