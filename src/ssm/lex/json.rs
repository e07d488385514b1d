//! JSON text.

use super::{Context, Cursor, Token};

pub(super) fn contexts(tokens: &[Token]) -> Vec<Context> {
    let mut cursor = Cursor::new(tokens);
    let mut out = Vec::new();
    let mut inside = false;
    while let Some(token) = cursor.next() {
        match token {
            Token::Value if inside => out.push(Context::JsonString),
            Token::Value => out.push(Context::JsonValue),
            Token::Char('\\') if inside && cursor.peek(0).is_some() => cursor.at += 1,
            Token::Char('"') => inside = !inside,
            _ => {}
        }
    }
    out
}
