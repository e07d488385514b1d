//! A look at how deep brackets go, before a parser that follows them is let loose.

/// Deeper files are refused.
pub(super) const LIMIT: usize = 128;

/// Where brackets are nested deeper than the limit. Brackets in strings, comments and messages do not count.
pub(super) fn too_deep(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'[' | b'{' | b'(' => {
                depth += 1;
                if depth > LIMIT {
                    return Some(at);
                }
            }
            b']' | b'}' | b')' => depth = depth.saturating_sub(1),
            b'\'' | b'"' => at = skip_string(bytes, at),
            b'#' => at = find(bytes, at, b"\n"),
            b'<' if bytes.get(at + 1) == Some(&b'<') => at = find(bytes, at, b">>"),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The end of a string, or where it starts if it has none (an apostrophe in a regular expression).
fn skip_string(bytes: &[u8], start: usize) -> usize {
    let Some(&quote) = bytes.get(start) else { return start };
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        if byte == quote && bytes.get(at - 1) != Some(&b'\\') {
            return at;
        }
        at += 1;
    }
    start
}

fn find(bytes: &[u8], start: usize, end: &[u8]) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    memchr::memmem::find(rest, end).map_or(bytes.len(), |found| start + found + end.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_real_brackets_count() {
        assert_eq!(too_deep(&"[".repeat(LIMIT)), None);
        assert_eq!(too_deep(&"[".repeat(LIMIT + 1)), Some(LIMIT));
        assert_eq!(
            too_deep(&format!("'{}' # {}\n<<{}>>", "[".repeat(200), "[".repeat(200), "{".repeat(200))),
            None
        );
    }
}
