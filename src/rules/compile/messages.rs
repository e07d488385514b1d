//! Messages that show values.

use crate::document::Code;

use crate::rules::ast;
use crate::rules::program::{Message, MessagePiece};

use super::Compiler;
use super::types::Ty;

impl Compiler<'_> {
    /// A message; `{name}` in it shows a value. Braces around anything else are text.
    pub(super) fn message(&mut self, message: &ast::Name) -> Message {
        let text = &*message.text;
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            plain.push_str(before);
            match after.split_once('}') {
                Some((inner, tail)) if is_path(inner) => {
                    if !plain.is_empty() {
                        pieces.push(MessagePiece::Text(std::mem::take(&mut plain).into()));
                    }
                    pieces.push(self.piece(inner, message.range));
                    rest = tail;
                }
                _ => {
                    plain.push('{');
                    rest = after;
                }
            }
        }
        plain.push_str(rest);
        let pieces = if pieces.is_empty() {
            Vec::new()
        } else {
            if !plain.is_empty() {
                pieces.push(MessagePiece::Text(plain.into()));
            }
            pieces
        };
        Message { text: text.into(), pieces: pieces.into() }
    }

    fn piece(&mut self, path: &str, range: ast::Range) -> MessagePiece {
        if path == "value" {
            return MessagePiece::Value;
        }
        let steps: Box<[Box<str>]> = path.split('.').map(Into::into).collect();
        if !path.starts_with("value.") {
            self.check_path(&steps, range);
        }
        MessagePiece::Path(steps, format!("{{{path}}}").into())
    }

    /// Where the blocks around are about entities, the name must be an attribute of one of them.
    fn check_path(&mut self, steps: &[Box<str>], range: ast::Range) {
        let Some((first, rest)) = steps.split_first() else { return };
        let typed: Vec<Ty> =
            self.contexts.iter().rev().copied().filter(|ty| ty.attributes().is_some()).collect();
        if typed.is_empty() || self.contexts.iter().any(|ty| ty.attributes().is_none()) {
            return;
        }
        if let Some(found) = typed.iter().find_map(|ty| ty.key(first).ok()) {
            let mut at = found;
            for step in rest {
                match at.key(step) {
                    Ok(next) => at = next,
                    Err(attributes) => {
                        self.unknown_attribute(step, at, attributes, range);
                        return;
                    }
                }
            }
            return;
        }
        let names = typed.iter().filter_map(|ty| ty.attributes()).flatten().map(|attribute| attribute.name);
        let help = super::suggest(first, names).map(|near| format!("did you mean `{{{near}}}`?"));
        let message = format!("the message shows `{{{first}}}`, which none of the values around it has");
        self.report(Code::RuleName, range, message, help);
    }
}

/// `name` or `name.attribute`.
fn is_path(text: &str) -> bool {
    !text.is_empty()
        && text.split('.').all(|step| {
            step.starts_with(|c: char| c.is_ascii_alphabetic())
                && step.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
}
