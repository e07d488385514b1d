//! How much a rule may ask for. Where a rule file or a document is made to cost too much, the rule ends with a problem instead.

/// Pairs of values that one clause may compare.
const PAIRS: usize = 1 << 24;

/// Pairs of values that one clause may compare where each pair is an answer of its own.
const ANSWERS: usize = 1 << 22;

/// Calls of rules with parameters for one rule.
const CALLS: u32 = 1_000_000;

/// Bytes of a text that a function makes.
const TEXT: usize = 16 << 20;

/// Variables and rules that need one another, one after another.
pub(crate) const CHAIN: usize = 256;

/// Whether so many values may be compared with so many.
pub(crate) fn compare(left: usize, right: usize) -> Result<(), String> {
    within(left, right, PAIRS)
}

/// The same, where each pair is an answer of its own.
pub(crate) fn answer(left: usize, right: usize) -> Result<(), String> {
    within(left, right, ANSWERS)
}

fn within(left: usize, right: usize, most: usize) -> Result<(), String> {
    if left.saturating_mul(right) <= most {
        return Ok(());
    }
    Err(format!("{left} values are compared with {right}, which makes more than {most} pairs"))
}

/// Whether one more rule with parameters may be called, after so many.
pub(crate) fn call(before: u32) -> Result<(), String> {
    if before < CALLS {
        Ok(())
    } else {
        Err(format!("rules with parameters are called more than {CALLS} times"))
    }
}

/// Whether a function may make a text of so many bytes.
pub(crate) fn text(bytes: usize) -> Result<(), String> {
    if bytes <= TEXT { Ok(()) } else { Err(format!("the text would be longer than {} MB", TEXT >> 20)) }
}
