//! Which test files belong to which rule file.
//!
//! `NAME.test.yaml` beside `NAME.guard`; or, as Guard has it, a file in a folder `tests` beside the rules whose name is
//! the rule file's, with an ending such as `_tests`. Of several rule files that fit, the longest name wins.

use std::path::{Path, PathBuf};

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

/// The rule files that paths lead to, with their tests. Test files that fit no rule file are reported.
pub fn discover(paths: &[PathBuf]) -> (Vec<Pair>, Vec<Diagnostic>) {
    let mut files = Vec::new();
    let mut diagnostics = Vec::new();
    for path in paths {
        if !path.exists() {
            let made = Diagnostic::new(Code::NoRules, "there is no such file or folder");
            diagnostics.push(made.in_file(shown(path)));
            continue;
        }
        if path.is_file() && is_rules(path) {
            // The tests of a rule file are beside it, even if only the rule file is named.
            let mut beside = Vec::new();
            walk(folder(path), &mut beside);
            beside.retain(|file| !is_rules(file) || same(file, path));
            files.extend(beside);
        } else if let Some(name) = stem(path).strip_suffix(".test").filter(|_| path.is_file()) {
            // So are the rules of a test file.
            let endings = ["guard", "ruleset"].into_iter();
            let rules = endings.map(|ending| path.with_file_name(format!("{name}.{ending}")));
            files.extend(rules.filter(|rules| rules.is_file()));
            files.push(path.clone());
        } else {
            walk(path, &mut files);
        }
    }
    files.sort();
    files.dedup();
    let mut pairs: Vec<Pair> = files
        .iter()
        .filter(|file| is_rules(file))
        .map(|file| Pair { rules: file.clone(), tests: Vec::new() })
        .collect();
    for file in files.iter().filter(|file| !is_rules(file)) {
        match owner(file, &pairs) {
            Owner::Rules(index) => {
                if let Some(pair) = pairs.get_mut(index) {
                    pair.tests.push(file.clone());
                }
            }
            Owner::Missing if paths.iter().all(|path| path.is_dir()) => {
                let made = Diagnostic::new(Code::RuleSuspicious, "the test file fits no rule file beside it");
                let help = "a test file is called `NAME.test.yaml`, after the rule file `NAME.guard`";
                diagnostics.push(made.level(Level::Warning).in_file(shown(file)).help(help));
            }
            Owner::Missing | Owner::NoTest => {}
        }
    }
    (pairs, diagnostics)
}

fn walk(path: &Path, out: &mut Vec<PathBuf>) {
    let mut builder = ignore::WalkBuilder::new(path);
    let walk = builder.sort_by_file_name(std::ffi::OsStr::cmp).require_git(false).build();
    out.extend(walk.filter_map(Result::ok).map(ignore::DirEntry::into_path).filter(|path| path.is_file()));
}

/// The folder of a file, which can be walked.
fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn same(left: &Path, right: &Path) -> bool {
    left.canonicalize().ok() == right.canonicalize().ok()
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

fn owner(file: &Path, pairs: &[Pair]) -> Owner {
    let fits =
        file.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| ENDINGS.contains(&ending));
    let parent = file.parent().unwrap_or(Path::new(""));
    let name = stem(file);
    if !fits {
        return Owner::NoTest;
    }
    if let Some(name) = name.strip_suffix(".test") {
        let index =
            pairs.iter().position(|pair| pair.rules.parent() == Some(parent) && stem(&pair.rules) == name);
        return index.map_or(Owner::Missing, Owner::Rules);
    }
    if !parent.ends_with("tests") {
        return Owner::NoTest;
    }
    let beside = |pair: &&(usize, &Pair)| pair.1.rules.parent() == parent.parent();
    let candidates: Vec<(usize, &Pair)> = pairs.iter().enumerate().collect();
    let best = candidates
        .iter()
        .filter(beside)
        .filter(|(_, pair)| name.starts_with(stem(&pair.rules)))
        .max_by_key(|(_, pair)| stem(&pair.rules).len());
    best.map_or(Owner::Missing, |(index, _)| Owner::Rules(*index))
}
