//! The lines of a source that a person looks at.
//!
//! A minified plan is one line of megabytes, and the neighbours of a value may be secrets: of a long line, only the value
//! itself is shown.

use std::ops::Range;

use crate::document::{Location, Position};

/// Longer lines are cut.
const WIDTH: usize = 180;
/// More than this of a value is not shown.
const SHOWN: usize = 120;

/// A piece of a source, ready to be framed.
#[derive(Debug)]
pub(super) struct Excerpt {
    /// One line.
    pub(super) text: String,
    /// The value in it.
    pub(super) span: Range<usize>,
    /// Where the value starts in the source.
    pub(super) position: Position,
}

/// The line that a value starts in.
pub(super) fn of(place: &Location) -> Excerpt {
    let text = place.source.text();
    let lines = place.source.lines();
    let position = lines.position(text, place.start);
    let line = lines.range(text, position.line);
    let (start, end) = (
        place.start as usize,
        (place.end as usize).clamp(place.start as usize, line.end.max(place.start as usize)),
    );
    if line.len() <= WIDTH {
        let shown = text.get(line.clone()).unwrap_or("").replace('\t', " ");
        let span = start - line.start..end - line.start;
        return Excerpt { text: shown, span, position };
    }
    let value = text.get(start..end).unwrap_or("");
    let kept: String = value.chars().take(SHOWN).collect();
    let cut = kept.len() < value.len();
    let text = format!("… {kept}{} …", if cut { "…" } else { "" });
    let from = "… ".len();
    Excerpt { span: from..from + kept.len(), text, position }
}
