//! The JSON report about a data file, in pieces: what comes before its failures, the failures, and what comes behind.
//!
//! Put together, the pieces are what [`FileReport`](super::FileReport) is as data.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde::Serialize;

use crate::cli::guard::trace::{Event, Status};

use super::failures::failures;
use super::pretty;

/// What comes behind the failures.
#[derive(Default)]
pub(in crate::cli::guard) struct Tail {
    pub(in crate::cli::guard) skipped: BTreeSet<String>,
    /// Why rules were skipped.
    pub(in crate::cli::guard) reasons: BTreeMap<String, String>,
    pub(in crate::cli::guard) passed: BTreeSet<String>,
}

/// Writes what comes before the failures.
pub(in crate::cli::guard) fn write_head(out: &mut dyn Write, name: &str, status: Status) -> io::Result<()> {
    out.write_all(b"  {\n    \"name\": ")?;
    serde_json::to_writer(&mut *out, name)?;
    write!(out, ",\n    \"metadata\": {{}},\n    \"status\": \"{status}\",\n    \"not_compliant\": [")
}

/// Writes the failures of a rule, behind those of others.
pub(in crate::cli::guard) fn write_failures(
    out: &mut impl Write,
    rule: &Event<'_>,
    mut others: bool,
) -> io::Result<bool> {
    for failure in failures(std::slice::from_ref(rule)) {
        out.write_all(if others { b",\n      " } else { b"\n      " })?;
        pretty::write(out, 3, &failure)?;
        others = true;
    }
    Ok(others)
}

/// Writes what comes behind the failures, if there are any.
pub(in crate::cli::guard) fn write_tail(out: &mut dyn Write, tail: &Tail, failed: bool) -> io::Result<()> {
    fn part(out: &mut dyn Write, name: &str, data: &impl Serialize) -> io::Result<()> {
        write!(out, ",\n    \"{name}\": ")?;
        pretty::write(out, 2, data)
    }
    out.write_all(if failed { b"\n    ]" } else { b"]" })?;
    part(out, "not_applicable", &tail.skipped)?;
    if !tail.reasons.is_empty() {
        part(out, "not_applicable_reasons", &tail.reasons)?;
    }
    part(out, "compliant", &tail.passed)?;
    out.write_all(b"\n  }")
}
