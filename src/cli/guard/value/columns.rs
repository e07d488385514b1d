//! Offsets to lines and columns, counted in characters from 0, however long a line is.

use crate::document::LineIndex;

use super::Position;

/// Bytes between two marks.
const STRIDE: usize = 1024;

/// A text whose positions are asked for.
#[derive(Debug)]
pub(in crate::cli::guard) struct Text<'t> {
    content: &'t str,
    lines: LineIndex,
    /// Characters before every `STRIDE`th byte; nothing if every character is one byte.
    marks: Vec<u32>,
}

impl<'t> Text<'t> {
    pub(in crate::cli::guard) fn new(text: &'t str) -> Self {
        let mut marks = Vec::new();
        if !text.is_ascii() {
            let mut characters = 0u32;
            for chunk in text.as_bytes().chunks(STRIDE) {
                marks.push(characters);
                characters += starts(chunk);
            }
        }
        Self { content: text, lines: LineIndex::new(text), marks }
    }

    /// The part of the text that `part` is, if it is one and no copy.
    pub(super) fn part(&self, part: &str) -> Option<&'t str> {
        let start = part.as_ptr().addr().checked_sub(self.content.as_ptr().addr())?;
        let found = self.content.get(start..start.checked_add(part.len())?)?;
        std::ptr::eq(found, part).then_some(found)
    }

    pub(super) fn position(&self, offset: u32) -> Position {
        let line = self.lines.line(offset);
        let start = self.lines.range(self.content, line).start;
        let column = self.characters(offset as usize).saturating_sub(self.characters(start));
        Position { line: line.saturating_sub(1) as usize, column }
    }

    /// The number of characters before an offset.
    fn characters(&self, offset: usize) -> usize {
        let Some(&before) = self.marks.get(offset / STRIDE) else { return offset };
        let from = offset / STRIDE * STRIDE;
        let rest = self.content.as_bytes().get(from..offset).unwrap_or_default();
        before as usize + starts(rest) as usize
    }
}

/// How many characters start in some bytes.
fn starts(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_no_part() {
        let text = Text::new("one two");
        let two = text.content.get(4..).unwrap();
        let copy = two.to_owned();
        assert_eq!((text.part(two), text.part(&copy), text.part("")), (Some("two"), None, None));
    }

    #[test]
    fn positions_count_characters_on_long_lines_too() {
        let long = format!("é: x\n{}z\nend", "äb".repeat(3000));
        let text = Text::new(&long);
        let at = |needle: char| u32::try_from(long.find(needle).unwrap()).unwrap();
        assert_eq!(text.position(at('x')), Position { line: 0, column: 3 });
        assert_eq!(text.position(at('z')), Position { line: 1, column: 6000 });
        assert_eq!(text.position(at('d')), Position { line: 2, column: 2 });
        assert_eq!(Text::new("ab\ncd").position(4), Position { line: 1, column: 1 });
    }
}
