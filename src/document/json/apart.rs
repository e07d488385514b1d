//! Reading on two threads: one value of the outermost map is read beside what stands before it.
//!
//! Where a value starts is not known before everything up to it has been read. It is guessed, by its key, and the guess
//! holds if the reader comes to just this key of the outermost map; else what was read beside is thrown away.

use super::{Reader, finish};
use crate::document::limits::Limits;
use crate::document::tree::{Builder, NodeId, Tree};
use crate::document::{FileId, SyntaxError};

/// Reads like [`read_without`](super::read_without), the value of the last key `apart` on another thread.
pub fn read_apart(
    tree: &mut Tree,
    file: FileId,
    text: &str,
    limits: Limits,
    without: &[&str],
    apart: &str,
) -> Result<(NodeId, usize), SyntaxError> {
    let key = format!("\"{apart}\"");
    let stop = memchr::memmem::rfind(text.as_bytes(), key.as_bytes());
    let mut beside = tree.beside();
    let mut reader =
        Reader { without, stop, ..Reader::new(Builder::new(tree, file, limits), text, 0, limits) };
    let (read, end) = rayon::join(
        || reader.document(),
        || value_behind(&mut beside, file, text, stop? + key.len(), limits),
    );
    read?;
    if reader.stopped {
        reader.stopped = false;
        match end.filter(|_| reader.builder.adopt(beside)) {
            Some(end) => reader.at = end,
            None => reader.value()?,
        }
        reader.rest()?;
    }
    let end = reader.at;
    finish(reader.builder, end)
}

/// Reads the value that a colon at `at` leads to. Returns the offset behind it; nothing where there is no such value.
fn value_behind(tree: &mut Tree, file: FileId, text: &str, at: usize, limits: Limits) -> Option<usize> {
    // One map is open around it.
    let limits = Limits { depth: limits.depth.checked_sub(1)?, ..limits };
    let mut reader = Reader::new(Builder::new(tree, file, limits), text, at, limits);
    reader.blanks();
    if reader.peek() != Some(b':') {
        return None;
    }
    reader.at += 1;
    reader.document().ok()?;
    let end = reader.at;
    finish(reader.builder, end).ok().map(|(_, end)| end)
}

/// Whether a text is one value and nothing else, which may be nested so deep. Nothing is made of it.
pub fn is_value(text: &str, limits: Limits) -> bool {
    let mut tree = Tree::new();
    let builder = Builder::new(&mut tree, FileId(0), limits);
    let mut reader = Reader { leaving: Some((0, 0)), ..Reader::new(builder, text, 0, limits) };
    reader.document().is_ok() && reader.end_of_text().is_ok()
}
