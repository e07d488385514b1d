//! Values as the peer reports them: each knows the path to it, and the line and column where it stands.
//!
//! An [`Arena`] holds a data file, the literals of a rule file, or what a function made. A [`Val`] is a node of one. Paths
//! are worked out when something is printed; lines and columns too.

mod build;
mod columns;
mod index;
mod literal;
mod marks;
mod show;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::rules::Pattern;
use crate::rules::literal::Bounds;

pub(super) use build::{Conflict, Dialect, merge, read};
pub(super) use columns::Text;
pub(super) use index::ByPath;
pub(super) use show::{Debug, Full, Json, Only, debug_all};

/// Values that belong together.
#[derive(Debug, Default)]
pub(super) struct Arena<'t> {
    nodes: Vec<Node<'t>>,
    /// The texts that the nodes stand in.
    texts: Vec<&'t Text<'t>>,
    /// The path of the root, for values that a function made of another one.
    base: Option<Base>,
    /// Positions of entries in the order of their keys, for large maps.
    sorted: FxHashMap<u32, Box<[u32]>>,
    indexes: index::Indexes,
}

/// Where a made value came from.
#[derive(Clone, Debug, Default)]
pub(super) struct Base {
    pub(super) path: String,
    pub(super) position: Position,
}

/// A line and a column, from 0, as the peer counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// There is one for each value and key of a document: 40 bytes.
#[derive(Debug)]
struct Node<'t> {
    kind: Kind<'t>,
    parent: u32,
    /// The offset of the first byte.
    start: u32,
    /// The id of the key, or the position in a list.
    at: u32,
    text: u16,
    hangs: Hangs,
}

/// What of a [`Step`] is the same for all nodes.
#[derive(Clone, Copy, Debug)]
enum Hangs {
    Nowhere,
    AsValue,
    AsElement,
    AsKey { named: bool },
}

/// How a node hangs on its parent.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// It has none.
    Root,
    /// As the value of the key with this id.
    Value(u32),
    /// As an element.
    Index(u32),
    /// As a key whose path is the map's, or the map's and its own, as the peer's readers differ.
    Key { named: bool },
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Kind<'t> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    String(Cow<'t, str>),
    Char(char),
    Regex(Arc<Pattern>),
    IntRange(Box<Bounds<i64>>),
    FloatRange(Box<Bounds<f64>>),
    CharRange(Bounds<char>),
    List(Box<[u32]>),
    /// Ids of keys and values, in order.
    Map(Box<[(u32, u32)]>),
}

/// A value.
#[derive(Clone, Copy)]
pub(super) struct Val<'w> {
    arena: &'w Arena<'w>,
    id: u32,
}

impl fmt::Debug for Val<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", Full(*self))
    }
}

/// Maps with more entries than this are searched by halving.
const SCAN: usize = 12;
const NOTHING: u32 = u32::MAX;

impl<'t> Arena<'t> {
    /// The value that the arena was made for.
    pub(super) fn root<'w>(&'w self) -> Val<'w>
    where
        't: 'w,
    {
        self.val(0)
    }

    /// The value with an id.
    pub(super) fn val<'w>(&'w self, id: u32) -> Val<'w>
    where
        't: 'w,
    {
        Val { arena: self, id }
    }

    /// An arena for one value that has no parts.
    pub(super) fn made(kind: Kind<'t>, base: Base) -> Self {
        let mut arena = Self { base: Some(base), ..Self::default() };
        arena.push(kind, NOTHING, Step::Root, NOTHING, 0);
        arena
    }

    /// The same values, as parts of another one.
    pub(super) fn based(self, base: Base) -> Self {
        Self { base: Some(base), ..self }
    }

    fn push(&mut self, kind: Kind<'t>, parent: u32, step: Step, start: u32, text: u16) -> u32 {
        let id = u32::try_from(self.nodes.len()).unwrap_or(NOTHING);
        let (hangs, at) = match step {
            Step::Root => (Hangs::Nowhere, NOTHING),
            Step::Value(key) => (Hangs::AsValue, key),
            Step::Index(index) => (Hangs::AsElement, index),
            Step::Key { named } => (Hangs::AsKey { named }, NOTHING),
        };
        self.nodes.push(Node { kind, parent, start, at, text, hangs });
        id
    }

    fn set(&mut self, id: u32, kind: Kind<'t>) {
        if let Some(node) = self.nodes.get_mut(id as usize) {
            node.kind = kind;
        }
    }

    fn node(&self, id: u32) -> Option<&Node<'t>> {
        self.nodes.get(id as usize)
    }

    fn string(&self, id: u32) -> &str {
        match self.node(id).map(|node| &node.kind) {
            Some(Kind::String(text)) => text,
            _ => "",
        }
    }

    fn set_map(&mut self, id: u32, pairs: Vec<(u32, u32)>) {
        if pairs.len() > SCAN {
            let mut order: Vec<u32> = (0..u32::try_from(pairs.len()).unwrap_or(0)).collect();
            order.sort_by_key(|&at| pairs.get(at as usize).map_or("", |&(key, _)| self.string(key)));
            self.sorted.insert(id, order.into());
        }
        self.set(id, Kind::Map(pairs.into()));
    }

    fn write_path(&self, id: u32, out: &mut dyn fmt::Write) -> fmt::Result {
        let Some(node) = self.node(id) else { return Ok(()) };
        let step = |out: &mut dyn fmt::Write, key: u32| {
            out.write_str("/")?;
            out.write_str(self.string(key))
        };
        match node.step() {
            Step::Root => out.write_str(self.base.as_ref().map_or("", |base| &base.path)),
            Step::Key { named } => {
                self.write_path(node.parent, out)?;
                if named { step(out, id) } else { Ok(()) }
            }
            Step::Value(key) => {
                self.write_path(node.parent, out)?;
                step(out, key)
            }
            Step::Index(index) => {
                self.write_path(node.parent, out)?;
                write!(out, "/{index}")
            }
        }
    }
}

impl Node<'_> {
    fn step(&self) -> Step {
        match self.hangs {
            Hangs::Nowhere => Step::Root,
            Hangs::AsValue => Step::Value(self.at),
            Hangs::AsElement => Step::Index(self.at),
            Hangs::AsKey { named } => Step::Key { named },
        }
    }
}

impl<'w> Val<'w> {
    /// What it is.
    pub(super) fn kind(self) -> &'w Kind<'w> {
        self.arena.node(self.id).map_or(&Kind::Null, |node| &node.kind)
    }

    /// The keys on the way to it, each behind a slash.
    pub(super) fn path(self) -> String {
        let mut out = String::new();
        // A string takes everything.
        let _ = self.write_path(&mut out);
        out
    }

    /// Writes the keys on the way to it, each behind a slash.
    pub(super) fn write_path(self, out: &mut dyn fmt::Write) -> fmt::Result {
        self.arena.write_path(self.id, out)
    }

    /// Where it stands.
    pub(super) fn position(self) -> Position {
        let base = || self.arena.base.as_ref().map_or_else(Position::default, |base| base.position);
        match self.arena.node(self.id) {
            Some(node) if node.start != NOTHING => {
                self.arena.texts.get(node.text as usize).map_or_else(base, |text| text.position(node.start))
            }
            _ => base(),
        }
    }

    /// The number of elements or entries; 0 of anything else.
    pub(super) fn len(self) -> usize {
        match self.kind() {
            Kind::List(ids) => ids.len(),
            Kind::Map(pairs) => pairs.len(),
            _ => 0,
        }
    }

    /// The elements, if it is a list.
    pub(super) fn list(self) -> Option<impl ExactSizeIterator<Item = Val<'w>> + Clone + use<'w>> {
        match self.kind() {
            Kind::List(ids) => Some(ids.iter().map(move |&id| self.arena.val(id))),
            _ => None,
        }
    }

    /// An element, if it is a list.
    pub(super) fn element(self, index: usize) -> Option<Val<'w>> {
        match self.kind() {
            Kind::List(ids) => ids.get(index).map(|&id| self.arena.val(id)),
            _ => None,
        }
    }

    /// Keys and values, if it is a map.
    pub(super) fn map(self) -> Option<impl ExactSizeIterator<Item = (Val<'w>, Val<'w>)> + Clone + use<'w>> {
        match self.kind() {
            Kind::Map(pairs) => {
                Some(pairs.iter().map(move |&(key, value)| (self.arena.val(key), self.arena.val(value))))
            }
            _ => None,
        }
    }

    /// The value of a key, if it is a map that has it.
    pub(super) fn get(self, key: &str) -> Option<Val<'w>> {
        let Kind::Map(pairs) = self.kind() else { return None };
        let text = |position: usize| pairs.get(position).map_or("", |&(key, _)| self.arena.string(key));
        let sorted = if pairs.len() > SCAN { self.arena.sorted.get(&self.id) } else { None };
        let position = match sorted {
            Some(sorted) => {
                let at = sorted.binary_search_by(|&at| text(at as usize).cmp(key)).ok()?;
                *sorted.get(at)? as usize
            }
            None => (0..pairs.len()).find(|&at| text(at) == key)?,
        };
        pairs.get(position).map(|&(_, value)| self.arena.val(value))
    }

    /// The text, if it is a string.
    pub(super) fn string(self) -> Option<&'w str> {
        match self.kind() {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn is_list(self) -> bool {
        matches!(self.kind(), Kind::List(_))
    }

    pub(super) fn is_map(self) -> bool {
        matches!(self.kind(), Kind::Map(_))
    }

    pub(super) fn is_scalar(self) -> bool {
        !self.is_list() && !self.is_map()
    }

    /// The peer's word for the kind.
    pub(super) fn type_name(self) -> &'static str {
        match self.kind() {
            Kind::Null => "null",
            Kind::Bool(_) => "bool",
            Kind::Int(_) => "int",
            Kind::Float(_) => "float",
            Kind::String(_) => "String",
            Kind::Char(_) => "char",
            Kind::Regex(_) => "Regex",
            Kind::IntRange(_) => "range(int, int)",
            Kind::FloatRange(_) => "range(float, float)",
            Kind::CharRange(_) => "range(char, char)",
            Kind::List(_) => "array",
            Kind::Map(_) => "map",
        }
    }
}
