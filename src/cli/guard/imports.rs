//! `import` in a rule file of this command line: the imported text is read behind the file's own.
//!
//! The peer knows no imports, and its reports name one file for a rule. So what is imported becomes part of the file that
//! imports it, and no name may stand in two of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::document::{Code, Diagnostic, Source};
use crate::rules::ast::{File, Import, Range};
use crate::rules::limits;

use super::fault;

/// Reads a rule file, and what it imports. Without a path, nothing can be imported.
pub(super) fn read(source: &Arc<Source>, path: Option<&Path>) -> Result<File, Box<Diagnostic>> {
    let file = fault::read(source)?;
    if file.imports.is_empty() {
        return Ok(file);
    }
    let mut all = Gathered::default();
    all.add(&file, path, None)?;
    let combined = Source::from_text(source.name(), all.text);
    fault::read(&combined)
}

/// Texts of rule files, one behind the other.
#[derive(Default)]
struct Gathered {
    text: String,
    /// Files that are in it, or that are waiting for those that they import.
    known: Vec<PathBuf>,
    waiting: Vec<PathBuf>,
    /// Names, with the file that each stands in.
    names: FxHashMap<(&'static str, Box<str>), String>,
}

impl Gathered {
    fn add(
        &mut self,
        file: &File,
        path: Option<&Path>,
        by: Option<(&Import, &Arc<Source>)>,
    ) -> Result<(), Box<Diagnostic>> {
        self.name(file, by)?;
        self.text.push_str(&without_imports(file));
        self.text.push('\n');
        let known = path.map(|path| path.canonicalize().unwrap_or_else(|_| path.to_owned()));
        self.known.extend(known.clone());
        self.waiting.extend(known);
        for import in &file.imports {
            let bad = |why: &str| {
                let message = format!("`{}` cannot be imported: {why}", import.path);
                Box::new(Diagnostic::new(Code::RuleName, message).at(import.range.of(&file.source)))
            };
            let folder = path.ok_or_else(|| bad("the rules do not come from a file"))?.parent();
            let found = folder.unwrap_or(Path::new("")).join(&*import.path);
            let real = found.canonicalize().map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => bad("there is no such file"),
                _ => bad(&error.to_string()),
            })?;
            if self.waiting.contains(&real) {
                return Err(bad("the import leads back to this file"));
            }
            if self.known.contains(&real) {
                continue;
            }
            limits::import(self.known.len().saturating_sub(1)).map_err(|why| bad(&why))?;
            limits::file(&found).map_err(|why| bad(&why))?;
            let text = super::input::text(&found).map_err(|fault| bad(&fault.to_string()))?;
            let inner = fault::read(&Source::from_text(found.display().to_string(), text))?;
            self.add(&inner, Some(&found), Some((import, &file.source)))?;
        }
        if path.is_some() {
            self.waiting.pop();
        }
        Ok(())
    }

    /// Notes the names of a file.
    fn name(&mut self, file: &File, by: Option<(&Import, &Arc<Source>)>) -> Result<(), Box<Diagnostic>> {
        let lets = file.lets.iter().map(|one| ("variable", &one.name));
        let rules = file.rules.iter().filter_map(|rule| Some(("rule", rule.name.as_ref()?)));
        let calls = file.calls.iter().map(|rule| ("rule with parameters", &rule.name));
        for (kind, name) in lets.chain(rules).chain(calls) {
            let here = file.source.name().to_owned();
            let known = self.names.entry((kind, name.text.clone())).or_insert_with(|| here.clone());
            if *known != here {
                let message = format!("the {kind} `{}` stands in `{known}` and in `{here}`", name.text);
                let made = Diagnostic::new(Code::RuleName, message);
                return Err(Box::new(match by {
                    Some((import, source)) => made.at(import.range.of(source)),
                    None => made,
                }));
            }
        }
        Ok(())
    }
}

/// A file's text with blanks in place of its imports, so that all places stay as they are.
fn without_imports(file: &File) -> String {
    let mut out = String::with_capacity(file.source.text().len());
    let mut at = 0;
    for Import { range: Range { start, end }, .. } in &file.imports {
        let (start, end) = (*start as usize, *end as usize);
        out.push_str(file.source.text().get(at..start).unwrap_or(""));
        let import = file.source.text().get(start..end).unwrap_or("");
        out.extend(import.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        at = end;
    }
    out.push_str(file.source.text().get(at..).unwrap_or(""));
    out
}
