//! From a document's tree to values, as one of the peer's two loaders would have made them.
//!
//! `validate` reads scalars by its own rules, and takes a YAML tag for a function only on some kinds of value; `test` reads
//! YAML 1.2 and takes every tag of a function. The tree was read with the loader's schema; tags are looked at here.

use std::borrow::Cow;

use crate::document::{Kind as NodeKind, NodeId, Tree, View};
use crate::rules::Scalar;

use super::{Arena, Base, Kind, NOTHING, Step, Text, Val, marks};

/// Whose loader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli::guard) enum Dialect {
    /// Of `validate`.
    Validate,
    /// Of `test`; it keeps no places.
    Test,
}

/// Functions with a short form: on scalars, on lists.
const SHORT_FORMS: &[(&str, &str, bool, bool)] = &[
    ("Ref", "Ref", true, false),
    ("Condition", "Condition", true, false),
    ("Base64", "Fn::Base64", true, false),
    ("Sub", "Fn::Sub", true, true),
    ("GetAZs", "Fn::GetAZs", true, false),
    ("ImportValue", "Fn::ImportValue", true, false),
    ("GetAtt", "Fn::GetAtt", true, true),
    ("RefAll", "Fn::RefAll", true, false),
    ("Select", "Fn::Select", false, true),
    ("Split", "Fn::Split", false, true),
    ("Join", "Fn::Join", false, true),
    ("FindInMap", "Fn::FindInMap", false, true),
    ("And", "Fn::And", false, true),
    ("Equals", "Fn::Equals", false, true),
    ("Contains", "Fn::Contains", false, true),
    ("EachMemberIn", "Fn::EachMemberIn", false, true),
    ("EachMemberEquals", "Fn::EachMemberEquals", false, true),
    ("ValueOf", "Fn::ValueOf", false, true),
    ("If", "Fn::If", false, true),
    ("Not", "Fn::Not", false, true),
    ("Or", "Fn::Or", false, true),
];

/// The values of a document, which do not need its tree afterwards: what stands in the text as it is, is borrowed from there. The
/// error says what a tag does not allow.
pub(in crate::cli::guard) fn read<'t>(
    tree: &Tree,
    root: NodeId,
    text: &'t Text<'t>,
    dialect: Dialect,
) -> Result<Arena<'t>, String> {
    let mut reader =
        Reader { tree, text, dialect, arena: Arena { texts: vec![text], ..Arena::default() }, bad: None };
    reader.value(root, NOTHING, Step::Root, true);
    // The peer knows no place of a list at the root.
    if let Some(first) = reader.arena.nodes.first_mut()
        && matches!(first.kind, Kind::List(_))
    {
        first.start = NOTHING;
    }
    match reader.bad {
        Some(bad) => Err(bad),
        None => Ok(reader.arena),
    }
}

struct Reader<'r, 't> {
    tree: &'r Tree,
    text: &'t Text<'t>,
    dialect: Dialect,
    arena: Arena<'t>,
    bad: Option<String>,
}

impl<'r, 't> Reader<'r, 't> {
    fn value(&mut self, node: NodeId, parent: u32, step: Step, tagged: bool) -> u32 {
        let start = self.start(node);
        let id = self.arena.push(Kind::Null, parent, step, start, 0);
        let tag = if tagged { self.tree.tag(node) } else { None };
        if let Some(function) = tag.and_then(|tag| self.short_form(tag, node)) {
            let text = Kind::String(Cow::Borrowed(function));
            let named = self.dialect == Dialect::Test;
            let key = self.arena.push(text, id, Step::Key { named }, start, 0);
            let inner = self.value(node, id, Step::Value(key), false);
            self.arena.set_map(id, vec![(key, inner)]);
            return id;
        }
        let kind = match self.tree.view(node) {
            View::List(list) => {
                let elements = (0u32..).zip(list.iter());
                Kind::List(
                    elements.map(|(index, one)| self.value(one, id, Step::Index(index), true)).collect(),
                )
            }
            View::Map(map) => {
                let mut pairs = Vec::with_capacity(map.len());
                for (key, text, value) in map.iter() {
                    let last = map.get(text).unwrap_or(value);
                    // A repeated key keeps its first position and its last value.
                    if last != value && pairs.iter().any(|&(known, _)| self.arena.string(known) == text) {
                        continue;
                    }
                    let start = self.start(key);
                    let text = self.string(self.key(key));
                    let named = self.dialect == Dialect::Test;
                    let key = self.arena.push(text, id, Step::Key { named }, start, 0);
                    pairs.push((key, self.value(last, id, Step::Value(key), true)));
                }
                pairs = without_repetition(&self.arena, pairs);
                self.arena.set_map(id, pairs);
                return id;
            }
            view => self.scalar(node, view, tag.is_some() || !tagged),
        };
        self.arena.set(id, kind);
        id
    }

    fn string(&self, known: &str) -> Kind<'t> {
        Kind::String(match self.text.part(known) {
            Some(part) => Cow::Borrowed(part),
            None => Cow::Owned(known.to_owned()),
        })
    }

    fn scalar(&mut self, node: NodeId, view: View<'r>, tagged: bool) -> Kind<'t> {
        if self.dialect == Dialect::Test {
            return self.tested(node, view);
        }
        if tagged {
            return self.tagged(node, view);
        }
        match view {
            View::Bool(value) => Kind::Bool(value),
            View::Number(written) => number(written),
            View::String(known) => self.string(known),
            _ => Kind::Null,
        }
    }

    /// A scalar to the reader of tests.
    fn tested(&self, node: NodeId, view: View<'r>) -> Kind<'t> {
        let tag = self.tree.tag(node);
        let text = match view {
            View::Bool(value) if tag.is_none() => return Kind::Bool(value),
            View::Null if tag.is_none() => return Kind::Null,
            _ => self.written(node, view),
        };
        let is_plain = self.tree.is_plain(node) || matches!(view, View::Number(_));
        match Scalar::read(text, tag, is_plain) {
            Some(Scalar::Null) => Kind::Null,
            Some(Scalar::Bool(value)) => Kind::Bool(value),
            Some(Scalar::Int(value)) => Kind::Int(value),
            Some(Scalar::Float(value)) => Kind::Float(value),
            Some(Scalar::Text) | None => self.string(text),
        }
    }

    /// A scalar behind a tag: only YAML's own tags say what it is.
    fn tagged(&mut self, node: NodeId, view: View<'r>) -> Kind<'t> {
        let written = self.written(node, view);
        let text = self.string(written);
        let bad = |reader: &mut Self| {
            let tag = reader.tree.tag(node).unwrap_or("");
            reader.bad.get_or_insert_with(|| format!("`{written}` is no value for the tag `!{tag}`"));
            Kind::Null
        };
        match self.tree.tag(node) {
            Some("!null") => Kind::Null,
            Some("!bool") => written.parse().map_or(text, Kind::Bool),
            Some("!int") => written.parse().map_or_else(|_| bad(self), Kind::Int),
            Some("!float") => written.parse().map_or_else(|_| bad(self), Kind::Float),
            _ => text,
        }
    }

    /// A key as it was written, whatever kind of scalar it is.
    fn key(&self, key: NodeId) -> &'r str {
        let view = self.tree.view(key);
        match view {
            View::String(text) | View::Number(text) => text,
            _ => self.written(key, view),
        }
    }

    /// A scalar's text.
    fn written(&self, node: NodeId, view: View<'r>) -> &'r str {
        if let View::String(text) | View::Number(text) = view {
            return text;
        }
        let Some(place) = self.tree.place(node) else { return "" };
        let text = self.tree.source(place.span.file).map_or("", |source| place.span.slice(source.text()));
        // A place may start with a tag or an anchor.
        if !text.starts_with(['!', '&']) {
            return text;
        }
        text.split_whitespace().next_back().filter(|word| !word.starts_with(['!', '&'])).unwrap_or("")
    }

    fn start(&self, node: NodeId) -> u32 {
        match self.dialect {
            Dialect::Test => NOTHING,
            Dialect::Validate => {
                let start = marks::start(self.tree, node).and_then(|start| u32::try_from(start).ok());
                start.unwrap_or(NOTHING)
            }
        }
    }

    fn short_form(&self, tag: &str, node: NodeId) -> Option<&'static str> {
        let &(_, function, on_scalars, on_lists) = SHORT_FORMS.iter().find(|(short, ..)| *short == tag)?;
        let fits = match (self.dialect, self.tree.kind(node)) {
            (Dialect::Test, _) => true,
            (Dialect::Validate, NodeKind::List) => on_lists,
            (Dialect::Validate, NodeKind::Map) => false,
            (Dialect::Validate, _) => on_scalars,
        };
        fits.then_some(function)
    }
}

/// Entries whose keys differ: of those that repeat, the first place. Large maps are looked at in order of their keys.
fn without_repetition(arena: &Arena<'_>, pairs: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    let mut seen: Vec<(&str, u32)> = pairs.iter().map(|&(key, _)| (arena.string(key), key)).collect();
    seen.sort_unstable();
    let again: Vec<u32> = seen
        .chunk_by(|left, right| left.0 == right.0)
        .flat_map(|same| same.iter().skip(1).map(|&(_, key)| key))
        .collect();
    if again.is_empty() {
        return pairs;
    }
    pairs.into_iter().filter(|(key, _)| !again.contains(key)).collect()
}

/// A number as the peer holds it: 64 bits, whole if they suffice.
fn number(written: &str) -> Kind<'static> {
    written.parse().map_or_else(|_| Kind::Float(written.parse().unwrap_or(f64::NAN)), Kind::Int)
}

/// Documents as one: their lists, or their entries, one after the other.
pub(in crate::cli::guard) fn merge<'t>(documents: &[Val<'t>]) -> Result<Arena<'t>, Conflict> {
    let mut merger = Merger { arena: Arena::default() };
    let position = documents.first().map(|first| first.position()).unwrap_or_default();
    merger.arena.base = Some(Base { path: String::new(), position });
    let root = merger.arena.push(Kind::Null, NOTHING, Step::Root, NOTHING, 0);
    let mut elements: Vec<u32> = Vec::new();
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    let mut before: Option<Val<'t>> = None;
    for &document in documents {
        let first = *before.get_or_insert(document);
        if let (Some(list), true) = (document.list(), first.is_list()) {
            // Elements keep the places that they had, as the peer has it.
            for (index, one) in (0u32..).zip(list) {
                elements.push(merger.copy(one, root, Step::Index(index)));
            }
        } else if let (Some(map), true) = (document.map(), first.is_map()) {
            let known = pairs.len();
            for (key, value) in map {
                let text = key.string().unwrap_or("");
                if pairs.iter().take(known).any(|&(key, _)| merger.arena.string(key) == text) {
                    return Err(Conflict::Key(text.to_owned()));
                }
                // Keys that are added stand where their document does, as the peer has it.
                let key = if known == 0 {
                    merger.copy(key, root, Step::Key { named: false })
                } else {
                    let (start, text) = merger.place(document);
                    let name = Kind::String(Cow::Borrowed(key.string().unwrap_or("")));
                    merger.arena.push(name, root, Step::Key { named: true }, start, text)
                };
                pairs.push((key, merger.copy(value, root, Step::Value(key))));
            }
        } else {
            return Err(Conflict::Kinds(first.type_name(), document.type_name()));
        }
    }
    match before {
        Some(first) if first.is_list() => merger.arena.set(root, Kind::List(elements.into())),
        _ => merger.arena.set_map(root, pairs),
    }
    Ok(merger.arena)
}

/// Why two documents are not one.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::cli::guard) enum Conflict {
    /// Both have this key.
    Key(String),
    /// They are of different kinds.
    Kinds(&'static str, &'static str),
}

struct Merger<'t> {
    arena: Arena<'t>,
}

impl<'t> Merger<'t> {
    fn copy(&mut self, value: Val<'t>, parent: u32, step: Step) -> u32 {
        let (start, text) = self.place(value);
        let id = self.arena.push(Kind::Null, parent, step, start, text);
        let kind = match value.kind() {
            Kind::Null => Kind::Null,
            Kind::Bool(inner) => Kind::Bool(*inner),
            Kind::Int(inner) => Kind::Int(*inner),
            Kind::Float(inner) => Kind::Float(*inner),
            Kind::String(inner) => Kind::String(Cow::Borrowed(inner)),
            Kind::Char(inner) => Kind::Char(*inner),
            Kind::Regex(pattern) => Kind::Regex(std::sync::Arc::clone(pattern)),
            Kind::IntRange(bounds) => Kind::IntRange(bounds.clone()),
            Kind::FloatRange(bounds) => Kind::FloatRange(bounds.clone()),
            Kind::CharRange(bounds) => Kind::CharRange(*bounds),
            Kind::List(_) => {
                let elements = (0u32..).zip(value.list().into_iter().flatten());
                Kind::List(elements.map(|(index, one)| self.copy(one, id, Step::Index(index))).collect())
            }
            Kind::Map(_) => {
                let mut pairs = Vec::new();
                for (key, inner) in value.map().into_iter().flatten() {
                    let key = self.copy(key, id, Step::Key { named: false });
                    pairs.push((key, self.copy(inner, id, Step::Value(key))));
                }
                self.arena.set_map(id, pairs);
                return id;
            }
        };
        self.arena.set(id, kind);
        id
    }

    /// The offset of a value, and its text among those of the merged document.
    fn place(&mut self, value: Val<'t>) -> (u32, u16) {
        let Some(node) = value.arena.node(value.id) else { return (NOTHING, 0) };
        let Some(&text) = value.arena.texts.get(node.text as usize) else { return (NOTHING, 0) };
        let known = self.arena.texts.iter().position(|one| std::ptr::eq(*one, text));
        let at = known.unwrap_or_else(|| {
            self.arena.texts.push(text);
            self.arena.texts.len() - 1
        });
        (node.start, u16::try_from(at).unwrap_or(0))
    }
}
