//! Reading YAML.
//!
//! The grammar is `saphyr-parser`'s; this module turns its events into nodes. What a plain scalar means depends on who
//! reads it, so that is asked of a [`Schema`]. Aliases become second references to the same nodes: nothing is copied,
//! and the limit on expansion is kept by counting.

mod offsets;
mod schema;

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, StrInput, Tag};

use super::limits::{LimitError, Limits};
use super::tree::{Builder, Kind, NodeId, Style, Tree};
use super::{FileId, SyntaxError};

use offsets::Offsets;
pub use schema::Schema;

/// Reads all documents of `text`, the text of the source `file`. Returns their roots.
pub fn read(
    tree: &mut Tree,
    file: FileId,
    text: &str,
    schema: Schema,
    limits: Limits,
) -> Result<Vec<NodeId>, SyntaxError> {
    lenient(tree, text, |tree, shown, offsets| {
        let mut parser = Parser::new(StrInput::new(shown));
        let mut roots = Vec::new();
        loop {
            let reader = Reader::new(text, schema, Builder::new(tree, file, limits), limits);
            let (root, more) = reader.document(&mut parser, offsets)?;
            roots.extend(root);
            if !more {
                return Ok(roots);
            }
        }
    })
}

/// Reads the document that the content of the string `literal` is. Offsets in errors count in that content. Nothing
/// where there is no document, only blanks and comments.
pub fn read_inside(
    tree: &mut Tree,
    literal: NodeId,
    schema: Schema,
    limits: Limits,
) -> Result<Option<NodeId>, SyntaxError> {
    let content = tree.string(literal).unwrap_or("").to_owned();
    lenient(tree, &content, |tree, shown, offsets| {
        let mut parser = Parser::new(StrInput::new(shown));
        let builder = Builder::inside(tree, literal, limits);
        let (root, more) = Reader::new(&content, schema, builder, limits).document(&mut parser, offsets)?;
        if more {
            return Err(Stop::from(SyntaxError::new(
                content.len(),
                "more than one YAML document in a string",
            )));
        }
        Ok(root)
    })
}

/// Why reading stopped.
struct Stop {
    error: SyntaxError,
    /// What the text could be shown with, where the error is one of blanks that YAML 1.1's readers do not mind.
    shown_with: Option<ShownWith>,
}

/// How a text is shown to the parser, which changes no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ShownWith {
    /// Indentation of all lines of the quoted scalar that starts here.
    Indentation,
    /// Indentation of the line that starts here: it does not matter inside quotes and brackets.
    Indented(usize),
    /// Spaces for the tabs behind a colon.
    Spaces,
    /// Spaces for a comment that no blank stands before.
    NoComment,
}

impl From<SyntaxError> for Stop {
    fn from(error: SyntaxError) -> Self {
        Self { error, shown_with: None }
    }
}

impl Stop {
    /// Why the parser stopped.
    fn of(error: &ScanError, text: &str, offsets: &mut Offsets<'_>) -> Self {
        let what = syntax(error, text, offsets);
        let shown_with = match error.info() {
            "invalid indentation in quoted scalar" => Some(ShownWith::Indentation),
            "invalid indentation"
            | "invalid indentation in flow construct"
            | "tab cannot be used as indentation" => {
                Some(ShownWith::Indented(offsets::line_start(text, what.offset)))
            }
            "tabs disallowed within this context (block indentation)" => {
                offsets::tab_inside_brackets(text, what.offset).map(ShownWith::Indented)
            }
            // The tab stands in a line behind the one in which the scalar starts.
            "while scanning a plain scalar, found a tab" => {
                let rest = text.get(what.offset..).unwrap_or("");
                let next = rest.find('\n').map(|end| what.offset + end + 1);
                next.and_then(|next| offsets::tab_inside_brackets(text, next)).map(ShownWith::Indented)
            }
            "':' must be followed by a valid YAML whitespace" => Some(ShownWith::Spaces),
            "comments must be separated from other tokens by whitespace" => Some(ShownWith::NoComment),
            _ => None,
        };
        Self { error: what, shown_with }
    }
}

/// How often a text is read again, shown with one more line indented, and how many bytes that may cost.
const INDENTED_LINES: usize = 4_000;
const INDENTED_BYTES: usize = 256 << 20;

/// Reads a text; where the parser minds the indentation of a line inside quotes or brackets, a tab behind a colon, or that
/// no blank stands before a comment, it is shown an indented line or spaces.
fn lenient<T>(
    tree: &mut Tree,
    text: &str,
    read: impl Fn(&mut Tree, &str, &mut Offsets<'_>) -> Result<T, Stop>,
) -> Result<T, SyntaxError> {
    let mark = tree.mark();
    let mut stop = match read(tree, text, &mut Offsets::new(text, &[])) {
        Ok(done) => return Ok(done),
        Err(stop) => stop,
    };
    let first = stop.error.clone();
    let mut lines = Vec::new();
    let mut spaced = Cow::Borrowed(text);
    for times in 1..=INDENTED_LINES {
        let Some(shown_with) = stop.shown_with else { break };
        let at = stop.error.offset;
        let known = lines.len();
        let spaced_out = match shown_with {
            ShownWith::Indentation => {
                lines.extend(offsets::lines_of_quoted(text, at));
                false
            }
            ShownWith::Indented(line) => {
                lines.push(line);
                false
            }
            ShownWith::Spaces => offsets::space_out(&mut spaced, at),
            ShownWith::NoComment => offsets::take_comment(&mut spaced, at),
        };
        lines.sort_unstable();
        lines.dedup();
        let changed = spaced_out || lines.len() > known;
        if !changed || lines.len() >= INDENTED_LINES || times * text.len() >= INDENTED_BYTES {
            break;
        }
        let shown = offsets::indent(&spaced, &lines);
        tree.reset(&mark);
        stop = match read(tree, &shown, &mut Offsets::new(&shown, &lines)) {
            Ok(done) => return Ok(done),
            Err(stop) => stop,
        };
    }
    Err(first)
}

/// A list or map that is not closed.
struct Open {
    node: NodeId,
    anchor: usize,
    /// How many nodes there were before it.
    before: usize,
    /// It is a map, and what comes next is a key.
    wants_key: bool,
    is_map: bool,
}

struct Reader<'t> {
    text: &'t str,
    schema: Schema,
    builder: Builder<'t>,
    limits: Limits,
    open: Vec<Open>,
    /// Anchors that are complete: the node, and how many nodes it would be if written out.
    anchors: FxHashMap<usize, (NodeId, usize)>,
    /// Nodes so far, as if every alias had been written out.
    expanded: usize,
    /// Where the last value ended; block collections end there, not at the next token.
    last_end: usize,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, schema: Schema, builder: Builder<'t>, limits: Limits) -> Self {
        let (open, anchors) = (Vec::new(), FxHashMap::default());
        Self { text, schema, builder, limits, open, anchors, expanded: 0, last_end: 0 }
    }

    /// One document: its root, if it has one, and whether there is another document.
    fn document(
        mut self,
        parser: &mut Parser<'_, StrInput<'_>>,
        offsets: &mut Offsets<'_>,
    ) -> Result<(Option<NodeId>, bool), Stop> {
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| Stop::of(&error, self.text, offsets))?;
            let start = offsets.byte(span.start.index());
            let end = offsets.byte(span.end.index()).max(start);
            match event {
                Event::Scalar(text, style, anchor, tag) => {
                    self.scalar(&text, style, anchor, tag.as_deref(), (start, end))?;
                }
                Event::MappingStart(anchor, tag) => {
                    self.open(Kind::Map, anchor, tag.as_deref(), start)?;
                }
                Event::SequenceStart(anchor, tag) => {
                    self.open(Kind::List, anchor, tag.as_deref(), start)?;
                }
                Event::MappingEnd | Event::SequenceEnd => self.close(end),
                Event::Alias(anchor) => self.alias(anchor, (start, end))?,
                Event::DocumentEnd => {
                    let more = self.another(parser);
                    return Ok((self.builder.finish(), more));
                }
                Event::StreamEnd => break,
                Event::DocumentStart(_) | Event::StreamStart | Event::Nothing => {}
            }
        }
        Ok((self.builder.finish(), false))
    }

    fn another(&self, parser: &mut Parser<'_, StrInput<'_>>) -> bool {
        match parser.peek() {
            Some(Ok((Event::StreamEnd, _))) | None => false,
            // A document that ends the stream with nothing but comments is none.
            _ => self.last_end < self.text.len(),
        }
    }

    fn scalar(
        &mut self,
        content: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        (start, end): (usize, usize),
    ) -> Result<(), SyntaxError> {
        self.count(1, start)?;
        let is_key = self.passes();
        let node = if style == ScalarStyle::Plain {
            self.plain(content, tag, is_key, anchor > 0, (start, end))
        } else {
            self.quoted(content, style, tag.is_some() || anchor > 0, (start, end))
        };
        if let Some(tag) = tag {
            self.builder.mark_tag(node, &tag_name(tag));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, (node, 1));
        }
        // The range of a block scalar goes on to the next token.
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        self.last_end = if is_block { self.text.get(..end).unwrap_or("").trim_end().len() } else { end };
        Ok(())
    }

    fn plain(
        &mut self,
        content: &str,
        tag: Option<&Tag>,
        is_key: bool,
        anchored: bool,
        (start, end): (usize, usize),
    ) -> NodeId {
        let kind = match tag {
            Some(tag) => Schema::tagged(&tag_name(tag), content),
            None => self.schema.plain(content),
        };
        // `Null:` and `on:` are keys as they are written.
        let kind = if is_key && matches!(kind, Scalar::Null | Scalar::Bool(_)) { Scalar::Text } else { kind };
        // Behind a tag or an anchor, the content is the end of the range.
        let from = end.saturating_sub(content.len());
        let written = self.text.get(from..end) == Some(content) && from >= start;
        let node = match kind {
            Scalar::Null => self.builder.null(start, end),
            Scalar::Bool(value) => self.builder.bool(start, end, value),
            Scalar::Number if written && from == start => self.builder.number(start, end),
            Scalar::Text if written => self.builder.string(start, end, (from, content.len())),
            Scalar::Number => self.decoded(Kind::Number, content, start, end),
            Scalar::Text => {
                let node = self.decoded(Kind::String, content, start, end);
                self.builder.mark_style(node, Style::Plain, anchored || tag.is_some());
                node
            }
        };
        self.builder.mark_plain(node);
        node
    }

    fn quoted(
        &mut self,
        content: &str,
        style: ScalarStyle,
        prefixed: bool,
        (start, end): (usize, usize),
    ) -> NodeId {
        let inner = (start + 1, end.saturating_sub(1));
        let flow = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
        if flow && !prefixed && self.text.get(inner.0..inner.1) == Some(content) {
            return self.builder.string(start, end, (inner.0, content.len()));
        }
        let content = if flow { content } else { self.unbroken(content, (start, end)) };
        // A block scalar's range ends where the next token starts; what is left over is no content.
        let raw = self.text.get(start..end).unwrap_or("");
        let end = if flow { end } else { start + raw.trim_end().len() };
        let node = self.decoded(Kind::String, content, start, end);
        let style = match style {
            ScalarStyle::SingleQuoted => Style::SingleQuoted,
            ScalarStyle::Literal => Style::LiteralBlock,
            ScalarStyle::Folded => Style::FoldedBlock,
            ScalarStyle::DoubleQuoted | ScalarStyle::Plain => Style::DoubleQuoted,
        };
        self.builder.mark_style(node, style, prefixed);
        node
    }

    /// The content of a block scalar, without the line break that the parser puts behind the last line of a text that
    /// ends without one.
    fn unbroken<'c>(&self, content: &'c str, (start, end): (usize, usize)) -> &'c str {
        let Some((before, last)) = self.text.rsplit_once(['\n', '\r']) else { return content };
        let Some(shorter) = content.strip_suffix('\n') else { return content };
        let line = last.trim_start();
        let indented = last.len() - line.len();
        let is_out = indented < indentation(self.text, start) && !shorter.is_empty();
        let belongs = if line.is_empty() {
            !last.is_empty() && !is_out && end > before.len()
        } else {
            let again = before.lines().next_back().is_some_and(|above| above.trim() == line);
            let comment = line.starts_with('#') && is_out && again;
            let marker = indented == 0 && (line.starts_with("---") || line.starts_with("..."));
            end > before.len() + 1 && !comment && !marker && shorter.ends_with(line)
        };
        if belongs { shorter } else { content }
    }

    fn decoded(&mut self, kind: Kind, content: &str, start: usize, end: usize) -> NodeId {
        let from = self.builder.buffer().len();
        self.builder.buffer().push_str(content);
        self.builder.decoded(kind, start, end, from)
    }

    fn open(
        &mut self,
        kind: Kind,
        anchor: usize,
        tag: Option<&Tag>,
        start: usize,
    ) -> Result<(), SyntaxError> {
        let before = self.expanded;
        self.count(1, start)?;
        self.passes();
        let opened =
            if kind == Kind::Map { self.builder.open_map(start) } else { self.builder.open_list(start) };
        let node = opened.map_err(|limit| SyntaxError::from_limit(start, limit))?;
        if let Some(tag) = tag {
            self.builder.mark_tag(node, &tag_name(tag));
        }
        let is_map = kind == Kind::Map;
        self.open.push(Open { node, anchor, before, wants_key: is_map, is_map });
        self.last_end = start;
        Ok(())
    }

    fn close(&mut self, end: usize) {
        let Some(Open { node, anchor, before, .. }) = self.open.pop() else { return };
        if anchor > 0 {
            self.anchors.insert(anchor, (node, self.expanded - before));
        }
        let flow_end = self.text.as_bytes().get(end.wrapping_sub(1));
        let is_flow = end > self.last_end && matches!(flow_end, Some(b'}' | b']'));
        self.last_end = if is_flow { end } else { self.last_end };
        // Only CloudFormation merges; to the peer's readers `<<` is a key like any other.
        if self.schema == Schema::CloudFormation {
            self.builder.merge_keys();
        }
        self.builder.close(self.last_end);
    }

    fn alias(&mut self, anchor: usize, (start, end): (usize, usize)) -> Result<(), SyntaxError> {
        let Some(&(node, size)) = self.anchors.get(&anchor) else {
            return Err(SyntaxError::new(start, "the alias stands inside the value that it refers to"));
        };
        self.count(size, start)?;
        self.passes();
        self.builder.reuse(node);
        self.last_end = end;
        Ok(())
    }

    /// A node comes; says whether it is a key of a map.
    fn passes(&mut self) -> bool {
        let Some(open) = self.open.last_mut().filter(|open| open.is_map) else { return false };
        let is_key = open.wants_key;
        open.wants_key = !is_key;
        is_key
    }

    fn count(&mut self, nodes: usize, at: usize) -> Result<(), SyntaxError> {
        self.expanded += nodes;
        if self.expanded > self.limits.expanded_nodes {
            return Err(SyntaxError::from_limit(at, LimitError::Expansion(self.limits.expanded_nodes)));
        }
        Ok(())
    }
}

/// What a scalar is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Number,
    Text,
}

/// How far the first thing behind `start` is indented.
fn indentation(text: &str, start: usize) -> usize {
    let rest = text.get(start..).unwrap_or("");
    let at = start + rest.len() - rest.trim_start().len();
    let line = text.get(..at).and_then(|before| before.rfind(['\n', '\r'])).map_or(0, |end| end + 1);
    at - line
}

/// A tag without its leading `!`; the tags of YAML itself keep one (`!!str` is `!str`).
fn tag_name(tag: &Tag) -> Cow<'_, str> {
    match tag.handle.as_str() {
        "!" => Cow::Borrowed(&tag.suffix),
        "tag:yaml.org,2002:" | "!!" => Cow::Owned(format!("!{}", tag.suffix)),
        // `!<…>` spells a tag out.
        "" => match tag.suffix.strip_prefix("tag:yaml.org,2002:") {
            Some(core) => Cow::Owned(format!("!{core}")),
            None => Cow::Borrowed(tag.suffix.strip_prefix('!').unwrap_or(&tag.suffix)),
        },
        handle => Cow::Owned(format!("{handle}{}", tag.suffix)),
    }
}

fn syntax(error: &ScanError, text: &str, offsets: &mut Offsets<'_>) -> SyntaxError {
    let offset = offsets.byte(error.marker().index());
    let message = error.info().trim_end_matches('.');
    let mut lowered = String::with_capacity(message.len());
    let mut chars = message.chars();
    lowered.extend(chars.next().map(|first| first.to_ascii_lowercase()));
    lowered.extend(chars);
    let made = SyntaxError::new(offset, plainly(&lowered));
    let line_start = text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let indentation = text.get(line_start..).unwrap_or("");
    let blanks = indentation.len() - indentation.trim_start_matches([' ', '\t']).len();
    let indented_by_tab = indentation.get(..blanks).is_some_and(|blanks| blanks.contains('\t'));
    if indented_by_tab || message.contains("found a tab") {
        return made.help("YAML does not allow tabs in indentation: use spaces");
    }
    if message.contains("mapping values are not allowed") {
        return made.help("put a text that contains `: ` in quotes, or check the indentation");
    }
    if message.contains("unexpected character") {
        return made.help("put a text that starts with this character in quotes; a file of a template engine is to be rendered first");
    }
    if message.contains("block mapping")
        || message.contains("simple key")
        || message.contains("block collection")
    {
        return made.help("check the indentation of this line, and the `:` behind its key");
    }
    let help = [
        ("quoted scalar", "close the quote that opens here; if it is closed, the file may be cut"),
        ("unknown anchor", "an alias `*name` needs an anchor `&name` before it"),
        ("flow mapping", "a map between braces has commas between its entries, and `}` at its end"),
        ("flow sequence", "a list between brackets has commas between its elements, and `]` at its end"),
        ("unprintable", "take the character out; if there are many, this is no text file"),
        ("recursion limit", "lists and maps may be nested 256 deep"),
    ];
    match help.iter().find(|(what, _)| message.contains(what)) {
        Some((_, help)) => made.help(*help),
        None => made,
    }
}

/// The reader's messages about structure, in terms of what was expected.
fn plainly(message: &str) -> String {
    match message {
        "while parsing a block mapping, did not find expected key" => {
            "expected a key at the indentation of the map, or the end of the map".to_owned()
        }
        "while parsing a block collection, did not find expected '-' indicator" => {
            "expected `-` at the indentation of the list, or the end of the list".to_owned()
        }
        "simple key expect ':'" => "expected `:` behind the key".to_owned(),
        "while scanning a plain scalar, found a tab" => {
            "expected the end of the value, found a tab".to_owned()
        }
        _ => message.replace(": `%'", " `%`"),
    }
}

#[cfg(test)]
mod tests;
