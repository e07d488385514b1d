//! Data files, as the peer's commands read them.

use std::sync::Arc;

use crate::document::{Limits, NodeId, Source, Tree, View, parse, yaml};
use crate::rules::Dialect;

use super::Failure;

/// A data file.
#[derive(Debug)]
pub(super) struct Data {
    pub(super) name: String,
    pub(super) tree: Tree,
    pub(super) root: NodeId,
    pub(super) dialect: Dialect,
}

impl Data {
    /// Reads the text of a data file as `validate` does.
    pub(super) fn read(name: &str, text: &str) -> Result<Self, Failure> {
        let mut tree = Tree::new();
        let root = add(&mut tree, name, text)?;
        Ok(Self { name: name.to_owned(), tree, root, dialect: Dialect::Validate })
    }

    /// Reads the text of a data file, and adds the top level of others to it.
    pub(super) fn read_with(name: &str, text: &str, others: &[(String, String)]) -> Result<Self, Failure> {
        let mut data = Self::read(name, text)?;
        let mut merged: Option<NodeId> = None;
        for (other, text) in others {
            let root = add(&mut data.tree, other, text)?;
            merged = Some(match merged {
                Some(before) => merge(&mut data.tree, before, root)?,
                None => root,
            });
        }
        if let Some(merged) = merged {
            data.root = merge(&mut data.tree, merged, data.root)?;
        }
        Ok(data)
    }

    /// Reads the text of a test file as `test` does.
    pub(super) fn read_test(name: &str, text: &str) -> Result<Self, String> {
        let mut tree = Tree::new();
        let file = tree.add_source(Source::from_text(name, text));
        let parsed = parse(&mut tree, file, text, yaml::Schema::Core, Limits::default())
            .map_err(|error| error.message)?;
        if let Some(again) = tree.duplicates().first() {
            return Err(format!("duplicate entry with key `{}`", tree.scalar(again.again).unwrap_or("")));
        }
        let root = parsed.roots.first().copied().ok_or("the file is empty")?;
        Ok(Self { name: name.to_owned(), tree, root, dialect: Dialect::Test })
    }
}

fn add(tree: &mut Tree, name: &str, text: &str) -> Result<NodeId, Failure> {
    if text.trim().is_empty() {
        return Err(Failure::Abort(format!("Unable to parse a template from data file: {name} is empty")));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = Source::from_text(name, text);
    let file = tree.add_source(Arc::clone(&source));
    let parsed =
        parse(tree, file, source.text(), yaml::Schema::Guard, Limits::default()).map_err(|error| {
            let at = u32::try_from(error.offset).unwrap_or(u32::MAX);
            let position = source.lines().position(source.text(), at);
            let (line, column) = (position.line, position.column);
            Failure::Abort(format!("data file {name}, line {line}, column {column}: {}", error.message))
        })?;
    let root = parsed.roots.first().copied();
    root.ok_or_else(|| Failure::Abort(format!("data file {name} holds nothing but comments")))
}

/// The top level of two documents together.
fn merge(tree: &mut Tree, first: NodeId, second: NodeId) -> Result<NodeId, Failure> {
    match (tree.view(first), tree.view(second)) {
        (View::Map(left), View::Map(right)) => {
            if let Some((_, key, _)) = right.iter().find(|(_, key, _)| left.get(key).is_some()) {
                return Err(Failure::Abort(format!(
                    "Conflicting rule or variable assignments inside the same scope `Key {key}, already exists in map`"
                )));
            }
            let both = left.iter().chain(right.iter());
            let entries: Vec<NodeId> = both.flat_map(|(key, _, value)| [key, value]).collect();
            Ok(tree.derive_map(second, &entries))
        }
        (View::List(left), View::List(right)) => {
            let elements: Vec<NodeId> = left.iter().chain(right.iter()).collect();
            Ok(tree.derive_list(second, &elements))
        }
        _ => Err(Failure::Abort("Types are not the same, so that the files cannot be merged".to_owned())),
    }
}
