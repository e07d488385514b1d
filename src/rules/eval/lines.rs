//! Lines of rules, asked of a part of the entities at a time.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::document::Condition;
use crate::rules::divide::Line;
use crate::rules::program::{Body, Clause, Program, Rule, When};

use super::answer::{Answer, Problem};
use super::cache::{Cache, Spelled};
use super::record::Log;
use super::run::{Input, Run, Stop, in_file, status_of};
use super::scope::{Env, LetScope, Role, Scope};
use super::worlds::Outcome;

/// When the conditions hold that lines hang on.
#[derive(Debug, Default)]
pub struct Gates(FxHashMap<Line, Outcome>);

/// Asks the conditions of lines; beside the answers, the lines whose condition cannot be told, which have to be asked
/// of everything at once.
pub fn ask_gates(program: &Program, input: &Input<'_>, lines: &[Line]) -> (Gates, Vec<Line>) {
    let cache = Cache::new(program);
    let (mut gates, mut refused) = (Gates::default(), Vec::new());
    for line in lines {
        let asked = in_file(program, input, (&cache, None), Some(line.rule), |run, env| {
            let rule = program.rule(line.rule)?;
            let when = gate(rule, *line)?;
            in_body(&rule.body, env, |env| {
                let gate = Env { role: Role::Gate, record: false, ..*env };
                run.cnf(&gate, &when.conditions, &mut Log::default()).ok()
            })
        });
        match asked {
            Some(outcome) => {
                gates.0.insert(*line, outcome);
            }
            None => refused.push(*line),
        }
    }
    if cache.took_whole() {
        return (Gates::default(), lines.to_vec());
    }
    (gates, refused)
}

impl Gates {
    /// Whether there is nothing to ask, because the condition of the line never holds.
    pub fn is_shut(&self, line: Line) -> bool {
        self.0.get(&line).is_some_and(|outcome| outcome.pass.is_never() && outcome.unknown.is_never())
    }
}

/// Asks lines about an input, which may be a part of another; one answer each, in order. Beside them, whether an answer
/// depends on a whole record of the facts, and not only on attributes that are asked for.
pub fn evaluate_lines(
    program: &Program,
    input: &Input<'_>,
    lines: &[Line],
    gates: &Gates,
    spelled: &Arc<Spelled>,
) -> (Vec<Answer>, bool) {
    let cache = Cache::with(program, Arc::clone(spelled));
    let file_of = |line: &Line| program.rule(line.rule).map(|rule| rule.file);
    let mut out = Vec::with_capacity(lines.len());
    for group in lines.chunk_by(|left, right| file_of(left) == file_of(right)) {
        let first = group.first().map(|line| line.rule);
        out.extend(in_file(program, input, (&cache, None), first, |run, env| {
            let answers = group.iter().filter_map(|line| Some((*line, program.rule(line.rule)?)));
            answers.map(|(line, rule)| run.line_answer(env, line, rule, gates)).collect::<Vec<_>>()
        }));
    }
    (out, cache.took_whole())
}

/// The condition that a line is.
fn gate(rule: &Rule, line: Line) -> Option<&When> {
    match rule.body.lines.get(line.at?)?.first()? {
        Clause::When(when) => Some(when),
        _ => None,
    }
}

/// In the scope of a body.
fn in_body<T>(body: &Body, env: &Env<'_>, ask: impl FnOnce(&Env<'_>) -> T) -> T {
    if body.lets.0.is_empty() {
        return ask(env);
    }
    let scope = Scope::Lets(LetScope::body(&body.lets, env));
    ask(&Env { scope: &scope, ..*env })
}

impl<'r> Run<'r> {
    fn line_answer(&self, env: &Env<'_>, line: Line, rule: &'r Rule, gates: &Gates) -> Answer {
        let Some(at) = line.at else { return self.answer(env, line.rule, rule) };
        let mut log = Log::default();
        let found = in_body(&rule.body, env, |env| self.line_at(env, (line, at), rule, gates, &mut log));
        let (status, problem): (_, Option<Problem>) = match found {
            Ok(outcome) => (status_of(outcome), None),
            Err(Stop::Undecidable(problem) | Stop::Abort(problem)) => {
                (super::Status::Unknown, Some(*problem))
            }
        };
        let checks = if problem.is_none() { self.checks(rule, &log) } else { Vec::new() };
        Answer { rule: line.rule, line, status, checks, problem }
    }

    fn line_at(
        &self,
        env: &Env<'_>,
        (line, at): (Line, usize),
        rule: &'r Rule,
        gates: &Gates,
        log: &mut Log<'r>,
    ) -> Result<Outcome, Stop> {
        debug_assert!(env.domain == Condition::ALWAYS, "a line is asked by itself");
        if let Some(&condition) = gates.0.get(&line)
            && let Some(when) = gate(rule, line)
        {
            return self.when_body(env, when, condition, log);
        }
        let lines = rule.body.lines.get(at..=at).unwrap_or_default();
        self.cnf(env, lines, log)
    }
}
