//! How much a rule may ask for. Where a rule file or a document is made to cost too much, the rule ends with a problem instead.

/// Pairs of values that one clause may compare.
const PAIRS: usize = 1 << 22;

/// Calls of rules with parameters for one rule.
const CALLS: u32 = 1_000_000;

/// Values that the queries of one rule may lead to, on any document.
const VALUES: u64 = 1 << 26;

/// More of them for each value of the document.
const VALUES_FOR_EACH: u64 = 1 << 8;

/// Bytes of a text that a function makes.
const TEXT: usize = 16 << 20;

/// Variables and rules that need one another, one after another.
pub(crate) const CHAIN: usize = 256;

/// Files that the rule files of a run may import.
const IMPORTS: usize = 256;

/// Bytes of a file that is imported.
const FILE: u64 = 64 << 20;

/// Whether one more file may be imported, after so many.
pub(crate) fn import(before: usize) -> Result<(), String> {
    if before < IMPORTS { Ok(()) } else { Err(format!("more than {IMPORTS} files are imported")) }
}

/// Whether what is at a path may be imported: a file that has an end.
pub(crate) fn file(path: &std::path::Path) -> Result<(), String> {
    // What cannot be looked at is said where it is read.
    let Ok(data) = path.metadata() else { return Ok(()) };
    if data.is_dir() {
        Err("it is a folder".to_owned())
    } else if !data.is_file() {
        Err("it is no file".to_owned())
    } else if data.len() > FILE {
        Err(format!("it is larger than {} MB", FILE >> 20))
    } else {
        Ok(())
    }
}

/// Whether so many values may be compared with so many.
pub(crate) fn compare(left: usize, right: usize) -> Result<(), String> {
    if left.saturating_mul(right) <= PAIRS {
        return Ok(());
    }
    Err(format!("{left} values are compared with {right}, which makes more than {PAIRS} pairs"))
}

/// Whether one more rule with parameters may be called, after so many.
pub(crate) fn call(before: u32) -> Result<(), String> {
    if before < CALLS {
        Ok(())
    } else {
        Err(format!("rules with parameters are called more than {CALLS} times"))
    }
}

/// Whether queries may have led to so many values, on a document of some size.
pub(crate) fn values(found: u64, document: usize) -> Result<(), String> {
    let allowed = VALUES.saturating_add((document as u64).saturating_mul(VALUES_FOR_EACH));
    if found <= allowed { Ok(()) } else { Err(format!("its queries lead to more than {allowed} values")) }
}

/// Whether a function may make a text of so many bytes.
pub(crate) fn text(bytes: usize) -> Result<(), String> {
    if bytes <= TEXT { Ok(()) } else { Err(format!("the text would be longer than {} MB", TEXT >> 20)) }
}
