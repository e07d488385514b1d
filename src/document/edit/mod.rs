//! Changes to the text of a document that leave everything else in it as it is.
//!
//! A [`Change`] says in terms of the tree what is to become of a value; [`plan`] turns it into [`Edit`]s of the bytes
//! that were written, in the style of what is around them: flow or block, quotes, indentation, line endings. Inside a
//! string, what is written is encoded as the string is. [`expected`] says what the document must read as afterwards.
//!
//! **Invariant:** an edit touches no byte that is not part of the changed value, of the punctuation that belongs to it,
//! or of a comment about it. What cannot be changed in this way is refused, and never half done.

mod block;
mod content;
mod encode;
mod flow;
mod layer;
mod scalar;
mod shape;
#[cfg(test)]
mod tests;
mod verify;

use super::Span;
use super::tree::{NodeId, Tree};

pub use content::Content;
pub use shape::{Shape, expected, shape};
pub use verify::{Reading, holds};

use layer::Layer;

/// What is to become of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A value becomes another one. Of several, the element of a list becomes all; anything else becomes a list.
    Replace {
        /// The value, or the key of a map.
        node: NodeId,
        /// What it becomes.
        with: Vec<Content>,
    },
    /// A part of a text becomes another text.
    Substitute {
        /// The string in which the part stands once.
        node: NodeId,
        /// The part.
        old: String,
        /// What it becomes.
        new: String,
    },
    /// An element of a list, or an entry of a map (named by its value), goes.
    Remove {
        /// The element or value.
        node: NodeId,
    },
    /// A map gets another entry.
    Insert {
        /// The map.
        map: NodeId,
        /// Before all others, or behind them.
        first: bool,
        /// The key.
        key: String,
        /// The value.
        value: Content,
    },
    /// A list gets another element before one that it has.
    Before {
        /// The element that it has.
        element: NodeId,
        /// The new one.
        value: Content,
    },
    /// A list gets more elements; a value that is no list becomes one.
    Append {
        /// The list.
        list: NodeId,
        /// The elements.
        values: Vec<Content>,
    },
}

impl Change {
    /// The value that the change is about.
    pub fn node(&self) -> NodeId {
        match self {
            Self::Replace { node, .. } | Self::Substitute { node, .. } | Self::Remove { node } => *node,
            Self::Insert { map, .. } => *map,
            Self::Before { element, .. } => *element,
            Self::Append { list, .. } => *list,
        }
    }
}

/// A range of a source that becomes another text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The range.
    pub span: Span,
    /// The text.
    pub text: String,
}

/// Why a change cannot be made in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The value was worked out from others.
    #[error("the value is worked out, and is written nowhere as it is")]
    Derived,
    /// The value stands behind an anchor or a tag, or its text is folded.
    #[error("the way in which the value is written does not allow it")]
    Style,
    /// The part of a text to change is not there, or more than once.
    #[error("the part to change does not stand in the text exactly once")]
    Part,
    /// What is asked for does not suit the value.
    #[error("the value is not of a kind for which that can be done")]
    Kind,
}

/// A range of a layer that becomes another text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Splice {
    start: usize,
    end: usize,
    text: String,
}

/// The edits that make a change.
pub fn plan(tree: &Tree, change: &Change) -> Result<Vec<Edit>, Refusal> {
    let layer = Layer::of(tree, change.node()).ok_or(Refusal::Derived)?;
    let splices = match change {
        Change::Replace { node, with } => layer.replace(*node, with)?,
        Change::Substitute { node, old, new } => layer.substitute(*node, old, new)?,
        Change::Remove { node } => layer.remove(*node)?,
        Change::Insert { map, first, key, value } => layer.insert(*map, *first, key, value)?,
        Change::Before { element, value } => layer.before(*element, value)?,
        Change::Append { list, values } => layer.append(*list, values)?,
    };
    splices.into_iter().map(|splice| layer.outward(splice)).collect()
}

/// A text after edits of it. Edits must not overlap; of those at one place, the first comes first.
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for edit in sorted {
        let start = edit.span.start as usize;
        out.push_str(text.get(from..start).unwrap_or(""));
        out.push_str(&edit.text);
        from = edit.span.end as usize;
    }
    out.push_str(text.get(from..).unwrap_or(""));
    out
}

/// Whether two edits touch the same bytes.
pub fn overlap(left: &Edit, right: &Edit) -> bool {
    let (a, b) = (left.span, right.span);
    a.file == b.file && (a.start < b.end && b.start < a.end || a.start == b.start || a.end == b.end)
}
