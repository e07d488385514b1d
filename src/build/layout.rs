//! Puts the functions that run in every check beside each other in the program.
//!
//! A page of a program comes into memory as soon as anything near it runs. The compiler puts functions in the order of crates and
//! modules, so that a short run touches nearly all pages for a tenth of the code. `layout.txt` lists what runs (`benches/layout.py`
//! makes it); a linker script puts it first. Names that do not exist, such as those of another version of the compiler, are nothing
//! to the linker.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io};

/// Hands the linker its script, if this is a release build and the linker takes it.
pub(crate) fn arrange() -> io::Result<()> {
    let list = PathBuf::from(said("CARGO_MANIFEST_DIR")).join("src/build/layout.txt");
    println!("cargo::rerun-if-changed={}", list.display());
    if said("PROFILE") != "release" || said("CARGO_CFG_TARGET_OS") != "linux" {
        return Ok(());
    }
    let script = PathBuf::from(said("OUT_DIR")).join("layout.ld");
    fs::write(&script, linker_script(&fs::read_to_string(list)?))?;
    if takes(&script)? {
        println!("cargo::rustc-link-arg-bin=rolecall=-T");
        println!("cargo::rustc-link-arg-bin=rolecall={}", script.display());
    }
    Ok(())
}

fn said(variable: &str) -> String {
    env::var(variable).unwrap_or_default()
}

/// A section in front of all other code: of each part of the list, up to an empty line, the functions in any order.
fn linker_script(list: &str) -> String {
    let mut script = String::from("SECTIONS {\n  .text.first : {\n");
    for part in list.split("\n\n") {
        let names: Vec<&str> =
            part.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        if names.is_empty() {
            continue;
        }
        script.push_str("    *(\n");
        for name in names {
            // Functions that are marked as cold are in sections of their own.
            let _ = writeln!(script, "      .text.{name} .text.unlikely.{name}");
        }
        script.push_str("    )\n");
    }
    script.push_str("  }\n} INSERT BEFORE .text;\n");
    script
}

/// Whether an empty program can be linked with the script: not every linker takes one that only adds to its own.
fn takes(script: &Path) -> io::Result<bool> {
    let folder = PathBuf::from(said("OUT_DIR"));
    let program = folder.join("empty.rs");
    fs::write(&program, "fn main() {}\n")?;
    let mut command = Command::new(said("RUSTC"));
    command.args(["--crate-type", "bin", "--target", &said("TARGET"), "-C", "link-arg=-T"]);
    command.arg("-C").arg(format!("link-arg={}", script.display()));
    if let Ok(linker) = env::var("RUSTC_LINKER") {
        command.arg("-C").arg(format!("linker={linker}"));
    }
    command.args(said("CARGO_ENCODED_RUSTFLAGS").split('\x1f').filter(|flag| !flag.is_empty()));
    command.arg("-o").arg(folder.join("empty")).arg(&program);
    let ended = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    Ok(ended.is_ok_and(|status| status.success()))
}
