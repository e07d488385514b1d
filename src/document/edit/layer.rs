//! One text that is edited: a file, or the content of a string.

use crate::document::tree::{Frame, Kind, NodeId, Style, Tree, View};

use super::scalar::{self, Quote};
use super::{Content, Refusal, Splice};

/// A text that is edited, and its style.
pub(super) struct Layer<'t> {
    pub(super) tree: &'t Tree,
    pub(super) frame: Frame<'t>,
    pub(super) text: &'t str,
    /// The whole of it is JSON.
    pub(super) json: bool,
    pub(super) eol: &'static str,
}

/// Where a value stands in what is around it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Parent {
    /// An element of a list.
    List(NodeId, usize),
    /// The value of an entry of a map.
    Map(NodeId, usize),
}

/// A child of a list or map in the text: an element, or an entry from its key to the end of its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Child {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) value: NodeId,
}

impl<'t> Layer<'t> {
    /// The text in which a written value stands.
    pub(super) fn of(tree: &'t Tree, node: NodeId) -> Option<Self> {
        if tree.written(node)? != node {
            return None;
        }
        let frame = tree.frame(node)?;
        let text = frame.text;
        let json = text.trim_start().starts_with(['{', '[']);
        // As the first line ends: many values of one file are edited.
        let first = memchr::memchr(b'\n', text.as_bytes()).unwrap_or(0);
        let eol = if text.get(..first).is_some_and(|line| line.ends_with('\r')) { "\r\n" } else { "\n" };
        Some(Self { tree, frame, text, json, eol })
    }

    pub(super) fn span(&self, node: NodeId) -> Result<(usize, usize), Refusal> {
        let (start, end) = self.tree.framed(&self.frame, node).ok_or(Refusal::Derived)?;
        if end > self.text.len() { Err(Refusal::Derived) } else { Ok((start, end)) }
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or("")
    }

    /// Whether a list or map is written between brackets.
    pub(super) fn is_flow(&self, node: NodeId) -> Result<bool, Refusal> {
        let (start, end) = self.span(node)?;
        let raw = self.slice(start, end);
        let bare = without_properties(raw);
        Ok(bare.starts_with(['{', '[']) && bare.ends_with(['}', ']']))
    }

    /// What a value stands in.
    pub(super) fn parent(&self, node: NodeId) -> Option<Parent> {
        let around = self.tree.ancestors(node);
        let parent = around.iter().rev().nth(1).copied()?;
        let inside = self.tree.frame(parent)?;
        if inside.literal != self.frame.literal {
            return None;
        }
        match self.tree.view(parent) {
            View::List(list) => Some(Parent::List(parent, list.iter().position(|one| one == node)?)),
            View::Map(map) => Some(Parent::Map(parent, map.iter().position(|(_, _, value)| value == node)?)),
            _ => None,
        }
    }

    /// The children of a list or map, in the order in which they stand.
    pub(super) fn children(&self, node: NodeId) -> Result<Vec<Child>, Refusal> {
        let pairs: Vec<(NodeId, NodeId)> = match self.tree.view(node) {
            View::List(list) => list.iter().map(|one| (one, one)).collect(),
            View::Map(map) => map.iter().map(|(key, _, value)| (key, value)).collect(),
            _ => return Err(Refusal::Kind),
        };
        let mut out = Vec::with_capacity(pairs.len());
        let (from, _) = self.span(node)?;
        for (first, value) in pairs {
            let (start, key_end) = self.span(first)?;
            // What an alias or a merge key brings in stands elsewhere.
            if start < from || out.last().is_some_and(|last: &Child| start < last.end) {
                return Err(Refusal::Style);
            }
            let (value_start, mut end) = self.span(value)?;
            if value_start < start {
                return Err(Refusal::Style);
            }
            if value_start == end && first != value {
                // Nothing is written behind the colon.
                let colon = self.text.get(key_end..).and_then(|rest| rest.find(':')).ok_or(Refusal::Style)?;
                end = key_end + colon + 1;
            }
            out.push(Child { start, end, value });
        }
        Ok(out)
    }

    /// The offset at which the line of an offset starts.
    pub(super) fn line_start(&self, at: usize) -> usize {
        self.slice(0, at).rfind('\n').map_or(0, |found| found + 1)
    }

    /// The offset at which the line of an offset ends, before its line break.
    pub(super) fn line_end(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or("");
        let end = at + rest.find('\n').unwrap_or(rest.len());
        if self.slice(at, end).ends_with('\r') { end - 1 } else { end }
    }

    /// The blanks before an offset, where nothing else stands before it in its line.
    pub(super) fn indent(&self, at: usize) -> Option<&'t str> {
        let before = self.slice(self.line_start(at), at);
        before.trim_matches([' ', '\t']).is_empty().then_some(before)
    }

    /// As many blanks as there are characters before an offset in its line.
    pub(super) fn column(&self, at: usize) -> String {
        let before = self.slice(self.line_start(at), at);
        before.chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect()
    }

    /// The indentation of the lines of a literal block.
    pub(super) fn block_indent(&self, node: NodeId) -> Option<&'t str> {
        let (start, end) = self.span(node).ok()?;
        let raw = self.slice(start, end);
        let headed = without_properties(raw).starts_with(['|', '>']);
        let from = if headed { self.line_end(start) + 1 } else { self.line_start(start) };
        let lines = self.text.get(from..end)?.lines();
        let line = lines.into_iter().find(|line| !line.trim().is_empty())?;
        let content = self.tree.string(node)?;
        let own = content.lines().find(|line| !line.trim().is_empty())?;
        let lead = |line: &str| line.len() - line.trim_start_matches(' ').len();
        line.get(..lead(line).checked_sub(lead(own))?)
    }

    /// How strings beside a value are quoted.
    pub(super) fn quote_like(&self, nodes: &[NodeId]) -> Quote {
        if self.json {
            return Quote::Json;
        }
        // Quotes that must be there say nothing about what the author likes.
        let chosen = |node: NodeId| self.tree.string(node).is_some_and(|text| scalar::is_plain(text, false));
        let styles =
            nodes.iter().filter(|&&node| self.tree.style(node) == Some(Style::Plain) || chosen(node));
        match styles.filter_map(|&node| self.tree.style(node)).next_back() {
            Some(Style::Json | Style::DoubleQuoted) => Quote::Double,
            Some(Style::SingleQuoted) => Quote::Single,
            _ => Quote::Plain,
        }
    }

    /// A value becomes another, or several.
    pub(super) fn replace(&self, node: NodeId, with: &[Content]) -> Result<Vec<Splice>, Refusal> {
        let parent = self.parent(node);
        if let (Some(Parent::List(list, _)), [_, _, ..]) = (parent, with) {
            let mut splices = self.put(node, with.first().ok_or(Refusal::Kind)?)?;
            let behind = self.add_behind(list, node, with.get(1..).unwrap_or_default())?;
            match splices.last_mut() {
                Some(last) if last.end == behind.start => last.text.push_str(&behind.text),
                _ => splices.push(behind),
            }
            return Ok(splices);
        }
        match with {
            [] => Err(Refusal::Kind),
            [one] => self.put(node, one),
            many => self.put(node, &Content::List(many.to_vec())),
        }
    }

    /// A value becomes another.
    fn put(&self, node: NodeId, with: &Content) -> Result<Vec<Splice>, Refusal> {
        let (start, end) = self.span(node)?;
        let tree = self.tree;
        if let (Content::Text(new), View::String(old)) = (with, tree.view(node))
            && tree.tag(node).is_none()
            && tree.style(node) != Some(Style::Plain)
            && let Some(splice) = self.middle(node, old, new)
        {
            return Ok(vec![splice]);
        }
        if matches!(tree.style(node), Some(Style::LiteralBlock | Style::FoldedBlock))
            && tree.kind(node) == Kind::String
        {
            return Err(Refusal::Style);
        }
        let container = matches!(tree.kind(node), Kind::List | Kind::Map);
        if container && !self.is_flow(node)? {
            return self.put_block(node, with);
        }
        let in_block = match self.parent(node) {
            Some(Parent::Map(parent, _) | Parent::List(parent, _)) => !self.is_flow(parent)?,
            None => false,
        };
        if start == end || in_block && !with.is_scalar() {
            return self.put_block(node, with);
        }
        let quote = self.quote_like(&[node]);
        let text = self.flow_text(with, quote, !in_block, self.line_indent(start));
        Ok(vec![Splice { start, end, text }])
    }

    /// The indentation of the line of an offset.
    pub(super) fn line_indent(&self, at: usize) -> &'t str {
        let line = self.slice(self.line_start(at), at);
        line.get(..line.len() - line.trim_start_matches([' ', '\t']).len()).unwrap_or("")
    }

    /// The part of a quoted string that differs becomes what it is in another.
    fn middle(&self, node: NodeId, old: &str, new: &str) -> Option<Splice> {
        let common = |(a, b): &(char, char)| a == b;
        let prefix: usize = old.chars().zip(new.chars()).take_while(common).map(|(c, _)| c.len_utf8()).sum();
        let (old_rest, new_rest) = (old.get(prefix..)?, new.get(prefix..)?);
        let pairs = old_rest.chars().rev().zip(new_rest.chars().rev());
        let suffix: usize = pairs.take_while(common).map(|(c, _)| c.len_utf8()).sum();
        let with = new_rest.get(..new_rest.len() - suffix)?;
        self.within(node, prefix, old.len() - suffix, with)
    }

    /// A range of a string's content becomes another text.
    fn within(&self, node: NodeId, from: usize, to: usize, with: &str) -> Option<Splice> {
        let (start, end) = self.span(node).ok()?;
        let raw = self.slice(start, end);
        let style = self.tree.style(node)?;
        let prefixed = without_properties(raw).len() < raw.len();
        let content = self.tree.string(node)?;
        let written = crate::document::inside::Written { raw, style, prefixed };
        let plain = style == Style::Plain && !prefixed;
        let same = plain && raw == content;
        let at = |at| if same { at } else { crate::document::inside::raw_offset(written, content, at) };
        let has_break = with.contains(['\n', '\r']);
        let blank_edges = with.is_empty() || with.trim() != with;
        let text = match style {
            Style::Json | Style::DoubleQuoted => scalar::escaped(with),
            Style::SingleQuoted if !has_break => with.replace('\'', "''"),
            Style::Plain if !has_break => with.to_owned(),
            // Blanks at the edges of lines of a block may be indentation.
            Style::LiteralBlock | Style::FoldedBlock if !has_break && !blank_edges => with.to_owned(),
            _ => return None,
        };
        Some(Splice { start: start + at(from), end: start + at(to), text })
    }

    /// A part of a text becomes another.
    pub(super) fn substitute(&self, node: NodeId, old: &str, new: &str) -> Result<Vec<Splice>, Refusal> {
        let content = self.tree.string(node).ok_or(Refusal::Kind)?;
        let mut found = content.match_indices(old);
        let (Some((at, _)), None) = (found.next(), found.next()) else { return Err(Refusal::Part) };
        if self.tree.style(node) == Some(Style::Plain) && self.tree.tag(node).is_none() {
            return self.put(node, &Content::Text(content.replacen(old, new, 1)));
        }
        let splice = self.within(node, at, at + old.len(), new).ok_or(Refusal::Style)?;
        Ok(vec![splice])
    }

    /// An element or entry goes.
    pub(super) fn remove(&self, node: NodeId) -> Result<Vec<Splice>, Refusal> {
        let Some(Parent::List(container, index) | Parent::Map(container, index)) = self.parent(node) else {
            return Err(Refusal::Kind);
        };
        let children = self.children(container)?;
        if self.is_flow(container)? {
            self.remove_flow(container, &children, index)
        } else {
            self.remove_block(container, &children, index)
        }
    }

    /// A map gets an entry.
    pub(super) fn insert(
        &self,
        map: NodeId,
        first: bool,
        key: &str,
        value: &Content,
    ) -> Result<Vec<Splice>, Refusal> {
        let children = self.children(map)?;
        let splice = if self.is_flow(map)? {
            self.insert_flow(map, &children, first, Some(key), std::slice::from_ref(value))?
        } else {
            self.insert_block(&children, first, key, value)?
        };
        Ok(vec![splice])
    }

    /// A list gets elements.
    pub(super) fn append(&self, list: NodeId, values: &[Content]) -> Result<Vec<Splice>, Refusal> {
        let Some(children) = self.tree.list(list).map(|_| self.children(list)).transpose()? else {
            // A single value, which stays as it is written.
            let (start, end) = self.span(list)?;
            let own = self.tree.scalar(list).ok_or(Refusal::Kind)?;
            if self.tree.tag(list).is_some() || start == end {
                return Err(Refusal::Kind);
            }
            let all: Vec<Content> =
                std::iter::once(Content::text(own)).chain(values.iter().cloned()).collect();
            return self.put(list, &Content::List(all));
        };
        let added = match children.last() {
            Some(end) => self.add_behind(list, end.value, values)?,
            None => self.insert_flow(list, &children, false, None, values)?,
        };
        Ok(vec![added])
    }

    /// An element before another element.
    pub(super) fn before(&self, element: NodeId, value: &Content) -> Result<Vec<Splice>, Refusal> {
        let Some(Parent::List(list, index)) = self.parent(element) else { return Err(Refusal::Kind) };
        let children = self.children(list)?;
        let splice = if self.is_flow(list)? {
            self.before_flow(list, &children, index, value)?
        } else {
            self.before_item(&children, index, value)?
        };
        Ok(vec![splice])
    }

    /// Elements behind another element.
    fn add_behind(&self, list: NodeId, node: NodeId, values: &[Content]) -> Result<Splice, Refusal> {
        let children = self.children(list)?;
        let index = children.iter().position(|child| child.value == node).ok_or(Refusal::Kind)?;
        if self.is_flow(list)? {
            self.add_flow(list, &children, index, None, values)
        } else {
            self.add_item(&children, index, values)
        }
    }
}

/// A text without the tags and anchors that it starts with.
pub(super) fn without_properties(raw: &str) -> &str {
    let mut rest = raw;
    while rest.starts_with(['!', '&']) {
        rest = rest.trim_start_matches(|c: char| !c.is_whitespace()).trim_start();
    }
    rest
}
