//! Texts of a policy made ready to be compared: variables filled in, wildcards told from characters.

use super::context::Context;
use super::context::Lookup;
use super::glob::Token;
use super::glob::literal;
use super::glob::pattern;
use super::glob::push_pattern;
use super::text::Part;
use super::text::Text;
use super::variable::Chunk;
use super::variable::chunks;
use super::variable::has_variables;

/// A text with its variables filled in.
#[derive(Clone, Debug)]
pub enum Filled {
    /// What the text is.
    Tokens(Vec<Token>),
    /// A variable has no value: the text matches nothing.
    Never,
}

/// What `*`, `?` and `${…}` mean in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Whether `*` and `?` are wildcards.
    pub wildcards: bool,
    /// Whether `${…}` is a variable: since version 2012-10-17.
    pub variables: bool,
}

/// Fills in the variables of a text.
pub fn fill(text: &Text<'_>, reading: Reading, context: &Context) -> Filled {
    if let Text::Known(known) = text
        && reading.wildcards
        && !(reading.variables && has_variables(known))
    {
        return Filled::Tokens(pattern(known));
    }
    let mut tokens = Vec::new();
    for part in text.parts() {
        match part {
            Part::Hole(_, token) => tokens.push(token),
            Part::Known(known) if reading.variables && has_variables(known) => {
                for chunk in chunks(known) {
                    if !add(&mut tokens, chunk, reading, context) {
                        return Filled::Never;
                    }
                }
            }
            Part::Known(known) => plain(&mut tokens, known, reading),
        }
    }
    Filled::Tokens(tokens)
}

fn plain(tokens: &mut Vec<Token>, text: &str, reading: Reading) {
    if reading.wildcards {
        push_pattern(tokens, text);
    } else {
        tokens.extend(literal(text));
    }
}

/// Adds one piece; false where it has no value.
fn add(tokens: &mut Vec<Token>, chunk: Chunk<'_>, reading: Reading, context: &Context) -> bool {
    match chunk {
        Chunk::Plain(text) => plain(tokens, text, reading),
        Chunk::Escaped(character) => tokens.extend(literal(character.encode_utf8(&mut [0; 4]))),
        Chunk::Malformed(..) => return false,
        Chunk::Variable { key, default } => match (context.get(key), default) {
            (Lookup::Values([value], false), _) => tokens.extend(literal(value)),
            (Lookup::Absent, Some(default)) => tokens.extend(literal(default)),
            (Lookup::Present | Lookup::Unknown, _) => tokens.push(Token::Opaque(variable_number(key))),
            _ => return false,
        },
    }
    true
}

/// A number for the value of a variable that is not known: the same for every use of it.
fn variable_number(key: &str) -> u32 {
    key.bytes().fold(0x811C_9DC5, |hash, byte| {
        (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193)
    }) | 0x4000_0000
}

/// The characters, where all tokens are characters.
pub fn characters(tokens: &[Token]) -> Option<String> {
    let units: Option<Vec<u16>> = tokens
        .iter()
        .map(|token| match token {
            Token::Unit(unit) => Some(*unit),
            _ => None,
        })
        .collect();
    String::from_utf16(&units?).ok()
}
