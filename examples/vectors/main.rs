//! Holds the IAM engine against recorded answers: `cargo run --release --example vectors -- FOLDER`.
//!
//! Prints a line for each of the files `sim.jsonl`, `matcher.jsonl`, `lint_parliament.jsonl` and
//! `access_analyzer_mamip.jsonl` that the folder has. With `--verbose` each difference is printed too.
#![expect(
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "this program prints, and an index into JSON that leads nowhere is null"
)]

use std::path::Path;

mod lint;
mod matcher;
mod read;
mod sim;

/// The result of one file.
#[derive(Debug)]
pub(crate) struct Score {
    agree: usize,
    total: usize,
    strict_agree: usize,
    strict_total: usize,
    differences: Vec<String>,
}

impl Score {
    fn new() -> Self {
        Self { agree: 0, total: 0, strict_agree: 0, strict_total: 0, differences: Vec::new() }
    }

    fn add(&mut self, strict: bool, difference: Option<String>) {
        self.total += 1;
        self.strict_total += usize::from(strict);
        match difference {
            None => {
                self.agree += 1;
                self.strict_agree += usize::from(strict);
            }
            Some(text) => self.differences.push(text),
        }
    }
}

type Check = fn(&serde_json::Value) -> (bool, Option<String>);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut folder = None;
    let mut verbose = false;
    for argument in std::env::args().skip(1) {
        if argument == "--verbose" { verbose = true } else { folder = Some(argument) }
    }
    if folder.as_deref() == Some("--managed") {
        let started = std::time::Instant::now();
        let kinds = lint::managed();
        let passed = started.elapsed();
        for (kind, sure, all, example) in kinds {
            println!("{sure:5} {all:5} {kind}  {example}");
        }
        println!("{} ms", passed.as_millis());
        return Ok(());
    }
    if let Some(kind) = folder.as_deref().and_then(|folder| folder.strip_prefix("--kind=")) {
        for line in lint::show(kind) {
            println!("{line}");
        }
        return Ok(());
    }
    let folder = folder.ok_or("usage: vectors FOLDER [--verbose] | vectors --managed")?;
    let checks: [(&str, Check); 2] = [("sim.jsonl", sim::check), ("matcher.jsonl", matcher::check)];
    for (name, check) in checks {
        let path = Path::new(&folder).join(name);
        if !path.exists() {
            continue;
        }
        let mut score = Score::new();
        for line in std::fs::read_to_string(&path)?.lines().filter(|line| !line.trim().is_empty()) {
            let (strict, difference) = check(&serde_json::from_str(line)?);
            score.add(strict, difference);
        }
        println!(
            "{name} agree {} of {} (strict {} of {})",
            score.agree, score.total, score.strict_agree, score.strict_total
        );
        if verbose {
            for difference in &score.differences {
                println!("  {difference}");
            }
        }
    }
    for name in ["lint_parliament.jsonl", "access_analyzer_mamip.jsonl"] {
        let path = Path::new(&folder).join(name);
        if path.exists() {
            findings(name, &std::fs::read_to_string(&path)?, verbose)?;
        }
    }
    Ok(())
}

/// Prints how many of another tool's findings are found too.
fn findings(name: &str, text: &str, verbose: bool) -> Result<(), serde_json::Error> {
    let (mut agree, mut total) = (0, 0);
    let mut differences = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let row: serde_json::Value = serde_json::from_str(line)?;
        let (hits, misses) = lint::check(&row);
        agree += hits.len();
        total += hits.len() + misses.len();
        differences.extend(misses.into_iter().map(|code| format!("{}: {code} is not found", row["id"])));
    }
    println!("{name} agree {agree} of {total}");
    if verbose {
        for difference in &differences {
            println!("  {difference}");
        }
    }
    Ok(())
}
