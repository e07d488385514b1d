//! From the text of JSON to that of an HCL expression of the same length.
//!
//! JSON decodes a string before anybody looks for templates in it, HCL after: `"${f(\"a\")}"` is `"${f("a")}"`. What gets shorter is
//! filled up with blanks behind the text that it is in, so that values stay where they were but for a few bytes.

use std::iter::Peekable;
use std::str::Chars;

/// What the text at hand is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum In {
    Json,
    /// A string of JSON.
    Text,
    /// What is interpolated in a string, with the braces that are open in it.
    Code(usize),
    /// A string in what is interpolated.
    Inner,
}

/// The text as HCL.
pub(super) fn as_expression(json: &str) -> String {
    let mut writer = Writer {
        rest: json.chars().peekable(),
        out: String::with_capacity(json.len()),
        debt: 0,
        stack: vec![In::Json],
    };
    while let Some(letter) = writer.rest.next() {
        writer.one(letter);
    }
    writer.out
}

struct Writer<'j> {
    rest: Peekable<Chars<'j>>,
    out: String,
    /// The bytes that are owed.
    debt: usize,
    stack: Vec<In>,
}

impl Writer<'_> {
    fn one(&mut self, letter: char) {
        let place = self.stack.last().copied().unwrap_or(In::Json);
        match (place, letter) {
            (In::Json, '"') => self.open(letter, In::Text),
            // The string of JSON ends, whatever is open in it.
            (_, '"') => {
                self.stack.truncate(1);
                self.out.push('"');
                self.pay();
            }
            (In::Text | In::Code(_) | In::Inner, '\\') => self.escape(place),
            (In::Text | In::Inner, '$' | '%') => self.dollar(letter),
            (In::Code(open), '{') => self.brace(letter, open + 1),
            (In::Code(0), '}') => self.close(letter),
            (In::Code(open), '}') => self.brace(letter, open - 1),
            _ => self.out.push(letter),
        }
    }

    fn open(&mut self, letter: char, what: In) {
        self.out.push(letter);
        self.stack.push(what);
    }

    fn close(&mut self, letter: char) {
        self.out.push(letter);
        self.stack.pop();
    }

    fn brace(&mut self, letter: char, open: usize) {
        self.out.push(letter);
        if let Some(last) = self.stack.last_mut() {
            *last = In::Code(open);
        }
    }

    fn pay(&mut self) {
        self.out.extend(std::iter::repeat_n(' ', std::mem::take(&mut self.debt)));
    }

    /// `${` begins code, `$${` does not.
    fn dollar(&mut self, letter: char) {
        self.out.push(letter);
        match self.rest.peek() {
            Some('{') => {
                self.rest.next();
                self.open('{', In::Code(0));
            }
            Some(next) if *next == letter => {
                self.rest.next();
                self.out.push(letter);
                if self.rest.next_if_eq(&'{').is_some() {
                    self.out.push('{');
                }
            }
            _ => {}
        }
    }

    /// What follows a backslash of JSON.
    fn escape(&mut self, place: In) {
        let Some(escaped) = self.rest.next() else { return };
        match (place, escaped) {
            (In::Code(_), '"') => {
                self.out.push(' ');
                self.open('"', In::Inner);
            }
            (In::Inner, '"') => {
                self.close('"');
                self.debt += 1;
                self.pay();
            }
            (In::Code(_), 'n') => self.out.push_str(" \n"),
            (In::Code(_), 't' | 'r') => self.out.push_str("  "),
            // A backslash of its own, which escapes the next in HCL.
            (In::Inner | In::Code(_), '\\') => {
                self.out.push('\\');
                self.debt += 1;
                match self.rest.next_if_eq(&'\\').and_then(|_| self.rest.next()) {
                    Some(next) => {
                        self.out.push(next);
                        self.debt += 1;
                    }
                    None => self.out.extend(self.rest.next_if(|next| *next != '"')),
                }
            }
            (_, '/') => {
                self.out.push('/');
                self.debt += 1;
            }
            (_, 'u') => self.unit(),
            (_, other) => {
                self.out.push('\\');
                self.out.push(other);
            }
        }
    }

    /// `\uXXXX`, of which two are one character beyond the first 65,536.
    fn unit(&mut self) {
        let digits: String = self.rest.by_ref().take(4).collect();
        let high = u32::from_str_radix(&digits, 16).unwrap_or(0);
        if !(0xD800..0xDC00).contains(&high) {
            self.out.push_str("\\u");
            self.out.push_str(&digits);
            return;
        }
        let low: String = self.rest.by_ref().take(6).collect();
        let low = low.strip_prefix("\\u").and_then(|low| u32::from_str_radix(low, 16).ok()).unwrap_or(0);
        let whole = 0x1_0000 + ((high - 0xD800) << 10) + (low & 0x3FF);
        let letter = char::from_u32(whole).unwrap_or(char::REPLACEMENT_CHARACTER);
        self.out.push(letter);
        self.debt += 12 - letter.len_utf8();
    }
}

#[cfg(test)]
mod tests {
    use super::as_expression;

    #[test]
    fn strings_are_decoded_before_templates_are() {
        for (json, hcl) in [
            (r#"{"a": "${f(\"x\")}"}"#, r#"{"a": "${f( "x" )}"}"#),
            (r#"{"a": "say \"${b}\" $${c}"}"#, r#"{"a": "say \"${b}\" $${c}"}"#),
            (r#""${f({ a = \"${g(\"y\")}\" })}""#, r#""${f({ a =  "${g( "y" )}"  })}""#),
            (r#""a\/b""#, r#""a/b" "#),
            (r#""${f(\"a\\nb\\\"c\")}""#, r#""${f( "a\nb\"c"    )}""#),
            (r#""\ud83d\ude00""#, "\"\u{1F600}\"        "),
        ] {
            let made = as_expression(json);
            assert_eq!(made, hcl);
            assert_eq!(made.len(), json.len(), "{json}");
        }
    }
}
