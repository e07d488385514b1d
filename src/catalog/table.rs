//! The container of the embedded tables.
//!
//! A file is a head, a directory of sections and the sections themselves: cells of fixed width, little endian. Reading
//! one is looking at its directory; strings are slices of the file.

use std::borrow::Cow;

/// A file that is no table of ours, or one that is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// The first bytes are not those of such a file, or of another version of it.
    #[error("not a catalogue of this version")]
    Magic,
    /// A section leads past the end.
    #[error("the catalogue is cut off")]
    CutOff,
    /// A section that is needed is not there.
    #[error("the catalogue has no section `{0}`")]
    Missing(&'static str),
    /// The strings are not UTF-8.
    #[error("the catalogue's texts are not UTF-8")]
    Text,
}

/// A section: where it is, and how many cells it has.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Section {
    start: usize,
    end: usize,
    pub(super) count: usize,
}

/// A file of sections.
#[derive(Clone, Debug)]
pub(super) struct Table {
    bytes: Cow<'static, [u8]>,
    directory: Vec<([u8; 4], Section)>,
    /// All strings, one behind the other.
    strings: Cow<'static, str>,
    offsets: Section,
}

impl Table {
    /// Looks at the directory of a file, and checks that its texts are texts.
    pub(super) fn open(bytes: Cow<'static, [u8]>, magic: [u8; 8]) -> Result<Self, TableError> {
        if bytes.get(..8) != Some(magic.as_slice()) {
            return Err(TableError::Magic);
        }
        let word = |at: usize| read_u32(&bytes, at).map(|word| word as usize);
        let count = word(12).ok_or(TableError::CutOff)?;
        let mut directory = Vec::new();
        for index in 0..count.min(64) {
            let at = 16 + 16 * index;
            let tag = bytes.get(at..at + 4).and_then(|tag| tag.try_into().ok()).ok_or(TableError::CutOff)?;
            let (Some(count), Some(start), Some(length)) = (word(at + 4), word(at + 8), word(at + 12)) else {
                return Err(TableError::CutOff);
            };
            let section = Section { start, end: start + length, count };
            if section.end > bytes.len() {
                return Err(TableError::CutOff);
            }
            directory.push((tag, section));
        }
        let mut table = Self { bytes, directory, strings: Cow::Borrowed(""), offsets: Section::default() };
        // Looked at once, so that no string has to be each time that it is asked for.
        let Section { start, end, .. } = table.section("STRS")?;
        table.strings = match &table.bytes {
            Cow::Borrowed(bytes) => Cow::Borrowed(text_of(bytes, start, end)?),
            Cow::Owned(bytes) => Cow::Owned(text_of(bytes, start, end)?.to_owned()),
        };
        table.offsets = table.section("STRI")?;
        Ok(table)
    }

    /// A file without anything.
    pub(super) fn empty() -> Self {
        let none = Section::default();
        Self { bytes: Cow::Borrowed(&[]), directory: Vec::new(), strings: Cow::Borrowed(""), offsets: none }
    }

    /// The section with a tag.
    pub(super) fn section(&self, tag: &'static str) -> Result<Section, TableError> {
        let found = self.directory.iter().find(|(own, _)| own == tag.as_bytes());
        found.map(|&(_, section)| section).ok_or(TableError::Missing(tag))
    }

    /// The bytes of the whole file.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The text of a whole section, or of a part of it.
    pub(super) fn text(&self, section: Section, start: usize, length: usize) -> &str {
        let bytes = self.bytes.get(section.start + start..section.start + start + length);
        bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("")
    }

    /// The length of a section in bytes.
    pub(super) fn length(section: Section) -> usize {
        section.end - section.start
    }

    pub(super) fn u8(&self, section: Section, at: usize) -> u8 {
        self.bytes.get(section.start + at).copied().unwrap_or(0)
    }

    pub(super) fn u16(&self, section: Section, at: usize) -> u16 {
        let at = section.start + at;
        let bytes = self.bytes.get(at..at + 2).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, u16::from_le_bytes)
    }

    pub(super) fn u32(&self, section: Section, at: usize) -> u32 {
        read_u32(&self.bytes, section.start + at).unwrap_or(0)
    }

    /// The interned string with an id; empty where there is none.
    pub(super) fn string(&self, id: u32) -> &str {
        let at = 4 * id as usize;
        let (start, end) = (self.u32(self.offsets, at) as usize, self.u32(self.offsets, at + 4) as usize);
        self.strings.get(start..end).unwrap_or("")
    }

    /// The values of the list with an index, in a pair of sections: offsets and 16-bit values.
    pub(super) fn list(&self, offsets: Section, values: Section, index: usize) -> List<'_> {
        let start = self.u32(offsets, 4 * index) as usize;
        let end = self.u32(offsets, 4 * index + 4) as usize;
        List { table: self, values, at: start, end }
    }
}

fn text_of(bytes: &[u8], start: usize, end: usize) -> Result<&str, TableError> {
    std::str::from_utf8(bytes.get(start..end).unwrap_or_default()).map_err(|_| TableError::Text)
}

fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(u32::from_le_bytes(bytes))
}

/// An interned list of 16-bit values.
#[derive(Clone, Debug)]
pub(super) struct List<'c> {
    table: &'c Table,
    values: Section,
    at: usize,
    end: usize,
}

impl Iterator for List<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        if self.at >= self.end {
            return None;
        }
        self.at += 1;
        Some(self.table.u16(self.values, 2 * (self.at - 1)))
    }
}

/// Compares without case, as AWS compares names.
pub(super) fn without_case(left: &str, right: &str) -> std::cmp::Ordering {
    let lower = |byte: u8| byte.to_ascii_lowercase();
    left.bytes().map(lower).cmp(right.bytes().map(lower))
}
