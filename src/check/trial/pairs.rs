//! Which test files belong to which rule file.
//!
//! `NAME.test.yaml` beside `NAME.guard` (`NAME_tests.yaml` and the like too); or, as Guard has it, a file in a folder
//! `tests` beside the rules whose name starts with the rule file's. Of several rule files that fit, the longest name wins,
//! whichever of them were asked for.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use crate::check::discover::shown;
use crate::document::{Code, Diagnostic, Level};

/// A rule file and its test files.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The rule file.
    pub rules: PathBuf,
    /// Its tests, in order.
    pub tests: Vec<PathBuf>,
}

const ENDINGS: &[&str] = &["yaml", "yml", "json", "jsn"];

/// What stands behind the rule file's name in that of a test file beside it.
const SUFFIXES: &[&str] = &[".test", ".tests", "_test", "_tests", "-test", "-tests"];

const CALLED: &str = "a test file is called `NAME.test.yaml`, after the rule file `NAME.guard` beside it";

/// The rule files that paths lead to, with their tests. Test files that fit no rule file are reported.
pub fn discover(paths: &[PathBuf]) -> (Vec<Pair>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    // By what they really are: a path may lead to what another leads to.
    let mut found: BTreeMap<PathBuf, Pair> = BTreeMap::new();
    let mut folders = BTreeMap::new();
    for path in paths {
        for pair in pairs_of(path, &mut folders, &mut diagnostics) {
            let known = found
                .entry(real(&pair.rules))
                .or_insert_with(|| Pair { rules: pair.rules, tests: Vec::new() });
            for test in pair.tests {
                if !known.tests.iter().any(|known| same(known, &test)) {
                    known.tests.push(test);
                }
            }
        }
    }
    let mut pairs: Vec<Pair> = found.into_values().collect();
    pairs.sort_by(|left, right| left.rules.cmp(&right.rules));
    for pair in &mut pairs {
        pair.tests.sort();
    }
    (pairs, diagnostics)
}

/// The rule files and test files of a folder, by what they really are, each with the pairs that it is in.
struct Folder {
    pairs: Vec<Pair>,
    files: BTreeMap<PathBuf, Vec<usize>>,
}

impl Folder {
    fn read(folder: &Path) -> Self {
        let (pairs, _) = paired(&walk(here(folder), Some(2)));
        let mut files: BTreeMap<PathBuf, Vec<usize>> = BTreeMap::new();
        for (index, pair) in pairs.iter().enumerate() {
            for file in pair.tests.iter().chain([&pair.rules]) {
                files.entry(real(file)).or_default().push(index);
            }
        }
        Self { pairs, files }
    }

    /// The pairs that a file is in.
    fn of(&self, file: &Path) -> impl Iterator<Item = &Pair> {
        self.files.get(&real(file)).into_iter().flatten().filter_map(|index| self.pairs.get(*index))
    }
}

/// The rule files that a path leads to. What stands in the folders of files is kept in `folders`.
fn pairs_of(
    path: &Path,
    folders: &mut BTreeMap<PathBuf, Folder>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Pair> {
    if !path.exists() {
        let made = Diagnostic::new(Code::NoRules, "there is no such file or folder");
        diagnostics.push(made.in_file(shown(path)));
        return Vec::new();
    }
    if path.is_dir() {
        let mut files = walk(path, None);
        // The rules of a folder `tests` are one folder up.
        let up = path.parent().filter(|_| path.ends_with("tests"));
        let beside = up.map(|up| walk(here(up), Some(1))).unwrap_or_default();
        files.extend(beside.into_iter().filter(|file| is_rules(file)));
        let (mut pairs, alone) = paired(&files);
        pairs.retain(|pair| up.is_none() || pair.rules.starts_with(plain(path)) || !pair.tests.is_empty());
        diagnostics.extend(alone.iter().map(|file| {
            let made = Diagnostic::new(Code::RuleSuspicious, "the test file fits no rule file beside it");
            made.level(Level::Warning).in_file(shown(file)).help(CALLED)
        }));
        return pairs;
    }
    let folder = folders.entry(base(path)).or_insert_with_key(|base| Folder::read(base));
    if is_rules(path) {
        return folder.of(path).cloned().collect();
    }
    // The rules of a test file are found as its tests would be found from there.
    let only = |pair: &Pair| Pair {
        rules: pair.rules.clone(),
        tests: pair.tests.iter().filter(|test| same(test, path)).cloned().collect(),
    };
    let pairs: Vec<Pair> = folder.of(path).map(only).collect();
    if pairs.is_empty() {
        let made = Diagnostic::new(Code::NoRules, "the file fits no rule file beside it");
        diagnostics.push(made.in_file(shown(path)).help(CALLED));
    }
    pairs
}

/// Rule files with their tests, and test files without rules.
fn paired(files: &[PathBuf]) -> (Vec<Pair>, Vec<PathBuf>) {
    let mut pairs: Vec<Pair> = files
        .iter()
        .filter(|file| is_rules(file))
        .map(|file| Pair { rules: file.clone(), tests: Vec::new() })
        .collect();
    let rules = files.iter().filter(|file| is_rules(file)).enumerate();
    let mut names = Names::new();
    for (index, file) in rules {
        names.entry((folder(file), stem(file))).or_insert(index);
    }
    let mut alone = Vec::new();
    for file in files.iter().filter(|file| !is_rules(file)) {
        match owner(file, &names) {
            Owner::Rules(index) => {
                if let Some(pair) = pairs.get_mut(index) {
                    pair.tests.push(file.clone());
                }
            }
            Owner::Missing => alone.push(file.clone()),
            Owner::NoTest => {}
        }
    }
    (pairs, alone)
}

/// The folder below which the files are that could belong to a rule file or a test file.
fn base(file: &Path) -> PathBuf {
    let folder = file.parent().unwrap_or(Path::new(""));
    // In a folder `tests`, the rules are one folder up.
    let real = real(file);
    let in_tests = real.parent().is_some_and(|parent| parent.ends_with("tests"));
    match folder.file_name() {
        _ if !in_tests || is_rules(file) => folder.to_owned(),
        Some(_) => folder.parent().unwrap_or(Path::new("")).to_owned(),
        None => folder.join(".."),
    }
}

/// A folder, which may be the one at hand.
fn here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

/// The files below a folder, in order.
fn walk(folder: &Path, depth: Option<usize>) -> Vec<PathBuf> {
    let mut builder = ignore::WalkBuilder::new(folder);
    let walk = builder.sort_by_file_name(std::ffi::OsStr::cmp).require_git(false).max_depth(depth).build();
    let files = walk.filter_map(Result::ok).map(ignore::DirEntry::into_path).filter(|path| path.is_file());
    // Paths are shown as they were given: without a dot in front, unless it leads upwards.
    let mut files: Vec<PathBuf> = files.map(|path| plain(&path)).collect();
    files.sort();
    files
}

/// A path without steps that lead nowhere.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|component| *component != Component::CurDir).collect()
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn same(left: &Path, right: &Path) -> bool {
    real(left) == real(right)
}

fn is_rules(path: &Path) -> bool {
    matches!(path.extension().and_then(|ending| ending.to_str()), Some("guard" | "ruleset"))
}

fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("")
}

enum Owner {
    Rules(usize),
    /// A test file without rules.
    Missing,
    /// Some other file.
    NoTest,
}

/// Rule files by their folders and names; of several, the first.
type Names<'f> = BTreeMap<(&'f Path, &'f str), usize>;

fn owner(file: &Path, rules: &Names<'_>) -> Owner {
    let fits =
        file.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| ENDINGS.contains(&ending));
    if !fits {
        return Owner::NoTest;
    }
    let (parent, name) = (folder(file), stem(file));
    let mut called = SUFFIXES.iter().filter_map(|suffix| name.strip_suffix(suffix));
    if let Some(index) = called.find_map(|name| rules.get(&(parent, name))) {
        return Owner::Rules(*index);
    }
    if name.strip_suffix(".test").is_some() {
        return Owner::Missing;
    }
    if !parent.ends_with("tests") {
        return Owner::NoTest;
    }
    let mut beginnings = (0..=name.len()).rev().filter_map(|end| name.get(..end));
    let best = beginnings.find_map(|name| rules.get(&(folder(parent), name)));
    best.map_or(Owner::Missing, |index| Owner::Rules(*index))
}

fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}
