//! Running the cases of rule files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::check::discover::shown;
use crate::check::judge::Asked;
use crate::check::load::reason;
use crate::check::pipeline::{Request, declared_by};
use crate::check::present::AllTexts;
use crate::check::waive::Waivers;
use crate::check::{Finding, FindingStatus, judge};
use crate::document::{Code, Diagnostic, Level, Limits, NodeId, Source, View, parse, yaml};
use crate::facts;
use crate::ingest::{self, Options, Unit};
use crate::model::Date;
use crate::rules::{self, Answer, Dialect, Program, Status, Watch, Watched, Worlds};

use super::spec::{self, Expected, Input, Spec};
use super::{Case, Failure, Pair, Tested, Uncovered};

/// Runs the tests of all pairs, in parallel and in order.
pub fn run(pairs: &[Pair]) -> Vec<Tested> {
    let ran: Vec<(Tested, Seen)> = pairs.par_iter().map(one).collect();
    let spots = |of: fn(&Seen) -> &[Watched]| -> FxHashSet<Spot> {
        ran.iter().flat_map(|(_, seen)| of(seen)).filter(|one| one.seen).map(spot).collect()
    };
    let (failed, found) = (spots(|seen| &seen.clauses), spots(|seen| &seen.queries));
    let finished = ran.into_iter().map(|(mut tested, seen)| {
        let own = |one: &&Watched| *one.place.source.name() == *tested.rules;
        let gaps = |watched: &[Watched], seen: &FxHashSet<Spot>| -> Vec<Uncovered> {
            let missed = watched.iter().filter(own).filter(|one| !seen.contains(&spot(one)));
            let mut gaps: Vec<Uncovered> =
                missed.map(|one| Uncovered { rule: one.rule.clone(), place: one.place.clone() }).collect();
            gaps.sort_by_key(|gap| (gap.place.start, gap.place.end));
            gaps
        };
        let uncovered = gaps(&seen.clauses, &failed);
        let unmatched = if tested.cases.is_empty() { Vec::new() } else { gaps(&seen.queries, &found) };
        tested.clauses = seen.clauses.iter().filter(own).count();
        (tested.uncovered, tested.unmatched) = (uncovered, unmatched);
        tested
    });
    finished.collect()
}

/// What the cases of a rule file have seen of it, and of the files that it imports.
#[derive(Default)]
struct Seen {
    clauses: Vec<Watched>,
    queries: Vec<Watched>,
}

/// A file, and bytes of it.
type Spot = (Box<str>, u32, u32);

fn spot(one: &Watched) -> Spot {
    (one.place.source.name().into(), one.place.start, one.place.end)
}

fn one(pair: &Pair) -> (Tested, Seen) {
    let mut out = Tested { rules: shown(&pair.rules), ..Tested::default() };
    let program = match load(&pair.rules) {
        Ok((program, diagnostics)) => {
            out.diagnostics.extend(diagnostics);
            program
        }
        Err(diagnostic) => {
            out.diagnostics.push(*diagnostic);
            return (out, Seen::default());
        }
    };
    let watch = Watch::new(&program);
    for path in &pair.tests {
        match source(path).and_then(spec::read) {
            Ok(file) => {
                out.diagnostics.extend(file.diagnostics.iter().cloned());
                let cases: Vec<Case> = file
                    .cases
                    .par_iter()
                    .map(|spec| Trial { program: &program, file: &file, path, watch: &watch }.case(spec))
                    .collect();
                out.cases.extend(cases);
            }
            Err(diagnostic) => out.diagnostics.push(*diagnostic),
        }
    }
    let seen = Seen { clauses: watch.clauses(&program), queries: watch.queries(&program) };
    (out, seen)
}

fn source(path: &Path) -> Result<Arc<Source>, Box<Diagnostic>> {
    let name = shown(path);
    let bytes = std::fs::read(path).map_err(|error| {
        let message = format!("the file cannot be read: {}", reason(&error));
        Box::new(Diagnostic::new(Code::Unreadable, message).in_file(name.clone()))
    })?;
    Source::decode(name.clone(), bytes).map_err(|error| Box::new(Diagnostic::encoding(&name, &error)))
}

/// Reads and compiles a rule file.
fn load(path: &Path) -> Result<(Program, Vec<Diagnostic>), Box<Diagnostic>> {
    Ok(Program::load(&[source(path)?], &crate::check::program::import))
}

/// One case.
struct Trial<'t> {
    program: &'t Program,
    file: &'t spec::File,
    path: &'t Path,
    watch: &'t Arc<Watch>,
}

impl Trial<'_> {
    /// Runs a case.
    fn case(&self, spec: &Spec) -> Case {
        let mut case = Case {
            name: spec.name.clone(),
            place: spec.place.clone(),
            failure: None,
            diagnostics: Vec::new(),
        };
        let answers = match self.answers(spec) {
            Ok(answers) => answers,
            Err(diagnostic) => {
                case.diagnostics.push(*diagnostic);
                return case;
            }
        };
        let mut failure = Failure { expected: Vec::new(), actual: Vec::new() };
        self.compare_statuses(spec, &answers, &mut failure, &mut case.diagnostics);
        if let Some(expected) = &spec.findings {
            match self.findings(spec) {
                Ok(found) => compare_findings(expected, &found, &mut failure),
                Err(diagnostic) => case.diagnostics.push(*diagnostic),
            }
        }
        if failure.expected != failure.actual {
            case.failure = Some(failure);
        }
        case
    }

    /// The answers of all rules.
    fn answers(&self, spec: &Spec) -> Result<Vec<Answer>, Box<Diagnostic>> {
        let facts_needed = self.program.rules().iter().any(|rule| rule.reads().facts);
        let here = match &spec.input {
            Input::Here(node) => Some(*node),
            Input::File(_) => None,
        };
        let ids: Vec<_> = self.program.ids().collect();
        if let (Some(root), false) = (here, facts_needed) {
            // As the peer's own command reads it.
            let worlds = Worlds::default();
            let input = rules::Input {
                tree: &self.file.tree,
                document: Some(root),
                dialect: Dialect::Test,
                facts: None,
                worlds: &worlds,
            };
            return Ok(rules::evaluate_watched(self.program, &input, &ids, self.watch));
        }
        let mut unit = self.unit(spec)?;
        let tree = Arc::new(std::mem::take(&mut unit.tree));
        let facts = facts::build(&tree, &mut unit.conditions, &unit.inventory);
        let worlds = Worlds::new(std::mem::take(&mut unit.conditions));
        let input = rules::Input {
            tree: &facts.tree,
            document: Some(unit.root),
            dialect: Dialect::Validate,
            facts: Some(&facts),
            worlds: &worlds,
        };
        Ok(rules::evaluate_watched(self.program, &input, &ids, self.watch))
    }

    /// Whether an input needs to be of no known kind: there is nothing in it, or no rule asks for entities.
    fn declares_nothing(&self, input: NodeId) -> bool {
        let empty = match self.file.tree.view(input) {
            View::Null => true,
            View::Map(map) => map.is_empty(),
            _ => false,
        };
        empty || !self.program.rules().iter().any(|rule| rule.reads().facts)
    }

    /// Reads the input of a case, which has to declare the parameters that the case gives.
    fn unit(&self, spec: &Spec) -> Result<Unit, Box<Diagnostic>> {
        let unit = self.read(spec)?;
        let declared = declared_by(&unit);
        let known = |name: &str| declared.iter().flatten().any(|declared| **declared == *name);
        let Some(name) = spec.parameters.keys().find(|name| declared.is_some() && !known(name)) else {
            return Ok(unit);
        };
        let message =
            format!("a value is given for the parameter `{name}`, which the input does not declare");
        let mut made = Diagnostic::new(Code::Yaml, message).at(spec.place.clone());
        let near = rules::suggest(name, declared.iter().flatten().map(|name| &**name));
        made.help = near.map(|near| format!("did you mean `{near}`?"));
        Err(Box::new(made))
    }

    fn read(&self, spec: &Spec) -> Result<Unit, Box<Diagnostic>> {
        let options = Options {
            parameters: spec.parameters.clone(),
            account: spec.account.clone(),
            ..Options::default()
        };
        match &spec.input {
            Input::File(path) => {
                let path: PathBuf = self.path.parent().unwrap_or(Path::new("")).join(path);
                let name = shown(&path);
                let bytes = std::fs::read(&path).map_err(|error| {
                    let message = format!("the input cannot be read: {}", reason(&error));
                    Box::new(
                        Diagnostic::new(Code::Unreadable, message)
                            .at(spec.input_place.clone())
                            .in_file(name.clone()),
                    )
                })?;
                ingest::read(&name, bytes, &options)
            }
            Input::Here(node) => {
                let text = rules::to_json(&self.file.tree, *node).to_string();
                match ingest::read(self.file.source.name(), text.clone().into_bytes(), &options) {
                    Err(diagnostic)
                        if diagnostic.code == Code::UnknownKind && self.declares_nothing(*node) =>
                    {
                        nothing(self.file.source.name(), &text, &options)
                    }
                    read => read,
                }
            }
        }
        .map_err(|diagnostic| {
            let message = diagnostic.message.clone();
            let made = Diagnostic::new(diagnostic.code, format!("the input of the case: {message}"));
            let mut made = made.level(Level::Error).at(spec.input_place.clone());
            if let (Input::File(_), Some(place)) = (&spec.input, diagnostic.place) {
                made.related.push((place, "here".to_owned()));
            }
            Box::new(made)
        })
    }

    fn compare_statuses(
        &self,
        spec: &Spec,
        answers: &[Answer],
        failure: &mut Failure,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        for (name, expected, place) in &spec.expected {
            let of_rule: Vec<&Answer> = answers
                .iter()
                .filter(|answer| {
                    let rule = self.program.rule(answer.rule);
                    rule.is_some_and(|rule| rule.name() == name || rule.id() == name)
                })
                .collect();
            if of_rule.is_empty() {
                let message =
                    format!("the case expects something of `{name}`, which the rule file does not have");
                let rules = self.program.rules().iter().flat_map(|rule| [rule.name(), rule.id()]);
                let mut made = Diagnostic::new(Code::RuleName, message).at(place.clone());
                made.help = rules::suggest(name, rules).map(|near| format!("did you mean `{near}`?"));
                diagnostics.push(made);
                continue;
            }
            for problem in of_rule.iter().filter_map(|answer| answer.problem.as_ref()) {
                let message = format!("the rule `{name}` cannot be evaluated: {}", problem.message);
                diagnostics.push(Diagnostic::new(Code::RuleEvaluation, message).at(place.clone()));
            }
            // Of several rules with one name, one that answers so is enough; only SKIP is asked of all.
            let met = match expected {
                Status::Skip => of_rule.iter().all(|answer| answer.status == Status::Skip),
                other => of_rule.iter().any(|answer| answer.status == *other),
            };
            let actual: Vec<&str> = of_rule.iter().map(|answer| answer.status.as_str()).collect();
            failure.expected.push(format!("{name}: {}", expected.as_str()));
            let actual = if met { expected.as_str().to_owned() } else { actual.join(", ") };
            failure.actual.push(format!("{name}: {actual}"));
        }
    }

    /// What a check finds on the input, with the rules of this file alone.
    fn findings(&self, spec: &Spec) -> Result<crate::check::Findings, Box<Diagnostic>> {
        let unit = self.unit(spec)?;
        let request = Request::default();
        let waivers = Waivers::new(&[], None, Date::today());
        let asked: Vec<_> = self.program.ids().collect();
        let texts = AllTexts::new(self.program);
        let asked = Asked { program: self.program, rules: &asked, texts: &texts, wanted: None };
        Ok(judge::unit(unit, asked, &request, &waivers).findings)
    }
}

/// A document that declares nothing.
fn nothing(name: &str, text: &str, options: &Options) -> Result<Unit, Box<Diagnostic>> {
    let mut unit = ingest::read(
        name,
        br#"{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}"#.to_vec(),
        options,
    )?;
    let source = Source::from_text(name, text);
    let file = unit.tree.add_source(Arc::clone(&source));
    let parsed = parse(&mut unit.tree, file, source.text(), yaml::Schema::Core, Limits::default())
        .map_err(|error| Box::new(Diagnostic::syntax(Code::Yaml, &source, error)))?;
    unit.root = parsed.roots.first().copied().unwrap_or(unit.root);
    Ok(unit)
}

fn compare_findings(expected: &[Expected], found: &[Box<Finding>], failure: &mut Failure) {
    // Which finding each expectation has, and the other way round.
    let mut taken: Vec<Option<usize>> = vec![None; found.len()];
    let mut missing: Vec<String> = Vec::new();
    for wanted in 0..expected.len() {
        if !place(wanted, expected, found, &mut taken, &mut vec![false; found.len()]) {
            missing.extend(expected.get(wanted).map(spell));
        }
    }
    for (finding, taken) in found.iter().zip(&taken) {
        let line = describe(finding);
        if taken.is_some() {
            failure.expected.push(line.clone());
        }
        failure.actual.push(line);
    }
    failure.expected.extend(missing);
}

/// Gives an expectation a finding that fits it; another expectation that has it takes a further one, if it can.
fn place(
    wanted: usize,
    expected: &[Expected],
    found: &[Box<Finding>],
    taken: &mut [Option<usize>],
    tried: &mut [bool],
) -> bool {
    let Some(one) = expected.get(wanted) else { return false };
    for (index, finding) in found.iter().enumerate() {
        if !fits(one, finding) || tried.get(index).copied().unwrap_or(true) {
            continue;
        }
        if let Some(tried) = tried.get_mut(index) {
            *tried = true;
        }
        let holder = taken.get(index).copied().flatten();
        if holder.is_none_or(|holder| place(holder, expected, found, taken, tried)) {
            if let Some(slot) = taken.get_mut(index) {
                *slot = Some(wanted);
            }
            return true;
        }
    }
    false
}

fn status_of(finding: &Finding) -> Status {
    match finding.status {
        FindingStatus::Fail => Status::Fail,
        FindingStatus::Unknown => Status::Unknown,
    }
}

fn line_of(finding: &Finding) -> Option<u32> {
    let place = finding.place.as_ref()?;
    Some(place.source.lines().line(place.start))
}

fn fits(expected: &Expected, finding: &Finding) -> bool {
    let rule = |rule: &String| **rule == *finding.rule || **rule == *finding.name;
    let entity = |entity: &String| {
        **entity == *finding.entity || finding.details.owner.as_deref() == Some(entity.as_str())
    };
    expected.rule.as_ref().is_none_or(rule)
        && expected.entity.as_ref().is_none_or(entity)
        && expected.message.as_ref().is_none_or(|message| finding.message.contains(message.as_str()))
        && expected.line.is_none_or(|line| line_of(finding) == Some(line))
        && expected.status.unwrap_or(Status::Fail) == status_of(finding)
}

/// `FAIL SSM-INST-01 NodeRole line 9: …`
fn describe(finding: &Finding) -> String {
    let line = line_of(finding).map_or_else(String::new, |line| format!(" line {line}"));
    let (status, rule, entity) = (status_of(finding).as_str(), &finding.rule, &finding.entity);
    format!("{status} {rule} {entity}{line}: {}", finding.message)
}

fn spell(expected: &Expected) -> String {
    let status = expected.status.unwrap_or(Status::Fail).as_str();
    let line = expected.line.map_or_else(String::new, |line| format!(" line {line}"));
    let any = |text: &Option<String>| text.clone().unwrap_or_else(|| "…".to_owned());
    format!("{status} {} {}{line}: {}", any(&expected.rule), any(&expected.entity), any(&expected.message))
}
