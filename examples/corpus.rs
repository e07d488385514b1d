//! Checks every file below some folders with the built-in packs, and counts what came of it.
//!
//! `cargo run --release --example corpus -- FOLDER…` prints a line a count. Every file is named, so that each is judged or
//! has a diagnostic. With `--list CODE-OR-RULE`, the places of these diagnostics or findings follow.
//!
//! The lines `links` say how many of the links between entities lead somewhere, by what they mean.
//! Of templates it also counts what their references lead to, and compares the time that reading and resolving them takes
//! with that of reading alone, ours and that of the usual libraries: each file in turn in all ways, on one thread. `--list references` shows what is left open.
#![expect(clippy::print_stdout, reason = "this program prints counts")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use rolecall::check::{Finding, FindingStatus, InputStatus, Request, check};
use rolecall::document::yaml::Schema;
use rolecall::document::{Diagnostic, Location, Source, Tree, parse};
use rolecall::ingest::{self, InputKind, LinkCounts, Options, References};
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
    Templates::of(&request.paths).print(wanted.iter().any(|id| id == "references"));
    for one in run.diagnostics.iter().filter(|one| wanted.iter().any(|id| id == one.code.id())) {
        println!("{}", diagnostic(one));
    }
    for one in run.findings.iter().filter(|one| wanted.iter().any(|id| **id == *one.rule)) {
        println!("{}", finding(one));
    }
}

/// Reads everything again, and says what links lead to.
fn links(paths: &[PathBuf]) {
    let of = |path: &PathBuf| {
        let name = path.to_string_lossy();
        let unit = ingest::read(&name, std::fs::read(path).ok()?, &Options::default()).ok()?;
        Some(ingest::count_links(&unit))
    };
    let counted: Vec<_> = paths.par_iter().filter_map(of).collect();
    let mut links: BTreeMap<Relation, LinkCounts> = BTreeMap::new();
    for (relation, counts) in counted.into_iter().flatten() {
        links.entry(relation).or_default().add(&counts);
    }
    let (mut all, mut core) = (LinkCounts::default(), LinkCounts::default());
    for (relation, counts) in &links {
        show(&format!("{relation:?}"), counts);
        all.add(counts);
        if CORE.contains(relation) {
            core.add(counts);
        }
    }
    show("of roles, policies and profiles", &core);
    show("all", &all);
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

/// Each template is read and resolved so often; the fastest time of each counts.
const PASSES: usize = 3;

/// What the references of templates lead to, and how long it took to find out.
#[derive(Default)]
struct Templates {
    references: References,
    reading: Duration,
    resolving: Duration,
    /// Reading with the usual libraries what those can read, and reading and resolving the same with ours.
    usual: [Duration; 2],
    open: Vec<String>,
}

impl Templates {
    fn of(paths: &[PathBuf]) -> Self {
        let options = Options::default();
        let mut all = Self::default();
        for path in paths {
            let Ok(bytes) = std::fs::read(path) else { continue };
            let name = path.to_string_lossy();
            let mut reading = Duration::MAX;
            let mut resolving = Duration::MAX;
            let mut usual = Some(Duration::MAX);
            let mut unit = None;
            for _ in 0..PASSES {
                let (again, start) = (bytes.clone(), Instant::now());
                let read = parsed(&name, again, &options);
                reading = reading.min(start.elapsed());
                drop((read, unit.take()));
                let (again, start) = (bytes.clone(), Instant::now());
                let made = ingest::read(&name, again, &options);
                resolving = resolving.min(start.elapsed());
                unit = made.ok();
                usual = usual.zip(usually(&bytes)).map(|(before, now)| before.min(now));
            }
            let Some(unit) = unit else { continue };
            if !matches!(unit.kind, InputKind::CloudFormation | InputKind::Sam) {
                continue;
            }
            all.reading += reading;
            all.resolving += resolving;
            if let Some(usual) = usual {
                all.usual[0] += usual;
                all.usual[1] += resolving;
            }
            let found = ingest::count_references(unit, &options);
            let open = found.blockers.iter();
            all.open.extend(open.map(|(reason, blocker)| format!("{name}: {}: {blocker}", reason.phrase())));
            all.references.add(&found);
        }
        all
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of references are small")]
    fn print(&self, with_open: bool) {
        let found = &self.references;
        if found.total() == 0 {
            return;
        }
        println!("references: {}", found.total());
        let share = 100.0 * found.resolved() as f64 / found.total() as f64;
        println!("references that lead somewhere: {} ({share:.2} %)", found.resolved());
        println!("references to an entity: {}", found.entity);
        println!("references to a value: {}", found.value);
        println!("references to alternatives: {}", found.alternatives);
        println!("references to a typed hole: {}", found.hole);
        for (reason, count) in &found.unknown {
            println!("references left open, {}: {count}", reason.phrase());
        }
        let (reading, resolving) = (self.reading.as_secs_f64(), self.resolving.as_secs_f64());
        println!("seconds of reading templates: {reading:.2}");
        println!("seconds of reading and resolving them: {resolving:.2} ({:.2} times)", resolving / reading);
        let [theirs, ours] = self.usual.map(|time| time.as_secs_f64());
        println!(
            "seconds of reading with serde_json and yaml_serde: {theirs:.2} of those that they can read ({:.2} times; ours \
             {ours:.2})",
            ours / theirs
        );
        if with_open {
            self.open.iter().for_each(|line| println!("{line}"));
        }
    }
}

/// What reading a file gives before anything in it is resolved.
fn parsed(name: &str, bytes: Vec<u8>, options: &Options) -> Option<Tree> {
    let source = Source::decode(name, bytes).ok()?;
    let mut tree = Tree::new();
    let file = tree.add_source(Arc::clone(&source));
    parse(&mut tree, file, source.text(), Schema::CloudFormation, options.limits).ok()?;
    Some(tree)
}

/// How long the usual libraries take to read a template; nothing where they refuse it.
fn usually(bytes: &[u8]) -> Option<Duration> {
    let text = std::str::from_utf8(bytes).ok()?;
    let start = Instant::now();
    if text.trim_start().starts_with('{') {
        serde_json::from_str::<serde_json::Value>(text).ok()?;
    } else {
        serde_yaml::from_str::<serde_yaml::Value>(text).ok()?;
    }
    Some(start.elapsed())
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
