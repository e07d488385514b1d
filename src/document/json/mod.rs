//! Reading JSON.
//!
//! A scanner of our own, because a checker must see repeated keys and places, which `serde_json::Value` drops. It is
//! held against `serde_json` by a property test, and measured against it in `benches/reading.rs`. It never recurses,
//! so nesting cannot exhaust the stack.

mod apart;

use super::limits::{LimitError, Limits};
use super::tree::{Builder, Kind, NodeId, Tree};
use super::{FileId, SyntaxError};

pub use apart::{is_value, read_apart};

/// Reads the document that starts at byte `from` of `text`, the text of the source `file`. Returns its root and the
/// offset behind it.
pub fn read(
    tree: &mut Tree,
    file: FileId,
    text: &str,
    from: usize,
    limits: Limits,
) -> Result<(NodeId, usize), SyntaxError> {
    read_without(tree, file, text, from, limits, &[])
}

/// Reads like [`read`], but leaves out what stands under some keys of the outermost map: it is checked, and becomes a
/// null.
pub fn read_without(
    tree: &mut Tree,
    file: FileId,
    text: &str,
    from: usize,
    limits: Limits,
    without: &[&str],
) -> Result<(NodeId, usize), SyntaxError> {
    let mut reader = Reader { without, ..Reader::new(Builder::new(tree, file, limits), text, from, limits) };
    reader.document()?;
    let end = reader.at;
    finish(reader.builder, end)
}

/// Reads the document that the content of the string `literal` is. Offsets in errors count in that content.
pub fn read_inside(tree: &mut Tree, literal: NodeId, limits: Limits) -> Result<NodeId, SyntaxError> {
    let content = tree.string(literal).unwrap_or("").to_owned();
    let builder = Builder::inside(tree, literal, limits);
    let mut reader = Reader::new(builder, &content, 0, limits);
    reader.document()?;
    reader.end_of_text()?;
    let end = reader.at;
    finish(reader.builder, end).map(|(root, _)| root)
}

fn finish(builder: Builder<'_>, end: usize) -> Result<(NodeId, usize), SyntaxError> {
    builder.finish().map(|root| (root, end)).ok_or_else(|| SyntaxError::new(end, "expected a JSON value"))
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    builder: Builder<'t>,
    /// The opening bracket of each open list or map, and where it stands.
    open: Vec<(u8, usize)>,
    limits: Limits,
    /// Keys of the outermost map whose values are left out.
    without: &'t [&'t str],
    /// Where the value starts that is being left out, and how deep it stands: it is checked, and nothing is made of it.
    leaving: Option<(usize, usize)>,
    /// A key of the outermost map, by where it stands, behind which to stop.
    stop: Option<usize>,
    stopped: bool,
}

impl<'t> Reader<'t> {
    fn new(builder: Builder<'t>, text: &'t str, at: usize, limits: Limits) -> Self {
        Self {
            text,
            at,
            builder,
            open: Vec::new(),
            limits,
            without: &[],
            leaving: None,
            stop: None,
            stopped: false,
        }
    }
}

impl Reader<'_> {
    fn document(&mut self) -> Result<(), SyntaxError> {
        self.value()?;
        self.rest()
    }

    /// What follows a value, up to the end of what is open.
    fn rest(&mut self) -> Result<(), SyntaxError> {
        while let Some(&(bracket, _)) = self.open.last().filter(|_| !self.stopped) {
            self.blanks();
            let closing = if bracket == b'{' { b'}' } else { b']' };
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    self.blanks();
                    if self.peek() == Some(closing) {
                        let name = bracket_name(bracket);
                        return Err(SyntaxError::new(
                            self.at - 1,
                            format!("trailing `,` before the end of the {name}"),
                        )
                        .help("remove the comma"));
                    }
                    self.member(bracket)?;
                }
                Some(found) if found == closing => self.close(),
                found => return Err(self.unclosed(found, closing)),
            }
        }
        Ok(())
    }

    /// The next element of a list, or the next key and value of a map.
    fn member(&mut self, bracket: u8) -> Result<(), SyntaxError> {
        if bracket == b'{' {
            self.key()?;
            self.leave_out();
        }
        self.value()
    }

    /// Starts to leave out a value, if the key just read is one of those.
    fn leave_out(&mut self) {
        if self.open.len() != 1 || self.without.is_empty() {
            return;
        }
        let wanted = self.builder.last_text().is_some_and(|key| self.without.contains(&key));
        if wanted {
            self.blanks();
            // Only what is large is worth it.
            let opens = matches!(self.peek(), Some(b'{' | b'['));
            self.leaving = opens.then_some((self.at, self.open.len()));
        }
    }

    fn key(&mut self) -> Result<(), SyntaxError> {
        self.blanks();
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("expected a key in double quotes"));
        }
        self.stopped = self.stop == Some(self.at) && self.open.len() == 1;
        self.string()?;
        self.blanks();
        if self.peek() != Some(b':') {
            return Err(self.unexpected("expected `:` after the key"));
        }
        self.at += 1;
        Ok(())
    }

    /// One scalar, an empty list or map, or the opening of one up to its first scalar.
    fn value(&mut self) -> Result<(), SyntaxError> {
        while !self.stopped {
            self.blanks();
            match self.peek() {
                Some(b'"') => return self.string(),
                Some(bracket @ (b'{' | b'[')) => {
                    self.begin(bracket).map_err(|limit| self.limit(limit))?;
                    self.open.push((bracket, self.at));
                    self.at += 1;
                    self.blanks();
                    if self.peek() == Some(if bracket == b'{' { b'}' } else { b']' }) {
                        self.close();
                        return Ok(());
                    }
                    if bracket == b'{' {
                        self.key()?;
                        self.leave_out();
                    }
                }
                Some(b'-' | b'0'..=b'9') => return self.number(),
                Some(b't') => return self.word("true", Some(true)),
                Some(b'f') => return self.word("false", Some(false)),
                Some(b'n') => return self.word("null", None),
                _ => return Err(self.unexpected("expected a value")),
            }
        }
        Ok(())
    }

    fn begin(&mut self, bracket: u8) -> Result<(), LimitError> {
        if self.leaving.is_some() {
            return if self.open.len() < self.limits.depth {
                Ok(())
            } else {
                Err(LimitError::Depth(self.limits.depth))
            };
        }
        let opened =
            if bracket == b'{' { self.builder.open_map(self.at) } else { self.builder.open_list(self.at) };
        opened.map(|_| ())
    }

    fn close(&mut self) {
        self.at += 1;
        self.open.pop();
        match self.leaving {
            None => self.builder.close(self.at),
            Some((start, depth)) if self.open.len() == depth => {
                self.leaving = None;
                self.builder.null(start, self.at);
            }
            Some(_) => {}
        }
    }

    fn word(&mut self, word: &str, value: Option<bool>) -> Result<(), SyntaxError> {
        let end = self.at + word.len();
        let follows = self.text.as_bytes().get(end).is_some_and(u8::is_ascii_alphanumeric);
        if self.text.get(self.at..end) != Some(word) || follows {
            return Err(self.unexpected("expected a value").help("strings need double quotes"));
        }
        match value {
            _ if self.leaving.is_some() => {}
            Some(value) => {
                self.builder.bool(self.at, end, value);
            }
            None => {
                self.builder.null(self.at, end);
            }
        }
        self.at = end;
        Ok(())
    }

    fn number(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits("expected a digit")?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits("expected a digit after the decimal point")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits("expected a digit in the exponent")?;
        }
        if self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric()) {
            return Err(self.unexpected("expected the end of the number"));
        }
        if self.leaving.is_none() {
            self.builder.number(start, self.at);
        }
        Ok(())
    }

    fn digits(&mut self, expected: &str) -> Result<(), SyntaxError> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 {
            return Err(self.unexpected(expected));
        }
        self.at += count;
        Ok(())
    }

    fn string(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        let from = start + 1;
        let end = find_special(self.text.as_bytes(), from);
        if self.text.as_bytes().get(end) == Some(&b'"') {
            self.at = end + 1;
            if self.leaving.is_none() {
                self.builder.string(start, self.at, (from, end - from));
            }
            return Ok(());
        }
        self.string_with_escapes(start, end)
    }

    #[cold]
    fn string_with_escapes(&mut self, start: usize, first: usize) -> Result<(), SyntaxError> {
        let kept = self.leaving.is_none();
        let buffered = self.builder.buffer().len();
        let mut copied = start + 1;
        let mut at = first;
        loop {
            match self.text.as_bytes().get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    let plain = self.text.get(copied..at).unwrap_or("");
                    let (decoded, length) = self.escape(at)?;
                    if kept {
                        self.builder.buffer().push_str(plain);
                        self.builder.buffer().push(decoded);
                    }
                    copied = at + length;
                }
                Some(control) => {
                    let message = format!("control character U+{control:04X} inside a string");
                    let help = if *control < b' ' { escape_help(*control) } else { "escape it" };
                    return Err(SyntaxError::new(at, message).help(help));
                }
                None => {
                    return Err(SyntaxError::new(self.text.len(), "the file ends inside a string")
                        .related(start, "the string starts here"));
                }
            }
            at = find_special(self.text.as_bytes(), copied);
        }
        let plain = self.text.get(copied..at).unwrap_or("");
        self.at = at + 1;
        if kept {
            self.builder.buffer().push_str(plain);
            self.builder.decoded(Kind::String, start, self.at, buffered);
        }
        Ok(())
    }

    /// The character that the escape sequence at `at` stands for, and the sequence's length.
    fn escape(&self, at: usize) -> Result<(char, usize), SyntaxError> {
        let simple = match self.text.as_bytes().get(at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(at),
            _ => {
                return Err(SyntaxError::new(at, "unknown escape sequence")
                    .help("write a backslash as `\\\\` inside a JSON string"));
            }
        };
        Ok((simple, 2))
    }

    fn unicode_escape(&self, at: usize) -> Result<(char, usize), SyntaxError> {
        let unit = |at: usize| {
            let digits = self.text.get(at + 2..at + 6).filter(|_| self.text.get(at..at + 2) == Some("\\u"));
            let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
            digits.and_then(|digits| u16::from_str_radix(digits, 16).ok())
        };
        let Some(first) = unit(at) else {
            return Err(SyntaxError::new(at, "expected four hexadecimal digits after `\\u`"));
        };
        let units = if (0xD800..0xDC00).contains(&first) {
            unit(at + 6).map(|second| (vec![first, second], 12))
        } else {
            Some((vec![first], 6))
        };
        units
            .and_then(|(units, length)| Some((char::decode_utf16(units).next()?.ok()?, length)))
            .ok_or_else(|| SyntaxError::new(at, "half of a surrogate pair"))
    }

    fn blanks(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(self.at) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Only blanks may follow.
    fn end_of_text(&mut self) -> Result<(), SyntaxError> {
        self.blanks();
        if self.at < self.text.len() {
            Err(self.unexpected("expected the end of the document"))
        } else {
            Ok(())
        }
    }

    fn unexpected(&self, expected: &str) -> SyntaxError {
        let found = match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(found) => format!("{expected}, found `{}`", Shown(found)),
            None => format!("{expected}, found the end of the file"),
        };
        let error = SyntaxError::new(self.at, found);
        match (self.peek(), self.open.last()) {
            (None, Some(&(bracket, start))) => error
                .related(start, format!("this {} is not closed", bracket_name(bracket)))
                .help("the file may be cut: check that it was written to its end"),
            (Some(_), _) if expected.contains("end of the document") => {
                error.help("a file holds one document")
            }
            (Some(b'\''), _) => error.help("JSON strings need double quotes"),
            (Some(b'/' | b'#'), _) => error.help("JSON has no comments"),
            _ => error,
        }
    }

    fn unclosed(&self, found: Option<u8>, closing: u8) -> SyntaxError {
        let closing = char::from(closing);
        let error = self.unexpected(&format!("expected `,` or `{closing}`"));
        match found {
            Some(b'"') => error.help("a comma may be missing before this value"),
            _ => error,
        }
    }

    fn limit(&self, limit: LimitError) -> SyntaxError {
        SyntaxError::from_limit(self.at, limit)
    }
}

/// A character as a message shows it.
struct Shown(char);

impl std::fmt::Display for Shown {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            '\'' | '"' => write!(out, "{}", self.0),
            other => write!(out, "{}", other.escape_debug()),
        }
    }
}

fn bracket_name(bracket: u8) -> &'static str {
    if bracket == b'{' { "map" } else { "list" }
}

fn escape_help(control: u8) -> &'static str {
    match control {
        b'\n' => "write a line break inside a JSON string as `\\n`",
        b'\t' => "write a tab inside a JSON string as `\\t`",
        b'\r' => "write a carriage return inside a JSON string as `\\r`",
        _ => "write control characters inside a JSON string as `\\u` and four digits",
    }
}

/// The position, at or after `from`, of the next quote, backslash or control character, or the length of the text.
fn find_special(bytes: &[u8], from: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // A byte of `word` is zero where the corresponding byte of the result has its high bit set; bytes above the
    // lowest such one may be flagged wrongly, but only the lowest is used.
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let (chunks, _) = bytes.get(from..).unwrap_or_default().as_chunks::<8>();
    let mut at = from;
    for chunk in chunks {
        let word = u64::from_le_bytes(*chunk);
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        let special = zero(word ^ (ONES * 0x22)) | zero(word ^ (ONES * 0x5C)) | control;
        if special != 0 {
            return at + (special.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|&byte| byte == b'"' || byte == b'\\' || byte < 0x20).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests;
