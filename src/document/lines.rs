//! Byte offsets to lines and columns.
//!
//! People count columns in characters, SARIF and editors in UTF-16 units; both start at 1 here. A line ends at a line
//! feed, a carriage return, or the two together.

/// Where the lines of a text start. Built in one pass, asked by binary search.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// Characters and UTF-16 units before every `STEP`th byte; none for ASCII text, where both are bytes. A plan can be
    /// one line of many megabytes, and every finding asks for a column in it.
    counts: Vec<Count>,
    gap: Option<Gap>,
}

/// A part that was left out of a text, and that counts for lines and columns all the same.
#[derive(Clone, Copy, Debug)]
pub struct Gap {
    /// Where it stood.
    at: u32,
    /// How many lines end in it.
    lines: u32,
    /// What stands in it behind the last end of a line.
    last: Count,
}

impl Gap {
    /// For a part of a text that stood at `at`.
    pub fn new(at: usize, part: &str) -> Self {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        let index = LineIndex::new(part);
        let start = index.starts.last().map_or(0, |&start| start as usize);
        let last = Count::default().add(part.as_bytes().get(start..).unwrap_or_default());
        Self { at, lines: u32::try_from(index.count() - 1).unwrap_or(u32::MAX), last }
    }

    /// Where it stood.
    pub fn at(&self) -> usize {
        self.at as usize
    }
}

/// How many bytes lie between two counts.
const STEP: usize = 1024;

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    characters: u32,
    units: u32,
}

impl Count {
    fn and(self, other: Self) -> Self {
        Self {
            characters: self.characters.saturating_add(other.characters),
            units: self.units.saturating_add(other.units),
        }
    }

    fn add(self, bytes: &[u8]) -> Self {
        let starts = bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
        let pairs = bytes.iter().filter(|&&byte| byte >= 0xF0).count();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Self {
            characters: self.characters.saturating_add(number(starts)),
            units: self.units.saturating_add(number(starts + pairs)),
        }
    }
}

/// A line and column, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl LineIndex {
    /// Finds the lines of `text`.
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        let bytes = text.as_bytes();
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            let lone_return = bytes.get(at) == Some(&b'\r') && bytes.get(at + 1) == Some(&b'\n');
            if !lone_return {
                starts.push(u32::try_from(at + 1).unwrap_or(u32::MAX));
            }
        }
        let mut counts = Vec::new();
        if !text.is_ascii() {
            let mut so_far = Count::default();
            for chunk in bytes.chunks(STEP) {
                counts.push(so_far);
                so_far = so_far.add(chunk);
            }
        }
        Self { starts, counts, gap: None }
    }

    /// The lines of a text of which a part was left out.
    #[must_use]
    pub fn with_gap(self, gap: Option<Gap>) -> Self {
        Self { gap, ..self }
    }

    /// The number of lines; at least 1.
    pub fn count(&self) -> usize {
        self.starts.len() + self.gap.map_or(0, |gap| gap.lines as usize)
    }

    /// The line (from 1) that holds the byte at `offset`.
    pub fn line(&self, offset: u32) -> u32 {
        let before = self.gap.filter(|gap| gap.at <= offset).map_or(0, |gap| gap.lines);
        self.kept_line(offset).saturating_add(before)
    }

    /// The line of the text as it is, without what was left out.
    fn kept_line(&self, offset: u32) -> u32 {
        u32::try_from(self.starts.partition_point(|&start| start <= offset)).unwrap_or(u32::MAX)
    }

    /// Line and column (in characters) of the byte at `offset`.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let column = self.before(text, offset).characters.saturating_add(1);
        Position { line: self.line(offset), column }
    }

    /// Line and column in UTF-16 code units, as SARIF and the language server protocol count.
    pub fn position_utf16(&self, text: &str, offset: u32) -> Position {
        Position { line: self.line(offset), column: self.before(text, offset).units.saturating_add(1) }
    }

    /// The byte range of a line (from 1) without its line break. A line of which something was left out is what is
    /// left of it.
    pub fn range(&self, text: &str, line: u32) -> std::ops::Range<usize> {
        let line = match self.gap {
            Some(gap) if line > self.kept_line(gap.at) => {
                line.saturating_sub(gap.lines).max(self.kept_line(gap.at))
            }
            _ => line,
        };
        let index = (line as usize).saturating_sub(1);
        let start = self.starts.get(index).map_or(text.len(), |&at| at as usize);
        let end = self.starts.get(index + 1).map_or(text.len(), |&at| at as usize);
        let trimmed = text.get(start..end).unwrap_or("").trim_end_matches(['\n', '\r']).len();
        start..start + trimmed
    }

    /// What stands before the character at `offset` in its line.
    fn before(&self, text: &str, offset: u32) -> Count {
        let line = (self.kept_line(offset) as usize).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0) as usize;
        let end = floor_char_boundary(text, offset as usize).max(start);
        match self.gap {
            Some(gap) if (start..=end).contains(&gap.at()) && gap.at <= offset => {
                let own = self.between(text, gap.at(), end);
                let first =
                    if gap.lines == 0 { self.between(text, start, gap.at()) } else { Count::default() };
                first.and(gap.last).and(own)
            }
            _ => self.between(text, start, end),
        }
    }

    fn between(&self, text: &str, start: usize, end: usize) -> Count {
        let (start, end) = (self.count_before(text, start), self.count_before(text, end));
        Count { characters: end.characters - start.characters, units: end.units - start.units }
    }

    /// What lies before the byte at `offset`.
    fn count_before(&self, text: &str, offset: usize) -> Count {
        let Some(&known) = self.counts.get(offset / STEP).or_else(|| self.counts.last()) else {
            let bytes = u32::try_from(offset).unwrap_or(u32::MAX);
            return Count { characters: bytes, units: bytes };
        };
        let from = (offset / STEP).min(self.counts.len() - 1) * STEP;
        known.add(text.as_bytes().get(from..offset).unwrap_or_default())
    }
}

/// The nearest character boundary at or before `offset`.
pub(crate) fn floor_char_boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_any_kind_of_break() {
        let text = "a\nb\r\nc\rd";
        let index = LineIndex::new(text);
        assert_eq!(index.count(), 4);
        assert_eq!(index.position(text, 5), Position { line: 3, column: 1 });
        assert_eq!(&text[index.range(text, 2)], "b");
        assert_eq!(&text[index.range(text, 4)], "d");
    }

    #[test]
    fn columns_of_long_lines_are_the_same() {
        let text = format!("{}\n{}", "é𝄞x".repeat(700), "aé".repeat(2000));
        let index = LineIndex::new(&text);
        for (offset, _) in text.char_indices() {
            let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
            let before = &text[start..offset];
            let offset = u32::try_from(offset).unwrap();
            assert_eq!(index.position(&text, offset).column as usize, before.chars().count() + 1);
            assert_eq!(
                index.position_utf16(&text, offset).column as usize,
                before.encode_utf16().count() + 1
            );
        }
    }

    #[test]
    fn what_is_left_out_counts() {
        for part in ["", "é𝄞", "x\ny", "\n", "a\r\nbé\nc𝄞d"] {
            let (head, tail) = ("one\ntwé ", " x\nthree 𝄞é\nfour");
            let (whole, kept) = (format!("{head}{part}{tail}"), format!("{head}{tail}"));
            let index = LineIndex::new(&kept).with_gap(Some(Gap::new(head.len(), part)));
            let all = LineIndex::new(&whole);
            assert_eq!(index.count(), all.count());
            let number = |offset: usize| u32::try_from(offset).unwrap();
            for (offset, _) in kept.char_indices() {
                let moved = if offset < head.len() { offset } else { offset + part.len() };
                let (offset, moved) = (number(offset), number(moved));
                assert_eq!(index.position(&kept, offset), all.position(&whole, moved), "{part:?} {offset}");
                assert_eq!(index.position_utf16(&kept, offset), all.position_utf16(&whole, moved));
            }
            for (line, text) in
                [(1, "one"), (number(all.count()), "four"), (number(all.count()) - 1, "three 𝄞é")]
            {
                assert_eq!(&kept[index.range(&kept, line)], text);
            }
            let rest = all.line(number(head.len() + part.len()));
            assert_eq!(&kept[index.range(&kept, rest)], "twé  x");
        }
    }

    #[test]
    fn columns_count_characters_or_utf16_units() {
        let text = "é𝄞x";
        let index = LineIndex::new(text);
        assert_eq!(index.position(text, 6).column, 3);
        assert_eq!(index.position_utf16(text, 6).column, 4);
        assert_eq!(index.position(text, 3).column, 2, "an offset inside a character counts as its start");
    }
}
