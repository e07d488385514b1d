//! The whole of a check: discover, load, judge, waive.
//!
//! Every input is read, judged and dropped on one thread, so that a run holds as many trees as there are threads.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use crate::catalog;
use crate::document::{Code, Diagnostic, Level, Map, Piece};
use crate::ingest::{self, InputKind};
use crate::rules::{Needed, Program, RuleId, Severity};

use super::config::Config;
use super::discover::{self, Candidate};
use super::judge::Asked;
use super::load::{self, Loaded};
use super::permissions::PermissionChange;
use super::present::AllTexts;
use super::program;
use super::together;
use super::waive::{Baseline, Waivers};
use super::{Findings, Input, InputStatus, Run, judge, linking, nesting, parts};
use crate::model::Date;

/// What to check, and with what.
#[derive(Debug, Default)]
pub struct Request {
    /// Files and folders; `-` is standard input.
    pub paths: Vec<PathBuf>,
    /// Rule files and folders.
    pub rules: Vec<PathBuf>,
    /// Whether the built-in packs are used.
    pub builtin: bool,
    /// The built-in packs to use; all if empty.
    pub packs: Vec<String>,
    /// How inputs are read.
    pub options: ingest::Options,
    /// What the configuration file says beside that.
    pub config: Config,
    /// Findings that are accepted as they are.
    pub baseline: Option<Baseline>,
    /// The template as it is deployed now.
    pub earlier: Option<PathBuf>,
    /// Whether findings say where their values come from.
    pub explain: bool,
    /// Fixes of texts up to this length are held against the law that they change nothing but the value: each is then
    /// applied, and the text read again.
    pub verify_fixes: usize,
    /// Findings that matter less come without fixes; nothing where all have theirs.
    pub fixes_from: Option<Severity>,
    /// So many entities of an input are judged at a time, with `usize::MAX` all at once; 0 where the size of the input is
    /// to decide. What is found does not depend on it.
    pub at_a_time: usize,
}

/// Told how a run gets on; called from many threads.
pub trait Progress: Sync {
    /// So many inputs will be read.
    fn start(&self, inputs: usize);
    /// One more is done.
    fn advance(&self);
}

/// Nobody is told.
impl Progress for () {
    fn start(&self, _: usize) {}
    fn advance(&self) {}
}

/// Checks. Everything that goes wrong is in the run.
pub fn check(request: &Request, progress: &dyn Progress) -> Run {
    let (rules, found) = rayon::join(
        || program::load(request),
        || discover::discover(&request.paths, &request.config.exclude),
    );
    let run = judge_all(request, &rules, found, progress);
    // Nobody waits for what is not needed any more.
    rayon::spawn(move || drop(rules));
    run
}

/// Checks with rules that [`load_rules`](super::load_rules) has loaded for the request.
pub fn check_with(request: &Request, rules: &(Program, Vec<Diagnostic>), progress: &dyn Progress) -> Run {
    let found = discover::discover(&request.paths, &request.config.exclude);
    judge_all(request, rules, found, progress)
}

fn judge_all(
    request: &Request,
    (program, rule_diagnostics): &(Program, Vec<Diagnostic>),
    (candidates, mut diagnostics): (Vec<Candidate>, Vec<Diagnostic>),
    progress: &dyn Progress,
) -> Run {
    let sound = |id: &RuleId| {
        program.rule(*id).is_some_and(|rule| {
            !request.config.is_disabled(rule.id()) && !program::is_broken(rule, rule_diagnostics)
        })
    };
    let asked: Vec<RuleId> = program.ids().filter(sound).collect();
    diagnostics.extend(rule_diagnostics.iter().cloned());
    let today = request.options.today.unwrap_or_else(Date::today);
    let waivers = Waivers::new(&request.config.suppress, request.baseline.as_ref(), today);
    progress.start(candidates.len());
    let options = with_standard_input(&request.options, &candidates);
    let texts = AllTexts::new(program);
    // Functions over entities may ask for anything.
    let wanted = if program.asks_functions() { None } else { parts::wanted_of(&Needed::of(program, &asked)) };
    let asked = Asked { program, rules: &asked, texts: &texts, wanted: wanted.as_ref() };
    let checker = Checker { request, options: &options, asked, waivers: &waivers };
    let joined = together::judge(&checker, &candidates);
    let mut judged: Vec<Judged> = candidates
        .par_iter()
        .zip(joined)
        .with_max_len(1)
        .map(|(candidate, joined)| {
            let judged = joined.judged.unwrap_or_else(|| checker.one(candidate, joined.bytes));
            progress.advance();
            judged
        })
        .collect();
    linking::judge(&checker, &candidates, &mut judged);
    diagnostics.extend(undeclared(request, &judged));
    nesting::within_parents(&mut judged);
    let mut run = Run { rules: program::info(program, &request.config), ..Run::default() };
    let named = candidates.iter().any(|candidate| candidate.named);
    for one in judged {
        let name: Box<str> = one.input.as_ref().map_or_else(Box::default, |input| input.path.clone());
        run.permissions.extend(one.permissions.0.into_iter().map(|change| (name.clone(), change)));
        run.unlisted += one.permissions.1;
        run.inputs.extend(one.input);
        if run.findings.is_empty() {
            run.findings = one.findings;
        } else {
            run.findings.extend(one.findings);
        }
        run.fixed.extend(one.fixed);
        diagnostics.extend(one.diagnostics);
        run.suppressed += one.suppressed;
        run.other += usize::from(one.other);
    }
    if run.inputs.is_empty() && !candidates.is_empty() && !named {
        let message = "no file in the folder is a template, a plan or another input";
        diagnostics
            .push(Diagnostic::new(Code::NoInput, message).help("name the file to see what is wrong with it"));
    }
    diagnostics.extend(waivers.complaints());
    run.diagnostics = diagnostics;
    run.fixed.sort_by(|left, right| left.order(right));
    if !run.findings.is_sorted_by(|left, right| left.order(right).is_le()) {
        run.findings.sort_by(|left, right| left.order(right));
    }
    nesting::merge(&mut run);
    run
}

#[derive(Clone, Copy)]
pub(super) struct Checker<'r> {
    pub(super) request: &'r Request,
    pub(super) options: &'r ingest::Options,
    pub(super) asked: Asked<'r>,
    pub(super) waivers: &'r Waivers<'r>,
}

/// What became of one candidate.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) input: Option<Input>,
    pub(super) findings: Findings,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) suppressed: usize,
    pub(super) fixed: Findings,
    /// The files of the templates that it nests.
    pub(super) nested: Vec<Box<str>>,
    /// What the template exports, and the names of exports that it uses.
    pub(super) exports: Vec<ingest::Export>,
    pub(super) imports: Vec<Vec<Piece>>,
    /// How many conditions the template has.
    pub(super) conditions: usize,
    pub(super) permissions: (Vec<PermissionChange>, usize),
    /// The parameters that it declares; nothing where nobody gives values for any.
    pub(super) declared: Option<Vec<Box<str>>>,
    /// It is no input, and nobody said that it is.
    pub(super) other: bool,
}

/// The options with the text of standard input, which can be read but once, where it is one input of several.
fn with_standard_input<'o>(
    options: &'o ingest::Options,
    candidates: &[Candidate],
) -> Cow<'o, ingest::Options> {
    let stdin = candidates.iter().find(|candidate| candidate.path.is_none()).filter(|_| candidates.len() > 1);
    let unread = stdin.filter(|candidate| !options.texts.contains_key(&candidate.name));
    let Some((name, bytes)) = unread.and_then(|one| Some((one.name.clone(), load::bytes(None).ok()?))) else {
        return Cow::Borrowed(options);
    };
    let mut texts = (*options.texts).clone();
    texts.insert(name, bytes);
    Cow::Owned(ingest::Options { texts: Arc::new(texts), ..options.clone() })
}

/// Says which of the given parameters no template of the run declares.
fn undeclared(given: &Request, judged: &[Judged]) -> Vec<Diagnostic> {
    let known: BTreeSet<&str> =
        judged.iter().filter_map(|one| one.declared.as_ref()).flatten().map(|name| &**name).collect();
    if judged.iter().all(|one| one.declared.is_none()) {
        return Vec::new();
    }
    // The configuration may be for more templates than these.
    let flags = given.options.parameters.keys().filter(|name| !given.config.parameters.contains_key(*name));
    let unknown = flags.filter(|name| !known.contains(name.as_str()));
    unknown
        .map(|name| {
            let message = format!("a value is given for the parameter `{name}`, which no template declares");
            let made = Diagnostic::new(Code::Flag, message).level(Level::Warning);
            match catalog::nearest(name, known.iter().copied()) {
                Some(near) => made.help(format!("did you mean `{near}`?")),
                None => made,
            }
        })
        .collect()
}

/// The parameters that a template declares.
pub(super) fn declared_by(unit: &ingest::Unit) -> Option<Vec<Box<str>>> {
    if !matches!(unit.kind, InputKind::CloudFormation | InputKind::Sam) {
        return None;
    }
    let parameters = unit.tree.get(unit.root, "Parameters").and_then(|node| unit.tree.map(node));
    Some(parameters.into_iter().flat_map(Map::iter).map(|(_, name, _)| name.into()).collect())
}

impl Checker<'_> {
    /// The parameters that a template declares, where somebody gives values for any.
    fn declared(&self, unit: &ingest::Unit) -> Option<Vec<Box<str>>> {
        if self.request.options.parameters.is_empty() { None } else { declared_by(unit) }
    }

    /// Reads the template as it is deployed now beside the one that is checked.
    fn add_earlier(&self, unit: &mut ingest::Unit) -> Result<(), Box<Diagnostic>> {
        let Some(path) = &self.request.earlier else { return Ok(()) };
        let name = discover::shown(path);
        let bytes = load::bytes(Some(path)).map_err(|error| {
            let message = format!("the file cannot be read: {}", load::reason(&error));
            Box::new(Diagnostic::new(Code::Unreadable, message).in_file(name.clone()))
        })?;
        ingest::add_baseline(unit, &name, bytes, &self.request.options)
    }

    /// Reads and judges a candidate, the text of which may be at hand.
    pub(super) fn one(&self, candidate: &Candidate, bytes: Option<Vec<u8>>) -> Judged {
        let work = std::panic::AssertUnwindSafe(|| self.read_and_judge(candidate, bytes));
        std::panic::catch_unwind(work).unwrap_or_else(|_| {
            let message = "rolecall failed on this input, which is a defect of rolecall";
            let made = Diagnostic::new(Code::Internal, message).in_file(&*candidate.name);
            Judged {
                input: Some(failed(candidate)),
                diagnostics: vec![made.help("please report it with the input, if you can share it")],
                ..Judged::default()
            }
        })
    }

    fn read_and_judge(&self, candidate: &Candidate, bytes: Option<Vec<u8>>) -> Judged {
        match load::one(candidate, self.options, bytes) {
            Loaded::Other => Judged { other: true, ..Judged::default() },
            Loaded::Failed(diagnostic) => {
                Judged { input: Some(failed(candidate)), diagnostics: vec![*diagnostic], ..Judged::default() }
            }
            Loaded::Unit(mut unit) => {
                if let Err(diagnostic) = self.add_earlier(&mut unit) {
                    return Judged {
                        input: Some(failed(candidate)),
                        diagnostics: vec![*diagnostic],
                        ..Judged::default()
                    };
                }
                let input = Input {
                    path: candidate.name.clone(),
                    kind: Some(unit.kind.as_str()),
                    status: InputStatus::Checked,
                    entities: unit.inventory.count(),
                    within: Vec::new(),
                };
                let nested = std::mem::take(&mut unit.nested);
                let declared = self.declared(&unit);
                let exports = std::mem::take(&mut unit.exports);
                let imports = std::mem::take(&mut unit.imports);
                let conditions = unit.condition_names.len();
                let judged = judge::unit(*unit, self.asked, self.request, self.waivers);
                Judged {
                    input: Some(input),
                    findings: judged.findings,
                    diagnostics: judged.diagnostics,
                    suppressed: judged.suppressed,
                    fixed: judged.fixed,
                    nested,
                    exports,
                    imports,
                    conditions,
                    permissions: judged.permissions,
                    declared,
                    other: false,
                }
            }
        }
    }
}

fn failed(candidate: &Candidate) -> Input {
    Input {
        path: candidate.name.clone(),
        kind: None,
        status: InputStatus::Failed,
        entities: 0,
        within: Vec::new(),
    }
}
