//! Values as the language sees them: nodes of a document, literals, and what they are.

use std::sync::Arc;

use crate::document::{Alternative, Kind, List, Map, NodeId, Piece, Tree, View, yaml};

use crate::rules::literal::{Bounds, Literal};
use crate::rules::pattern::Pattern;

use super::alike::Guarded;
use super::scalar::Scalar;

/// A value.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// In a document.
    Node(Node),
    /// Spelled out in a rule.
    Literal(Literal),
    /// Made by a function from a node, if it was one.
    Made(Literal, Option<Node>),
    /// Made by a function from something that is not fully known.
    Open(Node),
}

/// A node, and how it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Node {
    pub(crate) id: NodeId,
    flags: u8,
}

/// Without its YAML tag: the value of the map that the tag stands for.
const BARE: u8 = 1;
/// Reached from a predeclared variable.
const TYPED: u8 = 2;
/// Within something that is not known: it may not be there.
const WITHIN: u8 = 4;

impl Node {
    /// A node of a document as it is written.
    pub(crate) fn raw(id: NodeId) -> Self {
        Self { id, flags: 0 }
    }

    /// A node of the facts.
    pub(crate) fn typed(id: NodeId) -> Self {
        Self { id, flags: TYPED }
    }

    pub(crate) fn is_typed(self) -> bool {
        self.flags & TYPED != 0
    }

    pub(crate) fn is_within(self) -> bool {
        self.flags & WITHIN != 0
    }

    /// Something inside this unknown value.
    pub(crate) fn within(self) -> Self {
        Self { flags: self.flags | WITHIN, ..self }
    }

    /// An alternative of this node.
    pub(crate) fn beside(self, id: NodeId) -> Self {
        Self { id, ..self }
    }

    fn bare(self) -> Self {
        Self { flags: self.flags | BARE, ..self }
    }

    fn child(self, id: NodeId) -> Self {
        Self { id, flags: self.flags & (TYPED | WITHIN) }
    }
}

impl Value {
    pub(crate) fn node(&self) -> Option<Node> {
        match self {
            Self::Node(node) | Self::Open(node) => Some(*node),
            Self::Made(_, node) => *node,
            Self::Literal(_) => None,
        }
    }

    pub(crate) fn is_typed(&self) -> bool {
        self.node().is_some_and(Node::is_typed)
    }

    /// A part of a literal: spelled out, or made from a node.
    fn of(literal: Literal, from: Option<Node>) -> Self {
        match from {
            Some(node) => Self::Made(literal, Some(node)),
            None => Self::Literal(literal),
        }
    }
}

/// Who reads a document: the peer's commands differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// As `cfn-guard validate` reads: scalars and tags by its own rules, whatever the tree was read for.
    #[default]
    Validate,
    /// As `cfn-guard test` reads: the tree's scalars, and every tag that is a short form.
    Test,
}

/// Looks at values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Viewer<'t> {
    pub(crate) tree: &'t Tree,
    pub(crate) dialect: Dialect,
    /// Texts of which somebody wants to know whether they matter.
    pub(super) guarded: Option<&'t Guarded>,
}

/// What a value is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape<'v> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    String(&'v str),
    Char(char),
    Regex(&'v Pattern),
    IntRange(Bounds<i64>),
    FloatRange(Bounds<f64>),
    CharRange(Bounds<char>),
    List(ListShape<'v>),
    Map(MapShape<'v>),
    Text(&'v [Piece]),
    Choice(&'v [Alternative]),
    Unknown,
}

/// A list.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ListShape<'v> {
    Nodes(List<'v>, Node),
    Literals(&'v [Literal], Option<Node>),
}

/// A map.
#[derive(Clone, Copy, Debug)]
pub(crate) enum MapShape<'v> {
    Nodes(Map<'v>, Node),
    /// What a YAML tag stands for.
    Tag(&'static str, Node),
    Literals(&'v [(Arc<str>, Literal)], Option<Node>),
}

impl<'v> ListShape<'v> {
    pub(crate) fn len(self) -> usize {
        match self {
            Self::Nodes(list, _) => list.len(),
            Self::Literals(list, _) => list.len(),
        }
    }

    pub(crate) fn is_empty(self) -> bool {
        self.len() == 0
    }

    pub(crate) fn get(self, index: usize) -> Option<Value> {
        match self {
            Self::Nodes(list, node) => list.get(index).map(|id| Value::Node(node.child(id))),
            Self::Literals(list, from) => list.get(index).cloned().map(|element| Value::of(element, from)),
        }
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Value> + 'v {
        (0..self.len()).filter_map(move |index| self.get(index))
    }
}

impl<'v> MapShape<'v> {
    pub(crate) fn len(self) -> usize {
        match self {
            Self::Nodes(map, _) => map.len(),
            Self::Tag(..) => 1,
            Self::Literals(entries, _) => entries.len(),
        }
    }

    pub(crate) fn is_empty(self) -> bool {
        self.len() == 0
    }

    pub(crate) fn get(self, key: &str) -> Option<Value> {
        match self {
            Self::Nodes(map, node) => map.get(key).map(|id| Value::Node(node.child(id))),
            Self::Tag(name, node) => (name == key).then(|| Value::Node(node.bare())),
            Self::Literals(entries, from) => {
                let entry = entries.iter().find(|(known, _)| **known == *key);
                entry.map(|(_, value)| Value::of(value.clone(), from))
            }
        }
    }

    /// Keys and values, in order. Where a key is repeated, its last value stands at its first place.
    pub(crate) fn entries(self) -> Vec<(&'v str, Value)> {
        match self {
            Self::Nodes(map, node) => {
                let mut out: Vec<(&'v str, Value)> = Vec::with_capacity(map.len());
                let mut repeated: Vec<&str> = Vec::new();
                for (_, key, id) in map.iter() {
                    if repeated.contains(&key) {
                        continue;
                    }
                    let last = map.get(key).unwrap_or(id);
                    if last != id {
                        repeated.push(key);
                    }
                    out.push((key, Value::Node(node.child(last))));
                }
                out
            }
            Self::Tag(name, node) => vec![(name, Value::Node(node.bare()))],
            Self::Literals(entries, from) => {
                entries.iter().map(|(key, value)| (&**key, Value::of(value.clone(), from))).collect()
            }
        }
    }
}

impl<'t> Viewer<'t> {
    /// What a value is.
    pub(crate) fn shape<'v>(self, value: &'v Value) -> Shape<'v>
    where
        't: 'v,
    {
        match value {
            Value::Node(node) => self.node(*node),
            Value::Literal(literal) => literal_shape(literal, None),
            Value::Made(literal, from) => literal_shape(literal, *from),
            Value::Open(_) => Shape::Unknown,
        }
    }

    pub(crate) fn node(self, node: Node) -> Shape<'t> {
        if let Some(guarded) = self.guarded {
            guarded.look(node.id);
        }
        if node.flags & (TYPED | BARE) == 0
            && let Some(tag) = self.tree.tag(node.id)
        {
            if let Some(name) = self.short_form(tag, node.id) {
                return Shape::Map(MapShape::Tag(name, node));
            }
            if let Some(shape) = self.tagged(tag, node.id) {
                return shape;
            }
        }
        match self.tree.view(node.id) {
            View::List(list) => Shape::List(ListShape::Nodes(list, node)),
            View::Map(map) => Shape::Map(MapShape::Nodes(map, node)),
            View::Text(pieces) => Shape::Text(pieces),
            View::Choice(alternatives) => Shape::Choice(alternatives),
            View::Unknown(_) => Shape::Unknown,
            View::String(text) if node.is_typed() || !self.tree.is_plain(node.id) => Shape::String(text),
            scalar => self.scalar(node, scalar),
        }
    }

    /// A scalar behind a tag: YAML's own tags are taken at their word, and to the reader of tests no other tag says
    /// anything of the scalar.
    fn tagged(self, tag: &str, node: NodeId) -> Option<Shape<'t>> {
        if self.dialect == Dialect::Validate && !matches!(tag, "!bool" | "!int" | "!float" | "!null") {
            return None;
        }
        let text = match self.tree.view(node) {
            View::String(text) | View::Number(text) => text,
            View::Bool(_) | View::Null => last_word(self.written(node)),
            _ => return None,
        };
        if self.dialect == Dialect::Test {
            return Some(test_shape(text, Some(tag), self.tree.is_plain(node)));
        }
        Some(match tag {
            "!null" => Shape::Null,
            "!bool" => text.parse().map_or(Shape::String(text), Shape::Bool),
            "!int" => text.parse().map_or(Shape::String(text), Shape::Int),
            _ => text.parse().map_or(Shape::String(text), Shape::Float),
        })
    }

    /// A scalar whose kind may depend on who reads it.
    fn scalar(self, node: Node, view: View<'t>) -> Shape<'t> {
        let again = self.dialect == Dialect::Validate
            && !node.is_typed()
            && self.tree.is_plain(node.id)
            && self.tree.tag(node.id).is_none();
        if again {
            let text = self.written(node.id);
            return match yaml::Schema::Guard.kind_of(text) {
                Kind::Null => Shape::Null,
                Kind::Bool => Shape::Bool(matches!(text, "true" | "yes" | "on" | "y")),
                Kind::Number => number_shape(text),
                _ => Shape::String(text),
            };
        }
        match view {
            View::Bool(value) => Shape::Bool(value),
            View::Number(text) if self.dialect == Dialect::Test && !node.is_typed() => {
                test_shape(text, None, true)
            }
            View::Number(text) => number_shape(text),
            View::String(text) if self.dialect == Dialect::Test && !node.is_typed() => {
                test_shape(text, None, self.tree.is_plain(node.id))
            }
            View::String(text) => Shape::String(text),
            _ => Shape::Null,
        }
    }

    /// A plain scalar as it was written.
    fn written(self, node: NodeId) -> &'t str {
        match self.tree.view(node) {
            View::String(text) | View::Number(text) => text,
            _ => {
                let place = self.tree.place(node);
                let source = place.and_then(|place| self.tree.source(place.span.file));
                source.zip(place).map_or("", |(source, place)| place.span.slice(source.text()))
            }
        }
    }

    /// The function that a YAML tag is short for, if this reader takes it on such a value.
    fn short_form(self, tag: &str, node: NodeId) -> Option<&'static str> {
        let (name, on_scalars, on_lists) =
            SHORT_FORMS.iter().find(|(name, ..)| name.strip_prefix("Fn::").unwrap_or(name) == tag)?;
        let fits = match (self.dialect, self.tree.kind(node)) {
            (Dialect::Test, _) => true,
            (Dialect::Validate, Kind::List) => *on_lists,
            (Dialect::Validate, Kind::Map) => false,
            (Dialect::Validate, _) => *on_scalars,
        };
        fits.then_some(*name)
    }
}

/// Functions with a short form: on scalars, on lists.
const SHORT_FORMS: &[(&str, bool, bool)] = &[
    ("Ref", true, false),
    ("Condition", true, false),
    ("Fn::Base64", true, false),
    ("Fn::Sub", true, true),
    ("Fn::GetAZs", true, false),
    ("Fn::ImportValue", true, false),
    ("Fn::GetAtt", true, true),
    ("Fn::RefAll", true, false),
    ("Fn::Select", false, true),
    ("Fn::Split", false, true),
    ("Fn::Join", false, true),
    ("Fn::FindInMap", false, true),
    ("Fn::And", false, true),
    ("Fn::Equals", false, true),
    ("Fn::Contains", false, true),
    ("Fn::EachMemberIn", false, true),
    ("Fn::EachMemberEquals", false, true),
    ("Fn::ValueOf", false, true),
    ("Fn::If", false, true),
    ("Fn::Not", false, true),
    ("Fn::Or", false, true),
];

fn literal_shape(literal: &Literal, from: Option<Node>) -> Shape<'_> {
    match literal {
        Literal::Null => Shape::Null,
        Literal::Bool(value) => Shape::Bool(*value),
        Literal::Int(value) => Shape::Int(*value),
        Literal::Float(value) => Shape::Float(*value),
        Literal::String(text) => Shape::String(text),
        Literal::Char(value) => Shape::Char(*value),
        Literal::Regex(pattern) => Shape::Regex(pattern),
        Literal::IntRange(bounds) => Shape::IntRange(*bounds),
        Literal::FloatRange(bounds) => Shape::FloatRange(*bounds),
        Literal::CharRange(bounds) => Shape::CharRange(*bounds),
        Literal::List(elements) => Shape::List(ListShape::Literals(elements, from)),
        Literal::Map(entries) => Shape::Map(MapShape::Literals(entries, from)),
    }
}

/// A number's text, as a whole number if it is one.
fn number_shape<'v>(text: &str) -> Shape<'v> {
    match text.parse() {
        Ok(value) => Shape::Int(value),
        Err(_) => Shape::Float(text.parse().unwrap_or(f64::NAN)),
    }
}

/// What a scalar's text is to the reader of tests; what it refuses is a text.
fn test_shape<'v>(text: &'v str, tag: Option<&str>, is_plain: bool) -> Shape<'v> {
    match Scalar::read(text, tag, is_plain).unwrap_or(Scalar::Text) {
        Scalar::Null => Shape::Null,
        Scalar::Bool(value) => Shape::Bool(value),
        Scalar::Int(value) => Shape::Int(value),
        Scalar::Float(value) => Shape::Float(value),
        Scalar::Text => Shape::String(text),
    }
}

/// The scalar behind a tag and an anchor, where it is one word or nothing.
fn last_word(written: &str) -> &str {
    written.split_whitespace().next_back().filter(|word| !word.starts_with(['!', '&'])).unwrap_or("")
}

impl Shape<'_> {
    /// The word for its kind, as the peer says it.
    pub(crate) fn kind_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::String(_) | Self::Text(_) => "String",
            Self::Char(_) => "char",
            Self::Regex(_) => "Regex",
            Self::IntRange(_) => "range(int, int)",
            Self::FloatRange(_) => "range(float, float)",
            Self::CharRange(_) => "range(char, char)",
            Self::List(_) => "array",
            Self::Map(_) => "map",
            Self::Choice(_) | Self::Unknown => "unknown",
        }
    }

    /// Neither list nor map.
    pub(crate) fn is_scalar(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Map(_))
    }
}

/// A document as JSON, with the short forms of functions written out, as the peer's test command reads it.
pub fn to_json(tree: &Tree, node: NodeId) -> serde_json::Value {
    json(Viewer { tree, dialect: Dialect::Test, guarded: None }, &Value::Node(Node::raw(node)))
}

fn json(view: Viewer<'_>, value: &Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match view.shape(value) {
        Shape::Bool(value) => Json::Bool(value),
        Shape::Int(value) => Json::from(value),
        Shape::Float(value) => Json::from(value),
        Shape::String(text) => Json::from(text),
        Shape::List(list) => list.iter().map(|element| json(view, &element)).collect(),
        Shape::Map(map) => {
            let entries = map.entries().into_iter().map(|(key, value)| (key.to_owned(), json(view, &value)));
            Json::Object(entries.collect())
        }
        _ => Json::Null,
    }
}
