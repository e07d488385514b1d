//! Rule files on data files: statuses and failures in the peer's terms.

use crate::document::Source;
use crate::rules::{self, Input, Program, RuleId, Status, Trace, Worlds};

use super::data::Data;
use super::{Failure, Streams};

/// A rule file that could be read.
#[derive(Debug)]
pub(super) struct RuleFile {
    pub(super) name: String,
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

impl RuleFile {
    /// Reads a rule file; a syntax error is written to standard error.
    pub(super) fn read(name: &str, text: &str, streams: &mut Streams<'_>) -> Result<Option<Self>, Failure> {
        match Self::parse(name, text) {
            Ok(file) => Ok(Some(file)),
            Err(error) => {
                writeln!(streams.err, "Parsing error handling rule file = {name}, Error = {error}\n---")?;
                Ok(None)
            }
        }
    }

    /// Reads a rule file.
    pub(super) fn parse(name: &str, text: &str) -> Result<Self, String> {
        let source = Source::from_text(name, text);
        let file = rules::parse(&source).map_err(|error| {
            let place = error.place.as_ref().map(|place| source.lines().position(source.text(), place.start));
            let at = place.map_or_else(String::new, |at| format!("line {}, column {}: ", at.line, at.column));
            let help = error.help.as_ref().map_or_else(String::new, |help| format!(" ({help})"));
            format!("{at}{}{help}", error.message)
        })?;
        // Names that do not exist matter when they are reached.
        let (program, _) = Program::compile(&[file]);
        let rules = program.ids().collect();
        Ok(Self { name: name.to_owned(), program, rules })
    }

    /// Whether there is nothing to evaluate.
    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The verdicts of all rules, in order.
    pub(super) fn judge(&self, data: &Data) -> Result<Vec<Verdict>, Failure> {
        let worlds = Worlds::default();
        let input = Input {
            tree: &data.tree,
            document: Some(data.root),
            dialect: data.dialect,
            facts: None,
            worlds: &worlds,
        };
        let mut out = Vec::with_capacity(self.rules.len());
        for (answer, checks) in rules::trace(&self.program, &input, &self.rules) {
            let Some(rule) = self.program.rule(answer.rule) else { continue };
            if let Some(problem) = answer.problem {
                return Err(Failure::Abort(format!("rule {}: {}", rule.name(), problem.message)));
            }
            let name =
                if rule.is_default() { format!("{}/default", self.name) } else { rule.name().to_owned() };
            out.push(Verdict { name, status: answer.status, checks });
        }
        Ok(out)
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
