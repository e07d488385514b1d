//! A look at the text before a syntax error: which brackets are open there, and which texts in quotes go over lines.

/// What is known of the text up to an offset.
pub(super) struct Scan {
    /// Brackets that are open, with where they stand.
    open: Vec<(u8, usize)>,
    /// The last text in quotes that goes over the end of a line.
    broken: Option<(usize, usize)>,
}

impl Scan {
    /// Looks at `text` up to `end`.
    pub(super) fn to(text: &str, end: usize) -> Self {
        let bytes = text.as_bytes().get(..end).unwrap_or_default();
        let mut scan = Self { open: Vec::new(), broken: None };
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'[' | b'{' | b'(' => scan.open.push((byte, at)),
                b']' | b'}' | b')' => {
                    scan.open.pop();
                }
                b'\'' | b'"' => {
                    let close = closing(bytes, at + 1, byte);
                    if bytes.get(at..close).is_some_and(|inside| inside.contains(&b'\n')) {
                        scan.broken = Some((at, close));
                    }
                    at = close;
                }
                b'/' if begins_value(bytes.get(..at).unwrap_or_default()) => {
                    at = closing(bytes, at + 1, b'/');
                }
                b'#' => at = after(bytes, at, b"\n"),
                b'<' if bytes.get(at + 1) == Some(&b'<') => at = after(bytes, at, b">>"),
                _ => {}
            }
            at += 1;
        }
        scan
    }

    /// The innermost bracket that is open, and where it stands.
    pub(super) fn innermost(&self) -> Option<(char, usize)> {
        self.open.last().map(|(byte, at)| (char::from(*byte), *at))
    }

    /// What would close the innermost bracket.
    pub(super) fn closer(&self) -> Option<&'static str> {
        Some(match self.innermost()?.0 {
            '{' => "`}`",
            '[' => "`]`",
            _ => "`)`",
        })
    }

    /// The last text in quotes that goes over the end of a line: where it starts and ends.
    pub(super) fn broken(&self) -> Option<(usize, usize)> {
        self.broken
    }
}

/// The line of an offset, from 1.
pub(super) fn line(text: &str, offset: usize) -> usize {
    memchr::memchr_iter(b'\n', text.as_bytes().get(..offset).unwrap_or_default()).count() + 1
}

/// Where a text that is closed by `quote` ends; the end of everything where it is not closed.
pub(super) fn closing(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        if byte == quote && bytes.get(at.wrapping_sub(1)) != Some(&b'\\') {
            return at;
        }
        at += 1;
    }
    at
}

/// Whether a slash behind `before` begins a regular expression.
fn begins_value(before: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    let sign = matches!(before.last(), Some(b'=' | b'[' | b',' | b'(' | b':'));
    sign || before.ends_with(b" in") || before.ends_with(b" IN")
}

fn after(bytes: &[u8], start: usize, end: &[u8]) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    memchr::memmem::find(rest, end).map_or(bytes.len(), |found| start + found + end.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_real_brackets_are_open() {
        let text = "rule r { a[ b == '{[' # [\n c == /[']/ <<(>> ";
        assert_eq!(Scan::to(text, text.len()).innermost(), Some(('[', 10)));
        assert_eq!(Scan::to(text, text.len()).broken(), None);
        assert_eq!(Scan::to("a == 'x\n b == 'y", 16).broken(), Some((5, 14)));
    }
}
