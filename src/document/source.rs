//! Bytes with a name, decoded to text.
//!
//! Input arrives as UTF-8 or, from PowerShell's redirection, as UTF-16. Everything above sees UTF-8 text. This file
//! decodes; it never reads from the file system.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::lines::{Gap, LineIndex};

/// How the bytes of a source were encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 without a byte order mark.
    Utf8,
    /// UTF-8 that starts with a byte order mark.
    Utf8Bom,
    /// UTF-16, least significant byte first.
    Utf16Le,
    /// UTF-16, most significant byte first.
    Utf16Be,
}

/// One input: the name a person knows it by, and its text.
#[derive(Debug)]
pub struct Source {
    name: Box<str>,
    text: Box<str>,
    encoding: Encoding,
    /// Where a part was left out, and what is known of that.
    left_at: Option<usize>,
    gap: OnceLock<Gap>,
    lines: OnceLock<LineIndex>,
}

/// Why bytes are not text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A byte sequence that UTF-8 does not allow.
    #[error("byte {byte:#04x} at offset {offset} is not valid UTF-8")]
    Utf8 {
        /// The first byte that does not fit.
        byte: u8,
        /// Its position in the file, from 0.
        offset: usize,
    },
    /// UTF-16 with a lone surrogate or an odd number of bytes.
    #[error("the file starts with a UTF-16 byte order mark, but unit {unit} is not valid UTF-16")]
    Utf16 {
        /// The position of the unit, from 0, after the byte order mark.
        unit: usize,
    },
    /// UTF-32, which no tool of this field writes.
    #[error("the file is encoded as UTF-32")]
    Utf32,
}

impl Source {
    /// A source from text that is known to be UTF-8.
    pub fn from_text(name: impl Into<Box<str>>, text: impl Into<Box<str>>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: text.into(),
            encoding: Encoding::Utf8,
            left_at: None,
            gap: OnceLock::new(),
            lines: OnceLock::new(),
        })
    }

    /// Decodes the bytes of a file.
    pub fn decode(name: impl Into<Box<str>>, bytes: Vec<u8>) -> Result<Arc<Self>, DecodeError> {
        let encoding = sniff(&bytes)?;
        let text = match encoding {
            Encoding::Utf8 => utf8(bytes, 0)?,
            Encoding::Utf8Bom => utf8(bytes.get(3..).unwrap_or_default().to_vec(), 3)?,
            Encoding::Utf16Le => utf16(&bytes, u16::from_le_bytes)?,
            Encoding::Utf16Be => utf16(&bytes, u16::from_be_bytes)?,
        };
        let (name, text) = (name.into(), text.into());
        let (gap, lines) = (OnceLock::new(), OnceLock::new());
        Ok(Arc::new(Self { name, text, encoding, left_at: None, gap, lines }))
    }

    /// The source without what stands in a list or map of its text, whose brackets stay, and that list or map, whose lines
    /// are [to be counted](Self::count_left_out). Nothing must have been left out or asked about lines before.
    pub(crate) fn leave_out(self, part: Range<usize>) -> (Self, Box<str>) {
        let mut text = String::from(self.text);
        let left_out: Box<str> = text.get(part.clone()).unwrap_or("").into();
        let inner = part.start + 1..(part.end - 1).max(part.start + 1);
        let left_at = Some(inner.start);
        text.replace_range(inner, "");
        (Self { text: text.into(), left_at, ..self }, left_out)
    }

    /// Counts the lines of what was left out. Only then are lines and columns those of the whole text.
    pub(crate) fn count_left_out(&self, left_out: &str) {
        if let Some(at) = self.left_at {
            let inner = left_out.get(1..left_out.len().saturating_sub(1)).unwrap_or("");
            self.gap.get_or_init(|| Gap::new(at, inner));
        }
    }

    /// The source with the list or map that was left out of it.
    pub(crate) fn put_back(self, left_out: &str) -> Self {
        let Some(at) = self.left_at else { return self };
        let mut text = String::from(self.text);
        text.replace_range(at - 1..=at, left_out);
        Self { text: text.into(), left_at: None, gap: OnceLock::new(), lines: OnceLock::new(), ..self }
    }

    /// The name to show: a path as the user gave it, or `<stdin>`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text, as UTF-8, without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How the bytes were encoded.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The line starts, found at the first call.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text).with_gap(self.gap.get().copied()))
    }
}

fn sniff(bytes: &[u8]) -> Result<Encoding, DecodeError> {
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => Err(DecodeError::Utf32),
        [0xEF, 0xBB, 0xBF, ..] => Ok(Encoding::Utf8Bom),
        [0xFF, 0xFE, ..] => Ok(Encoding::Utf16Le),
        [0xFE, 0xFF, ..] => Ok(Encoding::Utf16Be),
        // Without a mark: an ASCII character beside a zero byte can only be UTF-16 in our formats.
        [first, 0, second, 0, ..] if *first != 0 && *second != 0 => Ok(Encoding::Utf16Le),
        [0, first, 0, second, ..] if *first != 0 && *second != 0 => Ok(Encoding::Utf16Be),
        _ => Ok(Encoding::Utf8),
    }
}

fn utf8(bytes: Vec<u8>, skipped: usize) -> Result<String, DecodeError> {
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let byte = error.as_bytes().get(offset).copied().unwrap_or(0);
        DecodeError::Utf8 { byte, offset: offset + skipped }
    })
}

fn utf16(bytes: &[u8], read: fn([u8; 2]) -> u16) -> Result<String, DecodeError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let body = match pairs.first().map(|&pair| read(pair)) {
        Some(0xFEFF) => pairs.get(1..).unwrap_or_default(),
        _ => pairs,
    };
    if !rest.is_empty() {
        return Err(DecodeError::Utf16 { unit: body.len() });
    }
    let mut text = String::with_capacity(body.len());
    for (unit, decoded) in char::decode_utf16(body.iter().map(|&pair| read(pair))).enumerate() {
        text.push(decoded.map_err(|_| DecodeError::Utf16 { unit })?);
    }
    Ok(text)
}

/// Removes terminal colour sequences, which `terraform show` writes when it believes it has a terminal.
pub fn strip_ansi(text: &str) -> Cow<'_, str> {
    if memchr::memchr(0x1B, text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        out.push_str(rest.get(..at).unwrap_or(""));
        rest = rest.get(at + 1..).unwrap_or("");
        if let Some(sequence) = rest.strip_prefix('[') {
            let end = sequence.find(|c: char| ('@'..='~').contains(&c)).map_or(sequence.len(), |i| i + 1);
            rest = sequence.get(end..).unwrap_or("");
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(text: &str, mark: bool, write: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
        units.flat_map(write).collect()
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "{\"é\": \"𝄞\"}";
        let marked = [&[0xEF, 0xBB, 0xBF], text.as_bytes()].concat();
        for (bytes, encoding) in [
            (text.as_bytes().to_vec(), Encoding::Utf8),
            (marked, Encoding::Utf8Bom),
            (encode(text, true, u16::to_le_bytes), Encoding::Utf16Le),
            (encode(text, true, u16::to_be_bytes), Encoding::Utf16Be),
            (encode(text, false, u16::to_be_bytes), Encoding::Utf16Be),
        ] {
            let source = Source::decode("t", bytes).unwrap();
            assert_eq!((source.text(), source.encoding()), (text, encoding));
        }
    }

    #[test]
    fn bytes_that_are_no_text_say_where() {
        let error = Source::decode("t", b"ab\xFFcd".to_vec()).unwrap_err();
        assert_eq!(error, DecodeError::Utf8 { byte: 0xFF, offset: 2 });
        let error = Source::decode("t", vec![0xFF, 0xFE, 0x41, 0x00, 0x42]).unwrap_err();
        assert_eq!(error, DecodeError::Utf16 { unit: 1 });
    }

    #[test]
    fn colour_sequences_go() {
        assert_eq!(strip_ansi("\u{1b}[1m{\u{1b}[0m}"), "{}");
        assert!(matches!(strip_ansi("{}"), Cow::Borrowed(_)));
    }
}
