//! The command line on small inputs.
//!
//! A case is a folder below `tests/cases`: `cmd` holds the arguments, one command a line; `expected` what was printed and
//! how it ended. A line `< file` gives the command that follows it a standard input.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rayon::prelude::*;

use crate::golden;

#[test]
fn commands_print_what_is_expected() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases = Vec::new();
    collect(&root, &mut cases);
    cases.sort();
    assert!(!cases.is_empty(), "no cases");
    let outputs: Vec<_> = cases.par_iter().map(|case| (case, run(case))).collect();
    let mut failures = Vec::new();
    for (case, output) in outputs {
        golden::check(&case.join("expected"), &output, &mut failures);
    }
    golden::report(&failures);
}

fn collect(folder: &Path, out: &mut Vec<PathBuf>) {
    if folder.join("cmd").exists() {
        out.push(folder.to_owned());
        return;
    }
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, out);
        }
    }
}

pub(crate) fn run(case: &Path) -> String {
    let mut out = String::new();
    let mut input = None;
    for line in
        std::fs::read_to_string(case.join("cmd")).unwrap().lines().filter(|line| !line.trim().is_empty())
    {
        if let Some(file) = line.strip_prefix("< ") {
            input = Some(std::fs::File::open(case.join(file)).unwrap());
            continue;
        }
        let stdin = input.take().map_or_else(Stdio::null, Stdio::from);
        let done = Command::new(env!("CARGO_BIN_EXE_rolecall"))
            .args(words(line))
            .current_dir(case)
            .env_clear()
            .stdin(stdin)
            .output()
            .unwrap();
        writeln!(out, "$ rolecall {line}").unwrap();
        out.push_str(&String::from_utf8(done.stdout).unwrap());
        if !done.stderr.is_empty() {
            writeln!(out, "--- stderr").unwrap();
            out.push_str(&String::from_utf8(done.stderr).unwrap());
        }
        writeln!(out, "--- exit {}", done.status.code().unwrap()).unwrap();
    }
    out
}

/// Words of a command line; quotes keep blanks.
fn words(line: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => out.push(String::new()),
            _ => out.last_mut().unwrap().push(c),
        }
    }
    out.retain(|word| !word.is_empty());
    out
}
