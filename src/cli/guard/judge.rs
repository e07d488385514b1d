//! Rule files on data files: statuses and failures in the peer's terms.

use crate::document::Source;
use crate::rules::{self, Input, Program, RuleId, Status, Trace, Worlds, ast};

use super::data::Data;
use super::{Failure, Streams};

/// Rule files, compiled together so that equal queries are evaluated once.
#[derive(Debug)]
pub(super) struct RuleSet {
    names: Vec<String>,
    program: Program,
    rules: Vec<RuleId>,
}

/// What became of a rule.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) name: String,
    pub(super) status: Status,
    pub(super) checks: Vec<Trace>,
}

/// The verdicts of a rule file's rules, in order.
pub(super) type Verdicts = Result<Vec<Verdict>, Failure>;

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
    pub(super) fn new(files: &[ast::File]) -> Self {
        let (program, _) = Program::compile(files);
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

    /// The verdicts of each file. A rule that cannot be evaluated ends its file.
    pub(super) fn judge(&self, data: &Data) -> Vec<Verdicts> {
        let worlds = Worlds::default();
        let input = Input {
            tree: &data.tree,
            document: Some(data.root),
            dialect: data.dialect,
            facts: None,
            worlds: &worlds,
        };
        let mut out: Vec<Verdicts> = self.names.iter().map(|_| Ok(Vec::new())).collect();
        for (answer, checks) in rules::trace(&self.program, &input, &self.rules) {
            let Some(rule) = self.program.rule(answer.rule) else { continue };
            let Some(Ok(file)) = out.get_mut(rule.file) else { continue };
            if let Some(problem) = answer.problem {
                let message = format!("rule {}: {}", rule.name(), problem.message);
                if let Some(slot) = out.get_mut(rule.file) {
                    *slot = Err(Failure::Abort(message));
                }
                continue;
            }
            let name =
                if rule.is_default() { format!("{}/default", rule.file()) } else { rule.name().to_owned() };
            file.push(Verdict { name, status: answer.status, checks });
        }
        out
    }

    /// The verdicts of a set of one file.
    pub(super) fn judge_one(&self, data: &Data) -> Verdicts {
        self.judge(data).pop().unwrap_or_else(|| Ok(Vec::new()))
    }
}

/// A failure anywhere fails the file.
pub(super) fn overall<'v>(verdicts: impl IntoIterator<Item = &'v Verdict>) -> Status {
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
