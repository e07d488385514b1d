//! Evaluates a rule file as the peer does, one step after the other, and records the steps.
//!
//! The peer's reports are made from what its evaluator did: which alternative was tried first, which clause stopped a rule,
//! which values a filter looked at. An evaluator that plans has no such steps, so the reports need one that goes the peer's
//! way. It reads the same tree of the rule file, borrows every value, and formats nothing: that is left to the report.

mod calls;
mod choose;
mod clauses;
mod compare;
mod event;
mod found;
mod functions;
mod operators;
mod query;
mod scope;
mod spell;
mod types;
mod unary;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use elsa::sync::FrozenVec;
use rustc_hash::FxHashMap;

use crate::rules::Pattern;
use crate::rules::ast::{
    Access, Clause, Cnf, File, Name, Op, Operand, ParameterRule, Part, PartKind, Query, Rule,
};
use crate::rules::casing::{self, Spellings};
use crate::rules::literal::Literal;

use super::value::{Arena, Val};

pub(super) use event::{Check, Context, Ended, Event, Operator, Status, What};
pub(super) use found::{Found, Missing, Pathed, Row};
pub(super) use spell::symbol;

use clauses::Role;
use scope::{Env, Scope};

/// The edition of Guard whose answers are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edition {
    /// 3.1, as far as evaluation goes.
    Guard31,
    /// 3.2.
    Guard32,
}

/// A rule file, ready to be told.
#[derive(Debug)]
pub(super) struct RuleFile {
    /// The name that reports give it.
    pub(super) name: String,
    pub(super) ast: File,
    /// The name of the rule that clauses outside rules make.
    default: String,
    /// Whose answers are given.
    pub(super) edition: Edition,
    /// The queries that type blocks stand for.
    types: FxHashMap<Box<str>, Query>,
    /// The positions of rules, by name.
    rules: FxHashMap<Box<str>, Vec<usize>>,
    /// The positions of the last rules with parameters, by name.
    calls: FxHashMap<Box<str>, usize>,
}

impl RuleFile {
    pub(super) fn new(name: impl Into<String>, ast: File, edition: Edition) -> Self {
        let name = name.into();
        let default = if name.trim().is_empty() { "default".to_owned() } else { format!("{name}/default") };
        let mut types = FxHashMap::default();
        for rule in &ast.rules {
            collect_types(&rule.body.lines, &mut types);
        }
        for rule in &ast.calls {
            collect_types(&rule.body.lines, &mut types);
        }
        let mut rules: FxHashMap<Box<str>, Vec<usize>> = FxHashMap::default();
        for (position, rule) in ast.rules.iter().enumerate() {
            let name = rule.name.as_ref().map_or(&*default, |name| &name.text);
            rules.entry(name.into()).or_default().push(position);
        }
        let calls =
            ast.calls.iter().enumerate().map(|(at, rule)| (rule.name.text.as_ref().into(), at)).collect();
        Self { name, ast, default, edition, types, rules, calls }
    }

    /// The rules with a name.
    pub(super) fn rules_of(&self, name: &str) -> impl Iterator<Item = &Rule> {
        self.rules.get(name).into_iter().flatten().filter_map(|position| self.ast.rules.get(*position))
    }

    /// The rule with parameters that a name calls: the last.
    pub(super) fn call_of(&self, name: &str) -> Option<&ParameterRule> {
        self.calls.get(name).and_then(|position| self.ast.calls.get(*position))
    }

    /// The query that blocks for a type stand for.
    pub(super) fn type_query(&self, name: &str) -> Option<&Query> {
        self.types.get(name)
    }

    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        self.ast.rules.is_empty() && self.ast.lets.is_empty() && self.ast.calls.is_empty()
    }

    /// A rule's name in reports.
    pub(super) fn rule_name<'w>(&'w self, rule: &'w Rule) -> &'w str {
        rule.name.as_ref().map_or(&self.default, |name| &name.text)
    }
}

/// Adds the queries that type blocks stand for: all resources of a type.
fn collect_types(lines: &Cnf, out: &mut FxHashMap<Box<str>, Query>) {
    for clause in lines.iter().flatten() {
        match clause {
            Clause::Type(block) => {
                out.entry(block.name.text.clone()).or_insert_with(|| resources(&block.name));
                collect_types(&block.body.lines, out);
            }
            Clause::When(when) => collect_types(&when.body.lines, out),
            Clause::Block(block) => collect_types(&block.body.lines, out),
            Clause::Access(_) | Clause::Call(_) | Clause::Reference(_) => {}
        }
    }
}

/// `Resources.*[ Type == 'name' ]`.
fn resources(name: &Name) -> Query {
    let range = name.range;
    let part = |kind| Part { kind, range };
    let test = Access {
        negated: false,
        query: Query { some: false, parts: [part(PartKind::Key("Type".into()))].into(), range },
        op: Op::Eq,
        op_negated: false,
        operand: Some(Operand::Literal(Literal::string(&name.text), range)),
        message: None,
        attributes: Box::default(),
        range,
    };
    let filter = PartKind::Filter(None, [[Clause::Access(Box::new(test))].into()].into());
    let parts = [PartKind::Key("Resources".into()), PartKind::AllValues(None), filter];
    Query { some: false, parts: parts.into_iter().map(part).collect(), range }
}

/// Why evaluation of a rule stopped.
#[derive(Clone, Debug)]
pub(super) enum Stop {
    /// A clause that has no answer.
    Undecidable(String),
    /// A rule that asks for something that does not exist.
    Abort(String),
}

impl Stop {
    /// A pattern that was given up.
    fn pattern(pattern: &Pattern, error: impl std::fmt::Display) -> Self {
        Self::Abort(format!("`/{}/` was given up: {error}", pattern.text()))
    }
}

/// In the peer's words.
impl std::fmt::Display for Stop {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Undecidable(message) => {
                write!(out, "Types or variable assignments are incompatible `{message}`")
            }
            Self::Abort(message) => out.write_str(message),
        }
    }
}

/// What was told.
#[derive(Debug)]
pub(super) struct Told<'w> {
    pub(super) status: Status,
    pub(super) event: Event<'w>,
    /// Things that a later release of the peer will answer otherwise.
    pub(super) notices: BTreeSet<String>,
    /// Rules that could not be evaluated, and why.
    pub(super) stopped: Vec<(&'w str, Stop)>,
}

/// Values that a rule file spells out, or that functions make.
#[derive(Debug, Default)]
pub(super) struct Pool(FrozenVec<Box<Arena<'static>>>);

impl Pool {
    fn keep(&self, arena: Arena<'static>) -> Val<'_> {
        self.0.push_get(Box::new(arena)).root()
    }
}

/// How much of what happened is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Every step.
    All,
    /// Each check that failed, and why something was skipped.
    Checks,
    /// What made a rule fail, and why something was skipped.
    Failures,
}

/// Calls, references and variables inside one another.
const DEPTH: u32 = 96;

/// Evaluates a rule file on a document; `name` is the document's.
pub(super) fn tell<'w>(
    file: &'w RuleFile,
    data: Val<'w>,
    name: &'w str,
    pool: &'w Pool,
    detail: Detail,
) -> Told<'w> {
    tell_each(file, data, name, pool, detail, &mut |_| {})
}

/// The same; shows to `each` what happened in a rule when it has ended, which may have it forgotten.
pub(super) fn tell_each<'w>(
    file: &'w RuleFile,
    data: Val<'w>,
    name: &'w str,
    pool: &'w Pool,
    detail: Detail,
    each: &mut dyn FnMut(&mut Event<'w>),
) -> Told<'w> {
    let teller = Teller {
        file,
        pool,
        detail,
        open: RefCell::default(),
        filters: Cell::new(0),
        literals: RefCell::default(),
        spellings: RefCell::default(),
        calls: Cell::default(),
        values: Cell::default(),
        answers: RefCell::default(),
        notices: RefCell::default(),
    };
    let root = Scope::root(&file.ast.lets, data);
    teller.start(Context::File(file.ast.rules.len()));
    let mut status = Status::Skip;
    let (mut stopped, mut shown) = (Vec::new(), 0);
    for rule in &file.ast.rules {
        let open = teller.open.borrow().len();
        let env = Env { scope: &root, root: data, role: Role::Assertion, depth: 0 };
        teller.calls.set(0);
        teller.values.set(0);
        let answer = teller.rule(rule, &env).unwrap_or_else(|stop| {
            teller.unwind(open, file.rule_name(rule));
            stopped.push((file.rule_name(rule), stop));
            Status::Fail
        });
        status = status.and(answer);
        let rules = teller.open.borrow_mut().first_mut().map(|event| std::mem::take(&mut event.inner));
        let mut rules = rules.unwrap_or_default();
        rules.iter_mut().skip(shown).for_each(&mut *each);
        shown = rules.len();
        if let Some(event) = teller.open.borrow_mut().first_mut() {
            event.inner = rules;
        }
    }
    teller.end(What::File { name, status });
    let event = teller.open.into_inner().pop();
    let nothing = || Event {
        context: Context::File(0),
        what: What::File { name, status },
        inner: Vec::new(),
        stirred: false,
    };
    let notices = teller.notices.into_inner();
    Told { status, event: event.unwrap_or_else(nothing), notices, stopped }
}

/// Evaluates; single-threaded, one for each rule file and document.
struct Teller<'w> {
    file: &'w RuleFile,
    pool: &'w Pool,
    detail: Detail,
    /// Steps that have not ended; at last, the one for the file, which has.
    open: RefCell<Vec<Event<'w>>>,
    /// How many filters are at work.
    filters: Cell<u32>,
    /// Literals of the rule file, by address.
    literals: RefCell<FxHashMap<usize, Val<'w>>>,
    /// Other spellings of keys.
    spellings: RefCell<FxHashMap<&'w str, std::sync::Arc<Spellings>>>,
    /// Calls of rules with parameters that the rule at hand has made.
    calls: Cell<u32>,
    /// Values that the queries of the rule at hand have led to.
    values: Cell<u64>,
    /// Answers of rules that were referred to.
    answers: RefCell<FxHashMap<(&'w str, Role), Status>>,
    notices: RefCell<BTreeSet<String>>,
}

impl<'w> Teller<'w> {
    fn start(&self, context: Context<'w>) {
        let what = What::Filter(Status::Skip);
        self.open.borrow_mut().push(Event { context, what, inner: Vec::new(), stirred: false });
    }

    fn end(&self, what: What<'w>) {
        let mut open = self.open.borrow_mut();
        let Some(mut event) = open.pop() else { return };
        event.what = what;
        let idle = match (self.detail, open.len()) {
            // The file.
            (_, 0) | (Detail::All, _) => false,
            (Detail::Checks, _) => match event.what {
                What::Filter(_) => event.keep_reason(),
                What::Check(ref check) => {
                    let passed = matches!(**check, Check::Success);
                    // A rule that was referred to is told of where it stands.
                    event.keep_reason();
                    passed
                }
                _ => false,
            },
            (Detail::Failures, depth) => {
                let dull = matches!(event.what, What::Filter(_)) || event.what.status() != Status::Fail;
                // A rule that was referred to is told of where it stands.
                let referred = matches!(event.what, What::Check(_));
                let nothing = (dull || referred) && event.keep_reason();
                // A rule of the file is always there, at least.
                dull && nothing && depth > 1
            }
        };
        match open.last_mut() {
            Some(outer) => {
                outer.stirred = true;
                if !idle {
                    outer.keep(event);
                }
            }
            None => open.push(event),
        }
    }

    /// Has it that steps were taken which no report shows.
    fn stir(&self) {
        if let Some(outer) = self.open.borrow_mut().last_mut() {
            outer.stirred = true;
        }
    }

    /// One answer, without parts.
    fn check(&self, context: Context<'w>, check: Check<'w>) {
        if let Some(outer) = self.open.borrow_mut().last_mut() {
            outer.stirred = true;
            let kept = match check {
                _ if self.detail == Detail::All => true,
                Check::Success => false,
                // Of what a filter found out, only reasons for skipping a rule are told.
                _ => self.filters.get() == 0 || check.reason().is_some(),
            };
            if kept {
                let what = What::Check(Box::new(check));
                outer.keep(Event { context, what, inner: Vec::new(), stirred: false });
            }
        }
    }

    /// Ends what a rule that stopped left open.
    fn unwind(&self, open: usize, name: &'w str) {
        while self.open.borrow().len() > open {
            let rule = self.open.borrow().len() == open + 1;
            self.end(if rule {
                What::Rule { name, status: Status::Fail, message: None }
            } else {
                What::Clause(Ended { status: Status::Fail, message: None, one: false })
            });
        }
    }

    /// A literal of the rule file.
    fn literal(&self, literal: &'w Literal) -> Val<'w> {
        let key = std::ptr::from_ref(literal).addr();
        if let Some(&known) = self.literals.borrow().get(&key) {
            return known;
        }
        let made = self.pool.keep(Arena::of_literal(literal));
        self.literals.borrow_mut().insert(key, made);
        made
    }

    fn spellings(&self, key: &'w str) -> std::sync::Arc<Spellings> {
        let mut known = self.spellings.borrow_mut();
        std::sync::Arc::clone(known.entry(key).or_insert_with(|| std::sync::Arc::new(casing::spellings(key))))
    }

    fn notice(&self, text: String) {
        self.notices.borrow_mut().insert(text);
    }
}
