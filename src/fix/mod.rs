//! Mending inputs: fixes are chosen, applied, and held against what the rules say of the result.
//!
//! Nothing here writes a file. A text is mended in memory, read again and checked again; a fix after which its finding is
//! still there, or another one is new, is taken back and said so. That goes on until nothing is left to mend.
//!
//! **Invariant:** a mended text has no finding that the text before it did not have; mending it again changes nothing.

mod apply;
mod choose;
mod diff;
mod rounds;
mod sound;

use std::sync::Arc;

use crate::check::Run;

pub use diff::unified;
pub use rounds::fix;
pub use rounds::fix_with;

/// What is to be mended.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Whether fixes that change what is allowed or done are made too.
    pub unsafe_fixes: bool,
    /// The ids or names of the rules whose findings are to be mended; all if empty.
    pub rules: Vec<String>,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The files that change, by name.
    pub files: Vec<Changed>,
    /// The fixes that are in them, in the order in which they were made.
    pub applied: Vec<Note>,
    /// Fixes that were taken back, and why.
    pub withdrawn: Vec<Note>,
    /// Findings of which the fix cannot be written, and why.
    pub unfixable: Vec<Note>,
    /// How many findings could be mended by fixes that were not asked for.
    pub held_back: usize,
    /// What is to be said of the files after all that.
    pub run: Run,
}

/// A file that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Its name.
    pub name: Box<str>,
    /// Its text as it was.
    pub before: String,
    /// Its text as it is to be.
    pub after: String,
    /// The bytes to write.
    pub bytes: Vec<u8>,
}

/// What became of one fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The rule.
    pub rule: Arc<str>,
    /// Where: file, line and column.
    pub place: String,
    /// The resource.
    pub entity: Box<str>,
    /// What the fix does, or why it is not made.
    pub message: String,
}
