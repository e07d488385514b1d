//! Which files the peer's flags mean, and in which order.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::Failure;

/// The order of a folder's files.
#[derive(Clone, Copy, Debug)]
pub(super) enum Order {
    Name,
    LastModified,
}

/// The files that rules are read from: named ones, and those of folders with one of these endings.
pub(super) const RULES: &[&str] = &[".guard", ".ruleset"];
pub(super) const DATA: &[&str] = &[".yaml", ".yml", ".json", ".jsn", ".template"];

/// The path must exist.
pub(super) fn must_exist(path: &Path) -> Result<(), Failure> {
    if path.exists() {
        return Ok(());
    }
    let name = path.display();
    Err(Failure::Abort(format!("The path `{name}` does not exist")))
}

/// All files below a path, or the path itself.
pub(super) fn walk(path: &Path, order: Order) -> Vec<PathBuf> {
    let mut out = Vec::new();
    visit(path, order, &mut out);
    out
}

fn visit(path: &Path, order: Order, out: &mut Vec<PathBuf>) {
    if !path.is_dir() {
        out.push(path.to_owned());
        return;
    }
    let Ok(entries) = std::fs::read_dir(path) else { return };
    let mut entries: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    entries.sort();
    if matches!(order, Order::LastModified) {
        entries.sort_by_key(|entry| {
            entry.metadata().and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
        });
    }
    for entry in entries {
        // Links to folders are not followed, so that the walk ends.
        if !(entry.is_dir() && entry.is_symlink()) {
            visit(&entry, order, out);
        }
    }
}

/// Whether a file's name has one of these endings.
pub(super) fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let name = path.to_string_lossy();
    endings.iter().any(|ending| name.ends_with(ending))
}

/// The file's own name.
pub(super) fn name(path: &Path) -> String {
    path.file_name().unwrap_or(OsStr::new("")).to_string_lossy().into_owned()
}

/// The text of a file, which must be UTF-8.
pub(super) fn read(path: &Path) -> Result<String, Failure> {
    let error =
        |error: std::io::Error| Failure::Abort(format!("`{}` cannot be read: {error}", path.display()));
    let bytes = std::fs::read(path).map_err(error)?;
    String::from_utf8(bytes).map_err(|_| Failure::Abort(format!("`{}` is not UTF-8", path.display())))
}

/// All of standard input.
pub(super) fn stdin() -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().lock().read_to_string(&mut text);
    read.map_err(|error| Failure::Abort(format!("standard input cannot be read: {error}")))?;
    Ok(text)
}
