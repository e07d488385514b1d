//! Resources that are added to a configuration, in the way that `terraform fmt` writes them.

use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::structure::Structure;

use crate::document::edit::Content;

use super::Configuration;
use super::edit::ConfigurationEdit;
use super::module::expression;
use super::splice;
use super::splice::literal;

impl Configuration {
    /// The edit that adds a resource behind another one, in the same module.
    pub fn declare(
        &self,
        address: &str,
        ty: &str,
        name: &str,
        body: &[(String, Content)],
    ) -> Result<ConfigurationEdit, String> {
        let (_, block) = self.block(address).ok_or("the configuration does not have the resource")?;
        let source = self.sources.get(block.file).ok_or("the file is not at hand")?;
        if super::is_json(source.name()) {
            return Err("configuration in JSON is not edited".to_owned());
        }
        let old = source.text();
        let end = block.node.span().ok_or("the block stands nowhere")?.end;
        let behind = old.get(end..).unwrap_or("");
        let line = behind.find('\n').unwrap_or(behind.len());
        let line = behind.get(..line).map_or(0, |line| line.trim_end_matches('\r').len());
        let at = end + line;
        let mut text = String::from("\n\n");
        text.push_str(&format!("resource \"{ty}\" \"{name}\" {{\n"));
        write_entries(&mut text, body, 1, true);
        text.push('}');
        if old.contains("\r\n") {
            text = text.replace('\n', "\r\n");
        }
        let new = format!("{}{text}{}", old.get(..at).unwrap_or(""), old.get(at..).unwrap_or(""));
        if !splice::has_all(old, &new) {
            return Err("the configuration would read otherwise in another place too".to_owned());
        }
        Ok(ConfigurationEdit { source: Arc::clone(source), range: at..at, text, shared: false })
    }

    /// The edit that takes a resource away.
    pub fn undeclare(&self, address: &str) -> Result<ConfigurationEdit, String> {
        let (module, block) = self.block(address).ok_or("the configuration does not have the resource")?;
        let source = self.sources.get(block.file).ok_or("the file is not at hand")?;
        if super::is_json(source.name()) {
            return Err("configuration in JSON is not edited".to_owned());
        }
        if ["for_each", "count"].iter().any(|name| expression(&block.node.body, name).is_some()) {
            return Err("the resource is made for each of several".to_owned());
        }
        let old = source.text();
        let span = block.node.span().ok_or("the block stands nowhere")?;
        let own = address.rsplit('.').take(2).collect::<Vec<_>>();
        let own = own.into_iter().rev().collect::<Vec<_>>().join(".");
        let mut rest =
            self.sources.iter().enumerate().filter(|(_, one)| {
                std::path::Path::new(one.name()).parent() == Some(module.folder.as_path())
            });
        let is_used = |(file, one): (usize, &Arc<crate::document::Source>)| {
            one.text().match_indices(&own).any(|(at, _)| file != block.file || !span.contains(&at))
        };
        if rest.any(is_used) {
            return Err(format!("`{own}` is referred to"));
        }
        let line =
            |at: usize| old.get(at..).and_then(|rest| rest.find('\n')).map_or(old.len(), |end| at + end + 1);
        let mut end = line(span.end);
        // One of the blank lines around it goes, too.
        if old.get(end..line(end)).is_some_and(|next| next.trim().is_empty()) {
            end = line(end);
        }
        let new = format!("{}{}", old.get(..span.start).unwrap_or(""), old.get(end..).unwrap_or(""));
        if !splice::has_all(&new, old) {
            return Err("the configuration would read otherwise in another place too".to_owned());
        }
        let range = span.start..end;
        Ok(ConfigurationEdit { source: Arc::clone(source), range, text: String::new(), shared: false })
    }

    /// The text of an argument of a resource; of one that is made for each of several, nothing can be taken over.
    pub fn argument_text(&self, address: &str, name: &str) -> Result<Option<String>, String> {
        let (_, block) = self.block(address).ok_or("the configuration does not have the resource")?;
        let body = &block.node.body;
        if expression(body, "for_each").is_some() {
            return Err("the resource is made for each of several".to_owned());
        }
        let found = expression(body, name).and_then(Span::span);
        let is_block =
            |one: &Structure| matches!(one, Structure::Block(block) if block.ident.as_str() == name);
        if found.is_none() && body.iter().any(is_block) {
            return Err(format!("`{name}` is a block"));
        }
        let text = self.text_of(block.file);
        Ok(found.and_then(|range| text.get(range)).map(str::to_owned))
    }

    /// A name that no resource of a type has in the module of another resource.
    pub fn free_name(&self, address: &str, ty: &str, name: &str) -> String {
        let module = self.block(address).map(|(module, _)| module);
        let taken =
            |name: &str| module.is_some_and(|module| module.resources.contains_key(&*format!("{ty}.{name}")));
        let numbered = (2..1000).map(|count| format!("{name}_{count}"));
        let mut all = std::iter::once(name.to_owned()).chain(numbered);
        all.find(|name| !taken(name)).unwrap_or_else(|| name.to_owned())
    }
}

/// Writes the entries of a body, or of an object, where nothing is a block.
pub(super) fn write_entries(
    out: &mut String,
    entries: &[(String, Content)],
    depth: usize,
    may_be_blocks: bool,
) {
    let indent = "  ".repeat(depth);
    let is_block = |content: &Content| may_be_blocks && are_blocks(content);
    let mut written: Vec<(String, Option<String>)> = Vec::new();
    for (key, content) in entries {
        let key = if splice::is_name(key) { key.clone() } else { splice::quoted(key) };
        let text = (!is_block(content)).then(|| value(content, depth));
        written.push((key, text));
    }
    for (index, (key, text)) in written.iter().enumerate() {
        let Some(text) = text else {
            let Some((_, Content::List(all))) = entries.get(index) else { continue };
            for block in all {
                let Content::Map(inner) = block else { continue };
                out.push_str(&format!("{indent}{key} {{\n"));
                write_entries(out, inner, depth + 1, true);
                out.push_str(&format!("{indent}}}\n"));
            }
            continue;
        };
        // Signs of neighbouring lines stand below each other.
        let is_line =
            |one: &(String, Option<String>)| one.1.as_ref().is_some_and(|text| !text.contains('\n'));
        let own = written.get(index).is_some_and(is_line);
        let before = written.iter().take(index).rev().take_while(|one| own && is_line(one));
        let after = written.iter().skip(index).take_while(|one| own && is_line(one));
        let width = before.chain(after).map(|(key, _)| key.len()).max().unwrap_or(key.len());
        out.push_str(&format!("{indent}{key:width$} = {text}\n"));
    }
}

fn are_blocks(content: &Content) -> bool {
    matches!(content, Content::List(all) if !all.is_empty() && all.iter().all(|one| matches!(one, Content::Map(_))))
}

/// A value, over several lines where it holds objects.
pub(super) fn value(content: &Content, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    match content {
        Content::Map(all) => {
            if let [(key, argument)] = all.as_slice()
                && let Some(function) = key.strip_prefix('=')
            {
                return format!("{function}({})", value(argument, depth));
            }
            let mut out = String::from("{\n");
            write_entries(&mut out, all, depth + 1, false);
            format!("{out}{indent}}}")
        }
        Content::List(all) if all.iter().any(|one| matches!(one, Content::Map(_))) => {
            let each = all.iter().map(|one| format!("{indent}  {},\n", value(one, depth + 1)));
            format!("[\n{}{indent}]", each.collect::<String>())
        }
        other => literal(other),
    }
}
