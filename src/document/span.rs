//! Places in bytes: which file, from where to where.
//!
//! Spans are half-open byte ranges of the decoded (UTF-8) text of one source. They know nothing of lines; a
//! [`LineIndex`](super::LineIndex) turns them into lines and columns when, and only when, something is printed.

/// A source of one unit of work, by its position in the unit's list of sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub(crate) u16);

impl FileId {
    /// The position in the list of sources.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A half-open range of bytes in one source. Invariant: `start <= end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The source that the offsets refer to.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// A span; ends that lie before the start are moved to it, so that the invariant holds.
    pub fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end: end.max(start) }
    }

    /// The empty span at `offset`.
    pub fn at(file: FileId, offset: u32) -> Self {
        Self { file, start: offset, end: offset }
    }

    /// The number of bytes covered.
    pub fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether no byte is covered.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The text that the span covers, or nothing where `text` is not the text it was made for.
    pub fn slice(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}
