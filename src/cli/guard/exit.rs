//! The peer's exit codes.

/// A rule failed.
pub(super) const FAILED: u8 = 19;
/// A rule file cannot be read.
pub(super) const UNREADABLE: u8 = 5;
/// A test's rules or expectations cannot be read; a template cannot be read.
pub(super) const TEST_ERROR: u8 = 1;
/// An expectation was not met.
pub(super) const TEST_FAILED: u8 = 7;
/// The run stopped, or a rule could not be evaluated.
pub(super) const ABORTED: u8 = 255;
/// The command line is wrong.
pub(super) const USAGE: u8 = 2;
