//! Values of a resource that another one gets as well, as they are written.

use crate::document::NodeId;
use crate::document::Tree;
use crate::document::View;
use crate::document::edit::Content;

/// How the text of a fix begins that stands for a value of the resource around the finding.
const COPIES: &str = "${=";

/// The functions that a tag with a text may stand for, by the names behind `!` and as keys.
const CALLS: &[(&str, &str)] =
    &[("Ref", "Ref"), ("Sub", "Fn::Sub"), ("GetAtt", "Fn::GetAtt"), ("ImportValue", "Fn::ImportValue")];

/// A value that is taken over: its key, and the end of its text that becomes another.
#[derive(Clone, Copy)]
pub(super) struct Copied<'t> {
    pub(super) key: &'t str,
    /// Whether there is nothing to add without it.
    must: bool,
    end: Option<(&'t str, &'t str)>,
}

impl<'t> Copied<'t> {
    /// What a text of a fix takes over: `${=KEY}`, or `${=KEY|OLD|NEW}`; a key with `!` at its end must be there.
    pub(super) fn of(text: &'t str) -> Option<Self> {
        let inner = text.strip_prefix(COPIES)?.strip_suffix('}')?;
        let mut parts = inner.splitn(3, '|');
        let key = parts.next()?;
        let end = parts.next().zip(parts.next());
        let must = key.ends_with('!');
        Some(Self { key: key.trim_end_matches('!'), must, end })
    }

    /// Nothing, where it may not be there.
    pub(super) fn absent(self) -> Result<(), String> {
        if self.must { Err(format!("there is no `{}` around the value", self.key)) } else { Ok(()) }
    }

    /// With the end that it shall have.
    pub(super) fn ended(self, mut content: Content) -> Result<Content, String> {
        match self.end {
            Some((old, new)) if !replace_end(&mut content, old, new) => {
                Err(format!("`{}` does not end in `{old}`", self.key))
            }
            _ => Ok(content),
        }
    }
}

/// A value as it is written, functions and all.
pub(super) fn content(tree: &Tree, node: NodeId) -> Result<Content, String> {
    if tree.is_sensitive(node) {
        return Err("a value that would be taken over is sensitive".to_owned());
    }
    let plain = match tree.view(node) {
        View::Bool(value) => Content::Bool(value),
        View::Number(text) => Content::Number(text.to_owned()),
        View::String(text) => {
            let tag = tree.tag(node).map(|tag| tag.trim_start_matches('!'));
            let call = tag.and_then(|tag| CALLS.iter().find(|(short, _)| *short == tag));
            if let Some(&(short, long)) = call {
                return Ok(Content::Call { short, long, argument: text.to_owned() });
            }
            Content::text(text)
        }
        View::List(list) => {
            let all: Result<_, String> = list.iter().map(|one| content(tree, one)).collect();
            Content::List(all?)
        }
        View::Map(map) => {
            let entries = map.iter().map(|(_, key, value)| Ok((key.to_owned(), content(tree, value)?)));
            Content::Map(entries.collect::<Result<_, String>>()?)
        }
        _ => return Err("a value that would be taken over is not written out".to_owned()),
    };
    Ok(match tree.tag(node) {
        Some(tag) => Content::Map(vec![(format!("Fn::{}", tag.trim_start_matches('!')), plain)]),
        None => plain,
    })
}

/// Makes the end of the last text another one.
fn replace_end(content: &mut Content, old: &str, new: &str) -> bool {
    let text = match content {
        Content::Text(text) | Content::Call { argument: text, .. } => text,
        Content::List(all) => return all.iter_mut().rev().any(|one| replace_end(one, old, new)),
        Content::Map(all) => {
            return match all.as_mut_slice() {
                [(key, value)] if key.starts_with("Fn::") => replace_end(value, old, new),
                _ => false,
            };
        }
        Content::Bool(_) | Content::Number(_) => return false,
    };
    match text.strip_suffix(old) {
        Some(rest) => {
            *text = format!("{rest}{new}");
            true
        }
        // Of an expression, the last text in quotes.
        None => match text.strip_suffix('"').and_then(|text| text.strip_suffix(old)) {
            Some(rest) => {
                *text = format!("{rest}{new}\"");
                true
            }
            None => false,
        },
    }
}
