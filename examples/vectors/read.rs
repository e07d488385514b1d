//! From the JSON of a vector to policies and contexts.

use rolecall::document::Conditions;
use rolecall::document::Limits;
use rolecall::document::NodeId;
use rolecall::document::Source;
use rolecall::document::Tree;
use rolecall::document::json;
use rolecall::document::yaml;
use rolecall::iam::Context;
use rolecall::iam::Policy;
use rolecall::iam::PolicyKind;
use rolecall::iam::context::Entry;
use serde_json::Value;

/// The tree of a JSON value, and its root.
pub(crate) fn tree(text: &str) -> Option<(Tree, NodeId)> {
    let mut tree = Tree::new();
    let file = tree.add_source(Source::from_text("vector.json", text));
    let (root, _) = json::read(&mut tree, file, text, 0, Limits::default()).ok()?;
    Some((tree, root))
}

/// The tree of a text that is YAML and not JSON.
pub(crate) fn yaml(text: &str) -> Option<(Tree, NodeId)> {
    let mut tree = Tree::new();
    let file = tree.add_source(Source::from_text("vector.yaml", text));
    let roots = yaml::read(&mut tree, file, text, yaml::Schema::Core, Limits::default()).ok()?;
    Some((tree, *roots.first()?))
}

/// Reads a policy and asks something of it.
pub(crate) fn policy<T>(document: &Value, kind: PolicyKind, ask: impl FnOnce(&Policy<'_>) -> T) -> T {
    let (tree, root) = tree(&document.to_string()).unwrap_or_else(|| (Tree::new(), NodeId::from_index(0)));
    ask(&Policy::read(&tree, &mut Conditions::new(), root, kind))
}

/// The context of a request: the keys that are given, and no others.
pub(crate) fn context(value: &Value) -> Context {
    let mut context = Context::closed();
    for (key, value) in value.as_object().into_iter().flatten() {
        context.set(key, entry(value));
    }
    context
}

/// The context of which only the presence of keys is known.
pub(crate) fn presence(value: &Value) -> Context {
    let mut context = Context::closed();
    for (key, _) in value.as_object().into_iter().flatten() {
        context.set(key, Entry::Present);
    }
    context
}

fn entry(value: &Value) -> Entry {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Value::Array(all) => Entry::Many(all.iter().map(text).collect()),
        one => Entry::One(text(one)),
    }
}
