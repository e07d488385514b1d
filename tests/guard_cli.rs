//! The peer's command line, byte for byte.
//!
//! A case is a folder below `tests/guard_cli`, as those of `tests/cases`. Paths of this machine and times are left out of
//! what is compared. Where the peer answers at all, the expected output is its own.

use std::path::Path;

use regex::Regex;

use crate::{cases, golden};

#[test]
fn the_peers_command_line_answers_as_expected() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guard_cli").canonicalize().unwrap();
    let time = Regex::new(r#" time="\d+""#).unwrap();
    let mut failures = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(&root).unwrap() {
        let case = entry.unwrap().path();
        let folder = case.to_str().unwrap();
        let output =
            cases::run(&case).replace(folder, "<DIR>").replace(folder.trim_start_matches('/'), "<DIR>");
        golden::check(&case.join("expected"), &time.replace_all(&output, ""), &mut failures);
        count += 1;
    }
    assert!(count > 5, "{count} cases");
    golden::report(&failures);
}
