//! `validate`: rules against data.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;
use serde::Deserialize;

use crate::document::{Code, Diagnostic, NodeId, Source, Tree};
use crate::report::{self, Look};
use crate::rules;

use super::agree;
use super::args::{OutputFormat, Validate};
use super::exit;
use super::fault::{self, Fault};
use super::input::{self, DataFile, Order, TextFile};
use super::report::{Console, FileReport, Format, Log, Paint, Shown, console, junit, write_data, write_tree};
use super::trace::{Detail, Pool, RuleFile, Told, tell};
use super::value::{self, Arena, Conflict, Dialect, Text, Val};

/// Where the command writes.
pub(super) struct Streams<'o> {
    pub(super) out: &'o mut (dyn Write + Send),
    pub(super) err: &'o mut (dyn Write + Send),
    pub(super) look: Look,
}

impl Streams<'_> {
    pub(super) fn diagnostic(&mut self, diagnostic: &Diagnostic) -> Result<(), Fault> {
        report::diagnostics(std::slice::from_ref(diagnostic), self.look, self.err).map_err(Fault::Output)
    }
}

/// Runs the command.
pub(super) fn run(args: &Validate, to: &mut Streams<'_>) -> Result<u8, Fault> {
    let (shown, format) = (args.shown(), format(args.output_format));
    contradictions(args, shown, format)?;
    if args.rules.is_empty() && !args.payload {
        writeln!(to.err, "error: `--rules` needs a file or folder\n\nFor more information, try '--help'.")?;
        return Ok(exit::USAGE);
    }
    let order = if args.last_modified { Order::Modified } else { Order::Name };
    let mut data = Vec::new();
    if !args.data.is_empty() {
        data = input::data(&args.data, order, to.err)?;
    } else if !args.payload {
        data.push(input::read("STDIN".to_owned(), input::standard_input()?)?);
    }
    let parameters = input::parameters(&args.input_params, order)?;
    let mut rules = Vec::new();
    if args.payload {
        let payload = payload()?;
        for (number, text) in (1..).zip(payload.data) {
            data.push(input::read(format!("DATA_STDIN[{number}]"), text)?);
        }
        let named = (1..).zip(payload.rules);
        rules.extend(
            named.map(|(number, text)| Ok(TextFile { name: format!("RULES_STDIN[{number}]"), text })),
        );
    } else {
        for path in input::rules(&args.rules, order)? {
            rules.push(rule_text(&path));
        }
    }
    let texts: Vec<Text<'_>> =
        data.iter().chain(&parameters).map(|file| Text::new(file.source.text())).collect();
    let arenas = arenas(data.iter().chain(&parameters), &texts)?;
    let (documents, shared) = arenas.split_at(data.len());
    let shared: Vec<Val<'_>> = shared.iter().map(Arena::root).collect();
    let merge = |all: &[Val<'_>]| value::merge(all).map(|_| ()).map_err(|conflict| said(&conflict));
    if shared.len() > 1 {
        merge(&shared)?;
    }
    let mut merged = Vec::new();
    if !shared.is_empty() && (args.structured || !args.payload) {
        for own in documents {
            let all: Vec<Val<'_>> = shared.iter().copied().chain([own.root()]).collect();
            merged.push(value::merge(&all).map_err(|conflict| said(&conflict))?);
        }
    }
    let documents: Vec<Document<'_>> = data
        .iter()
        .zip(if merged.is_empty() { documents } else { &merged })
        .map(|(file, values)| Document {
            name: &file.name,
            text: file.source.text(),
            values,
            read: merged.is_empty().then_some((&file.tree, file.root)),
        })
        .collect();
    let mut work = Work { shown, format, args, documents: &documents, code: 0, to };
    if args.structured { work.structured(rules) } else { work.plain(rules) }
}

/// The text of a rule file.
fn rule_text(path: &Path) -> Result<TextFile, (PathBuf, Fault)> {
    match input::text(path) {
        Ok(text) => Ok(TextFile { name: input::file_name(path), text }),
        Err(fault) => Err((path.to_owned(), fault)),
    }
}

type RuleText = Result<TextFile, (PathBuf, Fault)>;

fn format(format: OutputFormat) -> Format {
    match format {
        OutputFormat::SingleLineSummary => Format::Lines,
        OutputFormat::Json => Format::Json,
        OutputFormat::Yaml => Format::Yaml,
        OutputFormat::Junit => Format::Junit,
        OutputFormat::Sarif => Format::Sarif,
    }
}

fn contradictions(args: &Validate, shown: Shown, format: Format) -> Result<(), Fault> {
    let what = if args.structured && !shown.nothing() {
        "Cannot provide a summary-type other than `none` when the `structured` flag is present"
    } else if args.structured && format == Format::Lines {
        "single-line-summary is not able to be used when the `structured` flag is present"
    } else if format == Format::Junit && !args.structured {
        "the structured flag must be set when output is set to junit"
    } else if format == Format::Sarif && !args.structured {
        "the structured flag must be set when output is set to sarif"
    } else {
        return Ok(());
    };
    Err(Fault::Said(what.to_owned()))
}

#[derive(Deserialize)]
struct Payload {
    rules: Vec<String>,
    data: Vec<String>,
}

fn payload() -> Result<Payload, Fault> {
    serde_json::from_str(&input::standard_input()?).map_err(|error| Fault::parse(&error.to_string()))
}

/// The values of data files.
fn arenas<'t>(
    files: impl Iterator<Item = &'t DataFile>,
    texts: &'t [Text<'t>],
) -> Result<Vec<Arena<'t>>, Fault> {
    files
        .zip(texts)
        .map(|(file, text)| {
            value::read(&file.tree, file.root, text, Dialect::Validate).map_err(|bad| {
                let diagnostic = Diagnostic::new(Code::Yaml, bad).in_file(file.name.as_str());
                input::unusable(&file.name, file.source.text(), diagnostic)
            })
        })
        .collect()
}

fn said(conflict: &Conflict) -> Fault {
    Fault::Said(match conflict {
        Conflict::Key(key) => format!(
            "Conflicting rule or variable assignments inside the same scope `Key {key}, already exists in map`"
        ),
        Conflict::Kinds(left, right) => format!(
            "Types or variable assignments are incompatible `Types are not compatible for merges {left}, {right}`"
        ),
    })
}

/// A data file, with the parameters in it.
struct Document<'d> {
    name: &'d str,
    text: &'d str,
    values: &'d Arena<'d>,
    /// The document as it was read, unless parameters are in it.
    read: Option<(&'d Tree, NodeId)>,
}

struct Work<'w, 'o> {
    shown: Shown,
    format: Format,
    args: &'w Validate,
    documents: &'w [Document<'w>],
    code: u8,
    to: &'w mut Streams<'o>,
}

impl Work<'_, '_> {
    /// The last code wins, except over a run that is incomplete.
    fn end(&mut self, code: u8) {
        if self.code != exit::ABORTED {
            self.code = code;
        }
    }

    /// One report for each rule file and data file.
    fn plain(&mut self, rules: Vec<RuleText>) -> Result<u8, Fault> {
        let paint = Paint(self.to.look.colour);
        let every = self.args.verbose || self.args.print_json;
        let detail = if every { Detail::All } else { Detail::Failures };
        for rules in rules {
            let rules = match rules {
                Ok(rules) => rules,
                Err((path, fault)) => {
                    // The peer goes on as if there had been no such file.
                    writeln!(self.to.err, "Unable read content from file {fault} ({})", path.display())?;
                    self.end(exit::UNREADABLE);
                    continue;
                }
            };
            let Some(file) = self.parse(&rules)? else { continue };
            let pool = Pool::default();
            let told = tell_all(self.documents, &file, &pool, detail);
            for (document, told) in self.documents.iter().zip(&told) {
                for notice in &told.notices {
                    writeln!(self.to.err, "{notice}")?;
                }
                let about = Console {
                    data: (document.name, document.text),
                    rules: &file.name,
                    root: document.values.root(),
                    told,
                };
                console(self.to.out, paint, self.shown, self.format, &about)?;
                if self.args.verbose {
                    write_tree(self.to.out, &told.event)?;
                }
                if self.args.print_json {
                    write_data(self.to.out, Format::Json, &told.event)?;
                    writeln!(self.to.out)?;
                }
                self.stopped(&file, document, told)?;
            }
            let failed = told.iter().any(|told| told.status == super::trace::Status::Fail);
            if failed {
                self.end(exit::FAILED);
            }
        }
        Ok(self.code)
    }

    /// One report for everything.
    fn structured(&mut self, rules: Vec<RuleText>) -> Result<u8, Fault> {
        let mut files = Vec::new();
        for rules in rules {
            let rules = rules.map_err(|(_, fault)| fault)?;
            files.extend(self.parse(&rules)?);
        }
        let pools: Vec<Pool> = files.iter().map(|_| Pool::default()).collect();
        let now = Instant::now();
        let told: Vec<Vec<(Told<'_>, u128)>> = self
            .documents
            .iter()
            .map(|document| {
                let both: Vec<_> = files.iter().zip(&pools).collect();
                both.into_par_iter()
                    .map(|(file, pool)| {
                        let now = Instant::now();
                        let told = tell(file, document.values.root(), document.name, pool, Detail::Failures);
                        (told, now.elapsed().as_millis())
                    })
                    .collect()
            })
            .collect();
        self.write(&files, &told, now)?;
        let all = || told.iter().flatten().map(|(told, _)| told);
        let failed = all().any(|told| told.status == super::trace::Status::Fail);
        if failed && !(self.format == Format::Junit && self.code == exit::UNREADABLE) {
            self.end(exit::FAILED);
        }
        for (document, told) in self.documents.iter().zip(&told) {
            for (file, (told, _)) in files.iter().zip(told) {
                self.stopped(file, document, told)?;
            }
        }
        Ok(self.code)
    }

    fn write(
        &mut self,
        files: &[RuleFile],
        told: &[Vec<(Told<'_>, u128)>],
        start: Instant,
    ) -> Result<(), Fault> {
        if self.format == Format::Junit {
            let suites: Vec<_> = self
                .documents
                .iter()
                .zip(told)
                .map(|(document, told)| suite(document.name, files, told, start))
                .collect();
            let time = start.elapsed().as_millis();
            let text = junit::document("cfn-guard validate report", &suites, time);
            self.to.out.write_all(text.as_bytes())?;
            return Ok(());
        }
        let reports: Vec<FileReport<'_, '_>> = self
            .documents
            .iter()
            .zip(told)
            .map(|(document, told)| FileReport::new(document.name, told.iter().map(|(told, _)| told)))
            .collect();
        if self.format == Format::Sarif {
            write_data(self.to.out, Format::Json, &Log::new(&reports))?;
        } else {
            write_data(self.to.out, self.format, &reports)?;
        }
        Ok(())
    }

    /// Reads a rule file; nothing where there is nothing in it, or it cannot be read.
    fn parse(&mut self, rules: &TextFile) -> Result<Option<RuleFile>, Fault> {
        let source = Source::from_text(rules.name.as_str(), rules.text.as_str());
        match fault::read(&source) {
            Ok(ast) if !ast.imports.is_empty() => {
                writeln!(
                    self.to.err,
                    "Parsing error handling rule file = {}, Error = `import` is not followed here: use `rolecall check` or \
                     `rolecall test`\n---",
                    rules.name
                )?;
                self.end(exit::UNREADABLE);
                Ok(None)
            }
            Ok(ast) => {
                let file = RuleFile::new(rules.name.as_str(), ast);
                Ok((!file.is_empty()).then_some(file))
            }
            Err(diagnostic) => {
                let name = Paint(self.to.look.colour).underline(&rules.name);
                let error = fault::syntax(&rules.name, &diagnostic);
                writeln!(self.to.err, "Parsing error handling rule file = {name}, Error = {error}\n---")?;
                self.to.diagnostic(&diagnostic)?;
                self.end(exit::UNREADABLE);
                Ok(None)
            }
        }
    }

    /// Says which rules could not be evaluated; the others' answers stand.
    fn stopped(&mut self, file: &RuleFile, document: &Document<'_>, told: &Told<'_>) -> Result<(), Fault> {
        let data = document.name;
        if let Some(read) = document.read.filter(|_| cfg!(debug_assertions)) {
            for difference in agree::differences(file, read, rules::Dialect::Validate, told) {
                writeln!(self.to.err, "{difference} (on {data})")?;
                self.end(exit::ABORTED);
            }
        }
        for (rule, stop) in &told.stopped {
            writeln!(self.to.err, "Error occurred {stop} (rule {rule} of {}, on {data})", file.name)?;
            self.end(exit::ABORTED);
        }
        Ok(())
    }
}

/// Evaluates a rule file on all documents.
fn tell_all<'d>(
    documents: &'d [Document<'d>],
    file: &'d RuleFile,
    pool: &'d Pool,
    detail: Detail,
) -> Vec<Told<'d>> {
    let documents = documents.par_iter();
    documents.map(|document| tell(file, document.values.root(), document.name, pool, detail)).collect()
}

fn suite(name: &str, files: &[RuleFile], told: &[(Told<'_>, u128)], start: Instant) -> junit::Suite {
    let cases: Vec<junit::Case> = files
        .iter()
        .zip(told)
        .map(|(file, (told, time))| junit::case(&file.name, &FileReport::new(name, [told]), *time))
        .collect();
    let failures = cases.iter().filter(|case| matches!(case.outcome, junit::Outcome::Fail { .. })).count();
    junit::Suite { name: name.to_owned(), cases, time: start.elapsed().as_millis(), errors: 0, failures }
}
