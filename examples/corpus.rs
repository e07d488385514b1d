//! Checks every file below some folders with the built-in packs, and counts what came of it.
//!
//! `cargo run --release --example corpus -- FOLDER…` prints a line a count. Every file is named, so that each is judged or
//! has a diagnostic. The lines `links` say how many of the links between entities lead somewhere, by what they mean; those
//! of `references` what the references of templates lead to. With `--list CODE-OR-RULE`, the places of these diagnostics or findings follow.
#![expect(clippy::print_stdout, reason = "this program prints counts")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;
use rolecall::check::{Finding, FindingStatus, InputStatus, Request, check};
use rolecall::document::{Diagnostic, Location};
use rolecall::ingest::{self, LinkCounts};
use rolecall::model::Relation;

fn main() {
    let mut folders = Vec::new();
    let mut wanted = Vec::new();
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--list" {
            wanted.extend(arguments.next().map(|id| id.to_string_lossy().into_owned()));
        } else {
            folders.push(PathBuf::from(argument));
        }
    }
    let mut paths = Vec::new();
    for folder in &folders {
        files(folder, &mut paths);
    }
    let pool = rayon::ThreadPoolBuilder::new().stack_size(32 << 20).build();
    let request = Request { paths, builtin: true, ..Request::default() };
    let start = Instant::now();
    let run = match pool {
        Ok(pool) => pool.install(|| check(&request, &())),
        Err(_) => check(&request, &()),
    };
    let seconds = start.elapsed().as_secs_f64();

    let judged = run.inputs.iter().filter(|input| input.status == InputStatus::Checked);
    println!("files: {}", run.inputs.len());
    println!("judged: {}", judged.clone().count());
    count("judged", judged.map(|input| input.kind.unwrap_or("unknown").to_owned()));
    println!("diagnosed: {}", run.inputs.iter().filter(|input| input.status == InputStatus::Failed).count());
    count("diagnosed", run.diagnostics.iter().map(|one| one.code.id().to_owned()));
    println!("entities: {}", run.entities());
    let with = |status| run.findings.iter().filter(move |finding| finding.status == status);
    count("findings", with(FindingStatus::Fail).map(|finding| finding.rule.to_string()));
    count("undecided", with(FindingStatus::Unknown).map(|finding| finding.rule.to_string()));
    println!("seconds: {seconds:.2}");
    links(&request.paths);
    for one in run.diagnostics.iter().filter(|one| wanted.iter().any(|id| id == one.code.id())) {
        println!("{}", diagnostic(one));
    }
    for one in run.findings.iter().filter(|one| wanted.iter().any(|id| **id == *one.rule)) {
        println!("{}", finding(one));
    }
}

/// What came of the links and references of one input.
type Counted = (BTreeMap<Relation, LinkCounts>, BTreeMap<String, usize>);

/// Reads everything again, and says what links and references lead to.
fn links(paths: &[PathBuf]) {
    let start = Instant::now();
    let counted: Vec<Option<Counted>> = paths.par_iter().map(|path| links_of(path)).collect();
    let seconds = start.elapsed().as_secs_f64();
    let mut links: BTreeMap<Relation, LinkCounts> = BTreeMap::new();
    let mut references: BTreeMap<String, usize> = BTreeMap::new();
    for (own_links, own_references) in counted.into_iter().flatten() {
        for (relation, counts) in own_links {
            links.entry(relation).or_default().add(&counts);
        }
        for (what, count) in own_references {
            *references.entry(what).or_default() += count;
        }
    }
    let mut all = LinkCounts::default();
    let mut core = LinkCounts::default();
    for (relation, counts) in &links {
        show(&format!("{relation:?}"), counts);
        all.add(counts);
        if CORE.contains(relation) {
            core.add(counts);
        }
    }
    show("of roles, policies and profiles", &core);
    show("all", &all);
    for (what, count) in references {
        println!("references {what}: {count}");
    }
    println!("seconds for reading and resolving alone: {seconds:.2}");
}

/// Links between roles, policies and instance profiles.
const CORE: &[Relation] = &[Relation::Attached, Relation::Inline, Relation::Boundary, Relation::Contains];

fn show(name: &str, counts: &LinkCounts) {
    let all = counts.all();
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    let share = if all == 0 { 100.0 } else { counts.resolved as f64 * 100.0 / all as f64 };
    let (resolved, alternative, possible) = (counts.resolved, counts.alternative, counts.possible);
    println!(
        "links {name}: {all}, resolved {resolved} ({share:.1} %), alternative {alternative}, possible {possible}"
    );
    for (reason, count) in &counts.unknown {
        println!("links {name}, unknown: {count} {reason}");
    }
}

fn links_of(path: &Path) -> Option<Counted> {
    let name = path.to_string_lossy();
    let options = ingest::Options::default();
    let unit = ingest::read(&name, std::fs::read(path).ok()?, &options).ok()?;
    let links = ingest::count_links(&unit);
    let found = ingest::count_references(unit, &options);
    let mut references: BTreeMap<String, usize> = BTreeMap::new();
    let resolved = [
        ("to a resource", found.entity),
        ("to a value", found.value),
        ("to one of several values", found.alternatives),
        ("to a part of known kind", found.hole),
    ];
    for (what, count) in resolved {
        references.insert(what.to_owned(), count);
    }
    for (reason, count) in found.unknown {
        references.insert(format!("unknown: {}", reason.phrase()), count);
    }
    Some((links, references))
}

/// All files below a folder, in the order of names.
fn files(path: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(path) else {
        out.push(path.to_owned());
        return;
    };
    let mut entries: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    entries.sort();
    for entry in entries {
        files(&entry, out);
    }
}

fn count(what: &str, names: impl Iterator<Item = String>) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    for (name, count) in counts {
        println!("{what} {name}: {count}");
    }
}

fn diagnostic(one: &Diagnostic) -> String {
    let place = one.place.as_ref().map(place);
    let place = place.or_else(|| one.file.as_deref().map(str::to_owned)).unwrap_or_default();
    format!("{} {place} {}", one.code.id(), one.message)
}

fn finding(one: &Finding) -> String {
    let place = one.place.as_ref().map(place).unwrap_or_default();
    format!("{} {} {place} `{}` {}", one.rule, one.status.as_str(), one.entity, one.message)
}

fn place(place: &Location) -> String {
    let position = place.source.lines().position(place.source.text(), place.start);
    format!("{}:{}:{}", place.source.name(), position.line, position.column)
}
