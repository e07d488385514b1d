//! Whether a text after a change reads as it did before, except for the change.
//!
//! Both texts are read anew, and a document inside a string is read from that string: nothing that planned the change is
//! asked for anything but which change it was.

use std::sync::Arc;

use crate::document::tree::{NodeId, Tree, View};
use crate::document::yaml::Schema;
use crate::document::{Format, Limits, Source, Span, parse};

use super::{Change, Content, Edit, apply, expected, shape};

/// One step from a list, map or string to what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Element(usize),
    Key(usize),
    Value(usize),
    Inside,
}

/// A text read by itself, to be held against others.
#[derive(Debug)]
pub struct Reading {
    tree: Tree,
    roots: Vec<NodeId>,
    format: Format,
}

impl Reading {
    /// Reads a text; nothing where that is no document.
    pub fn of(text: &str) -> Option<Self> {
        let mut tree = Tree::new();
        let file = tree.add_source(Source::from_text("", text));
        let source = Arc::clone(tree.source(file)?);
        let parsed = parse(&mut tree, file, source.text(), Schema::CloudFormation, Limits::default()).ok()?;
        Some(Self { tree, roots: parsed.roots, format: parsed.format })
    }

    /// Whether `new` reads as this text does, except for the change, which is one of a value of `tree`.
    pub fn holds(&self, tree: &Tree, change: &Change, new: &str) -> bool {
        let Some((root, steps)) = way(tree, change.node()) else { return false };
        let whole = |text: &'_ str, span: Span| -> Option<String> {
            let (before, behind) = (text.get(..span.start as usize)?, text.get(span.end as usize..)?);
            Some(new.strip_prefix(before)?.strip_suffix(behind)?.to_owned())
        };
        if self.has_other_string(root, &steps, change, whole) {
            return true;
        }
        let Some(new) = Self::of(new) else { return false };
        let same = |index: usize| match (self.roots.get(index), new.roots.get(index)) {
            (Some(&left), Some(&right)) => shape(&self.tree, left) == shape(&new.tree, right),
            _ => false,
        };
        let others = (0..self.roots.len()).filter(|&index| index != root).all(same);
        let (Some(&left), Some(&right)) = (self.roots.get(root), new.roots.get(root)) else { return false };
        let count = self.roots.len() == new.roots.len();
        count && others && level(change, (&self.tree, left), (&new.tree, right), &steps)
    }
}

impl Reading {
    /// Whether this text, which is `text`, reads with some edits as it does without them, except for the change.
    pub fn holds_edited(&self, tree: &Tree, change: &Change, text: &str, edits: &[Edit]) -> bool {
        let within = |own: &'_ str, span: Span| -> Option<String> {
            let [Edit { span: edited, text: new }] = edits else { return None };
            let is_within = span.start <= edited.start && edited.end <= span.end;
            let before = own.get(span.start as usize..edited.start as usize).filter(|_| is_within)?;
            let behind = own.get(edited.end as usize..span.end as usize)?;
            // Without the mark that a text may start with, the places are others.
            (own.len() == text.len()).then(|| [before, new, behind].concat())
        };
        let way = way(tree, change.node());
        way.is_some_and(|(root, steps)| self.has_other_string(root, &steps, change, within))
            || self.holds(tree, change, &apply(text, edits))
    }

    /// Whether a change is that of a value that is a string, and what stands in its place, the rest of the text being the
    /// same, is the string that the change asks for: in JSON, whatever stands beside a whole string reads as before. That
    /// is plain without reading it again.
    fn has_other_string(
        &self,
        root: usize,
        steps: &[Step],
        change: &Change,
        instead: impl FnOnce(&str, Span) -> Option<String>,
    ) -> bool {
        let Change::Replace { with, .. } = change else { return false };
        let ([Content::Text(wanted)], Format::Json) = (with.as_slice(), self.format) else { return false };
        let is_value = |step: &Step| matches!(step, Step::Element(_) | Step::Value(_));
        let root = self.roots.get(root).filter(|_| steps.iter().all(is_value));
        let Some(node) = root.and_then(|&root| at((&self.tree, root), steps)) else { return false };
        let place = self.tree.place(node).filter(|_| self.tree.string(node).is_some());
        let written = place.and_then(|place| {
            let source = self.tree.source(place.span.file)?;
            instead(source.text(), place.span)
        });
        written
            .and_then(|written| serde_json::from_str::<String>(&written).ok())
            .is_some_and(|is| is == *wanted)
    }
}

/// Whether `new` reads as `old` does, except for the change, which is one of a value of `tree`.
pub fn holds(tree: &Tree, change: &Change, old: &str, new: &str) -> bool {
    Reading::of(old).is_some_and(|old| old.holds(tree, change, new))
}

fn level(change: &Change, old: (&Tree, NodeId), new: (&Tree, NodeId), steps: &[Step]) -> bool {
    let Some(inside) = steps.iter().position(|step| *step == Step::Inside) else {
        let Some(node) = at(old, steps) else { return false };
        return expected(old.0, old.1, &aimed(change, node)) == shape(new.0, new.1);
    };
    let (before, behind) =
        (steps.get(..inside).unwrap_or_default(), steps.get(inside + 1..).unwrap_or_default());
    let (Some(left), Some(right)) = (at(old, before), at(new, before)) else { return false };
    let (Some(was), Some(is)) = (old.0.string(left), new.0.string(right)) else { return false };
    let outer = Change::Replace { node: left, with: vec![Content::text(is)] };
    let outer = holds_with(old, &outer, new) && old.0.tag(left) == new.0.tag(right);
    let (Some(was), Some(is)) = (Reading::of(was), Reading::of(is)) else { return false };
    let (&[left], &[right]) = (was.roots.as_slice(), is.roots.as_slice()) else { return false };
    outer && level(change, (&was.tree, left), (&is.tree, right), behind)
}

/// Whether a document reads as another in which the text of a string is another; its tag stays.
fn holds_with((tree, root): (&Tree, NodeId), change: &Change, new: (&Tree, NodeId)) -> bool {
    let node = change.node();
    let Change::Replace { with, .. } = change else { return false };
    let (Some(old), [Content::Text(text)]) = (tree.string(node), with.as_slice()) else { return false };
    let change = Change::Substitute { node, old: old.to_owned(), new: text.clone() };
    expected(tree, root, &change) == shape(new.0, new.1)
}

/// The same change, of another node.
fn aimed(change: &Change, node: NodeId) -> Change {
    let mut out = change.clone();
    match &mut out {
        Change::Replace { node: own, .. }
        | Change::Substitute { node: own, .. }
        | Change::Remove { node: own } => {
            *own = node;
        }
        Change::Insert { map, .. } => *map = node,
        Change::Before { element, .. } => *element = node,
        Change::Append { list, .. } => *list = node,
    }
    out
}

/// Which document of its file a value is in, and the way to it.
fn way(tree: &Tree, node: NodeId) -> Option<(usize, Vec<Step>)> {
    let around = tree.ancestors(node);
    let root = *around.first()?;
    let file = tree.file_of(root)?;
    let roots = tree.roots().iter().filter(|&&one| tree.file_of(one) == Some(file));
    let index =
        roots.clone().position(|&one| one == root).or_else(|| roots.clone().next().is_none().then_some(0))?;
    let mut steps = Vec::with_capacity(around.len());
    for pair in around.windows(2) {
        let [parent, child] = pair else { continue };
        steps.push(match tree.view(*parent) {
            View::List(list) => Step::Element(list.iter().position(|one| one == *child)?),
            View::Map(map) => {
                let entry = map.iter().position(|(key, _, value)| key == *child || value == *child)?;
                let is_key = map.iter().nth(entry).is_some_and(|(key, ..)| key == *child);
                if is_key { Step::Key(entry) } else { Step::Value(entry) }
            }
            _ => Step::Inside,
        });
    }
    Some((index, steps))
}

fn at((tree, root): (&Tree, NodeId), steps: &[Step]) -> Option<NodeId> {
    steps.iter().try_fold(root, |node, step| match (tree.view(node), step) {
        (View::List(list), Step::Element(index)) => list.get(*index),
        (View::Map(map), Step::Key(index)) => map.iter().nth(*index).map(|(key, ..)| key),
        (View::Map(map), Step::Value(index)) => map.iter().nth(*index).map(|(.., value)| value),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_string_is_all_that_may_differ() {
        let text = r#"{"a": ["x", {"b": "y"}], "c": "x"}"#;
        let reading = Reading::of(text).unwrap();
        let node = reading.tree.get(reading.roots[0], "a").and_then(|list| reading.tree.list(list)?.get(0));
        let change = |with: &str| Change::Replace { node: node.unwrap(), with: vec![Content::text(with)] };
        for (with, new, holds) in [
            ("z\"", r#"{"a": ["z\"", {"b": "y"}], "c": "x"}"#, true),
            ("z\"", r#"{"a": ["z\u0022", {"b": "y"}], "c": "x"}"#, true),
            ("z", r#"{"a": ["zz", {"b": "y"}], "c": "x"}"#, false),
            ("z", r#"{"a": ["x", {"b": "y"}], "c": "z"}"#, false),
            ("z", r#"{"a": ["z", {"b": "z"}], "c": "x"}"#, false),
            ("z", r#"{"a": ["z", "z", {"b": "y"}], "c": "x"}"#, false),
            ("1", r#"{"a": [1, {"b": "y"}], "c": "x"}"#, false),
            ("z", r#"{"a": ["z, {"b": "y"}], "c": "x"}"#, false),
            ("z", "{\"a\": [\n\"z\", {\"b\": \"y\"}], \"c\": \"x\"}", true),
        ] {
            let change = change(with);
            assert_eq!(reading.holds(&reading.tree, &change, new), holds, "{new}");
            // As one edit of all that differs.
            let common = |(a, b): &(u8, u8)| a == b;
            let start = text.bytes().zip(new.bytes()).take_while(common).count();
            let most = text.len().min(new.len()) - start;
            let end = text.bytes().rev().zip(new.bytes().rev()).take(most).take_while(common).count();
            let file = reading.tree.file_of(reading.roots[0]).unwrap();
            let span =
                Span::new(file, u32::try_from(start).unwrap(), u32::try_from(text.len() - end).unwrap());
            let edits = [Edit { span, text: new[start..new.len() - end].to_owned() }];
            assert_eq!(apply(text, &edits), new);
            assert_eq!(reading.holds_edited(&reading.tree, &change, text, &edits), holds, "{new}");
        }
    }
}
