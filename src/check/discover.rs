//! Which files to read.
//!
//! A file that is named is an input, whatever it is called. A folder is walked, `.gitignore` honoured, in the order of
//! names; in it, files with the usual endings are candidates. Where a folder is an assembly of the CDK, its manifest says
//! what the stacks are, and the other files in it are none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::document::{Code, Diagnostic, Limits};
use crate::ingest::{self, CdkStack};

/// Endings of files that may be inputs.
const ENDINGS: &[&str] = &["json", "yaml", "yml", "template", "jsn", "tfplan", "tfstate"];

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// Where it is; nothing for standard input.
    pub(super) path: Option<PathBuf>,
    /// The name to show.
    pub(super) name: Box<str>,
    /// It was named by the user, so it must be an input.
    pub(super) named: bool,
    /// What the manifest of an assembly says of it.
    pub(super) stack: Option<Box<CdkStack>>,
}

impl Candidate {
    /// A file of which nothing is known but its path.
    fn new(path: &Path, named: bool) -> Self {
        Self { path: Some(path.to_owned()), name: shown(path), named, stack: None }
    }
}

/// The candidates that paths lead to, without repetition, and what is wrong with the paths.
///
/// `exclude` are globs of files that are not looked at in folders.
pub(super) fn discover(paths: &[PathBuf], exclude: &[String]) -> (Vec<Candidate>, Vec<Diagnostic>) {
    let mut found: Vec<Candidate> = Vec::new();
    let mut diagnostics = Vec::new();
    let excluded = globs(exclude, &mut diagnostics);
    for path in paths {
        if path.as_os_str() == "-" {
            found.push(Candidate { path: None, name: "<stdin>".into(), named: true, stack: None });
        } else if path.is_dir() {
            walk(path, &excluded, &mut found, &mut diagnostics);
        } else {
            found.push(Candidate::new(path, true));
        }
    }
    let mut seen = BTreeMap::new();
    let mut unique: Vec<Candidate> = Vec::with_capacity(found.len());
    for candidate in found {
        match seen.get(&candidate.name) {
            None => {
                seen.insert(candidate.name.clone(), unique.len());
                unique.push(candidate);
            }
            // Found in a folder first, and then named: it must be an input after all.
            Some(&at) => {
                if let Some(earlier) = unique.get_mut(at) {
                    earlier.named |= candidate.named;
                }
            }
        }
    }
    (unique, diagnostics)
}

/// The set of all globs.
fn globs(patterns: &[String], diagnostics: &mut Vec<Diagnostic>) -> GlobSet {
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        match Glob::new(pattern) {
            Ok(glob) => {
                builder.add(glob);
            }
            Err(error) => {
                let message = format!("`exclude` holds a glob that is not valid: {error}");
                diagnostics.push(Diagnostic::new(Code::Configuration, message));
            }
        }
    }
    builder.build().unwrap_or_else(|_| GlobSet::empty())
}

fn walk(folder: &Path, excluded: &GlobSet, found: &mut Vec<Candidate>, diagnostics: &mut Vec<Diagnostic>) {
    if ingest::is_assembly(folder) {
        return assembly(folder, excluded, found, diagnostics);
    }
    let mut builder = ignore::WalkBuilder::new(folder);
    builder.sort_by_file_name(std::ffi::OsStr::cmp).require_git(false);
    // Nothing below an assembly is looked at but what its manifest names.
    let known: Mutex<BTreeMap<PathBuf, bool>> = Mutex::default();
    builder.filter_entry(move |entry| {
        let Some(parent) = entry.path().parent().filter(|_| entry.depth() > 1) else { return true };
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        !*known.entry(parent.to_owned()).or_insert_with(|| ingest::is_assembly(parent))
    });
    let before = found.len();
    let mut links = Vec::new();
    for entry in builder.build() {
        match entry {
            Ok(entry) => {
                let is_folder = entry.file_type().is_some_and(|ty| ty.is_dir());
                if is_folder && ingest::is_assembly(entry.path()) {
                    assembly(entry.path(), excluded, found, diagnostics);
                }
                if entry.path_is_symlink() && is_candidate(entry.path()) && !entry.path().is_dir() {
                    links.push(entry.path().to_owned());
                }
                let is_file = entry.file_type().is_some_and(|ty| ty.is_file());
                if is_file && is_candidate(entry.path()) {
                    let one = Candidate::new(entry.path(), false);
                    if !excluded.is_match(&*one.name) {
                        found.push(one);
                    }
                }
            }
            Err(error) => {
                diagnostics.push(Diagnostic::new(Code::Unreadable, lower(&error.to_string())));
            }
        }
    }
    add_links(links, before, excluded, found);
    if found.len() == before {
        let message = format!("no input in the folder `{}`", folder.display());
        let help =
            format!("files ending in {} are looked at; name other files one by one", ENDINGS.join(", "));
        diagnostics.push(Diagnostic::new(Code::NoInput, message).in_file(shown(folder)).help(help));
    }
}

/// Links to files are what they lead to, where nothing else does; those that lead nowhere cannot be read.
fn add_links(links: Vec<PathBuf>, from: usize, excluded: &GlobSet, found: &mut Vec<Candidate>) {
    if links.is_empty() {
        return;
    }
    let here = found.get(from..).unwrap_or_default().iter().filter_map(|one| one.path.as_ref());
    let mut known: BTreeSet<PathBuf> = here.filter_map(|path| path.canonicalize().ok()).collect();
    for path in links {
        let one = Candidate::new(&path, false);
        let is_new = path.canonicalize().map_or(true, |real| known.insert(real));
        if is_new && !excluded.is_match(&*one.name) {
            found.push(one);
        }
    }
}

/// The stacks of an assembly. They are inputs: a template that the manifest names must be there.
fn assembly(
    folder: &Path,
    excluded: &GlobSet,
    found: &mut Vec<Candidate>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    match ingest::read_assembly(folder, Limits::default()) {
        Ok(stacks) if stacks.is_empty() => {
            let made = Diagnostic::new(Code::NoInput, "the assembly has no stacks");
            diagnostics.push(made.in_file(shown(&folder.join(ingest::MANIFEST))));
        }
        Ok(stacks) => {
            let stacks = stacks.into_iter().map(|stack| {
                let one = Candidate::new(&stack.path, true);
                Candidate { stack: Some(Box::new(stack)), ..one }
            });
            found.extend(stacks.filter(|one| !excluded.is_match(&*one.name)));
        }
        Err(diagnostic) => {
            let file = diagnostic.file.as_deref().map(|file| shown(Path::new(file)));
            diagnostics.push(Diagnostic { file, ..*diagnostic });
        }
    }
}

fn is_candidate(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending)))
}

/// A path as it is shown: with slashes, without a leading `./`.
pub(super) fn shown(path: &Path) -> Box<str> {
    let text = path.to_string_lossy().replace('\\', "/");
    text.strip_prefix("./").unwrap_or(&text).into()
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_once() {
        let folder = std::env::temp_dir().join(format!("rolecall-links-{}", std::process::id()));
        let inside = folder.join("in");
        std::fs::create_dir_all(&inside).unwrap();
        std::fs::write(folder.join("out.yaml"), "a: 1").unwrap();
        std::fs::write(inside.join("own.yaml"), "a: 1").unwrap();
        for (target, name) in [
            ("../out.yaml", "link.yaml"),
            ("own.yaml", "twin.yaml"),
            ("nowhere", "lost.yaml"),
            ("self.yaml", "self.yaml"),
        ] {
            symlink(target, inside.join(name)).unwrap();
        }
        symlink(".", inside.join("loop")).unwrap();
        let (found, diagnostics) = discover(std::slice::from_ref(&inside), &[]);
        let names: Vec<_> = found.iter().map(|one| one.name.rsplit('/').next().unwrap()).collect();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(names, ["own.yaml", "link.yaml", "lost.yaml", "self.yaml"]);
        assert!(diagnostics.is_empty());
    }
}
