//! What is done before the crate is compiled: the rule files of the built-in packs are parsed, and the linker is told what lies
//! beside what ([`layout`]).
//!
//! Writes a table of `(pack, name, text, tree)`, in the order of names, that `src/check/packs.rs` includes. The tree is what the
//! library's own parser makes of the text, which is compiled into this program too: a syntax error in a rule ends the build.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use document::Source;

mod layout;

#[path = "../rules"]
#[expect(dead_code, unreachable_pub, reason = "the library uses all of it")]
mod rules {
    pub(crate) mod ast;
    pub(crate) mod literal;
    pub(crate) mod parse;
    pub(crate) mod suggest;

    /// How many arguments functions take is held by the tests.
    pub(crate) mod functions {
        #[derive(Clone, Copy)]
        pub(crate) struct FunctionName(usize);

        impl FunctionName {
            pub(crate) fn from_name(_name: &str) -> Option<Self> {
                None
            }

            pub(crate) fn arity(self) -> usize {
                self.0
            }
        }
    }

    /// Regular expressions are kept as texts.
    pub(crate) mod pattern {
        use serde::{Deserialize, Serialize};

        #[derive(Clone, Debug, Serialize, Deserialize)]
        pub(crate) struct Pattern(Box<str>);

        impl Pattern {
            #[expect(clippy::unnecessary_wraps, reason = "the library's looks at the text")]
            pub(crate) fn new(text: &str) -> Result<Self, String> {
                Ok(Self(text.into()))
            }

            pub(crate) fn text(&self) -> &str {
                &self.0
            }
        }
    }
}

/// What the parser needs of the library's `document`.
#[expect(dead_code, reason = "the parser says more of places than is shown here")]
mod document {
    use std::sync::Arc;

    #[derive(Debug)]
    pub(crate) struct Source(Box<str>);

    impl Source {
        pub(crate) fn from_text(_name: &str, text: &str) -> Arc<Self> {
            Arc::new(Self(text.into()))
        }

        pub(crate) fn text(&self) -> &str {
            &self.0
        }
    }

    #[derive(Clone, Copy)]
    pub(crate) struct FileId(pub(crate) u16);

    #[derive(Clone, Copy)]
    pub(crate) struct Span(u32);

    impl Span {
        pub(crate) fn new(_file: FileId, start: u32, _end: u32) -> Self {
            Self(start)
        }
    }

    pub(crate) struct Location {
        source: Arc<Source>,
        start: usize,
    }

    impl Location {
        pub(crate) fn new(source: Arc<Source>, span: Span) -> Self {
            Self { source, start: span.0 as usize }
        }

        pub(crate) fn at(source: Arc<Source>, start: usize) -> Self {
            Self { source, start }
        }
    }

    pub(crate) enum Code {
        RuleSyntax,
        Internal,
    }

    pub(crate) struct Diagnostic {
        message: String,
        line: usize,
        pub(crate) help: Option<String>,
    }

    impl Diagnostic {
        pub(crate) fn new(_code: Code, message: impl Into<String>) -> Self {
            Self { message: message.into(), line: 1, help: None }
        }

        pub(crate) fn at(self, place: Location) -> Self {
            let Location { source, start } = place;
            let before = source.text().get(..start).unwrap_or_default();
            Self { line: before.matches('\n').count() + 1, ..self }
        }

        pub(crate) fn help(self, help: impl Into<String>) -> Self {
            Self { help: Some(help.into()), ..self }
        }

        pub(crate) fn in_file(&self, path: &std::path::Path) -> String {
            let help = self.help.as_ref().map_or_else(String::new, |help| format!("; {help}"));
            format!("{}:{}: {}{help}", path.display(), self.line, self.message)
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    packs()?;
    layout::arrange()?;
    Ok(())
}

fn packs() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("policies");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut table = String::from("&[\n");
    for pack in sorted(&folder)?.into_iter().filter(|path| path.is_dir()) {
        let is_rule_file = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "guard");
        for file in sorted(&pack)?.into_iter().filter(is_rule_file) {
            println!("cargo::rerun-if-changed={}", file.display());
            let (pack, name) = (name_of(&pack), name_of(&file));
            let tree = out.join(format!("{pack}-{name}.tree"));
            fs::write(&tree, parsed(&file)?)?;
            let (path, tree) = (file.display().to_string(), tree.display().to_string());
            let _ = writeln!(
                table,
                "    ({pack:?}, {name:?}, include_str!({path:?}), include_bytes!({tree:?})),"
            );
        }
    }
    table.push_str("]\n");
    fs::write(out.join("packs.rs"), table)?;
    Ok(())
}

/// The tree of a rule file.
fn parsed(path: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let source = Source::from_text("", &fs::read_to_string(path)?);
    let file = rules::parse::parse(&source).map_err(|error| error.in_file(path))?;
    Ok(postcard::to_stdvec(&file)?)
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
