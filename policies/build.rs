//! Puts the rule files of the built-in packs into the binary.
//!
//! Writes a table of `(pack, name, text)`, in the order of names, that `src/check/packs.rs` includes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("policies");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut table = String::from("&[\n");
    for pack in sorted(&folder)?.into_iter().filter(|path| path.is_dir()) {
        let is_rule_file = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "guard");
        for file in sorted(&pack)?.into_iter().filter(is_rule_file) {
            println!("cargo::rerun-if-changed={}", file.display());
            let (pack, name) = (name_of(&pack), name_of(&file));
            let path = file.display().to_string();
            let _ = writeln!(table, "    ({pack:?}, {name:?}, include_str!({path:?})),");
        }
    }
    table.push_str("]\n");
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("packs.rs"), table)
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
