//! Lines of rules, asked of a part of the entities at a time.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::document::{Condition, List, NodeId};
use crate::rules::divide::Line;
use crate::rules::program::{Body, Clause, Program, Rule, When};

use super::alike::{Alike, Class, Guarded};
use super::answer::{Answer, Problem, Status};
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

/// Lines that are asked of parts of an input, and what was found out by asking.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// The rules.
    pub program: &'a Program,
    /// When the conditions of lines hold.
    pub gates: &'a Gates,
    /// Answers to questions about texts.
    pub spelled: &'a Arc<Spelled>,
}

/// Asks lines about an input, which may be a part of another; answers in order, of all that have something to say. Beside
/// them, whether an answer depends on a whole record of the facts, and not only on attributes that are asked for.
pub fn evaluate_lines(asking: Asking<'_>, input: &Input<'_>, lines: &[Line]) -> (Vec<Answer>, bool) {
    asking.of(input, lines, None)
}

/// Asks like [`evaluate_lines`] of the entities that a variable holds, those that are alike only as far as needed.
pub fn evaluate_alike(
    asking: Asking<'_>,
    input: &Input<'_>,
    lines: &[Line],
    (alike, variable): (&Alike, &str),
) -> (Vec<Answer>, bool) {
    let tree = input.tree;
    let list = input.facts.and_then(|facts| tree.list(tree.get(facts.root, variable)?));
    let entities: Vec<NodeId> = list.into_iter().flat_map(List::iter).collect();
    let Some(mut classes) = alike.classes(tree, &entities) else {
        return asking.of(input, lines, None);
    };
    for class in classes.all.iter_mut().filter(|class| class.quiet.is_none()) {
        let quiet = asking.quiet(input, lines, class.example, alike.texts(tree, class.example));
        alike.keep(class, quiet);
    }
    // Lines by the classes that they have something to say of, as bits.
    let mut groups: BTreeMap<u128, Vec<Line>> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        let says = |class: &Class| class.quiet.as_ref().is_none_or(|quiet| quiet.get(at) != Some(&true));
        let bits = classes.all.iter().rev().fold(0, |bits, class| bits << 1 | u128::from(says(class)));
        groups.entry(bits).or_default().push(*line);
    }
    groups.remove(&0);
    let (mut out, mut whole) = (Vec::with_capacity(lines.len()), false);
    for (bits, lines) in groups {
        let of = entities.iter().zip(&classes.of);
        let some = of.filter(|(_, class)| bits >> **class & 1 == 1).map(|(entity, _)| *entity);
        let (answers, took_whole) = asking.of(input, &lines, Some(some.collect()));
        out.extend(answers);
        whole |= took_whole;
    }
    let position: FxHashMap<Line, usize> = lines.iter().enumerate().map(|(at, line)| (*line, at)).collect();
    out.sort_by_key(|answer| position.get(&answer.line).copied());
    (out, whole)
}

impl Asking<'_> {
    /// Asks of some entities, or of all.
    fn of(self, input: &Input<'_>, lines: &[Line], some: Option<Arc<[NodeId]>>) -> (Vec<Answer>, bool) {
        let mut cache = Cache::with(self.program, Arc::clone(self.spelled));
        cache.entities = some;
        let mut out = Vec::with_capacity(lines.len());
        self.in_files(input, &cache, lines, &mut |answer| out.push(answer));
        (out, cache.took_whole())
    }

    /// Which lines have nothing to say of an entity, whatever some texts of it are.
    fn quiet(
        self,
        input: &Input<'_>,
        lines: &[Line],
        entity: NodeId,
        texts: FxHashSet<NodeId>,
    ) -> Box<[bool]> {
        let mut cache = Cache::with(self.program, Arc::clone(self.spelled));
        cache.entities = Some([entity].into());
        cache.guarded = Some(Guarded::new(texts, cache.kept()));
        let mut out = vec![false; lines.len()];
        for (line, quiet) in lines.iter().zip(&mut out) {
            if let Some(guarded) = &cache.guarded {
                guarded.take();
            }
            // Variables of the file are worked out again for each line, so that it is seen what that takes.
            self.in_files(input, &cache, std::slice::from_ref(line), &mut |answer| {
                let fine = matches!(answer.status, Status::Pass | Status::Skip);
                *quiet = fine && answer.checks.is_empty() && answer.problem.is_none();
            });
            *quiet &= cache.guarded.as_ref().is_some_and(|guarded| !guarded.take());
        }
        out.into()
    }

    /// Asks lines in the scopes of their files.
    fn in_files(self, input: &Input<'_>, cache: &Cache, lines: &[Line], out: &mut dyn FnMut(Answer)) {
        let Self { program, gates, .. } = self;
        let file_of = |line: &Line| program.rule(line.rule).map(|rule| rule.file);
        for group in lines.chunk_by(|left, right| file_of(left) == file_of(right)) {
            let first = group.first().map(|line| line.rule);
            in_file(program, input, (cache, None), first, |run, env| {
                let asked = group.iter().filter_map(|line| Some((*line, program.rule(line.rule)?)));
                asked.for_each(|(line, rule)| out(run.line_answer(env, line, rule, gates)));
            });
        }
    }
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
        self.begin();
        let mut log = Log::default();
        let found = in_body(&rule.body, env, |env| self.line_at(env, (line, at), rule, gates, &mut log));
        let (status, problem): (_, Option<Problem>) = match found {
            Ok(outcome) => (status_of(outcome), None),
            Err(Stop::Undecidable(problem) | Stop::Abort(problem)) => (Status::Unknown, Some(*problem)),
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
