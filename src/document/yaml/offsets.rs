//! Positions counted in characters to positions counted in bytes.
//!
//! The parser counts characters. Its positions grow, with short steps back, so a cursor that walks between them makes
//! the conversion linear in the length of the text, and free where the text is ASCII.

pub(super) struct Offsets<'t> {
    text: &'t str,
    ascii: bool,
    chars: usize,
    byte: usize,
}

impl<'t> Offsets<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, ascii: text.is_ascii(), chars: 0, byte: 0 }
    }

    /// The byte offset of the character at `index`.
    pub(super) fn byte(&mut self, index: usize) -> usize {
        if self.ascii {
            return index.min(self.text.len());
        }
        if index >= self.chars {
            let rest = self.text.get(self.byte..).unwrap_or("");
            for next in rest.chars().take(index - self.chars) {
                self.byte += next.len_utf8();
                self.chars += 1;
            }
        } else {
            let before = self.text.get(..self.byte).unwrap_or("");
            for previous in before.chars().rev().take(self.chars - index) {
                self.byte -= previous.len_utf8();
                self.chars -= 1;
            }
        }
        self.byte
    }
}
