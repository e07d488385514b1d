//! The text of a change in the configuration's language.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::Body;
use hcl_edit::structure::Structure;

use crate::document::Kind;
use crate::document::Tree;
use crate::document::edit::Change;
use crate::document::edit::Content;

use super::Configuration;
use super::edit::Spot;
use super::edit::is_template;

/// A range of a file that becomes another text.
pub(super) struct Splice {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

/// The change of what is written at a spot, and the file that it is in.
pub(super) fn make(
    configuration: &Configuration,
    tree: &Tree,
    change: &Change,
    spot: Spot<'_>,
) -> Result<(usize, Splice), String> {
    let file = match spot {
        Spot::Expression { file, .. } | Spot::Argument { file, .. } | Spot::Block { file, .. } => file,
    };
    let text = configuration.text_of(file);
    let writer = Writer { text, eol: if text.contains("\r\n") { "\r\n" } else { "\n" } };
    let made = match (change, spot) {
        // What the configuration does not say has a default in the plan.
        (Change::Replace { node, .. }, Spot::Block { block, .. })
            if !matches!(tree.kind(*node), Kind::List | Kind::Map) =>
        {
            let key = tree.key_of(*node).and_then(|key| tree.string(key)).ok_or("the value has no key")?;
            let Change::Replace { with, .. } = change else { return Err(String::new()) };
            writer.argument(&block.body, block.span(), key, with.first().ok_or("there is no value")?)?
        }
        (Change::Insert { key, value: Content::List(all), .. }, Spot::Block { block, .. })
            if are_maps(all) =>
        {
            writer.blocks(&block.body, block.span(), key, all)?
        }
        (Change::Append { list, values }, Spot::Block { block, .. }) if are_maps(values) => {
            let key = tree.key_of(*list).and_then(|key| tree.string(key)).ok_or("the list has no key")?;
            writer.blocks(&block.body, block.span(), key, values)?
        }
        (Change::Replace { node, with }, Spot::Argument { body, name, .. }) if is_key(tree, *node) => {
            Writer::renamed(body, name, with)?
        }
        (Change::Insert { key, value, .. }, Spot::Block { block, .. }) => {
            writer.argument(&block.body, block.span(), key, value)?
        }
        (_, Spot::Block { .. }) => return Err("a block is not changed as a whole".to_owned()),
        (Change::Remove { .. }, Spot::Argument { body, name, .. }) => writer.without(body, name)?,
        (change, Spot::Expression { expression, within, .. }) => {
            writer.expression(tree, change, expression, within)?
        }
        (change, Spot::Argument { expression, .. }) => writer.expression(tree, change, expression, None)?,
    };
    Ok((file, made))
}

struct Writer<'c> {
    text: &'c str,
    eol: &'static str,
}

impl Writer<'_> {
    fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or("")
    }

    fn indent(&self, at: usize) -> &str {
        let line = self.slice(0..at).rfind('\n').map_or(0, |found| found + 1);
        let rest = self.slice(line..at);
        rest.get(..rest.len() - rest.trim_start_matches([' ', '\t']).len()).unwrap_or("")
    }

    fn line_end(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or("");
        let end = at + rest.find('\n').unwrap_or(rest.len());
        if self.slice(at..end).ends_with('\r') { end - 1 } else { end }
    }

    fn expression(
        &self,
        tree: &Tree,
        change: &Change,
        expression: &Expression,
        within: Option<&Expression>,
    ) -> Result<Splice, String> {
        let range = expression.span().ok_or("the value stands nowhere")?;
        let old = tree.display(change.node());
        match change {
            Change::Replace { node, with } if is_key(tree, *node) => {
                let Some(Expression::Object(object)) = within else {
                    return Err("the key is worked out in the configuration".to_owned());
                };
                let own = object.iter().find(|(_, value)| value.expr().span() == expression.span());
                let range = own.and_then(|(key, _)| key.span()).ok_or("the key stands nowhere")?;
                let [Content::Text(name)] = with.as_slice() else { return Err("a key is a text".to_owned()) };
                let was_quoted = self.slice(range.clone()).starts_with('"');
                let text = if is_name(name) && !was_quoted { name.clone() } else { quoted(name) };
                Ok(Splice { range, text })
            }
            Change::Substitute { old, new, .. } => self.part(range, old, new),
            Change::Replace { with, .. } => {
                if is_template(expression) {
                    let [Content::Text(new)] = with.as_slice() else {
                        return Err("the text is put together from parts".to_owned());
                    };
                    let (old, new) = differing(&old, new).ok_or("the text is put together from parts")?;
                    return self.part(range, &old, &new);
                }
                let written = match expression {
                    Expression::String(text) => text.as_str().to_owned(),
                    Expression::Bool(_) | Expression::Number(_) => expression.to_string().trim().to_owned(),
                    _ => return Err("the value is worked out in the configuration".to_owned()),
                };
                if written != old && tree.scalar(change.node()).is_some() {
                    return Err("the configuration writes the value otherwise".to_owned());
                }
                let listed = matches!(within, Some(Expression::Array(_)));
                let all: Vec<String> = with.iter().map(literal).collect();
                let lines = within.and_then(|list| {
                    let head = self.slice(list.span()?.start..range.start);
                    let alone = head.rsplit('\n').next().is_some_and(|line| line.trim().is_empty());
                    (head.contains('\n') && alone)
                        .then(|| format!(",{}{}", self.eol, self.indent(range.start)))
                });
                let text = match all.as_slice() {
                    [one] => one.clone(),
                    many if listed => many.join(lines.as_deref().unwrap_or(", ")),
                    many => format!("[{}]", many.join(", ")),
                };
                Ok(Splice { range, text })
            }
            Change::Remove { .. } => match within {
                Some(container @ Expression::Array(elements)) => {
                    let index = elements.iter().position(|one| one.span() == expression.span());
                    let spans: Option<Vec<Range<usize>>> = elements.iter().map(Span::span).collect();
                    self.without_element(container, &spans.unwrap_or_default(), index.unwrap_or(usize::MAX))
                }
                Some(container @ Expression::Object(object)) => {
                    let index = object.iter().position(|(_, value)| value.expr().span() == expression.span());
                    let spans: Option<Vec<Range<usize>>> = object
                        .iter()
                        .map(|(key, value)| Some(key.span()?.start..value.expr().span()?.end))
                        .collect();
                    self.without_entry(container, &spans.unwrap_or_default(), index.unwrap_or(usize::MAX))
                }
                _ => Err("only elements of lists and objects are removed".to_owned()),
            },
            Change::Append { values, .. } => self.appended(expression, &range, values),
            Change::Before { value, .. } => {
                let Some(list @ Expression::Array(_)) = within else {
                    return Err("the list is not written out".to_owned());
                };
                let head = self.slice(list.span().ok_or("the list stands nowhere")?.start..range.start);
                let separator = match head.rsplit_once('\n') {
                    Some((_, line)) if line.trim().is_empty() => format!(",{}{line}", self.eol),
                    _ => ", ".to_owned(),
                };
                Ok(Splice { range: range.start..range.start, text: format!("{}{separator}", literal(value)) })
            }
            Change::Insert { key, value, first, .. } => {
                self.inserted(expression, &range, (key, value), *first)
            }
        }
    }

    /// A list with more elements; a text becomes a list.
    fn appended(
        &self,
        expression: &Expression,
        range: &Range<usize>,
        values: &[Content],
    ) -> Result<Splice, String> {
        if let Expression::String(_) = expression {
            let all: Vec<String> = values.iter().map(literal).collect();
            let own = self.slice(range.clone());
            let text = format!("[{own}, {}]", all.join(", "));
            return Ok(Splice { range: range.clone(), text });
        }
        let Expression::Array(elements) = expression else {
            return Err("the list is not written out".to_owned());
        };
        let spans: Option<Vec<Range<usize>>> = elements.iter().map(Span::span).collect();
        self.longer(range, &spans.unwrap_or_default(), values)
    }

    /// An object with another entry.
    fn inserted(
        &self,
        expression: &Expression,
        range: &Range<usize>,
        (key, value): (&String, &Content),
        at_start: bool,
    ) -> Result<Splice, String> {
        let Expression::Object(object) = expression else {
            return Err("the object is not written out".to_owned());
        };
        let last = object.iter().last().ok_or("the object is empty")?;
        let head = object.iter().next().and_then(|(key, _)| key.span());
        let first = head.ok_or("the key stands nowhere")?;
        let end = last.1.expr().span().ok_or("the value stands nowhere")?.end;
        let separator = if self.slice(range.start..first.start).contains('\n') {
            format!("{}{}", self.eol, self.indent(first.start))
        } else {
            ", ".to_owned()
        };
        let at = if separator.starts_with(',') { end } else { self.line_end(end) };
        let key = if is_name(key) { key.clone() } else { quoted(key) };
        if at_start {
            let text = format!("{key} = {}{separator}", literal(value));
            return Ok(Splice { range: first.start..first.start, text });
        }
        Ok(Splice { range: at..at, text: format!("{separator}{key} = {}", literal(value)) })
    }

    /// A part of what is written becomes another text.
    fn part(&self, range: Range<usize>, old: &str, new: &str) -> Result<Splice, String> {
        let raw = self.slice(range.clone());
        let mut found = raw.match_indices(old);
        let (Some((at, _)), None) = (found.next(), found.next()) else {
            return Err(format!("`{old}` does not stand in the configuration's text exactly once"));
        };
        let start = range.start + at;
        Ok(Splice { range: start..start + old.len(), text: escaped(new) })
    }

    /// A list without an element.
    fn without_element(
        &self,
        container: &Expression,
        spans: &[Range<usize>],
        index: usize,
    ) -> Result<Splice, String> {
        let own = spans.get(index).ok_or("the element stands nowhere")?;
        let before = index.checked_sub(1).and_then(|index| spans.get(index));
        let range = match (before, spans.get(index + 1)) {
            (_, Some(next)) => own.start..next.start,
            (Some(before), None) => {
                if self.slice(before.end..own.start).contains(['#', '/']) {
                    // A comment about the one before stays.
                    let line = own.start - self.indent(own.start).len() - self.eol.len();
                    line..self.line_end(own.end)
                } else {
                    before.end..own.end
                }
            }
            (None, None) => {
                let whole = container.span().ok_or("the list stands nowhere")?;
                whole.start + 1..whole.end - 1
            }
        };
        Ok(Splice { range, text: String::new() })
    }

    /// An object without an entry.
    fn without_entry(
        &self,
        container: &Expression,
        spans: &[Range<usize>],
        index: usize,
    ) -> Result<Splice, String> {
        let own = spans.get(index).ok_or("the entry stands nowhere")?;
        let indent = self.indent(own.start).len();
        let end = self.line_end(own.end);
        let alone = self.slice(0..own.start - indent.min(own.start)).ends_with('\n')
            && self.slice(own.start - indent.min(own.start)..own.start).trim().is_empty();
        let behind = self.slice(own.end..end).trim_start_matches(',').trim();
        if alone && (behind.is_empty() || behind.starts_with(['#', '/'])) {
            let rest = self.text.get(end..).unwrap_or("");
            let end = end + rest.find('\n').map_or(0, |at| at + 1);
            return Ok(Splice { range: own.start - indent..end, text: String::new() });
        }
        self.without_element(container, spans, index)
    }

    /// A list with more elements.
    fn longer(
        &self,
        range: &Range<usize>,
        spans: &[Range<usize>],
        values: &[Content],
    ) -> Result<Splice, String> {
        let all: Vec<String> = values.iter().map(literal).collect();
        let Some(last) = spans.last() else {
            return Ok(Splice { range: range.start + 1..range.end - 1, text: all.join(", ") });
        };
        let own_line = self.slice(range.start..last.start).contains('\n');
        let separator =
            if own_line { format!(",{}{}", self.eol, self.indent(last.start)) } else { ", ".to_owned() };
        if self.slice(last.end..range.end).contains(['#', '/'])
            && !self.slice(last.end..range.end).contains(',')
        {
            return Err("a comment stands behind the last element".to_owned());
        }
        let text = format!("{separator}{}", all.join(&separator));
        Ok(Splice { range: last.end..last.end, text })
    }

    /// A block without an argument.
    fn without(&self, body: &Body, name: &str) -> Result<Splice, String> {
        for structure in body {
            if let Structure::Attribute(attribute) = structure
                && attribute.key.as_str() == name
            {
                let key = attribute.key.span().ok_or("the argument stands nowhere")?;
                let value = attribute.value.span().ok_or("the argument stands nowhere")?;
                let start = key.start - self.indent(key.start).len();
                let end = self.line_end(value.end);
                let behind = self.text.get(end..).unwrap_or("");
                let end = end + behind.find('\n').map_or(0, |at| at + 1);
                return Ok(Splice { range: start..end, text: String::new() });
            }
        }
        Err(format!("there is no argument `{name}`"))
    }

    /// A block with other blocks in it, behind everything else.
    fn blocks(
        &self,
        body: &Body,
        block: Option<Range<usize>>,
        name: &str,
        values: &[Content],
    ) -> Result<Splice, String> {
        let block = block.ok_or("the block stands nowhere")?;
        let end = block.end.checked_sub(1).ok_or("the block stands nowhere")?;
        let outer = self.indent(block.start);
        if self.slice(block.start..end).lines().count() < 2 && body.iter().next().is_some() {
            return Err("the block is written in one line".to_owned());
        }
        let eol = self.eol;
        let mut text = String::new();
        for value in values {
            let Content::Map(entries) = value else { continue };
            text.push_str(&format!("{eol}{outer}  {name} {{{eol}"));
            let mut inner = String::new();
            super::declare::write_entries(&mut inner, entries, 2, true);
            for line in inner.lines() {
                text.push_str(&format!("{outer}{line}{eol}"));
            }
            text.push_str(&format!("{outer}  }}{eol}"));
        }
        // The closing bracket stands in a line of its own.
        let at = end - self.indent(end).len();
        let alone = self.slice(0..at).ends_with('\n');
        let at = if alone { at } else { end };
        let text = if alone { text } else { format!("{text}{outer}") };
        Ok(Splice { range: at..at, text })
    }

    /// An argument of another name.
    fn renamed(body: &Body, name: &str, with: &[Content]) -> Result<Splice, String> {
        let [Content::Text(new)] = with else { return Err("a key is a text".to_owned()) };
        let own = body.iter().find_map(|structure| match structure {
            Structure::Attribute(attribute) if attribute.key.as_str() == name => attribute.key.span(),
            _ => None,
        });
        Ok(Splice { range: own.ok_or("the key stands nowhere")?, text: new.clone() })
    }

    /// A block with another argument, behind the last one.
    fn argument(
        &self,
        body: &Body,
        block: Option<Range<usize>>,
        key: &str,
        value: &Content,
    ) -> Result<Splice, String> {
        let is_call = |entries: &[(String, Content)]| matches!(entries, [(key, _)] if key.starts_with('='));
        if matches!(value, Content::Map(entries) if !is_call(entries)) {
            return Err("blocks are not added".to_owned());
        }
        let written = match value {
            Content::Map(_) => {
                let indent = block.as_ref().map_or("", |block| self.indent(block.start));
                super::declare::value(value, 1).replace('\n', &format!("{}{indent}", self.eol))
            }
            _ => literal(value),
        };
        let spans = body.iter().filter_map(|structure| match structure {
            Structure::Attribute(attribute) => Some((attribute.key.span()?, attribute.value.span()?)),
            Structure::Block(_) => None,
        });
        if let Some((first, last)) = spans.last() {
            let at = self.line_end(last.end);
            let text = format!("{}{}{key} = {written}", self.eol, self.indent(first.start));
            return Ok(Splice { range: at..at, text });
        }
        let block = block.ok_or("the block stands nowhere")?;
        let open = self.slice(block.clone()).find('{').ok_or("the block has no body")? + block.start + 1;
        let indent = self.indent(block.start);
        let closing = if self.slice(open..self.line_end(open)).trim() == "}" {
            format!("{}{indent}", self.eol)
        } else {
            String::new()
        };
        let text = format!("{}{indent}  {key} = {written}{closing}", self.eol);
        Ok(Splice { range: open..open, text })
    }
}

fn are_maps(values: &[Content]) -> bool {
    !values.is_empty() && values.iter().all(|value| matches!(value, Content::Map(_)))
}

/// Whether a node is the key of an entry.
pub(super) fn is_key(tree: &Tree, node: crate::document::NodeId) -> bool {
    let parent = tree.ancestors(node).iter().rev().nth(1).copied();
    let map = parent.and_then(|parent| tree.map(parent));
    map.is_some_and(|map| map.iter().any(|(key, ..)| key == node))
}

pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

/// A text in quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// A text as it stands between quotes: `${` and `%{` would begin a template.
fn escaped(text: &str) -> String {
    let mut out = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\r', "\\r");
    out = out.replace('\t', "\\t").replace("${", "$${");
    out.replace("%{", "%%{")
}

/// A value as an expression. A map with one key that begins with `=` is a call of the function behind it.
pub(super) fn literal(content: &Content) -> String {
    match content {
        Content::Bool(value) => value.to_string(),
        Content::Number(text) => text.clone(),
        Content::Text(text) => quoted(text),
        Content::Call { short: "Ref", argument, .. } => argument.clone(),
        Content::Call { argument, .. } => {
            quoted(argument).replace("$${!", "$${\u{0}").replace("$${", "${").replace("${\u{0}", "$${")
        }
        Content::List(all) => format!("[{}]", all.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Content::Map(all) => {
            if let [(key, value)] = all.as_slice()
                && let Some(function) = key.strip_prefix('=')
            {
                return format!("{function}({})", literal(value));
            }
            let entry = |(key, value): &(String, Content)| {
                let key = if is_name(key) { key.clone() } else { quoted(key) };
                format!("{key} = {}", literal(value))
            };
            format!("{{ {} }}", all.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

/// The parts in which two texts differ, in whole words.
fn differing(old: &str, new: &str) -> Option<(String, String)> {
    let prefix: usize =
        old.chars().zip(new.chars()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    let word = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'));
    let start = old.get(..prefix)?.rfind(word).map_or(0, |at| at + 1);
    let (old, new) = (old.get(start..)?, new.get(start..)?);
    (!old.is_empty() && !old.contains("${")).then(|| (old.to_owned(), new.to_owned()))
}

/// Whether a configuration reads as before, except for one argument.
pub(super) fn keeps(old: &str, new: &str) -> bool {
    let (Ok(old), Ok(new)) = (hcl_edit::parser::parse_body(old), hcl_edit::parser::parse_body(new)) else {
        return false;
    };
    let (old, new) = (arguments(&old), arguments(&new));
    let same = old.iter().filter(|one| new.contains(one)).count();
    let most = old.len().max(new.len());
    same + 1 >= most && old.len().abs_diff(new.len()) <= 1
}

/// Whether a configuration still says all that it said.
pub(super) fn has_all(old: &str, new: &str) -> bool {
    let (Ok(old), Ok(new)) = (hcl_edit::parser::parse_body(old), hcl_edit::parser::parse_body(new)) else {
        return false;
    };
    // Blocks are counted among those before them, which a new one shifts.
    let told = |(path, value): (String, String)| {
        let mut parts = path.splitn(3, '/');
        let block = parts.nth(1).and_then(|block| block.split_once('.')).map_or("", |(_, block)| block);
        (format!("{block}/{}", parts.next().unwrap_or("")), value)
    };
    let told = |body: &Body| arguments(body).into_iter().map(told).collect::<Vec<_>>();
    let (old, mut new) = (told(&old), told(&new));
    old.iter().all(|one| {
        let at = new.iter().position(|other| other == one);
        at.map(|at| new.swap_remove(at)).is_some()
    })
}

/// Every argument of a body, with the blocks that it is in, and what it says.
fn arguments(body: &Body) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut stack = vec![(String::new(), body)];
    while let Some((path, body)) = stack.pop() {
        for (index, structure) in body.iter().enumerate() {
            match structure {
                Structure::Attribute(attribute) => {
                    let value = attribute.value.to_string().trim().to_owned();
                    out.push((format!("{path}/{}", attribute.key.as_str()), value));
                }
                Structure::Block(block) => {
                    let labels: Vec<&str> =
                        block.labels.iter().map(hcl_edit::structure::BlockLabel::as_str).collect();
                    let nth =
                        body.iter().take(index).filter(|one| matches!(one, Structure::Block(_))).count();
                    let path = format!("{path}/{nth}.{} {}", block.ident.as_str(), labels.join(" "));
                    stack.push((path, &block.body));
                }
            }
        }
    }
    out
}
