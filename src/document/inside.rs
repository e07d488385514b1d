//! From an offset in a string's content back to the offset in what was written for it.
//!
//! A JSON string's escapes and a YAML block's indentation mean that the two differ. This walks both at once; it is
//! called for values that are printed, never while reading.

use super::tree::Style;

/// A scalar as it was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written<'t> {
    /// Its text, quotes and all.
    pub(crate) raw: &'t str,
    /// How it is quoted.
    pub(crate) style: Style,
    /// Whether the text starts with a tag or an anchor.
    pub(crate) prefixed: bool,
}

/// The offset in the text as written of the byte at `at` in the decoded `content`.
pub(crate) fn raw_offset(written: Written<'_>, content: &str, at: usize) -> usize {
    let Written { raw, style, prefixed } = written;
    let mut walk = Walk { raw, content, r: 0, c: 0 };
    if prefixed {
        walk.skip_properties();
    }
    match style {
        Style::Json => walk.json(at),
        Style::DoubleQuoted => walk.double_quoted(at),
        Style::SingleQuoted => walk.single_quoted(at),
        Style::LiteralBlock | Style::FoldedBlock => walk.block(at),
        Style::Plain => walk.flow(at),
    }
    walk.r.min(raw.len())
}

/// The offsets in the text as written of the bytes at `start` and `end`, which is not before it.
pub(crate) fn raw_range(written: Written<'_>, content: &str, start: usize, end: usize) -> (usize, usize) {
    let (Written { raw, style: Style::Json, prefixed: false }, true) = (written, start <= end) else {
        return (raw_offset(written, content, start), raw_offset(written, content, end));
    };
    let mut walk = Walk { raw, content, r: 0, c: 0 };
    walk.json(start);
    let first = walk.r.min(raw.len());
    walk.json_on(end);
    (first, walk.r.min(raw.len()))
}

struct Walk<'t> {
    raw: &'t str,
    content: &'t str,
    r: usize,
    c: usize,
}

impl Walk<'_> {
    fn raw_char(&self) -> Option<char> {
        self.raw.get(self.r..)?.chars().next()
    }

    fn content_char(&self) -> Option<char> {
        self.content.get(self.c..)?.chars().next()
    }

    /// Past the opening quote, then one character of content at a time.
    fn json(&mut self, at: usize) {
        self.r = 1;
        self.json_on(at);
    }

    fn json_on(&mut self, at: usize) {
        while self.c < at {
            // Up to the next escape sequence, both are the same.
            let rest = self.raw.as_bytes().get(self.r..).unwrap_or_default();
            let same = memchr::memchr(b'\\', rest).unwrap_or(rest.len()).min(at - self.c);
            self.r += same;
            self.c += same;
            if self.c < at {
                let (Some(wanted), Some(found)) = (self.content_char(), self.raw_char()) else { return };
                self.step_over(wanted, found);
            }
        }
    }

    fn double_quoted(&mut self, at: usize) {
        self.r += 1;
        loop {
            while self.raw_starts_with_continuation() {
                self.r += 1;
                self.skip_raw_blanks();
            }
            let (Some(wanted), Some(found)) = (self.content_char(), self.raw_char()) else { return };
            if self.c >= at {
                return;
            }
            if found.is_whitespace() && self.raw_blanks_hold_a_break() {
                // A folded break: one blank of content, or a line break for each empty line.
                self.skip_raw_blanks();
                self.c += 1;
                while wanted == '\n' && self.content_char() == Some('\n') {
                    self.c += 1;
                }
            } else {
                self.step_over(wanted, found);
            }
        }
    }

    /// One character of content, written as itself or as an escape sequence.
    fn step_over(&mut self, wanted: char, found: char) {
        self.r += match found {
            '\\' => escape_length(self.raw.get(self.r..).unwrap_or(""), wanted),
            _ => found.len_utf8(),
        };
        self.c += wanted.len_utf8();
    }

    fn raw_starts_with_continuation(&self) -> bool {
        let rest = self.raw.get(self.r..).unwrap_or("");
        rest.starts_with("\\\n") || rest.starts_with("\\\r")
    }

    fn raw_blanks_hold_a_break(&self) -> bool {
        let rest = self.raw.get(self.r..).unwrap_or("");
        rest.chars().take_while(|c| c.is_whitespace()).any(|c| c == '\n' || c == '\r')
    }

    fn single_quoted(&mut self, at: usize) {
        self.r += 1;
        while self.c < at {
            let (Some(wanted), Some(found)) = (self.content_char(), self.raw_char()) else { return };
            if wanted == '\'' && self.raw.get(self.r..).is_some_and(|rest| rest.starts_with("''")) {
                self.r += 2;
                self.c += 1;
            } else {
                self.align(wanted, found);
            }
        }
    }

    fn flow(&mut self, at: usize) {
        while self.c < at {
            let (Some(wanted), Some(found)) = (self.content_char(), self.raw_char()) else { return };
            self.align(wanted, found);
        }
    }

    fn block(&mut self, at: usize) {
        // A range starts at the content, or before a tag and then at the header (`|`, `>-`, …).
        if self.r > 0 && matches!(self.raw_char(), Some('|' | '>')) {
            let rest = self.raw.get(self.r..).unwrap_or("");
            self.r += rest.find('\n').map_or(rest.len(), |at| at + 1);
        }
        self.flow(at);
        // The byte asked for is the first of a line: its indentation comes before it.
        if self.content_char().is_some_and(|next| !next.is_whitespace()) {
            self.skip_raw_blanks();
        }
    }

    /// One step of both where they agree; blanks that only one side has are skipped there.
    fn align(&mut self, wanted: char, found: char) {
        if wanted == found {
            self.r += found.len_utf8();
            self.c += wanted.len_utf8();
        } else if wanted.is_whitespace() && found.is_whitespace() {
            self.skip_raw_blanks();
            self.c += wanted.len_utf8();
        } else if found.is_whitespace() {
            self.skip_raw_blanks();
        } else if wanted.is_whitespace() {
            self.c += wanted.len_utf8();
        } else {
            self.r += found.len_utf8();
            self.c += wanted.len_utf8();
        }
    }

    fn skip_raw_blanks(&mut self) {
        while let Some(found) = self.raw_char().filter(|c| c.is_whitespace()) {
            self.r += found.len_utf8();
        }
    }

    /// A tag and an anchor before the scalar itself.
    fn skip_properties(&mut self) {
        while let Some('!' | '&') = self.raw_char() {
            let rest = self.raw.get(self.r..).unwrap_or("");
            self.r += rest.find(char::is_whitespace).unwrap_or(rest.len());
            self.skip_raw_blanks();
        }
    }
}

/// The length of the escape sequence at the start of `rest`, which stands for `decoded`.
fn escape_length(rest: &str, decoded: char) -> usize {
    match rest.as_bytes().get(1) {
        Some(b'u') if decoded.len_utf16() == 2 => 12,
        Some(b'u') => 6,
        Some(b'x') => 4,
        Some(b'U') => 10,
        _ => 1 + rest.get(1..).and_then(|after| after.chars().next()).map_or(0, char::len_utf8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(raw: &str, content: &str, style: Style, needle: &str) -> String {
        let start = content.find(needle).unwrap();
        let written = Written { raw, style, prefixed: raw.starts_with('!') };
        let from = raw_offset(written, content, start);
        let end = start + needle.len();
        assert_eq!(raw_range(written, content, start, end), (from, raw_offset(written, content, end)));
        raw[from..].chars().take(needle.chars().count()).collect()
    }

    #[test]
    fn escapes_of_json_strings_are_stepped_over() {
        let raw = r#""{\"a\":\t\"é\",\"b\":\"\ud834\udd1eXY\"}""#;
        let content = "{\"a\":\t\"é\",\"b\":\"𝄞XY\"}";
        assert_eq!(found(raw, content, Style::Json, "XY"), "XY");
    }

    #[test]
    fn indentation_of_blocks_is_stepped_over() {
        let raw = "!Sub |\n    {\n      \"Effect\": \"Allow\"\n    }\n";
        let content = "{\n  \"Effect\": \"Allow\"\n}\n";
        assert_eq!(found(raw, content, Style::LiteralBlock, "Effect"), "Effect");
        assert_eq!(found(raw, content, Style::LiteralBlock, "}"), "}");
    }

    #[test]
    fn folded_lines_are_stepped_over() {
        let raw = "\"one\n   two \\\n   three\"";
        assert_eq!(found(raw, "one two three", Style::DoubleQuoted, "three"), "three");
        assert_eq!(found("one\n  two\n", "one two\n", Style::FoldedBlock, "two"), "two");
        assert_eq!(found("'it''s\n  here'", "it's here", Style::SingleQuoted, "here"), "here");
        assert_eq!(found("one\n   two", "one two", Style::Plain, "two"), "two");
    }
}
