//! Rule files on data files: statuses and failures in the peer's terms.

use crate::document::Source;
use crate::rules::{self, Answer, Input, Program, RuleId, Session, Status, Trace, Worlds, ast};

use super::data::Data;
use super::{Compat, Failure, Streams};

/// Rule files, compiled together so that equal queries are evaluated once.
#[derive(Debug)]
pub(super) struct RuleSet {
    names: Vec<String>,
    program: Program,
    rules: Vec<RuleId>,
}

/// What became of a rule.
#[derive(Debug)]
pub(super) struct Verdict<T> {
    pub(super) rule: RuleId,
    pub(super) name: String,
    pub(super) status: Status,
    /// What was made of its failures.
    pub(super) detail: T,
}

/// The verdicts of a rule file's rules, in order.
pub(super) type Verdicts<T> = Result<Vec<Verdict<T>>, Failure>;

/// What is made of a rule's failures.
pub(super) type Make<'a, T> = dyn Fn(&str, &[Trace<'_>]) -> T + Sync + 'a;

/// Reads a rule file; the error is a text for people.
pub(super) fn parse(name: &str, text: &str) -> Result<ast::File, String> {
    let source = Source::from_text(name, text);
    rules::parse(&source).map_err(|error| {
        let place = error.place.as_ref().map(|place| source.lines().position(source.text(), place.start));
        let at = place.map_or_else(String::new, |at| format!("line {}, column {}: ", at.line, at.column));
        let help = error.help.as_ref().map_or_else(String::new, |help| format!(" ({help})"));
        format!("{at}{}{help}", error.message)
    })
}

/// Says on standard error that a rule file cannot be read.
pub(super) fn complain(name: &str, error: &str, streams: &mut Streams<'_>) -> std::io::Result<()> {
    writeln!(streams.err, "Parsing error handling rule file = {name}, Error = {error}\n---")
}

impl RuleSet {
    /// Compiles rule files. Names that do not exist matter when they are reached.
    pub(super) fn new(files: &[ast::File], compat: Compat) -> Self {
        let (program, _) = Program::compile(files);
        let program = if compat == Compat::V31 { program.classic() } else { program };
        let rules = program.ids().collect();
        let names = files.iter().map(|file| file.source.name().to_owned()).collect();
        Self { names, program, rules }
    }

    /// The names of the rule files.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether there is nothing to evaluate.
    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The verdicts of each file, and what `make` makes of their failures. A rule that cannot be evaluated ends its file.
    pub(super) fn judge<T: Send>(&self, data: &Data, make: &Make<'_, T>) -> Vec<Verdicts<T>> {
        let worlds = Worlds::default();
        let answers = rules::trace(&self.program, &input(data, &worlds), &self.rules, &|answer, checks| {
            (answer.clone(), make(&self.name_of(answer.rule), checks))
        });
        self.by_file(answers)
    }

    /// The verdicts of each file, without their failures.
    pub(super) fn statuses(&self, data: &Data) -> Vec<Verdicts<()>> {
        let worlds = Worlds::default();
        let answers = rules::statuses(&self.program, &input(data, &worlds), &self.rules);
        self.by_file(answers.into_iter().map(|answer| (answer, ())).collect())
    }

    /// A session on a data file.
    pub(super) fn session<'s>(&'s self, data: &'s Data, worlds: &'s Worlds) -> Session<'s> {
        Session::new(&self.program, input(data, worlds))
    }

    /// What `make` makes of the failures of some rules, in their order.
    pub(super) fn render<T: Send>(
        &self,
        session: &Session<'_>,
        chosen: &[RuleId],
        make: &Make<'_, T>,
    ) -> Vec<T> {
        session.trace(chosen, &|answer, checks| make(&self.name_of(answer.rule), checks))
    }

    fn name_of(&self, id: RuleId) -> String {
        match self.program.rule(id) {
            Some(rule) if rule.is_default() => format!("{}/default", rule.file()),
            Some(rule) => rule.name().to_owned(),
            None => String::new(),
        }
    }

    fn by_file<T>(&self, answers: Vec<(Answer, T)>) -> Vec<Verdicts<T>> {
        let mut out: Vec<Verdicts<T>> = self.names.iter().map(|_| Ok(Vec::new())).collect();
        for (answer, detail) in answers {
            let Some(rule) = self.program.rule(answer.rule) else { continue };
            let Some(slot) = out.get_mut(rule.file) else { continue };
            match (slot.as_mut(), answer.problem) {
                (Ok(_), Some(problem)) => {
                    *slot = Err(Failure::Abort(format!("rule {}: {}", rule.name(), problem.message)));
                }
                (Ok(file), None) => {
                    let name = self.name_of(answer.rule);
                    file.push(Verdict { rule: answer.rule, name, status: answer.status, detail });
                }
                (Err(_), _) => {}
            }
        }
        out
    }

    /// The statuses of a set of one file.
    pub(super) fn judge_one(&self, data: &Data) -> Verdicts<()> {
        self.statuses(data).pop().unwrap_or_else(|| Ok(Vec::new()))
    }
}

fn input<'i>(data: &'i Data, worlds: &'i Worlds) -> Input<'i> {
    Input { tree: &data.tree, document: Some(data.root), dialect: data.dialect, facts: None, worlds }
}

/// A failure anywhere fails the file.
pub(super) fn overall<'v, T: 'v>(verdicts: impl IntoIterator<Item = &'v Verdict<T>>) -> Status {
    verdicts.into_iter().fold(Status::Skip, |all, verdict| worse(all, verdict.status))
}

/// FAIL over PASS over SKIP.
pub(super) fn worse(left: Status, right: Status) -> Status {
    match (left, right) {
        (Status::Fail, _) | (_, Status::Fail) => Status::Fail,
        (Status::Pass, _) | (_, Status::Pass) => Status::Pass,
        _ => Status::Skip,
    }
}
