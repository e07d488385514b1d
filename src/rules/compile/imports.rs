//! `import "path"`: what one rule file takes from another.
//!
//! An imported file's variables, rules and rules with parameters can be used as if they stood in the file, behind the
//! file's own. Each file is read once, and its rules are part of the run.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::document::{Code, Diagnostic, Source};
use crate::rules::ast::{File, Range};
use crate::rules::limits;
use crate::rules::parse::parse;
use crate::rules::program::Program;

use super::Compiler;

/// Reads the text of a file by its path; the error is a phrase.
pub type ReadFile<'r> = dyn Fn(&str) -> Result<Arc<Source>, String> + 'r;

impl Program {
    /// Parses and compiles rule files, and those that they import. A file with a syntax error is reported and left out.
    pub fn load(sources: &[Arc<Source>], read: &ReadFile<'_>) -> (Self, Vec<Diagnostic>) {
        Self::load_with(Vec::new(), sources, read)
    }

    /// The same, with files before them that are parsed already.
    pub fn load_with(
        parsed: Vec<Result<File, Box<Diagnostic>>>,
        sources: &[Arc<Source>],
        read: &ReadFile<'_>,
    ) -> (Self, Vec<Diagnostic>) {
        let mut loader = Loader::default();
        for result in parsed {
            let name = result.as_ref().map_or_else(|_| String::new(), |file| file.source.name().to_owned());
            loader.add(&name, result);
        }
        let parsed: Vec<_> = sources.par_iter().map(parse).collect();
        for (source, result) in sources.iter().zip(parsed) {
            loader.add(source.name(), result);
        }
        loader.follow(read);
        let order = loader.order();
        let mut compiler = Compiler::default();
        let mut places: FxHashMap<usize, usize> = FxHashMap::default();
        for index in order {
            let Some(file) = loader.files.get(index) else { continue };
            let wanted = loader.imports.get(index).map_or(&[][..], |all| all);
            let imports = wanted.iter().filter_map(|(import, _)| places.get(import).copied()).collect();
            places.insert(index, compiler.program.files.len());
            compiler.file(file, imports);
        }
        let (program, found) = (compiler.program, compiler.diagnostics);
        let Loader { files, mut diagnostics, .. } = loader;
        diagnostics.extend(found);
        // Nobody waits for what is not needed any more.
        rayon::spawn(move || drop(files));
        (program, diagnostics)
    }
}

#[derive(Default)]
struct Loader {
    files: Vec<File>,
    /// The positions of the files that each file imports, and where it says so.
    imports: Vec<Vec<(usize, Range)>>,
    /// Files by path; nothing for those with a syntax error.
    known: FxHashMap<String, Option<usize>>,
    diagnostics: Vec<Diagnostic>,
}

impl Loader {
    fn add(&mut self, name: &str, result: Result<File, Box<Diagnostic>>) -> Option<usize> {
        let index = match result {
            Ok(file) => {
                self.files.push(file);
                self.imports.push(Vec::new());
                Some(self.files.len() - 1)
            }
            Err(diagnostic) => {
                self.diagnostics.push(*diagnostic);
                None
            }
        };
        self.known.entry(normal(name)).or_insert(index);
        index
    }

    /// Reads what files import, until nothing new is imported.
    fn follow(&mut self, read: &ReadFile<'_>) {
        let (mut at, mut followed) = (0, 0);
        while let Some(file) = self.files.get(at) {
            let importer = file.source.name().to_owned();
            let wanted: Vec<_> = file.imports.clone();
            let source = Arc::clone(&file.source);
            for import in wanted {
                let path = normal(&beside(&importer, &import.path));
                let index = match self.known.get(&path) {
                    Some(index) => *index,
                    None => match limits::import(followed).and_then(|()| read(&path)) {
                        Ok(found) => {
                            followed += 1;
                            self.add(&path, parse(&found))
                        }
                        Err(why) => {
                            let message = format!("`{}` cannot be imported: {why}", import.path);
                            let made = Diagnostic::new(Code::RuleName, message).at(import.range.of(&source));
                            self.diagnostics.push(made);
                            None
                        }
                    },
                };
                if let (Some(index), Some(imports)) = (index, self.imports.get_mut(at)) {
                    imports.push((index, import.range));
                }
            }
            at += 1;
        }
    }

    /// Files behind those that they import. An import that leads back is reported and left out.
    fn order(&mut self) -> Vec<usize> {
        let mut out = Vec::with_capacity(self.files.len());
        let mut done = vec![false; self.files.len()];
        for index in 0..self.files.len() {
            self.visit(index, &mut Vec::new(), &mut done, &mut out);
        }
        out
    }

    /// A file, behind those that it imports; `open` are the files that lead to it.
    fn visit(&mut self, index: usize, open: &mut Vec<usize>, done: &mut [bool], out: &mut Vec<usize>) {
        if done.get(index).copied().unwrap_or(true) {
            return;
        }
        open.push(index);
        for (import, range) in self.imports.get(index).cloned().unwrap_or_default() {
            match open.iter().position(|one| *one == import) {
                Some(start) => self.circle(open.get(start..).unwrap_or_default(), index, range),
                None => self.visit(import, open, done, out),
            }
        }
        open.pop();
        if let Some(done) = done.get_mut(index) {
            *done = true;
        }
        out.push(index);
    }

    /// Reports files each of which imports the next, and the last the first.
    fn circle(&mut self, files: &[usize], last: usize, range: Range) {
        let name = |index: &usize| self.files.get(*index).map_or("", |file| file.source.name());
        let circle: Vec<&str> = files.iter().chain(files.first()).map(name).collect();
        let message = match circle.as_slice() {
            [_, _] => "the file imports itself".to_owned(),
            _ => format!("the imports form a circle: `{}`", circle.join("`, `")),
        };
        let made = Diagnostic::new(Code::RuleName, message);
        let place = self.files.get(last).map(|file| range.of(&file.source));
        self.diagnostics.push(match place {
            Some(place) => made.at(place),
            None => made,
        });
    }
}

/// A path that is relative to a file.
fn beside(importer: &str, path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    match importer.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{path}"),
        None => path.to_owned(),
    }
}

/// A path without `.` and `..`.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|last| !last.is_empty() && *last != "..") => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_followed_once_and_cycles_are_named() {
        let files = [
            ("a/main.guard", "import 'lib/common.guard'\nrule r { %words[*] in ['x'] shared(1)\n base\n}"),
            (
                "a/lib/common.guard",
                "import '../lib/words.guard'\nrule shared(p) { %p == 1 }\nrule base { this exists }",
            ),
            ("a/lib/words.guard", "let words = ['x']\nlet lowered = to_lower('X')"),
            ("a/one.guard", "import 'two.guard'\nrule one { this exists }"),
            ("a/two.guard", "import 'one.guard'"),
        ];
        let source = |name: &str| {
            let found = files.iter().find(|(known, _)| *known == name);
            found
                .map(|(name, text)| Source::from_text(*name, *text))
                .ok_or("there is no such file".to_owned())
        };
        let (program, diagnostics) = Program::load(&[source("a/main.guard").unwrap()], &source);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let names: Vec<_> = program.rules().iter().map(|rule| rule.name().to_owned()).collect();
        assert_eq!(names, ["base", "r"]);
        let (_, diagnostics) = Program::load(&[source("a/one.guard").unwrap()], &source);
        assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
        assert!(
            diagnostics[0].message.contains("`a/one.guard`, `a/two.guard`, `a/one.guard`"),
            "{diagnostics:?}"
        );
    }
}
