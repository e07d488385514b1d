//! A file is read a piece at a time: what the parser finds takes many times the memory of the text.
//!
//! A piece ends anywhere. What is read of it is right but for its last item, which could go on behind the end, or mean something
//! else there; so the next piece starts with that one.

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use pest::Parser as _;

use super::{Grammar, Pair, Parts, Rule, inside};

/// Bytes of a piece. Few rule files are larger.
const PIECE: usize = 1 << 16;
/// How much larger a piece is made in which there is no whole item.
const GROWTH: usize = 8;

/// Why the rest of a file could not be read.
pub(super) struct Stop {
    /// Where the piece starts.
    pub(super) start: usize,
    pub(super) error: Box<pest::error::Error<Rule>>,
}

/// Calls `item` with each item of a file.
pub(super) fn each(text: &str, item: impl FnMut(Pair<'_>)) -> Result<(), Stop> {
    each_of(text, PIECE, item)
}

fn each_of(text: &str, piece: usize, mut item: impl FnMut(Pair<'_>)) -> Result<(), Stop> {
    let (mut start, mut size) = (0, piece);
    loop {
        let rest = text.get(start..).unwrap_or_default();
        let part = rest.get(..boundary(rest, size)).unwrap_or_default();
        let last = part.len() == rest.len();
        allow_calls(part.len());
        let found = Grammar::parse(if last { Rule::file } else { Rule::items }, part)
            .map_err(|error| Stop { start, error: Box::new(error) })?;
        let mut items = Parts::new(found, start).next().into_iter().flat_map(inside).peekable();
        let before = start;
        while let Some(one) = items.next() {
            if !last && items.peek().is_none() {
                start = one.start();
            } else {
                item(one);
            }
        }
        if last {
            return Ok(());
        }
        size = if start == before { size.saturating_mul(GROWTH) } else { piece };
    }
}

/// The last boundary between characters in the first bytes.
fn boundary(text: &str, bytes: usize) -> usize {
    (0..=bytes.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Steps that the parser may take for a text, at least.
const CALLS: usize = 20_000_000;
/// Steps that it may take for each byte.
const CALLS_FOR_A_BYTE: usize = 1_000;

/// Where a bracket can be read in two ways, brackets in brackets can be read in thousands. The parser's limit holds for all that
/// is read after it is set, so it only grows.
fn allow_calls(bytes: usize) {
    static ALLOWED: AtomicUsize = AtomicUsize::new(0);
    let wanted = CALLS.max(bytes.saturating_mul(CALLS_FOR_A_BYTE));
    if ALLOWED.fetch_max(wanted, Ordering::Relaxed) < wanted {
        pest::set_call_limit(NonZeroUsize::new(ALLOWED.load(Ordering::Relaxed)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = (Vec<(Rule, usize, String)>, Option<(usize, String)>);

    fn read(text: &str, piece: usize) -> Read {
        let mut items = Vec::new();
        let done = each_of(text, piece, |item| {
            items.push((item.as_rule(), item.start(), item.as_str().to_owned()));
        });
        let wrong = done.err().map(|stop| {
            let at = match stop.error.location {
                pest::error::InputLocation::Pos(at) | pest::error::InputLocation::Span((at, _)) => at,
            };
            (stop.start + at, format!("{:?}", stop.error.variant))
        });
        // How much was read before an error depends on the pieces.
        (if wrong.is_none() { items } else { Vec::new() }, wrong)
    }

    const TEXT: &str = r#"
# a comment with a brace {
import 'other.guard'
let names = ['a', "b # no comment", /c'\/d/]
let more = Resources.*[ Type == 'AWS::S3::Bucket'
    Properties.Name exists or Properties.Name in %names ]
%more.Properties exists <<a message
rule not_one { a exists }
>>
AWS::S3::Bucket { Properties.Name exists }
or AWS::SQS::Queue { Properties.Name !exists }
when a exists { b == { c: 1 } }
x == {'é': 'ü'}
@severity(low)
@id("A-1")
@tags(one, two)
rule one when %more !empty {
    %more { Properties.Name != /^ß/ <<text>> }
    two
}
rule two(a, b) { %a == %b or
  %a > 3
}
or exists
or in [1, 2]
"#;

    #[test]
    fn pieces_of_any_size_are_read_as_the_whole_is() {
        let whole = read(TEXT, TEXT.len());
        assert_eq!(whole.0.len(), 12, "{whole:?}");
        for piece in 1..TEXT.len() {
            assert_eq!(read(TEXT, piece), whole, "in pieces of {piece} bytes");
        }
    }

    #[test]
    fn an_error_is_the_same_in_pieces_of_any_size() {
        for (at, _) in TEXT.char_indices().step_by(5) {
            for wrong in ["}", "]]", " or ", ")", "'", " == "] {
                let text = format!("{}{wrong}{}", &TEXT[..at], &TEXT[at..]);
                let whole = read(&text, text.len());
                for piece in [13, 64, 257] {
                    assert_eq!(read(&text, piece), whole, "in pieces of {piece} bytes: {text}");
                }
            }
        }
    }
}
