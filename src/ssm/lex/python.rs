//! Python source.

use super::{Cursor, Quote, Token};

/// A string that is open.
#[derive(Clone, Copy)]
struct Open {
    quote: char,
    triple: bool,
    format: bool,
}

impl Open {
    fn as_quote(self) -> Quote {
        match (self.format, self.triple, self.quote) {
            (true, _, _) => Quote::Format,
            (_, true, '\'') => Quote::TripleSingle,
            (_, true, _) => Quote::TripleDouble,
            (_, _, '\'') => Quote::Single,
            _ => Quote::Double,
        }
    }
}

pub(super) fn quotes(tokens: &[Token]) -> Vec<Quote> {
    let mut cursor = Cursor::new(tokens);
    let mut out = Vec::new();
    let mut open: Option<Open> = None;
    let mut comment = false;
    // The letters just before a quote: `f`, `r`, `b`.
    let mut prefix = String::new();
    while let Some(token) = cursor.next() {
        let Token::Char(found) = token else {
            if token == Token::Value {
                out.push(match open {
                    _ if comment => Quote::Comment,
                    Some(open) => open.as_quote(),
                    None => Quote::None,
                });
            }
            prefix.clear();
            continue;
        };
        match (open, found) {
            _ if comment => comment = found != '\n',
            (None, '#') => comment = true,
            (None, '\'' | '"') => {
                let format = prefix.contains(['f', 'F', 't', 'T']);
                let twice = cursor.peek(0) == Some(found) && cursor.peek(1) == Some(found);
                if twice {
                    cursor.at += 2;
                }
                open = Some(Open { quote: found, triple: twice, format });
            }
            (None, letter) if letter.is_ascii_alphanumeric() || letter == '_' => {
                prefix.push(letter);
                continue;
            }
            (Some(_), '\\') if cursor.peek(0).is_some() => cursor.at += 1,
            (Some(string), '\n') if !string.triple => open = None,
            (Some(string), quote) if quote == string.quote => {
                let ends = !string.triple || cursor.peek(0) == Some(quote) && cursor.peek(1) == Some(quote);
                if ends {
                    cursor.at += if string.triple { 2 } else { 0 };
                    open = None;
                }
            }
            (None | Some(_), _) => {}
        }
        prefix.clear();
    }
    out
}
