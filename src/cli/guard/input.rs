//! Finding and reading what a command was given: data, parameters and rules.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use ignore::WalkBuilder;

use crate::document::{Code, Diagnostic, Limits, NodeId, Source, Tree, parse, yaml};

use super::fault::Fault;

/// Names of data files end so.
const DATA: &[&str] = &[".yaml", ".yml", ".json", ".jsn", ".template"];
/// Names of rule files in a folder end so.
pub(super) const RULES: &[&str] = &[".guard", ".ruleset"];
/// Bytes of a broken data file that a message shows.
const SHOWN: usize = 100;

/// The order of the files of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Name,
    Modified,
}

/// A data file.
#[derive(Debug)]
pub(super) struct DataFile {
    pub(super) name: String,
    pub(super) source: Arc<Source>,
}

/// What was read from a data file.
pub(super) type Document = (Tree, NodeId);

/// The files at a path: itself, or all in the folder and those below.
pub(super) fn walk(path: &Path, order: Order, links: bool) -> Vec<PathBuf> {
    let mut walker = WalkBuilder::new(path);
    walker.standard_filters(false).follow_links(links);
    match order {
        Order::Name => walker.sort_by_file_name(Ord::cmp),
        Order::Modified => walker.sort_by_file_path(|left, right| {
            modified(left).cmp(&modified(right)).then_with(|| left.file_name().cmp(&right.file_name()))
        }),
    };
    walker.build().flatten().map(ignore::DirEntry::into_path).filter(|path| path.is_file()).collect()
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.symlink_metadata().and_then(|data| data.modified()).ok()
}

/// That there is something at a path.
pub(super) fn exists(path: &Path) -> Result<(), Fault> {
    if path.exists() {
        return Ok(());
    }
    Err(Fault::Said(format!("The path `{}` does not exist", path.display())))
}

pub(super) fn ends_with(path: &Path, endings: &[&str]) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    endings.iter().any(|ending| name.ends_with(ending))
}

/// The last part of a path, which is the name that reports give a rule file.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The text of a file.
pub(super) fn text(path: &Path) -> Result<String, Fault> {
    std::fs::read(path).and_then(utf8).map_err(|error| Fault::reading(&error))
}

fn utf8(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "stream did not contain valid UTF-8"))
}

/// All of standard input.
pub(super) fn standard_input() -> Result<String, Fault> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .and_then(|_| utf8(bytes))
        .map_err(|error| Fault::reading(&error))
}

/// The data files at some paths. A file that is left out because of its name is mentioned.
pub(super) fn data(
    paths: &[PathBuf],
    order: Order,
    err: &mut dyn Write,
) -> Result<Vec<(DataFile, Document)>, Fault> {
    let mut out = Vec::new();
    for path in paths {
        exists(path)?;
        for file in walk(path, order, false) {
            if !ends_with(&file, DATA) {
                if *path == file {
                    let endings = DATA.join(", ");
                    let name = file.display();
                    writeln!(err, "warning: `{name}` is left out: its name ends in none of {endings}")?;
                }
                continue;
            }
            let name = file.canonicalize().map_err(|error| Fault::reading(&error))?;
            out.push(read(name.to_string_lossy().into_owned(), text(&file)?)?);
        }
    }
    Ok(out)
}

/// The files of parameters at some paths.
pub(super) fn parameters(paths: &[PathBuf], order: Order) -> Result<Vec<(DataFile, Document)>, Fault> {
    let mut out = Vec::new();
    for path in paths {
        exists(path)?;
        for file in walk(path, order, false).into_iter().filter(|file| ends_with(file, DATA)) {
            out.push(read(file_name(&file), text(&file)?)?);
        }
    }
    Ok(out)
}

/// The rule files at some paths.
pub(super) fn rules(paths: &[PathBuf], order: Order) -> Result<Vec<PathBuf>, Fault> {
    let mut out = Vec::new();
    for path in paths {
        exists(path)?;
        if path.is_file() {
            out.push(path.clone());
        } else {
            out.extend(walk(path, order, false).into_iter().filter(|file| ends_with(file, RULES)));
        }
    }
    Ok(out)
}

/// Reads a data file.
pub(super) fn read(name: String, text: String) -> Result<(DataFile, Document), Fault> {
    if text.trim().is_empty() {
        let what = format!("Unable to parse a template from data file: {name} is empty");
        return Err(Fault::parse(&what));
    }
    // A byte order mark is no content.
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    let source = Source::from_text(name.as_str(), text);
    let mut tree = Tree::new();
    let file = tree.add_source(Arc::clone(&source));
    let parsed = parse(&mut tree, file, source.text(), yaml::Schema::Guard, Limits::default());
    let diagnostic = match parsed.map(|parsed| parsed.roots.first().copied()) {
        Ok(Some(root)) => return Ok((DataFile { name, source }, (tree, root))),
        Ok(None) => Diagnostic::new(Code::Empty, "the file holds no document").in_file(name.as_str()),
        Err(error) => {
            let code =
                if source.text().trim_start().starts_with(['{', '[']) { Code::Json } else { Code::Yaml };
            Diagnostic::syntax(code, &source, error)
        }
    };
    Err(unusable(&name, source.text(), diagnostic))
}

/// A data file that cannot be used.
pub(super) fn unusable(name: &str, text: &str, diagnostic: Diagnostic) -> Fault {
    let end = (0..=SHOWN.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    let beginning = text.get(..end).unwrap_or("");
    let what =
        format!("Error encountered while parsing data file: {name}, data beginning with \n{beginning}\n ...");
    Fault::At(super::fault::parse(&what), Box::new(diagnostic))
}
