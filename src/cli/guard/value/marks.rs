//! Where the peer's YAML reader says that a value starts, which for some values is not where it is written.

use crate::document::{Kind, NodeId, Tree};

/// The offset of a value as the peer counts it.
pub(super) fn start(tree: &Tree, node: NodeId) -> Option<usize> {
    let place = tree.place(node)?;
    let (start, end) = (place.span.start as usize, place.span.end as usize);
    let text = tree.source(place.span.file).map_or("", |source| source.text());
    let first = text.as_bytes().get(start).copied().unwrap_or(b'\n');
    Some(match tree.kind(node) {
        Kind::List if !matches!(first, b'-' | b'[' | b'!' | b'&') || starts_inside(tree, node, start) => {
            first_dash(text, start)
        }
        Kind::String if start == end && tree.is_plain(node) => nothing(text, start),
        Kind::String
            if !tree.is_plain(node) && !matches!(first, b'"' | b'\'' | b'!' | b'&' | b'|' | b'>') =>
        {
            block(text, start)
        }
        _ => start,
    })
}

/// Whether what a list is said to start with is its first element.
fn starts_inside(tree: &Tree, list: NodeId, start: usize) -> bool {
    let first = tree.list(list).and_then(|list| list.get(0)).and_then(|first| tree.place(first));
    first.is_some_and(|first| first.span.start as usize == start)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn byte(text: &str, at: usize) -> u8 {
    text.as_bytes().get(at).copied().unwrap_or(b'\n')
}

/// Back over blanks.
fn back(text: &str, mut at: usize) -> usize {
    while at > 0 && is_blank(byte(text, at - 1)) {
        at -= 1;
    }
    at
}

/// A list whose dashes are not indented starts at the first of them.
fn first_dash(text: &str, start: usize) -> usize {
    let before = back(text, start);
    if before > 0 && byte(text, before - 1) == b'-' { before - 1 } else { start }
}

/// A value that is not written: behind the colon or dash that announces it; between brackets, before what follows.
fn nothing(text: &str, start: usize) -> usize {
    let from = if matches!(byte(text, start), b':' | b'-') { start + 1 } else { start };
    let mut next = from;
    while is_blank(byte(text, next)) {
        next += 1;
    }
    if matches!(byte(text, next), b',' | b'}' | b']') {
        return next;
    }
    let before = back(text, from);
    if before > 0 && matches!(byte(text, before - 1), b':' | b'-' | b'?') { before } else { from }
}

/// A block scalar starts at its `|` or `>`.
fn block(text: &str, start: usize) -> usize {
    let before = text.get(..start).unwrap_or("").trim_end();
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let header = before.get(line..).unwrap_or("");
    let header = header.find(" #").and_then(|comment| header.get(..comment)).unwrap_or(header);
    header.rfind(['|', '>']).map_or(start, |at| line + at)
}
