//! Reading JSON.
//!
//! A scanner of our own, because a checker must see repeated keys and places, which `serde_json::Value` drops. It is
//! held against `serde_json` by a property test, and measured against it in `benches/reading.rs`. It never recurses,
//! so nesting cannot exhaust the stack.

use super::limits::{LimitError, Limits};
use super::tree::{Builder, Kind, NodeId, Tree};
use super::{FileId, SyntaxError};

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
    let builder = Builder::new(tree, file, limits);
    let mut reader = Reader { text, at: from, builder, open: Vec::new(), limits, without, leaving: None };
    reader.document()?;
    let end = reader.at;
    finish(reader.builder, end)
}

/// Reads the document that the content of the string `literal` is. Offsets in errors count in that content.
pub fn read_inside(tree: &mut Tree, literal: NodeId, limits: Limits) -> Result<NodeId, SyntaxError> {
    let content = tree.string(literal).unwrap_or("").to_owned();
    let builder = Builder::inside(tree, literal, limits);
    let mut reader =
        Reader { text: &content, at: 0, builder, open: Vec::new(), limits, without: &[], leaving: None };
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
    /// Where the value starts that is being left out: it is checked, and nothing is made of it.
    leaving: Option<usize>,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<(), SyntaxError> {
        self.value()?;
        while let Some(&(bracket, _)) = self.open.last() {
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
            self.leaving = opens.then_some(self.at);
        }
    }

    fn key(&mut self) -> Result<(), SyntaxError> {
        self.blanks();
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("expected a key in double quotes"));
        }
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
        loop {
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
            Some(start) if self.open.len() == 1 => {
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
mod tests {
    use super::*;
    use crate::document::{Source, View};
    use proptest::prelude::*;
    use serde_json::Value;

    fn parse(text: &str) -> Result<(Tree, NodeId), SyntaxError> {
        let mut tree = Tree::new();
        let file = tree.add_source(Source::from_text("t.json", text));
        let (root, _) = read(&mut tree, file, text, 0, Limits::default())?;
        Ok((tree, root))
    }

    /// The tree as `serde_json` would have read it.
    fn value(tree: &Tree, node: NodeId) -> Value {
        match tree.view(node) {
            View::Bool(value) => Value::Bool(value),
            View::Number(text) => serde_json::from_str(text).unwrap(),
            View::String(text) => Value::String(text.to_owned()),
            View::List(list) => list.iter().map(|node| value(tree, node)).collect(),
            View::Map(map) => map.iter().map(|(_, key, node)| (key.to_owned(), value(tree, node))).collect(),
            _ => Value::Null,
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::from),
            (-99999i32..99999).prop_map(|n| Value::from(f64::from(n) / 64.0)),
            any::<String>().prop_map(Value::String),
            "[a-z\\\\\"/\u{8}\n\t{}:, é𝄞]{0,24}".prop_map(Value::String),
        ];
        leaf.prop_recursive(6, 200, 24, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..24).prop_map(Value::Array),
                prop::collection::vec((".{0,9}", inner), 0..24).prop_map(|v| v.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn reads_what_serde_json_reads(json in any_json(), pretty in any::<bool>()) {
            let text = if pretty { format!("{json:#}") } else { json.to_string() };
            let (tree, root) = parse(&text).unwrap();
            prop_assert_eq!(value(&tree, root), json);
        }

        #[test]
        fn accepts_what_serde_json_accepts(text in "[\\[\\]{}:,\"\\\\ \ntrufalsn0-9eE.+\\-]{0,16}") {
            let theirs = serde_json::from_str::<Value>(&text);
            let ours = parse(&text);
            let whole = ours.is_ok() && {
                let mut tree = Tree::new();
                let file = tree.add_source(Source::from_text("t", text.as_str()));
                let end = read(&mut tree, file, &text, 0, Limits::default()).unwrap().1;
                text[end..].trim_matches([' ', '\n', '\r', '\t']).is_empty()
            };
            // Numbers beyond the range of a double are kept as written here and refused there.
            let beyond = theirs.as_ref().is_err_and(|e| e.to_string().contains("out of range"));
            prop_assert!(whole == theirs.is_ok() || beyond, "{text:?}: ours {whole}, theirs {theirs:?}");
        }

        #[test]
        fn the_text_at_a_place_reads_to_the_value(json in any_json()) {
            let text = format!("{json:#}");
            let (tree, _) = parse(&text).unwrap();
            for index in 0..tree.len() {
                let node = NodeId::from_index(index);
                let place = tree.place(node).unwrap();
                let read: Value = serde_json::from_str(place.span.slice(&text)).unwrap();
                prop_assert_eq!(&read, &value(&tree, node));
                let pointed = tree.pointer(node);
                if !json.pointer(&pointed).is_some_and(|at| *at == read) {
                    // Keys have the pointer of their entry.
                    prop_assert!(read.is_string(), "{pointed}");
                }
            }
        }

        #[test]
        fn a_document_inside_a_string_has_places_in_the_file(json in any_json(), depth in 1..4usize) {
            let mut text = json.to_string();
            for _ in 0..depth {
                text = serde_json::json!({ "k": text }).to_string();
            }
            let (mut tree, mut root) = parse(&text).unwrap();
            for _ in 0..depth {
                let literal = tree.get(root, "k").unwrap();
                root = read_inside(&mut tree, literal, Limits::default()).unwrap();
            }
            prop_assert_eq!(value(&tree, root), json);
            let mut written = tree.place(root).unwrap().span.slice(&text).to_owned();
            for _ in 0..depth {
                written = serde_json::from_str(&format!("\"{written}\"")).unwrap();
            }
            prop_assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), value(&tree, root));
        }
    }

    #[test]
    fn repeated_keys_are_kept_and_reported() {
        let many: String = (0..40).map(|i| format!("\"k{i}\": {i}, ")).collect();
        for text in ["{\"a\": 1, \"b\": 2, \"a\": 3}".to_owned(), format!("{{{many}\"a\": 1, \"a\": 3}}")] {
            let (tree, root) = parse(&text).unwrap();
            let map = tree.map(root).unwrap();
            assert_eq!(tree.scalar(map.get("a").unwrap()), Some("3"));
            let [duplicate] = tree.duplicates() else { panic!("one duplicate") };
            assert!(duplicate.first < duplicate.again);
            assert_eq!(tree.scalar(duplicate.again), Some("a"));
        }
    }

    #[test]
    fn errors_say_what_was_expected_and_where() {
        for (text, offset, message) in [
            ("", 0, "expected a value, found the end of the file"),
            ("{\"a\": 1", 7, "expected `,` or `}`, found the end of the file"),
            ("{\"a\": 1,}", 7, "trailing `,` before the end of the map"),
            ("{'a': 1}", 1, "expected a key in double quotes, found `'`"),
            ("[1 2]", 3, "expected `,` or `]`, found `2`"),
            ("[\"a\nb\"]", 3, "control character U+000A inside a string"),
            ("[\"a", 3, "the file ends inside a string"),
            ("[01]", 2, "expected the end of the number, found `1`"),
            ("[tru]", 1, "expected a value, found `t`"),
            (r#"["\ud800x"]"#, 2, "half of a surrogate pair"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.offset, error.message.as_str()), (offset, message), "{text}");
        }
    }

    #[test]
    fn what_is_left_out_leaves_no_trace() {
        for text in [
            r#"{"big": {"x": [1, {"big": 2}], "x": "\n"}, "kept": {"big": ["\t"]}}"#,
            r#"{"kept": {"big": ["\t"]}, "big": [[], {}]}"#,
            r#"{"big": 3, "kept": {"big": ["\t"]}}"#,
        ] {
            let mut tree = Tree::new();
            let file = tree.add_source(Source::from_text("t.json", text));
            let (root, end) = read_without(&mut tree, file, text, 0, Limits::default(), &["big"]).unwrap();
            assert_eq!(end, text.len());
            assert_eq!(value(&tree, tree.get(root, "kept").unwrap()), serde_json::json!({"big": ["\t"]}));
            let big = tree.get(root, "big").unwrap();
            assert!(matches!(tree.view(big), View::Null | View::Number(_)), "{text}");
            assert!(tree.duplicates().is_empty());
            let inner = tree.at(root, &["kept", "big"]).unwrap();
            assert_eq!(tree.pointer(inner), "/kept/big");
            assert_eq!(tree.place(inner).unwrap().span.slice(text), r#"["\t"]"#);
        }
        let mut tree = Tree::new();
        let file = tree.add_source(Source::from_text("t.json", "x"));
        assert!(
            read_without(&mut tree, file, r#"{"big": {"x" 1}}"#, 0, Limits::default(), &["big"]).is_err()
        );
    }

    #[test]
    fn nesting_has_a_limit_and_no_stack() {
        let text = "[".repeat(1_000_000);
        assert!(parse(&text).unwrap_err().message.contains("nested more than"));
    }
}
