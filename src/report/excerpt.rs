//! The lines of a source that a person looks at.
//!
//! A minified plan is one line of megabytes, and the neighbours of a value may be secrets: of a long line, only the value
//! itself is shown.

use std::ops::Range;

use crate::check::Surroundings;
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
    /// Whether `text` is only the value, or a word for it.
    pub(super) cut: bool,
    /// Where the value starts in the source.
    pub(super) position: Position,
}

/// The line that a value starts in, or as much of it as may be shown.
pub(super) fn of(place: &Location, surroundings: Surroundings) -> Excerpt {
    let text = place.source.text();
    let lines = place.source.lines();
    let position = lines.position(text, place.start);
    let line = lines.range(text, position.line);
    let (start, end) = (
        place.start as usize,
        (place.end as usize).clamp(place.start as usize, line.end.max(place.start as usize)),
    );
    if surroundings == Surroundings::Nothing {
        let text = "(sensitive)".to_owned();
        return Excerpt { span: 0..text.len(), text, cut: true, position };
    }
    let alone = surroundings == Surroundings::Value && !is_alone(text, start, end, &line);
    if line.len() <= WIDTH && !alone {
        let shown = text.get(line.clone()).unwrap_or("").replace('\t', " ");
        let span = start - line.start..end - line.start;
        return Excerpt { text: shown, span, cut: false, position };
    }
    let value = text.get(start..end).unwrap_or("");
    let kept: String = value.chars().take(SHOWN).collect();
    let cut = kept.len() < value.len();
    let text = format!("{kept}{}", if cut { "…" } else { "" });
    Excerpt { span: 0..kept.len(), text, cut: true, position }
}

/// Whether a value is the only one on its line: nothing but its own key stands before it.
fn is_alone(text: &str, start: usize, end: usize, line: &Range<usize>) -> bool {
    let before = text.get(line.start..start).unwrap_or("").trim_start();
    let after = text.get(end..line.end.max(end)).unwrap_or("").trim();
    let own_key = before.is_empty()
        || before
            .strip_prefix('"')
            .and_then(|rest| rest.split_once('"'))
            .is_some_and(|(_, rest)| rest.trim() == ":");
    own_key && matches!(after, "" | ",")
}
