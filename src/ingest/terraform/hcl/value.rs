//! Values of expressions: as far as they are known.

use hcl_edit::Span;

use crate::document::{Hole, HoleKind, NodeId, Piece, Reason, Tree, View};
use crate::ingest::terraform::address::Call;

/// Where something stands in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    pub(super) file: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl At {
    pub(super) fn of(file: usize, node: &impl Span) -> Option<Self> {
        node.span().map(|span| Self { file, start: span.start, end: span.end })
    }
}

/// A value, where it was written, and whether it may be shown.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) content: Content,
    pub(super) at: Option<At>,
    pub(super) sensitive: bool,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Content {
    Null,
    Bool(bool),
    Number(Box<str>),
    /// A text, possibly with holes.
    Text(Vec<Piece>),
    List(Vec<Value>),
    Map(Vec<Entry>),
    /// A text that is the JSON or YAML of a value.
    Encoded(Box<Value>, Encoding),
    /// A value of the plan.
    Tree(NodeId),
    /// An instance of a resource, by its position in the plan.
    Instance(usize),
    /// All instances of a resource.
    Instances(Vec<usize>),
    /// An instance of a module.
    Module(Vec<Call>),
    /// Not known, and what blocks it.
    Unknown(Box<str>),
}

/// How a value is written in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Json,
    Yaml,
}

/// An entry of a map.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: Box<str>,
    pub(super) at: Option<At>,
    pub(super) value: Value,
}

impl From<Content> for Value {
    fn from(content: Content) -> Self {
        Self { content, at: None, sensitive: false }
    }
}

impl Value {
    pub(super) fn text(text: &str) -> Self {
        Content::Text(vec![Piece::Literal(text.into())]).into()
    }

    pub(super) fn number(number: f64) -> Self {
        Content::Number(number.to_string().into()).into()
    }

    pub(super) fn unknown(blocker: &str) -> Self {
        Content::Unknown(blocker.into()).into()
    }

    pub(super) fn list(elements: Vec<Self>) -> Self {
        Content::List(elements).into()
    }

    pub(super) fn map(entries: Vec<(Box<str>, Self)>) -> Self {
        let entries = entries.into_iter().map(|(key, value)| Entry { key, at: value.at, value });
        Content::Map(entries.collect()).into()
    }

    /// The value of a node of the plan, one level deep.
    pub(super) fn of_node(tree: &Tree, node: NodeId) -> Self {
        let content = match tree.view(node) {
            View::Null => Content::Null,
            View::Bool(value) => Content::Bool(value),
            View::Number(text) => Content::Number(text.into()),
            // The node remembers what it was taken from, so it is kept.
            View::String(_) | View::Text(_) | View::Choice(_) => Content::Tree(node),
            View::List(list) => Content::List(list.iter().map(|node| Content::Tree(node).into()).collect()),
            View::Map(map) => {
                let entry = |(_, key, node): (NodeId, &str, NodeId)| Entry {
                    key: key.into(),
                    at: None,
                    value: Content::Tree(node).into(),
                };
                Content::Map(map.iter().map(entry).collect())
            }
            View::Unknown(unknown) => Content::Unknown(unknown.blocker.clone()),
        };
        Self { content, at: None, sensitive: tree.is_sensitive(node) }
    }

    /// The same value, with nodes of lists and maps opened.
    pub(super) fn opened(self, tree: &Tree) -> Self {
        match self.content {
            Content::Tree(node) => {
                let opened = Self::of_node(tree, node);
                let sensitive = self.sensitive || opened.sensitive;
                Self { at: self.at.or(opened.at), sensitive, ..opened }
            }
            _ => self,
        }
    }

    /// The pieces of a text; a number or truth value as text. What is not known is a hole. Nothing for what no text can
    /// be made of.
    pub(super) fn pieces(&self, tree: &Tree) -> Option<Vec<Piece>> {
        let literal = |text: &str| Some(vec![Piece::Literal(text.into())]);
        match &self.content {
            Content::Text(pieces) => Some(pieces.clone()),
            Content::Number(text) => literal(text),
            Content::Bool(value) => literal(if *value { "true" } else { "false" }),
            Content::Unknown(blocker) => Some(vec![open(blocker)]),
            Content::Encoded(inner, Encoding::Json) => super::render::json(inner, tree),
            Content::Tree(node) => match tree.view(*node) {
                View::String(text) | View::Number(text) => literal(text),
                View::Bool(value) => literal(if value { "true" } else { "false" }),
                View::Text(pieces) => Some(pieces.to_vec()),
                View::Unknown(unknown) => Some(vec![open(&unknown.blocker)]),
                View::Choice(_) => Some(vec![open("one of several values")]),
                _ => None,
            },
            _ => None,
        }
    }

    /// A text that is known in full.
    pub(super) fn known(&self, tree: &Tree) -> Option<String> {
        let pieces = self.pieces(tree)?;
        pieces
            .iter()
            .map(|piece| if let Piece::Literal(text) = piece { Some(&**text) } else { None })
            .collect()
    }

    pub(super) fn as_number(&self, tree: &Tree) -> Option<f64> {
        self.known(tree)?.trim().parse().ok()
    }

    pub(super) fn as_bool(&self, tree: &Tree) -> Option<bool> {
        match self.known(tree)?.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.content, Content::Null)
    }

    /// What blocks it, if it is not known at all.
    pub(super) fn blocker(&self) -> Option<&str> {
        match &self.content {
            Content::Unknown(blocker) => Some(blocker),
            _ => None,
        }
    }
}

fn open(blocker: &str) -> Piece {
    Piece::Hole(Hole { kind: HoleKind::Any(Reason::AfterApply), name: blocker.into() })
}
