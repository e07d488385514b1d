//! Files that a template names: nested templates and snippets, where they are local.

use std::path::{Path, PathBuf};

use crate::document::yaml::Schema;
use crate::document::{NodeId, Source, Tree, parse};
use crate::ingest::{Files, Options};

/// Why a file was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// It is somewhere else: an address of S3 or the web.
    Remote,
    /// Files are not to be read.
    Refused,
    /// It cannot be read: the reason.
    Unreadable(String),
}

/// Reads a file into the tree. `near` is a node of the file that names it: relative paths start there. Returns its root,
/// and the path by which the file is known.
pub(super) fn read(
    tree: &mut Tree,
    near: NodeId,
    location: &str,
    options: &Options,
) -> Result<(NodeId, Box<str>), Missing> {
    let location = location.strip_prefix("file://").unwrap_or(location);
    let remote = location.contains("://") || location.starts_with("arn:") || location.is_empty();
    if remote {
        return Err(Missing::Remote);
    }
    if options.files == Files::None {
        return Err(Missing::Refused);
    }
    let source = tree
        .place(near)
        .and_then(|place| tree.source(place.span.file))
        .map(|source| source.name().to_owned());
    let folder = source.as_deref().map(Path::new).and_then(Path::parent).unwrap_or(Path::new(""));
    let path = tidy(&folder.join(location));
    let name: Box<str> = path.to_string_lossy().replace('\\', "/").into();
    let unreadable = |what: &dyn std::fmt::Display| Missing::Unreadable(what.to_string());
    if let Some(bytes) = options.texts.get(&name) {
        return parsed(tree, &name, bytes.clone(), options).map(|root| (root, name));
    }
    // Devices and pipes have no end.
    let meta = std::fs::metadata(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => unreadable(&"there is no such file"),
        _ => unreadable(&error),
    })?;
    if !meta.is_file() {
        return Err(unreadable(&"it is no file"));
    }
    if usize::try_from(meta.len()).map_or(true, |length| length > options.limits.bytes) {
        return Err(unreadable(&"it is too large"));
    }
    let bytes = std::fs::read(&path).map_err(|error| unreadable(&error))?;
    parsed(tree, &name, bytes, options).map(|root| (root, name))
}

/// Reads the bytes of a file into the tree.
fn parsed(tree: &mut Tree, name: &str, bytes: Vec<u8>, options: &Options) -> Result<NodeId, Missing> {
    let unreadable = |what: &dyn std::fmt::Display| Missing::Unreadable(what.to_string());
    let source = Source::decode(name, bytes).map_err(|error| unreadable(&error))?;
    let file = tree.add_source(std::sync::Arc::clone(&source));
    let parsed = parse(tree, file, source.text(), Schema::CloudFormation, options.limits)
        .map_err(|error| unreadable(&error.message))?;
    parsed.roots.first().copied().ok_or_else(|| unreadable(&"it is empty"))
}

/// The file in which a node stands, as files are named here.
pub(super) fn of(tree: &Tree, node: NodeId) -> Box<str> {
    let source = tree.place(node).and_then(|place| tree.source(place.span.file));
    let Some(name) = source.map(|source| source.name()) else { return Box::default() };
    // Most names are as they should be.
    let is_tidy = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains('\\');
    if name.strip_prefix('/').unwrap_or(name).split('/').all(is_tidy) {
        return name.into();
    }
    shown(&tidy(Path::new(name)))
}

fn shown(path: &Path) -> Box<str> {
    path.to_string_lossy().replace('\\', "/").into()
}

/// A path without steps that lead nowhere.
fn tidy(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir if out.file_name().is_some() => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_tidied() {
        for (path, expected) in
            [("a/../b", "b"), ("./a/./b", "a/b"), ("../a", "../a"), ("a/b/../../c", "c"), ("/a/../b", "/b")]
        {
            assert_eq!(tidy(Path::new(path)), Path::new(expected));
        }
    }
}
