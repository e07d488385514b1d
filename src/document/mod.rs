//! Text to trees.
//!
//! Sources are decoded ([`Source`]) and read into one arena ([`Tree`]) in which every node knows the bytes that a
//! person would have to change. JSON and YAML readers keep what other readers drop: places, repeated keys, the order
//! of keys, tags, and the text of numbers.
//!
//! **Invariants:** nothing here reads a file, knows a cloud or a rule, or prints; no input makes a reader panic,
//! recurse without bound or loop.

mod condition;
mod diagnostic;
pub mod edit;
mod inside;
pub mod json;
mod language;
mod limits;
mod lines;
mod origin;
mod parse;
mod source;
mod span;
mod spread;
mod syntax;
pub mod text;
mod tree;
pub mod yaml;

pub use condition::{Condition, Conditions, Question};
pub use diagnostic::{Code, Diagnostic, Level, Location};
pub use language::Language;
pub use limits::{LimitError, Limits};
pub use lines::{LineIndex, Position};
pub use origin::{Origin, origins};
pub use parse::{Format, Parsed, parse};
pub use source::{DecodeError, Encoding, Source, strip_ansi};
pub use span::{FileId, Span};
pub use spread::spread;
pub use syntax::SyntaxError;
pub use text::Tri;
pub(crate) use tree::Moved;
pub use tree::{
    Alternative, Builder, Derivation, Duplicate, Frame, Hole, HoleKind, Kind, List, Map, NodeId, Piece,
    Place, Reason, Rendered, Step, Style, Tree, Unknown, View,
};
