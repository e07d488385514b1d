//! Texts of a policy: known, with holes, or unknown.

use std::borrow::Cow;
use std::hash::Hasher;

use rustc_hash::FxHasher;

use crate::document::HoleKind;
use crate::document::NodeId;
use crate::document::Piece;
use crate::document::Tree;
use crate::document::View;

use super::glob::Token;

/// A text of a policy.
#[derive(Clone, Debug)]
pub enum Text<'t> {
    /// The text itself.
    Known(Cow<'t, str>),
    /// A text of which some parts are not known.
    Holes(&'t [Piece]),
    /// Nothing is known; the number tells one unknown from another.
    Unknown(u32),
}

impl<'t> Text<'t> {
    /// The text of a node; nothing where the node is no scalar. Numbers and truth values are the text that AWS makes
    /// of them.
    pub fn of(tree: &'t Tree, node: NodeId) -> Option<Self> {
        match tree.view(node) {
            View::Text(pieces) => Some(Self::Holes(pieces)),
            View::Unknown(unknown) => {
                Some(Self::Unknown(number(&(unknown.blocker.as_ref(), unknown.reason))))
            }
            _ => tree.scalar(node).map(|text| Self::Known(Cow::Borrowed(text))),
        }
    }

    /// The text, where all of it is known.
    pub fn known(&self) -> Option<&str> {
        match self {
            Self::Known(text) => Some(text),
            _ => None,
        }
    }

    /// Whether the text is surely this one.
    pub fn is(&self, wanted: &str) -> bool {
        self.known() == Some(wanted)
    }

    /// The known characters at the start.
    pub fn start(&self) -> &str {
        match self {
            Self::Known(text) => text,
            Self::Holes(pieces) => match pieces.first() {
                Some(Piece::Literal(text)) => text,
                _ => "",
            },
            Self::Unknown(_) => "",
        }
    }

    /// The parts in order: known text, or a hole.
    pub fn parts(&self) -> Vec<Part<'_>> {
        match self {
            Self::Known(text) => vec![Part::Known(text)],
            Self::Holes(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Literal(text) => Part::Known(text),
                    Piece::Hole(hole) => Part::Hole(Some(&hole.kind), token(&hole.kind, &hole.name)),
                })
                .collect(),
            Self::Unknown(number) => vec![Part::Hole(None, Token::Opaque(*number))],
        }
    }

    /// The text as a person reads it, holes as `${name}`.
    pub fn display(&self) -> String {
        match self {
            Self::Known(text) => text.clone().into_owned(),
            Self::Holes(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Literal(text) => text.to_string(),
                    Piece::Hole(hole) => format!("${{{}}}", hole.name),
                })
                .collect(),
            Self::Unknown(_) => "(not known)".to_owned(),
        }
    }
}

/// A part of a text.
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    /// Known characters.
    Known(&'a str),
    /// Unknown ones: the kind of the hole, and the token that stands for it.
    Hole(Option<&'a HoleKind>, Token),
}

/// The token of a hole. All holes for the partition are one text, and so are all for the Region and for the account:
/// a deployment has one of each.
pub fn token(kind: &HoleKind, name: &str) -> Token {
    Token::Opaque(match kind {
        HoleKind::Partition => 1,
        HoleKind::Region => 2,
        HoleKind::Account => 3,
        HoleKind::UrlSuffix => 4,
        HoleKind::Name { resource } => number(&("name", resource)),
        HoleKind::Arn { resource, .. } => number(&("arn", resource)),
        HoleKind::Attribute { resource, attribute } => number(&("attribute", resource, attribute.as_ref())),
        _ => number(&("name", name)),
    })
}

fn number(what: &impl std::hash::Hash) -> u32 {
    let mut hasher = FxHasher::default();
    what.hash(&mut hasher);
    let wide = hasher.finish();
    u32::try_from((wide ^ (wide >> 32)) & 0xFFFF_FFFF).unwrap_or(0) | 0x8000_0000
}
