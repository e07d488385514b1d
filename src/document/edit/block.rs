//! Lists and maps by indentation: YAML's block style.

use crate::document::tree::{Kind, NodeId, View};

use super::layer::{Child, Layer, Parent};
use super::scalar::Quote;
use super::{Content, Refusal, Splice};

impl Layer<'_> {
    /// Takes a child out, with its lines and the comments that belong to it.
    pub(super) fn remove_block(
        &self,
        container: NodeId,
        children: &[Child],
        index: usize,
    ) -> Result<Vec<Splice>, Refusal> {
        let child = children.get(index).ok_or(Refusal::Kind)?;
        let is_list = self.tree.kind(container) == Kind::List;
        if children.len() == 1 {
            return self
                .put_block(container, &if is_list { Content::List(vec![]) } else { Content::Map(vec![]) });
        }
        let head = if is_list { self.dash(child)? } else { child.start };
        let next = children.get(index + 1);
        let Some(indent) = self.indent(head) else {
            // It shares its line with what it stands in: `- Sid: x`.
            let next = next.ok_or(Refusal::Style)?;
            let next = if is_list { self.dash(next)? } else { next.start };
            return Ok(vec![Splice { start: head, end: next, text: String::new() }]);
        };
        let mut start = head - indent.len();
        let end = self.line_end(child.end);
        let last_line = self.slice(child.end, end).trim_start();
        if !last_line.is_empty() && !last_line.starts_with('#') {
            return Err(Refusal::Style);
        }
        if index > 0 || self.others_have_comments(children, index, is_list)? {
            start = self.comments_above(start, indent);
        }
        // With the line break behind, or, at the end of the text, the one before.
        let behind = self.text.get(end..).unwrap_or("");
        let (start, end) = match behind {
            "" => (self.slice(0, start).trim_end_matches(['\n', '\r']).len(), end),
            _ => (start, end + behind.find('\n').map_or(0, |at| at + 1)),
        };
        Ok(vec![Splice { start, end, text: String::new() }])
    }

    /// The start of the lines of comments directly above a line, with the same indentation.
    fn comments_above(&self, mut start: usize, indent: &str) -> usize {
        while start > 0 {
            let line = self.line_start(start - 1);
            let text = self.slice(line, start);
            let is_comment = text.strip_prefix(indent).is_some_and(|rest| rest.starts_with('#'));
            if !is_comment {
                break;
            }
            start = line;
        }
        start
    }

    /// Whether another child has comments above it: then those above the first one are about the first one.
    fn others_have_comments(&self, children: &[Child], own: usize, is_list: bool) -> Result<bool, Refusal> {
        for (index, child) in children.iter().enumerate().filter(|(index, _)| *index != own) {
            let head = if is_list { self.dash(child)? } else { child.start };
            let Some(indent) = self.indent(head).filter(|_| index > 0) else { continue };
            let start = head - indent.len();
            if self.comments_above(start, indent) < start {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The offset of the dash before an element.
    fn dash(&self, child: &Child) -> Result<usize, Refusal> {
        let mut before = self.slice(0, child.start).trim_end();
        if self.tree.kind(child.value) == Kind::String {
            // The range of a block scalar may start behind its header.
            let line = before.get(self.line_start(before.len())..).unwrap_or("");
            if let Some(dash) =
                line.find("- ").filter(|_| line.ends_with(['|', '>', '+', '-']) && line.len() > 2)
                && line.get(dash + 2..).is_some_and(|rest| rest.trim_start().starts_with(['|', '>']))
            {
                before = self.slice(0, before.len() - line.len() + dash + 1);
            }
        }
        if before.ends_with('-') { Ok(before.len() - 1) } else { Err(Refusal::Style) }
    }

    /// Adds an entry to a map.
    pub(super) fn insert_block(
        &self,
        children: &[Child],
        first: bool,
        key: &str,
        value: &Content,
    ) -> Result<Splice, Refusal> {
        let (Some(head), Some(last)) = (children.first(), children.last()) else { return Err(Refusal::Kind) };
        let indent = self.column(head.start);
        let values: Vec<NodeId> = children.iter().map(|child| child.value).collect();
        let quote = self.quote_like(&values);
        let entry = format!("{}:{}", self.key(key, false), self.block_value(value, quote, &indent));
        if first {
            let text = format!("{entry}{}{indent}", self.eol);
            return Ok(Splice { start: head.start, end: head.start, text });
        }
        let at = self.line_end(last.end);
        Ok(Splice { start: at, end: at, text: format!("{}{indent}{entry}", self.eol) })
    }

    /// Adds elements behind one.
    pub(super) fn add_item(
        &self,
        children: &[Child],
        index: usize,
        values: &[Content],
    ) -> Result<Splice, Refusal> {
        let child = children.get(index).ok_or(Refusal::Kind)?;
        let dash = self.dash(child)?;
        let indent = self.column(dash);
        let beside: Vec<NodeId> = children.iter().map(|child| child.value).collect();
        let quote = self.quote_like(&beside);
        let at = self.line_end(child.end);
        let items =
            values.iter().map(|value| format!("{}{indent}- {}", self.eol, self.item(value, quote, &indent)));
        Ok(Splice { start: at, end: at, text: items.collect() })
    }

    /// Adds an element before one, and before the comments about it.
    pub(super) fn before_item(
        &self,
        children: &[Child],
        index: usize,
        value: &Content,
    ) -> Result<Splice, Refusal> {
        let child = children.get(index).ok_or(Refusal::Kind)?;
        let dash = self.dash(child)?;
        let beside: Vec<NodeId> = children.iter().map(|child| child.value).collect();
        let quote = self.quote_like(&beside);
        let column = self.column(dash);
        let item = self.item(value, quote, &column);
        let Some(indent) = self.indent(dash) else {
            return Ok(Splice { start: dash, end: dash, text: format!("- {item}{}{column}", self.eol) });
        };
        let start = self.comments_above(dash - indent.len(), indent);
        Ok(Splice { start, end: start, text: format!("{indent}- {item}{}", self.eol) })
    }

    /// A value by indentation becomes another; or one that is to be written by indentation takes the place of another.
    pub(super) fn put_block(&self, node: NodeId, with: &Content) -> Result<Vec<Splice>, Refusal> {
        let (start, end) = self.span(node)?;
        let quote = self.quote_like(&[node]);
        match self.parent(node) {
            Some(Parent::Map(map, index)) => {
                let children = self.children(map)?;
                let child = children.get(index).ok_or(Refusal::Kind)?;
                let key = match self.tree.view(map) {
                    View::Map(entries) => entries.iter().nth(index).map(|(key, ..)| key),
                    _ => None,
                };
                let (_, key_end) = self.span(key.ok_or(Refusal::Kind)?)?;
                let colon = self.slice(key_end, child.end).find(':').ok_or(Refusal::Style)?;
                let from = key_end + colon + 1;
                // A comment, tag or anchor between the key and the value would be lost.
                if !self.slice(from, start.max(from)).trim().is_empty() {
                    return Err(Refusal::Style);
                }
                let indent = self.column(child.start);
                let text = self.block_value(with, quote, &indent);
                Ok(vec![Splice { start: from, end: end.max(from), text }])
            }
            Some(Parent::List(list, index)) if !self.is_flow(list)? => {
                let children = self.children(list)?;
                let child = children.get(index).ok_or(Refusal::Kind)?;
                let indent = self.column(self.dash(child)?);
                Ok(vec![Splice { start, end, text: self.item(with, quote, &indent) }])
            }
            _ => Err(Refusal::Style),
        }
    }

    /// What stands behind `key:`; `indent` is that of the key.
    fn block_value(&self, content: &Content, quote: Quote, indent: &str) -> String {
        let eol = self.eol;
        match content {
            Content::List(all) if !all.is_empty() => {
                let inner = if self.lists_are_indented() {
                    format!("{indent}{}", self.unit())
                } else {
                    indent.to_owned()
                };
                let items = all.iter().map(|one| format!("{eol}{inner}- {}", self.item(one, quote, &inner)));
                items.collect()
            }
            Content::Map(all) if !all.is_empty() => {
                let inner = format!("{indent}{}", self.unit());
                let entries = all.iter().map(|(key, value)| {
                    format!("{eol}{inner}{}:{}", self.key(key, false), self.block_value(value, quote, &inner))
                });
                entries.collect()
            }
            scalar => format!(" {}", self.flow_text(scalar, quote, false, indent)),
        }
    }

    /// What stands behind a dash; `indent` is that of the dash.
    fn item(&self, content: &Content, quote: Quote, indent: &str) -> String {
        let inner = format!("{indent}  ");
        match content {
            Content::Map(all) if !all.is_empty() => {
                let entries: Vec<String> = all
                    .iter()
                    .map(|(key, value)| {
                        format!("{}:{}", self.key(key, false), self.block_value(value, quote, &inner))
                    })
                    .collect();
                entries.join(&format!("{}{inner}", self.eol))
            }
            other => self.flow_text(other, quote, false, indent),
        }
    }

    /// Whether lists stand further in than their keys.
    fn lists_are_indented(&self) -> bool {
        let mut before: Option<&str> = None;
        for line in self.text.lines().filter(|line| !line.trim().is_empty()) {
            let lead = |line: &str| line.len() - line.trim_start_matches(' ').len();
            if line.trim_start().starts_with("- ")
                && let Some(above) = before.filter(|above| above.trim_end().ends_with(':'))
                && !above.trim_start().starts_with("- ")
            {
                return lead(line) > lead(above);
            }
            before = Some(line);
        }
        true
    }
}
