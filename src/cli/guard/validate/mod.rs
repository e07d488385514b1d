//! `validate`: rules against data.

mod collected;
mod plain;
mod shelf;
mod structured;

use std::io::Write;

use serde::Deserialize;

use crate::document::{Code, Diagnostic};
use crate::report::{self, Look};
use crate::rules;

use super::agree;
use super::args::{OutputFormat, Validate};
use super::exit;
use super::fault::Fault;
use super::input::{self, DataFile, Order};
use super::report::{Format, Paint, Shown, SourceLines};
use super::trace::{Detail, Event, Pool, RuleFile, Told, tell_each};
use super::value::{self, Arena, Conflict, Dialect, Text, Val};
use shelf::{Shelf, Slot};

/// Whether both evaluators are asked, to compare their answers.
const AGREE: bool = cfg!(debug_assertions);

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
        rules.extend(named.map(|(number, text)| Slot::new(format!("RULES_STDIN[{number}]"), text)));
    } else {
        for path in input::rules(&args.rules, order)? {
            rules.push(Slot::of(&path));
        }
    }
    let own = data.len();
    let (files, mut trees): (Vec<DataFile>, Vec<input::Document>) =
        data.into_iter().chain(parameters).unzip();
    let texts: Vec<Text<'_>> = files.iter().map(|file| Text::new(file.source.text())).collect();
    let arenas = arenas(&files, &trees, &texts)?;
    if !AGREE {
        trees.clear();
    }
    let (documents, shared) = arenas.split_at(own);
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
    let documents: Vec<Document<'_>> = (0..)
        .zip(&files)
        .zip(if merged.is_empty() { documents } else { &merged })
        .map(|((number, file), values)| Document {
            name: &file.name,
            lines: SourceLines::new(file.source.text()),
            values,
            read: trees.get(number).filter(|_| merged.is_empty()),
        })
        .collect();
    let mut shelf = Shelf::new(rules, documents.len(), args.guard_compat.edition());
    if args.structured
        && let Some(fault) = shelf.unreadable()
    {
        return Err(fault);
    }
    let paint = Paint(to.look.colour);
    let work = Work { shown, format, args, documents: &documents, shelf: &shelf, paint };
    match (args.structured, format) {
        (false, _) => plain::run(&work, to),
        (true, Format::Json) => structured::run(&work, to),
        (true, _) => collected::run(&work, to),
    }
}

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
    files: &[DataFile],
    trees: &[input::Document],
    texts: &'t [Text<'t>],
) -> Result<Vec<Arena<'t>>, Fault> {
    files
        .iter()
        .zip(trees)
        .zip(texts)
        .map(|((file, (tree, root)), text)| {
            value::read(tree, *root, text, Dialect::Validate).map_err(|bad| {
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
    lines: SourceLines<'d>,
    values: &'d Arena<'d>,
    /// The document as it was read, unless parameters are in it, where both evaluators are asked.
    read: Option<&'d input::Document>,
}

impl Document<'_> {
    /// Evaluates a rule file on it.
    fn tell<'w>(&'w self, file: &'w RuleFile, pool: &'w Pool, detail: Detail) -> Told<'w> {
        self.tell_each(file, pool, detail, &mut |_| {})
    }

    /// Evaluates a rule file on it, and shows what happened in each rule.
    fn tell_each<'w>(
        &'w self,
        file: &'w RuleFile,
        pool: &'w Pool,
        detail: Detail,
        each: &mut dyn FnMut(&mut Event<'w>),
    ) -> Told<'w> {
        tell_each(file, self.values.root(), self.name, pool, detail, each)
    }
}

/// What a run is asked for.
struct Work<'w> {
    shown: Shown,
    format: Format,
    args: &'w Validate,
    documents: &'w [Document<'w>],
    shelf: &'w Shelf,
    paint: Paint,
}

impl Work<'_> {
    /// The bytes of all documents.
    fn size(&self) -> usize {
        self.documents.iter().map(|document| document.lines.size()).sum()
    }
}

/// The exit code so far: the last one wins, except over that of a run that is incomplete.
#[derive(Default)]
struct Ending(u8);

impl Ending {
    fn with(&mut self, code: u8) {
        if self.0 != exit::ABORTED {
            self.0 = code;
        }
    }
}

/// Says which rules could not be evaluated; the others' answers stand.
fn stopped(file: &RuleFile, document: &Document<'_>, told: &Told<'_>) -> Vec<String> {
    let data = document.name;
    let mut said = Vec::new();
    if let Some((tree, root)) = document.read {
        let differences = agree::differences(file, (tree, *root), rules::Dialect::Validate, told);
        said.extend(differences.into_iter().map(|difference| format!("{difference} (on {data})")));
    }
    let stops = told.stopped.iter();
    said.extend(
        stops.map(|(rule, stop)| format!("Error occurred {stop} (rule {rule} of {}, on {data})", file.name)),
    );
    said
}
