//! Whole blocks of a configuration: for changes that are more than another value.

use std::ops::Range;
use std::sync::Arc;

use hcl_edit::Span;

use crate::document::Source;

use super::Configuration;
use super::module::Module;
use super::module::expression;

/// The block of a resource, as it is written.
#[derive(Clone, Debug)]
pub struct WrittenBlock<'c> {
    /// The file.
    pub source: &'c Arc<Source>,
    /// From its first word to its closing brace.
    pub range: Range<usize>,
    /// The type of the resource.
    pub ty: &'c str,
    /// The name of the resource.
    pub label: &'c str,
    /// Whether it stands for several resources, by `count` or `for_each`.
    pub is_repeated: bool,
    module: &'c Module,
}

impl Configuration {
    /// The block of the resource at an address; nothing where the configuration does not have it.
    pub fn written(&self, address: &str) -> Option<WrittenBlock<'_>> {
        let (module, found) = self.block(address)?;
        let block = &found.node;
        let [ty, label] = block.labels.as_slice() else { return None };
        let is_repeated = ["count", "for_each"].iter().any(|name| expression(&block.body, name).is_some());
        Some(WrittenBlock {
            source: self.sources.get(found.file)?,
            range: block.span()?,
            ty: ty.as_str(),
            label: label.as_str(),
            is_repeated,
            module,
        })
    }

    /// Whether other blocks of the module refer to a resource.
    pub fn is_referred_to(&self, block: &WrittenBlock<'_>) -> bool {
        let name = format!("{}.{}", block.ty, block.label);
        let files = block.module.resources.values().map(|one| one.file);
        let mut files: Vec<usize> = files.collect();
        files.sort_unstable();
        files.dedup();
        files.into_iter().filter_map(|file| self.sources.get(file)).any(|source| names(source.text(), &name))
    }

    /// Whether a text is a configuration.
    pub fn reads(text: &str) -> bool {
        hcl_edit::parser::parse_body(text).is_ok()
    }
}

impl WrittenBlock<'_> {
    /// Its text.
    pub fn text(&self) -> &str {
        self.source.text().get(self.range.clone()).unwrap_or("")
    }

    /// Whether its module declares something else at `type.name` or `data.type.name`.
    pub fn has_beside(&self, name: &str) -> bool {
        self.module.resources.contains_key(name)
    }

    /// The folder of its module, which tells modules apart.
    pub fn folder(&self) -> &std::path::Path {
        &self.module.folder
    }

    /// Its text under another name.
    pub fn renamed(&self, text: &str, label: &str) -> String {
        text.replacen(&format!("\"{}\"", self.label), &format!("\"{label}\""), 1)
    }
}

/// Whether a text has a name, and not a longer one.
fn names(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        let behind = text.get(at + name.len()..).and_then(|tail| tail.chars().next());
        let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        !before.is_some_and(|c| part(c) || c == '.') && !behind.is_some_and(part)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_whole() {
        assert!(super::names("depends_on = [aws_x.a]", "aws_x.a"));
        assert!(!super::names("aws_x.ab data.aws_x.a aws_x.a-b", "aws_x.a"));
    }
}
