//! The evaluation of rules on one document.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::document::{Condition, NodeId, Tree};
use crate::facts::powers::{Library, Powers};
use crate::facts::{Facts, schema};

use crate::rules::divide::Line;
use crate::rules::limits;
use crate::rules::program::{Fixed, NameId, Program, ProgramFile, Rule, RuleId, SharedId};

use super::answer::{Answer, Problem, Status};
use super::cache::Cache;
use super::found::{Found, What};
use super::idle::Idle;
use super::record::Log;
use super::scope::{Context, Env, LetScope, Role, Scope};
use super::value::{Dialect, Node, Value, Viewer};
use super::watch::Watch;
use super::worlds::{Outcome, Worlds};

/// What rules are asked about.
#[derive(Clone, Copy, Debug)]
pub struct Input<'i> {
    /// The tree: with facts, that of the facts.
    pub tree: &'i Tree,
    /// The root of the document as it is written.
    pub document: Option<NodeId>,
    /// Who reads the document.
    pub dialect: Dialect,
    /// The facts.
    pub facts: Option<&'i Facts>,
    /// The conditions of the tree's values.
    pub worlds: &'i Worlds,
}

/// How deep rules may call each other.
const DEPTH: u32 = 96;

/// Rules of one file that are asked together.
const GROUP: usize = 16;

/// Asks rules about an input; one answer each, in the order of `rules`.
pub fn evaluate(program: &Program, input: &Input<'_>, rules: &[RuleId]) -> Vec<Answer> {
    ask(program, input, rules, &|run, env, id, rule| run.answer(env, id, rule))
}

/// Asks as [`evaluate`] does; beside the answers, whether one depends on a whole record of the facts, and not only on
/// attributes that are asked for.
pub fn evaluate_whole(program: &Program, input: &Input<'_>, rules: &[RuleId]) -> (Vec<Answer>, bool) {
    let cache = Cache::new(program);
    let answers = ask_with(program, input, &cache, rules, &|run, env, id, rule| run.answer(env, id, rule));
    (answers, cache.took_whole())
}

/// Asks as [`evaluate`] does, and has a watch see which queries found something.
pub fn evaluate_watched(
    program: &Program,
    input: &Input<'_>,
    rules: &[RuleId],
    watch: &Arc<Watch>,
) -> Vec<Answer> {
    let mut cache = Cache::new(program);
    cache.watch = Some(Arc::clone(watch));
    ask_with(program, input, &cache, rules, &|run, env, id, rule| run.answer(env, id, rule))
}

/// How one rule is asked.
type Ask<'a> = dyn for<'r> Fn(&Run<'r>, &Env<'_>, RuleId, &'r Rule) -> Answer + Sync + 'a;

fn ask(program: &Program, input: &Input<'_>, rules: &[RuleId], one: &Ask<'_>) -> Vec<Answer> {
    ask_with(program, input, &Cache::new(program), rules, one)
}

fn ask_with(
    program: &Program,
    input: &Input<'_>,
    cache: &Cache,
    rules: &[RuleId],
    one: &Ask<'_>,
) -> Vec<Answer> {
    let facts = input.facts.filter(|_| program.asks);
    let library = facts.map(Library::of);
    let powers = facts
        .zip(library.as_ref())
        .map(|(facts, library)| Powers::new(facts, library, &mut input.worlds.table()));
    let idle = Idle::of(program, input, cache);
    in_file(program, input, (cache, None), rules.first().copied(), |run, _| idle.prepare(run));
    let known = rules.iter().filter(|id| program.rule(**id).is_some());
    let mut answers: Vec<(RuleId, Option<Answer>)> = known.map(|id| (*id, idle.answer(*id))).collect();
    let asked = answers.iter().filter(|(_, answer)| answer.is_none());
    let asked: Vec<RuleId> = asked.map(|(id, _)| *id).collect();
    let mut groups: Vec<&[RuleId]> = Vec::with_capacity(asked.len());
    let file_of = |id: &RuleId| program.rule(*id).map(|rule| rule.file);
    for same_file in asked.chunk_by(|left, right| file_of(left) == file_of(right)) {
        // Keys that one rule captures are seen by the next: such files are not divided.
        let captures = same_file.first().and_then(file_of).and_then(|file| program.files.get(file));
        let whole = captures.is_some_and(|file| !file.captured.is_empty());
        groups.extend(same_file.chunks(if whole { same_file.len().max(1) } else { GROUP }));
    }
    let ask = |mut answers: Vec<Answer>, group: &[RuleId]| {
        ask_file(program, input, (cache, powers.as_ref()), group, &mut |run, env, id, rule| {
            answers.push(one(run, env, id, rule));
        });
        answers
    };
    let made: Vec<Vec<Answer>> = groups.into_par_iter().fold(Vec::new, ask).collect();
    let mut made = made.into_iter().flatten();
    for (_, answer) in answers.iter_mut().filter(|(_, answer)| answer.is_none()) {
        *answer = made.next();
    }
    answers.into_iter().filter_map(|(_, answer)| answer).collect()
}

/// What becomes of rules, without saying why.
pub fn statuses(program: &Program, input: &Input<'_>, rules: &[RuleId]) -> Vec<Answer> {
    ask(program, input, rules, &|run, env, id, rule| {
        let (status, problem) = run.outcome(&Env { record: false, ..*env }, rule, &mut Log::default());
        Answer { rule: id, line: Line::all(id), status, checks: Vec::new(), problem }
    })
}

/// Asks rules of one file, in order.
fn ask_file(
    program: &Program,
    input: &Input<'_>,
    (cache, powers): (&Cache, Option<&Powers<'_>>),
    rules: &[RuleId],
    one: &mut dyn for<'r> FnMut(&Run<'r>, &Env<'_>, RuleId, &'r Rule),
) {
    let first = rules.first().copied();
    in_file(program, input, (cache, powers), first, |run, env| {
        let known = rules.iter().filter_map(|id| Some((*id, program.rule(*id)?)));
        known.for_each(|(id, rule)| one(run, env, id, rule));
    });
}

/// Asks something of the document in the scope of the file that a rule stands in.
pub(super) fn in_file<T: Default>(
    program: &Program,
    input: &Input<'_>,
    (cache, powers): (&Cache, Option<&Powers<'_>>),
    rule: Option<RuleId>,
    ask: impl for<'r> FnOnce(&Run<'r>, &Env<'_>) -> T,
) -> T {
    let file = rule.and_then(|id| program.rule(id)).and_then(|rule| program.files.get(rule.file));
    let Some(file) = file else { return T::default() };
    let root = input.document.map_or_else(
        || Value::Literal(crate::rules::literal::Literal::Null),
        |root| Value::Node(Node::raw(root)),
    );
    let context = Context { value: root, entity: None, outer: None };
    let scope = Scope::Lets(LetScope::file(&file.lets, &context));
    let run = Run {
        program,
        input,
        view: Viewer { tree: input.tree, dialect: input.dialect, guarded: cache.guarded.as_ref() },
        worlds: input.worlds,
        cache,
        powers,
        file,
        calls: Cell::default(),
        values: Cell::default(),
        statuses: RefCell::default(),
    };
    let env = Env {
        scope: &scope,
        context: &context,
        role: Role::Assertion,
        domain: Condition::ALWAYS,
        record: true,
        depth: 0,
    };
    ask(&run, &env)
}

/// The evaluation of a file's rules.
pub(super) struct Run<'r> {
    pub(super) program: &'r Program,
    pub(super) input: &'r Input<'r>,
    pub(super) view: Viewer<'r>,
    pub(super) worlds: &'r Worlds,
    pub(super) cache: &'r Cache,
    /// What principals may do, where a rule of the program asks.
    pub(super) powers: Option<&'r Powers<'r>>,
    pub(super) file: &'r ProgramFile,
    /// Calls of rules with parameters that the rule at hand has made.
    pub(super) calls: Cell<u32>,
    /// Values that the queries of the rule at hand have led to.
    pub(super) values: Cell<u64>,
    /// The outcomes of rules that others refer to; nothing while one is being worked out.
    pub(super) statuses: RefCell<FxHashMap<(NameId, Role), Option<Outcome>>>,
}

/// Why an evaluation ends early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// A clause cannot be decided; who owns it says what that means.
    Undecidable(Box<Problem>),
    /// The rule makes no sense on this document.
    Abort(Box<Problem>),
}

impl Stop {
    pub(super) fn undecidable(message: impl Into<String>, at: &Value) -> Self {
        Self::Undecidable(Box::new(Problem { message: message.into(), node: at.node().map(|node| node.id) }))
    }

    pub(super) fn abort(message: impl Into<String>) -> Self {
        Self::Abort(Box::new(Problem { message: message.into(), node: None }))
    }
}

pub(super) type Results = Result<Arc<[Found]>, Stop>;

impl<'r> Run<'r> {
    pub(super) fn answer(&self, env: &Env<'_>, id: RuleId, rule: &'r Rule) -> Answer {
        let mut log = Log::default();
        let (status, problem) = self.outcome(env, rule, &mut log);
        let checks = if problem.is_none() { self.checks(rule, &log) } else { Vec::new() };
        Answer { rule: id, line: Line::all(id), status, checks, problem }
    }

    fn outcome(&self, env: &Env<'_>, rule: &'r Rule, log: &mut Log<'r>) -> (Status, Option<Problem>) {
        self.begin();
        match self.rule(env, rule, log) {
            Ok(outcome) => (status_of(outcome), None),
            Err(Stop::Undecidable(problem) | Stop::Abort(problem)) => (Status::Unknown, Some(*problem)),
        }
    }

    /// Begins to count, for a rule or a line of one.
    pub(super) fn begin(&self) {
        self.calls.set(0);
        self.values.set(0);
    }

    /// Works out what is kept for others. It is not counted against the rule at hand, because another one could have asked first.
    pub(super) fn for_all<T>(&self, ask: impl FnOnce() -> T) -> T {
        let before = self.values.replace(0);
        let found = ask();
        self.values.set(before);
        found
    }

    /// Counts the values that a query has led to.
    pub(super) fn count(&self, values: usize) -> Result<(), Stop> {
        let all = self.values.get() + values as u64 + 1;
        self.values.set(all);
        limits::values(all, self.input.tree.len()).map_err(Stop::abort)
    }

    /// Whether what cannot be decided fails here, and is no error.
    pub(super) fn forgives(&self, env: &Env<'_>) -> bool {
        env.role == Role::Assertion && !self.program.classic
    }

    /// A rule, on the document.
    pub(super) fn rule(&self, env: &Env<'_>, rule: &'r Rule, log: &mut Log<'r>) -> Result<Outcome, Stop> {
        let mut domain = env.domain;
        let mut doubt = Condition::NEVER;
        if let Some(when) = &rule.when {
            let gate = Env { role: Role::Gate, record: false, ..*env };
            match self.cnf(&gate, when, log) {
                Ok(outcome) => {
                    doubt = outcome.unknown;
                    domain = self.worlds.or(outcome.pass, outcome.unknown);
                }
                Err(Stop::Undecidable(problem)) if self.forgives(env) => {
                    log.problem(&problem, env);
                    return Ok(Outcome::fail(env.domain));
                }
                Err(stop) => return Err(stop),
            }
        }
        if domain.is_never() {
            return Ok(Outcome::SKIP);
        }
        let mark = log.mark();
        let outcome = self.body(&Env { domain, ..*env }, &rule.body, log)?;
        Ok(self.gated(outcome, doubt, mark, log))
    }

    /// An outcome of something that applies only perhaps, where `doubt` holds. What was written down since `mark` is
    /// in doubt as well.
    pub(super) fn gated(
        &self,
        outcome: Outcome,
        doubt: Condition,
        mark: usize,
        log: &mut Log<'r>,
    ) -> Outcome {
        if doubt.is_never() || outcome.is_fine() {
            return outcome;
        }
        log.doubt(mark, doubt, self.worlds);
        let sure = Outcome {
            pass: self.worlds.and_not(outcome.pass, doubt),
            fail: self.worlds.and_not(outcome.fail, doubt),
            unknown: self.worlds.and_not(outcome.unknown, doubt),
        };
        sure.both(outcome.within(doubt, self.worlds).doubted(self.worlds), self.worlds)
    }

    /// The file at hand, and those that it imports.
    pub(super) fn imports(&self) -> impl Iterator<Item = &'r ProgramFile> {
        let file = self.program.files.iter().position(|file| std::ptr::eq(file, self.file));
        file.map(|file| self.program.with_imports(file)).unwrap_or_default().into_iter()
    }

    /// The document as the value at hand.
    pub(super) fn root_context(&self) -> Context<'static> {
        let root = self.input.document.map_or_else(
            || Value::Literal(crate::rules::literal::Literal::Null),
            |root| Value::Node(Node::raw(root)),
        );
        Context { value: root, entity: None, outer: None }
    }

    /// What a predeclared variable holds: its entities, each with when it exists.
    pub(super) fn facts(&self, kind: &'static schema::Kind) -> Results {
        let Some(facts) = self.input.facts else {
            return Err(Stop::abort(format!("there are no facts for `%{}`", kind.variable)));
        };
        let position = schema::position(kind);
        let slot = position.and_then(|position| self.cache.facts.get(position));
        let all = || {
            let list = self.input.tree.get(facts.root, kind.variable);
            let list = list.and_then(|list| self.input.tree.list(list));
            list.into_iter().flat_map(crate::document::List::iter)
        };
        let make = || {
            let mut out = Vec::new();
            let some = self.cache.entities.as_ref().map(|some| some.to_vec());
            for element in some.unwrap_or_else(|| all().collect()) {
                let found = Found::always(What::Value(Value::Node(Node::typed(element))));
                self.settle(found, true, &mut |found| out.push(found));
            }
            Arc::from(out)
        };
        Ok(slot.map_or_else(make, |slot| Arc::clone(slot.get_or_init(make))))
    }

    /// The results of a query that depends on the document alone.
    pub(super) fn shared(&self, id: SharedId) -> Results {
        let shared = self.program.shared.get(id.0 as usize);
        let (Some(shared), Some(slot)) = (shared, self.cache.shared.get(id.0 as usize)) else {
            return Err(Stop::abort("a shared query is missing"));
        };
        let found = || self.for_all(|| self.at_root(shared.query, shared.some));
        let result = || slot.get_or_init(found).clone();
        match &self.cache.guarded {
            Some(guarded) => guarded.keeping(id.0 as usize, result),
            None => result(),
        }
    }

    /// Evaluates a query at the document's root, without any scope.
    pub(super) fn at_root(&self, query: crate::rules::program::QueryId, some: bool) -> Results {
        let context = self.root_context();
        let nothing = crate::rules::program::Lets::default();
        let scope = Scope::Lets(LetScope::file(&nothing, &context));
        let env = Env {
            scope: &scope,
            context: &context,
            role: Role::Gate,
            domain: Condition::ALWAYS,
            record: false,
            depth: 0,
        };
        let found = self.evaluate_query(&env, query)?;
        Ok(if some { only_values(&found) } else { found.into() })
    }

    /// The results of a variable.
    pub(super) fn variable(&self, scope: &Scope<'_>, variable: &crate::rules::program::Variable) -> Results {
        match &variable.fixed {
            Some(Fixed::Literal(literal)) => {
                Ok([Found::always(What::Literal(Value::Literal(literal.clone())))].into())
            }
            Some(Fixed::Shared(id)) => self.shared(*id),
            Some(Fixed::Facts(kind)) => self.facts(kind),
            None => self.named(scope, variable.name),
        }
    }

    /// Calls are counted: what calls itself has to stop.
    pub(super) fn deeper<'e>(env: &Env<'e>, what: &str) -> Result<Env<'e>, Stop> {
        if env.depth >= DEPTH {
            return Err(Stop::abort(format!("{what} leads back to itself, or calls are nested too deeply")));
        }
        Ok(Env { depth: env.depth + 1, ..*env })
    }
}

/// What `let x = some …` keeps.
pub(super) fn only_values(found: &[Found]) -> Arc<[Found]> {
    found.iter().filter(|one| matches!(one.what, What::Value(_))).cloned().collect()
}

/// A failure anywhere is a failure.
pub(super) fn status_of(outcome: Outcome) -> Status {
    if !outcome.fail.is_never() {
        Status::Fail
    } else if !outcome.unknown.is_never() {
        Status::Unknown
    } else if !outcome.pass.is_never() {
        Status::Pass
    } else {
        Status::Skip
    }
}
