//! Files are rooms: each says what it is for, and none is too large.

use std::path::{Path, PathBuf};

/// Lines before a file's tests.
const LARGEST: usize = 600;

/// The Rust files below `src`, each with its top-level module.
pub(crate) fn sources(src: &Path) -> Vec<(String, PathBuf)> {
    let mut out = Vec::new();
    let mut folders = vec![src.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let inner = path.strip_prefix(src).unwrap();
                let first =
                    inner.components().next().unwrap().as_os_str().to_string_lossy().replace(".rs", "");
                out.push((first, path));
            }
        }
    }
    out.sort();
    out
}

#[test]
fn every_file_says_what_it_is_for_and_fits_a_mind() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut lengths = Vec::new();
    for (_, file) in sources(&root.join("src")) {
        let text = std::fs::read_to_string(&file).unwrap();
        let first = text.lines().find(|line| !line.is_empty()).unwrap_or("");
        assert!(first.starts_with("//!"), "{} does not say what it is for", file.display());
        let is_test = file.ends_with("tests.rs");
        let lines = text.lines().take_while(|line| *line != "#[cfg(test)]").count();
        assert!(is_test || lines <= LARGEST, "{} has {lines} lines before its tests", file.display());
        lengths.push(lines);
    }
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median <= 220, "the median file has {median} lines");
}

#[test]
fn text_ends_in_one_line_break_and_has_no_trailing_blanks() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (_, file) in sources(&root.join("src")) {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{}", file.display());
    }
}
