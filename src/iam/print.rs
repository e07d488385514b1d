//! Policy documents as JSON text.

use rustc_hash::FxHashMap;

use crate::document::Condition;
use crate::document::Conditions;
use crate::document::NodeId;
use crate::document::Tree;
use crate::document::View;

/// The JSON of a node with what is sensitive left out, for people.
pub fn to_shown_json(tree: &Tree, node: NodeId) -> String {
    let mut out = String::new();
    Printer { tree, hides: true, chosen: None }.write(node, 0, &mut out);
    out
}

/// The JSON of a node: as written, keys in their order. Holes are `${name}`, values that are not known `${reason}`;
/// of alternatives the first is printed.
pub fn to_json(tree: &Tree, node: NodeId) -> String {
    let mut out = String::new();
    Printer { tree, hides: false, chosen: None }.write(node, 0, &mut out);
    out
}

/// Deeper values are left out.
const DEEPEST: usize = 128;

/// Which of their alternatives choices stand for; nothing where a choice is not there at all.
pub type Chosen = FxHashMap<NodeId, Option<NodeId>>;

/// The alternatives that hold in a case, for the choices in a value.
pub fn chosen(tree: &Tree, conditions: &mut Conditions, node: NodeId, case: Condition, out: &mut Chosen) {
    let mut stack = vec![node];
    while let Some(node) = stack.pop() {
        match tree.view(node) {
            View::List(list) => stack.extend(list.iter()),
            View::Map(map) => stack.extend(map.iter().map(|(_, _, value)| value)),
            View::Choice(all) => {
                let mut holding = all.iter().filter(|one| conditions.compatible(one.condition, case));
                if let Some(one) = holding.next() {
                    out.insert(node, one.value);
                    stack.extend(one.value);
                }
            }
            _ => {}
        }
    }
}

/// A value as JSON with the alternatives that were chosen; and as it may be shown.
pub fn to_json_in(tree: &Tree, node: NodeId, chosen: &Chosen) -> [String; 2] {
    [false, true].map(|hides| {
        let mut out = String::new();
        Printer { tree, hides, chosen: Some(chosen) }.write(node, 0, &mut out);
        out
    })
}

struct Printer<'t> {
    tree: &'t Tree,
    /// Whether sensitive values are left out.
    hides: bool,
    chosen: Option<&'t Chosen>,
}

impl Printer<'_> {
    /// What a choice stands for, where that was chosen.
    #[expect(clippy::option_option, reason = "a choice may stand for nothing")]
    fn alternative(&self, node: NodeId) -> Option<Option<NodeId>> {
        self.chosen.and_then(|chosen| chosen.get(&node)).copied()
    }

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
            View::Choice(all) => {
                match self.alternative(node).unwrap_or_else(|| all.iter().find_map(|one| one.value)) {
                    Some(value) => self.write(value, depth + 1, out),
                    None => out.push_str("null"),
                }
            }
            View::List(list) => {
                out.push('[');
                let there = list.iter().filter(|&element| self.alternative(element) != Some(None));
                for (index, element) in there.enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    self.write(element, depth + 1, out);
                }
                out.push(']');
            }
            View::Map(map) => {
                out.push('{');
                let there = map.iter().filter(|&(_, _, value)| self.alternative(value) != Some(None));
                for (index, (_, key, value)) in there.enumerate() {
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
