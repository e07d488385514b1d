//! What a document reads as, to be held against what it should read as.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::document::tree::{NodeId, Tree, View};

use super::{Change, Content};

/// A value without places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape<'t> {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(Cow<'t, str>),
    /// A string.
    Text(Cow<'t, str>),
    /// A list.
    List(Vec<Shape<'t>>),
    /// A map.
    Map(Vec<(Shape<'t>, Shape<'t>)>),
    /// A value with a tag.
    Tagged(Cow<'t, str>, Box<Shape<'t>>),
}

/// What a document reads as.
pub fn shape(tree: &Tree, node: NodeId) -> Shape<'_> {
    Reader { tree, changes: FxHashMap::default() }.of(node)
}

/// What a document must read as when changes to it are made. Documents inside its strings are strings here: a change
/// inside one is no change of it, so that only changes of the document itself are asked about.
pub fn expected<'t>(tree: &'t Tree, node: NodeId, change: &'t Change) -> Shape<'t> {
    let at = match change {
        // The element or entry is left out where its container is read.
        Change::Remove { node } | Change::Before { element: node, .. } => {
            tree.ancestors(*node).iter().rev().nth(1).copied().unwrap_or(*node)
        }
        Change::Replace { node, .. } => {
            let parent = tree.ancestors(*node).iter().rev().nth(1).copied();
            parent.filter(|&parent| tree.list(parent).is_some()).unwrap_or(*node)
        }
        other => other.node(),
    };
    Reader { tree, changes: [(at, change)].into_iter().collect() }.of(node)
}

struct Reader<'t> {
    tree: &'t Tree,
    changes: FxHashMap<NodeId, &'t Change>,
}

impl<'t> Reader<'t> {
    fn of(&self, node: NodeId) -> Shape<'t> {
        let bare = self.bare(node);
        let replaced =
            matches!(self.changes.get(&node), Some(Change::Replace { node: own, .. }) if *own == node);
        match self.tree.tag(node).filter(|_| !replaced) {
            Some(tag) => Shape::Tagged(tag.into(), Box::new(bare)),
            None => bare,
        }
    }

    fn bare(&self, node: NodeId) -> Shape<'t> {
        let change = self.changes.get(&node).copied();
        if let Some(Change::Replace { node: own, with }) = change
            && *own == node
        {
            return match with.as_slice() {
                [one] => self.content(one),
                many => Shape::List(many.iter().map(|one| self.content(one)).collect()),
            };
        }
        match self.tree.view(node) {
            View::Null => Shape::Null,
            View::Bool(value) => self.grown(change, Shape::Bool(value)),
            View::Number(text) => self.grown(change, Shape::Number(text.into())),
            View::String(text) => {
                let text = match change {
                    Some(Change::Substitute { old, new, .. }) => text.replacen(old.as_str(), new, 1).into(),
                    _ => text.into(),
                };
                self.grown(change, Shape::Text(text))
            }
            View::List(list) => {
                let mut out = Vec::with_capacity(list.len());
                for element in list.iter() {
                    if let Some(Change::Before { element: own, value }) = change
                        && *own == element
                    {
                        out.push(self.content(value));
                    }
                    match change {
                        Some(Change::Remove { node: gone }) if *gone == element => {}
                        Some(Change::Replace { node: old, with }) if *old == element => {
                            out.extend(with.iter().map(|one| self.content(one)));
                        }
                        _ => out.push(self.of(element)),
                    }
                }
                if let Some(Change::Append { values, .. }) = change {
                    out.extend(values.iter().map(|one| self.content(one)));
                }
                Shape::List(out)
            }
            View::Map(map) => {
                let mut out = Vec::with_capacity(map.len());
                for (key, _, value) in map.iter() {
                    if !matches!(change, Some(Change::Remove { node: gone }) if *gone == value) {
                        out.push((self.of(key), self.of(value)));
                    }
                }
                if let Some(Change::Insert { first, key, value, .. }) = change {
                    let entry = (Shape::Text(key.as_str().into()), self.content(value));
                    out.insert(if *first { 0 } else { out.len() }, entry);
                }
                Shape::Map(out)
            }
            // Text with holes, alternatives and what is unknown are never written.
            View::Text(_) | View::Choice(_) | View::Unknown(_) => Shape::Text(self.tree.display(node).into()),
        }
    }

    /// A single value to which others are appended.
    fn grown(&self, change: Option<&'t Change>, own: Shape<'t>) -> Shape<'t> {
        match change {
            Some(Change::Append { values, .. }) => {
                let values = values.iter().map(|one| self.content(one));
                Shape::List(std::iter::once(own).chain(values).collect())
            }
            _ => own,
        }
    }

    fn content(&self, content: &'t Content) -> Shape<'t> {
        match content {
            Content::Bool(value) => Shape::Bool(*value),
            Content::Number(text) => Shape::Number(text.as_str().into()),
            Content::Text(text) => Shape::Text(text.as_str().into()),
            Content::Call { short, long, argument } => {
                // In JSON a call is a map; the document that holds it decides.
                if self.is_json() {
                    Shape::Map(vec![(Shape::Text((*long).into()), Shape::Text(argument.as_str().into()))])
                } else {
                    Shape::Tagged((*short).into(), Box::new(Shape::Text(argument.as_str().into())))
                }
            }
            Content::List(all) => Shape::List(all.iter().map(|one| self.content(one)).collect()),
            Content::Map(all) => {
                let entries =
                    all.iter().map(|(key, value)| (Shape::Text(key.as_str().into()), self.content(value)));
                Shape::Map(entries.collect())
            }
        }
    }

    fn is_json(&self) -> bool {
        let node = self.changes.keys().next().copied();
        let frame = node.and_then(|node| self.tree.frame(node));
        frame.is_some_and(|frame| frame.text.trim_start().starts_with(['{', '[']))
    }
}
