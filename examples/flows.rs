//! Lists every flow into a script in the Systems Manager documents below a folder, with its verdict.
//!
//! `cargo run --release --example flows -- FOLDER [--all] [--problems]`: with `--all`, flows into anything else as well;
//! with `--problems`, what is wrong with each document.
#![expect(clippy::print_stdout, reason = "this program prints what it finds")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rayon::prelude::*;
use rolecall::document::Tree;
use rolecall::ingest::{self, Options};
use rolecall::model::Kind;
use rolecall::ssm::Document;
use rolecall::ssm::DocumentKind;
use rolecall::ssm::flow::{self, Flow, Verdict};

/// What was found in one file.
struct Found {
    lines: Vec<String>,
    counts: BTreeMap<String, usize>,
    took: Duration,
}

fn walk(path: &Path, out: &mut Vec<PathBuf>) {
    if path.is_dir() {
        let Ok(entries) = std::fs::read_dir(path) else { return };
        let mut all: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        all.sort();
        for entry in all {
            walk(&entry, out);
        }
    } else {
        out.push(path.to_owned());
    }
}

fn look_at(file: &Path, all: bool, problems: bool) -> Found {
    let mut found = Found { lines: Vec::new(), counts: BTreeMap::new(), took: Duration::ZERO };
    let start = Instant::now();
    let name = file.to_string_lossy();
    let read = std::fs::read(file).map(|bytes| ingest::read(&name, bytes, &Options::default()));
    let unit = match read {
        Ok(Ok(unit)) => unit,
        Ok(Err(diagnostic)) => {
            *found.counts.entry(format!("refused {}", diagnostic.code.id())).or_default() += 1;
            return found;
        }
        Err(_) => return found,
    };
    let tree = &unit.tree;
    for &id in unit.inventory.of_kind(Kind::Document) {
        let Some(entity) = unit.inventory.entity(id) else { continue };
        let declared =
            entity.get("document_type").and_then(|node| tree.string(node)).and_then(DocumentKind::named);
        let document = entity.get("content").and_then(|root| Document::read(tree, root, declared));
        let Some(document) = document else {
            *found.counts.entry("documents without content".to_owned()).or_default() += 1;
            continue;
        };
        *found.counts.entry(format!("documents {}", document.kind.name())).or_default() += 1;
        *found.counts.entry("parameters".to_owned()).or_default() += document.parameters.len();
        *found.counts.entry("steps".to_owned()).or_default() += document.steps.len();
        if problems {
            for problem in rolecall::ssm::problems::problems(tree, &document) {
                let what = format!("{} {}", problem.topic.name(), problem.kind);
                let base = name.rsplit('/').next().unwrap_or(&name);
                found.lines.push(format!("{base}:{}: {what}: {}", line(tree, problem.node), problem.message));
                *found.counts.entry(what).or_default() += 1;
            }
            continue;
        }
        for flow in flow::flows(tree, &document, &|_| Vec::new()) {
            let kind = if flow.class.is_code() { "script" } else { flow.class.name() };
            let how = match (&flow.verdict, flow.is_validated(), flow.passthrough) {
                (Verdict::Unsafe { .. }, _, true) => "passthrough",
                (Verdict::Unsafe { .. }, true, _) => "unsafe, validated",
                (Verdict::Unsafe { .. }, false, _) => "unsafe, free",
                (verdict, _, _) => verdict.name(),
            };
            *found.counts.entry(format!("{kind} {} {how}", flow.source.trust.name())).or_default() += 1;
            if all || flow.class.is_code() {
                found.lines.push(describe(&name, tree, &flow, how));
            }
        }
    }
    found.took = start.elapsed();
    found
}

fn line(tree: &Tree, node: rolecall::document::NodeId) -> u32 {
    let place = tree.place(node);
    place.map_or(0, |place| {
        tree.source(place.span.file).map_or(0, |source| source.lines().line(place.span.start))
    })
}

fn describe(name: &str, tree: &Tree, flow: &Flow, how: &str) -> String {
    let line = line(tree, flow.node);
    let witness = match &flow.verdict {
        Verdict::Unsafe { witness } => format!(" {witness:?}"),
        Verdict::Unknown(reason) => format!(" ({reason})"),
        Verdict::Safe => String::new(),
    };
    let base = name.rsplit('/').next().unwrap_or(name);
    let pattern = flow.language.pattern().map(|pattern| format!(" /{pattern}/")).unwrap_or_default();
    format!(
        "{base}:{line}: {} {} -> {} {} [{}]{pattern}: {how}{witness}",
        flow.source.trust.name(),
        flow.source.name,
        flow.action,
        flow.input,
        flow.context.name(),
    )
}

fn main() {
    let (flags, folders): (Vec<_>, Vec<_>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let all = flags.iter().any(|flag| flag == "--all");
    let problems = flags.iter().any(|flag| flag == "--problems");
    let mut files = Vec::new();
    for folder in &folders {
        walk(Path::new(folder), &mut files);
    }
    let start = Instant::now();
    let found: Vec<Found> = files.par_iter().map(|file| look_at(file, all, problems)).collect();
    let took = start.elapsed();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut slowest = (Duration::ZERO, Path::new(""));
    for (file, one) in files.iter().zip(&found) {
        for line in &one.lines {
            println!("{line}");
        }
        for (key, count) in &one.counts {
            *counts.entry(key.clone()).or_default() += count;
        }
        slowest = slowest.max((one.took, file));
    }
    for (key, count) in &counts {
        println!("{count:6} {key}");
    }
    println!("{} files in {took:?}; slowest {:?} {}", files.len(), slowest.0, slowest.1.display());
}
