//! Lists and maps between brackets: JSON, and YAML's flow style.

use crate::document::tree::NodeId;

use super::layer::{Child, Layer};
use super::scalar::{self, Quote};
use super::{Content, Refusal, Splice};

/// As many lines say how a text is indented.
const HEAD: usize = 500;

impl Layer<'_> {
    /// Takes a child out, with the comma that belongs to it.
    pub(super) fn remove_flow(
        &self,
        container: NodeId,
        children: &[Child],
        index: usize,
    ) -> Result<Vec<Splice>, Refusal> {
        let child = children.get(index).ok_or(Refusal::Kind)?;
        let before = index.checked_sub(1).and_then(|index| children.get(index));
        let (start, end) = match (before, children.get(index + 1)) {
            (_, Some(next)) => (child.start, next.start),
            (Some(before), None) => match self.indent(child.start) {
                // A comment about the one before stays where it is.
                Some(indent) if self.slice(before.end, child.start).contains('#') && !self.json => {
                    let line = child.start - indent.len();
                    let close = self.line_end(child.end);
                    if self.slice(child.end, close).contains([']', '}']) {
                        return Err(Refusal::Style);
                    }
                    (line.saturating_sub(self.eol.len()), close)
                }
                _ => (before.end, child.end),
            },
            (None, None) => {
                let (start, end) = self.span(container)?;
                let opening = self.slice(start, end).find(['{', '[']).ok_or(Refusal::Style)?;
                (start + opening + 1, end - 1)
            }
        };
        Ok(vec![Splice { start, end, text: String::new() }])
    }

    /// Adds an entry or elements to a list or map, before or behind the others.
    pub(super) fn insert_flow(
        &self,
        container: NodeId,
        children: &[Child],
        first: bool,
        key: Option<&str>,
        values: &[Content],
    ) -> Result<Splice, Refusal> {
        let (Some(before), Some(last)) = (children.first(), children.len().checked_sub(1)) else {
            let (start, end) = self.span(container)?;
            let opening = self.slice(start, end).find(['{', '[']).ok_or(Refusal::Style)?;
            let indent = self.line_indent(start);
            let text = self.joined(key, values, self.quote_like(&[]), ", ", indent);
            if self.slice(start + opening + 1, end - 1).contains('#') {
                return Err(Refusal::Style);
            }
            return Ok(Splice { start: start + opening + 1, end: end - 1, text });
        };
        if first {
            let separator = self.separator(container, children)?;
            let quote = self.quote_of(children);
            let indent = self.line_indent(before.start);
            let text = format!("{}{separator}", self.joined(key, values, quote, &separator, indent));
            return Ok(Splice { start: before.start, end: before.start, text });
        }
        self.add_flow(container, children, last, key, values)
    }

    /// Adds an entry or elements behind a child.
    pub(super) fn add_flow(
        &self,
        container: NodeId,
        children: &[Child],
        index: usize,
        key: Option<&str>,
        values: &[Content],
    ) -> Result<Splice, Refusal> {
        let child = children.get(index).ok_or(Refusal::Kind)?;
        let separator = self.separator(container, children)?;
        let quote = self.quote_of(children);
        let text = self.joined(key, values, quote, &separator, self.line_indent(child.start));
        Ok(Splice { start: child.end, end: child.end, text: format!("{separator}{text}") })
    }

    /// Adds an element before a child.
    pub(super) fn before_flow(
        &self,
        container: NodeId,
        children: &[Child],
        index: usize,
        value: &Content,
    ) -> Result<Splice, Refusal> {
        let child = children.get(index).ok_or(Refusal::Kind)?;
        let separator = self.separator(container, children)?;
        let indent = self.line_indent(child.start);
        let text =
            self.joined(None, std::slice::from_ref(value), self.quote_of(children), &separator, indent);
        Ok(Splice { start: child.start, end: child.start, text: format!("{text}{separator}") })
    }

    fn quote_of(&self, children: &[Child]) -> Quote {
        let values: Vec<NodeId> = children.iter().map(|child| child.value).collect();
        self.quote_like(&values)
    }

    /// What stands between two children.
    fn separator(&self, container: NodeId, children: &[Child]) -> Result<String, Refusal> {
        let (start, _) = self.span(container)?;
        if let [.., before, last] = children {
            let between = self.slice(before.end, last.start);
            if !between.contains('#') {
                return Ok(between.to_owned());
            }
        }
        let first = children.first().ok_or(Refusal::Kind)?;
        let own_line = self.slice(start, first.start).contains('\n');
        match self.indent(first.start).filter(|_| own_line) {
            Some(indent) => Ok(format!(",{}{indent}", self.eol)),
            None if self.is_tight() => Ok(",".to_owned()),
            None => Ok(", ".to_owned()),
        }
    }

    /// Whether the text is JSON without blanks.
    fn is_tight(&self) -> bool {
        self.json && !self.text.contains(": ") && !self.text.contains(", ")
    }

    /// An entry, or elements.
    fn joined(
        &self,
        key: Option<&str>,
        values: &[Content],
        quote: Quote,
        separator: &str,
        indent: &str,
    ) -> String {
        let written: Vec<String> =
            values.iter().map(|value| self.flow_text(value, quote, true, indent)).collect();
        match key {
            Some(key) => format!("{}{}{}", self.key(key, true), self.colon(), written.concat()),
            None => written.join(separator),
        }
    }

    pub(super) fn key(&self, key: &str, flow: bool) -> String {
        scalar::string(key, if self.json { Quote::Json } else { Quote::Plain }, flow)
    }

    fn colon(&self) -> &'static str {
        if self.is_tight() { ":" } else { ": " }
    }

    /// A value on one line; in JSON that is written over several lines, lists and maps are too.
    pub(super) fn flow_text(&self, content: &Content, quote: Quote, flow: bool, indent: &str) -> String {
        match content {
            Content::Bool(value) => value.to_string(),
            Content::Number(text) => text.clone(),
            Content::Text(text) => scalar::string(text, quote, flow),
            Content::Call { long, argument, .. } if self.json => {
                let colon = self.colon();
                format!("{{\"{long}\"{colon}{}}}", scalar::string(argument, Quote::Json, true))
            }
            Content::Call { short, argument, .. } => {
                format!("!{short} {}", scalar::string(argument, Quote::Plain, flow))
            }
            Content::List(all) => {
                let inner = format!("{indent}{}", self.unit());
                let parts: Vec<String> =
                    all.iter().map(|one| self.flow_text(one, quote, true, &inner)).collect();
                self.bracketed(&parts, ('[', ']'), indent, &inner)
            }
            Content::Map(all) => {
                let inner = format!("{indent}{}", self.unit());
                let parts = all.iter().map(|(key, value)| {
                    let value = self.flow_text(value, quote, true, &inner);
                    format!("{}{}{value}", self.key(key, true), self.colon())
                });
                self.bracketed(&parts.collect::<Vec<_>>(), ('{', '}'), indent, &inner)
            }
        }
    }

    fn bracketed(&self, parts: &[String], (open, close): (char, char), indent: &str, inner: &str) -> String {
        let eol = self.eol;
        if parts.is_empty() {
            format!("{open}{close}")
        } else if self.json && self.text.trim().contains('\n') {
            format!("{open}{eol}{inner}{}{eol}{indent}{close}", parts.join(&format!(",{eol}{inner}")))
        } else {
            format!("{open}{}{close}", parts.join(if self.is_tight() { "," } else { ", " }))
        }
    }

    /// One step of indentation: the least that a line has.
    pub(super) fn unit(&self) -> String {
        // The first step in stands near the top of any document.
        let lines = self.text.lines().filter(|line| !line.trim().is_empty()).take(HEAD);
        let leads = lines.map(|line| {
            let lead = line.len() - line.trim_start_matches([' ', '\t']).len();
            line.get(..lead).unwrap_or("")
        });
        let least = leads.filter(|lead| !lead.is_empty()).min_by_key(|lead| lead.len());
        match least {
            Some(lead) if lead.starts_with('\t') => "\t".to_owned(),
            Some(lead) if lead.len() <= 8 => lead.to_owned(),
            _ => "  ".to_owned(),
        }
    }
}
