//! Rules, bodies and clauses.

use std::rc::Rc;

use crate::rules::ast::{
    Access, Block, Body, Call, Clause, Cnf, Operand, ParameterRule, PartKind, Reference, Rule, TypeBlock,
    When,
};

use super::event::{Check, Context, Ended, Level, Operator, Status, What};
use super::found::Found;
use super::operators::{self, Answer, Outcome, Pair};
use super::scope::{Env, Scope};
use super::spell::{Clause as Spelled, Steps};
use super::{Stop, Teller};

/// Why a clause stands where it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Role {
    /// It must hold.
    Assertion,
    /// It decides whether something else must hold.
    Gate,
}

/// The statuses of a clause's values, or of the clause as a whole where there were none.
pub(super) enum Verdict {
    Whole(Status, Option<&'static str>),
    Each { passed: usize, failed: usize },
}

const NO_RIGHT: &str = "The comparison could not be performed: the reference on the right-hand side resolved to no values. \
    If an empty reference is expected here, guard the clause with `when <reference> !empty { ... }` so it is skipped rather \
    than failed.";
const NO_RIGHT_NEGATED: &str = "The negated comparison could not be performed: the reference on the right-hand side resolved \
    to no values. If an empty reference is expected here, guard the clause with `when <reference> !empty { ... }` so it is \
    skipped rather than failed.";
const NO_LEFT: &str = "The comparison could not be performed: the variable on the left-hand side resolved to no values, so \
    there was nothing to compare. If an empty selection is expected here, guard the clause with `when <variable> !empty \
    { ... }` so it is skipped rather than failed.";

fn ended(status: Status, message: Option<String>) -> Ended {
    Ended { status, message: message.map(Into::into), one: false }
}

/// What a construct does with an error: fails, where it is an assertion and the error is a clause's own.
fn or_fail(stop: Stop, role: Role) -> Result<Status, Stop> {
    match (&stop, role) {
        (Stop::Undecidable(_), Role::Assertion) => Ok(Status::Fail),
        _ => Err(stop),
    }
}

impl<'w> Teller<'w> {
    /// A rule of the file.
    pub(super) fn rule(&self, rule: &'w Rule, env: &Env<'_, 'w>) -> Result<Status, Stop> {
        let name = self.file.rule_name(rule);
        self.start(Context::Rule(name));
        let done = |status, message: Option<String>| {
            self.end(What::Rule { name, status, message: message.map(Into::into) });
        };
        if let Some(when) = &rule.when {
            self.start(Context::RuleWhen(name));
            match self.conditions(when, env) {
                Ok(status) => {
                    self.end(What::RuleWhen(status));
                    if status != Status::Pass {
                        done(Status::Skip, None);
                        return Ok(Status::Skip);
                    }
                }
                Err(stop) => {
                    self.end(What::RuleWhen(Status::Fail));
                    let message = matches!(stop, Stop::Undecidable(_)).then(|| {
                        format!(
                            "The rule's condition could not be evaluated, so the rule fails rather than being treated as not \
                             applicable: {stop}"
                        )
                    });
                    done(Status::Fail, message);
                    return or_fail(stop, env.role);
                }
            }
        }
        let answer = self.body(&rule.body, Level::Rule, env);
        done(*answer.as_ref().unwrap_or(&Status::Fail), None);
        answer
    }

    fn conditions(&self, when: &'w Cnf, env: &Env<'_, 'w>) -> Result<Status, Stop> {
        self.lines(when, Level::Condition, &Env { role: Role::Gate, ..*env })
    }

    fn body(&self, body: &'w Body, level: Level, env: &Env<'_, 'w>) -> Result<Status, Stop> {
        let scope = Scope::body(&body.lets, env);
        self.lines(&body.lines, level, &Env { scope: &scope, ..*env })
    }

    /// Every line must hold; of a line, one alternative.
    pub(super) fn lines(&self, lines: &'w Cnf, level: Level, env: &Env<'_, 'w>) -> Result<Status, Stop> {
        let (mut passed, mut failed) = (false, false);
        for line in lines {
            match self.line(line, level, env)? {
                Status::Pass => passed = true,
                Status::Fail => failed = true,
                Status::Skip => {}
            }
        }
        Ok(match (failed, passed) {
            (true, _) => Status::Fail,
            (false, true) => Status::Pass,
            (false, false) => Status::Skip,
        })
    }

    fn line(&self, line: &'w [Clause], level: Level, env: &Env<'_, 'w>) -> Result<Status, Stop> {
        let several = line.len() > 1;
        if several {
            self.start(Context::Alternatives(level));
        }
        let done = |status, message: Option<String>| {
            if several {
                self.end(What::Alternatives(Ended { one: true, ..ended(status, message) }));
            }
        };
        let mut status = Status::Skip;
        for clause in line {
            match self.clause(clause, env) {
                Ok(Status::Pass) => {
                    done(Status::Pass, None);
                    return Ok(Status::Pass);
                }
                Ok(Status::Fail) => status = Status::Fail,
                Ok(Status::Skip) => {}
                Err(stop) => {
                    done(Status::Fail, Some(format!("Disjunction failed due to error {stop}, bailing")));
                    return Err(stop);
                }
            }
        }
        done(status, None);
        Ok(status)
    }

    fn clause(&self, clause: &'w Clause, env: &Env<'_, 'w>) -> Result<Status, Stop> {
        match clause {
            Clause::Access(access) => self.access(access, env),
            Clause::Block(block) => self.block(block, env),
            Clause::When(when) => self.when(when, env),
            Clause::Type(block) => self.type_block(block, env),
            Clause::Call(call) => self.call(call, env),
            Clause::Reference(reference) => self.reference(reference, env),
        }
    }

    fn access(&self, access: &'w Access, env: &Env<'_, 'w>) -> Result<Status, Stop> {
        let one = access.query.some;
        self.start(Context::Clause(access));
        let done = |status, message: Option<String>| {
            self.end(What::Clause(Ended { one, ..ended(status, message) }));
        };
        let verdict = if access.op.is_unary() {
            self.unary(access, env)
        } else {
            let right = match self.right(access.operand.as_ref(), env) {
                Ok(right) => right,
                Err(stop) => {
                    done(Status::Fail, Some(format!("Error {stop} when handling clause, bailing")));
                    return Err(stop);
                }
            };
            self.binary(access, &right, env)
        };
        match verdict {
            Ok(Verdict::Whole(status, message)) => {
                done(status, message.map(str::to_owned));
                Ok(status)
            }
            Ok(Verdict::Each { passed, failed }) => {
                if passed + failed == 0 && !one {
                    self.notice(format!(
                        "DEPRECATION: GuardAccessClause#block{} passed without comparing anything, because the query \
                         selected an empty collection. From the next release this reports a failure, matching a missing \
                         key and an empty map. Guard the clause with `when <query> !empty {{ ... }}` if an empty \
                         collection is expected.",
                        Spelled(access)
                    ));
                }
                let holds = if one { passed > 0 } else { failed == 0 };
                let status = if holds { Status::Pass } else { Status::Fail };
                done(status, None);
                Ok(status)
            }
            Err(stop) => {
                done(Status::Fail, Some(format!("Error {stop} when handling clause, bailing")));
                or_fail(stop, env.role)
            }
        }
    }

    /// The results of a right side.
    pub(super) fn right(
        &self,
        operand: Option<&'w Operand>,
        env: &Env<'_, 'w>,
    ) -> Result<Vec<Found<'w>>, Stop> {
        match operand {
            Some(Operand::Literal(literal, _)) => Ok(vec![Found::Literal(self.literal(literal))]),
            Some(Operand::Query(query)) => self.query(query, env),
            Some(Operand::Function(function)) => self.function(function, env),
            None => Ok(Vec::new()),
        }
    }

    fn binary(&self, access: &'w Access, right: &[Found<'w>], env: &Env<'_, 'w>) -> Result<Verdict, Stop> {
        let left = self.query(&access.query, env)?;
        let op: Operator = (access.op, access.op_negated != access.negated);
        if op == (crate::rules::ast::Op::In, true) && self.cannot_be_in(&left, right)? {
            self.notice(format!(
                "DEPRECATION: {} passed because the value could not be compared with any element of the list, which is \
                 currently read as \"not a member\". A future release fails closed here, as `!=` already does. Compare \
                 against values of the same kind, or use `!=` if that is the intent.",
                Spelled(access)
            ));
        }
        let strict = if env.role == Role::Assertion { Status::Fail } else { Status::Skip };
        let outcomes = match operators::compare(op, &left, right)? {
            Answer::NoLeft => {
                let lone = matches!(
                    access.query.parts.as_slice(),
                    [crate::rules::ast::Part { kind: PartKind::Variable(_), .. }]
                );
                return Ok(if lone {
                    Verdict::Whole(strict, Some(NO_LEFT))
                } else {
                    Verdict::Whole(Status::Skip, None)
                });
            }
            Answer::NoRight => {
                return Ok(Verdict::Whole(strict, Some(if op.1 { NO_RIGHT_NEGATED } else { NO_RIGHT })));
            }
            Answer::Each(outcomes) => outcomes,
        };
        let (mut passed, mut failed) = (0, 0);
        for outcome in outcomes {
            let (passes, fails) = self.outcome(access, op, outcome);
            passed += passes;
            failed += fails;
        }
        Ok(Verdict::Each { passed, failed })
    }

    /// Records an outcome; says how many values passed and failed.
    fn outcome(&self, access: &'w Access, op: Operator, outcome: Outcome<'w>) -> (usize, usize) {
        let custom = access.message.as_ref().map(|message| &*message.text);
        let context = Context::Value(access);
        let binary = |from, to, message: Option<String>| {
            let message = message.map(Into::into);
            self.check(context, Check::Binary { op, from, to, message, custom });
            (0, 1)
        };
        let within = |from, to| self.check(context, Check::In { op, from: Found::Value(from), to, custom });
        match outcome {
            Outcome::Left(missing) => binary(Found::Missing(missing), None, None),
            Outcome::Right(missing, left) => binary(Found::Value(left), Some(Found::Missing(missing)), None),
            Outcome::Clash(clash, left, right) => {
                let reason = clash.reason(left, right);
                binary(Found::Value(left), Some(Found::Value(right)), Some(reason))
            }
            Outcome::Pass(pair) => {
                let values = if let Pair::Pools(_, left, _) = pair { left.len() } else { 1 };
                for _ in 0..values {
                    self.check(context, Check::Success);
                }
                (values, 0)
            }
            Outcome::Fail(Pair::Values(left, right)) => {
                binary(Found::Value(left), Some(Found::Value(right)), None)
            }
            Outcome::Fail(Pair::Member(left, right) | Pair::Elements(_, left, right)) => {
                within(left, [Found::Value(right)].into());
                (0, 1)
            }
            Outcome::Fail(Pair::Pools(lacking, _, right)) => {
                let to = operators::found(&right);
                for left in &lacking {
                    within(*left, std::sync::Arc::clone(&to));
                }
                (0, lacking.len())
            }
        }
    }

    /// Whether no left value can be compared with any element on the right.
    #[expect(clippy::unused_self, reason = "it belongs to the clauses")]
    fn cannot_be_in(&self, left: &[Found<'w>], right: &[Found<'w>]) -> Result<bool, Stop> {
        let mut elements = Vec::new();
        for value in right.iter().filter_map(Found::value) {
            match value.list() {
                Some(list) => elements.extend(list),
                None => elements.push(value),
            }
        }
        let mut some = false;
        for left in left.iter().filter_map(Found::value) {
            for &element in &elements {
                some = true;
                if super::compare::equal(left, element)?.is_ok() {
                    return Ok(false);
                }
            }
        }
        Ok(some)
    }

    fn block(&self, block: &'w Block, env: &Env<'_, 'w>) -> Result<Status, Stop> {
        let one = block.query.some;
        self.start(Context::Block(block, self.file));
        let done = |status, message: Option<String>| {
            self.end(What::Block(Ended { one, ..ended(status, message) }));
        };
        let values = match self.query(&block.query, env) {
            Ok(values) => values,
            Err(stop) => {
                done(Status::Fail, None);
                return Err(stop);
            }
        };
        let (mut passed, mut failed) = (false, false);
        for found in &values {
            match found {
                Found::Missing(missing) => {
                    failed = true;
                    let message = format!(
                        "Query {} did not resolve to correct value, reason {}",
                        Steps(&block.query.parts),
                        missing.reason()
                    );
                    let check = Check::Missing { from: found.clone(), message: message.into() };
                    self.check(Context::BlockValue(block, self.file), check);
                }
                Found::Value(value) | Found::Literal(value) => {
                    match self.body(&block.body, Level::Body, &env.at(*value)) {
                        Ok(Status::Pass) => passed = true,
                        Ok(Status::Fail) => failed = true,
                        Ok(Status::Skip) => {}
                        Err(stop) => {
                            done(
                                Status::Fail,
                                Some(format!("Error {stop} when handling block clause, bailing")),
                            );
                            return Err(stop);
                        }
                    }
                }
            }
        }
        let status = match (passed, failed) {
            (false, false) if values.is_empty() && block.not_empty => Status::Fail,
            (false, false) => Status::Skip,
            (true, true) if one => Status::Pass,
            (_, true) => Status::Fail,
            (true, false) => Status::Pass,
        };
        done(status, None);
        Ok(status)
    }

    fn when(&self, when: &'w When, env: &Env<'_, 'w>) -> Result<Status, Stop> {
        self.start(Context::When(when.in_rule));
        self.start(Context::WhenConditions(when.in_rule));
        let answer = self.conditions(&when.conditions, env);
        self.end(What::WhenConditions(*answer.as_ref().unwrap_or(&Status::Fail)));
        match answer {
            Ok(Status::Pass) => {}
            Ok(_) => {
                self.end(What::When(ended(Status::Skip, None)));
                return Ok(Status::Skip);
            }
            Err(stop) => {
                let message = if matches!(stop, Stop::Undecidable(_)) {
                    format!(
                        "The condition could not be evaluated, so the block it guards is not checked: {stop}"
                    )
                } else {
                    format!("Error {stop} during type condition evaluation, bailing")
                };
                self.end(What::When(ended(Status::Fail, Some(message))));
                return or_fail(stop, env.role);
            }
        }
        let answer = self.body(&when.body, Level::Body, env);
        let message = answer.as_ref().err();
        let message = message.map(|stop| format!("Error {stop} during type condition evaluation, bailing"));
        self.end(What::When(ended(*answer.as_ref().unwrap_or(&Status::Fail), message)));
        answer
    }

    fn reference(&self, reference: &'w Reference, env: &Env<'_, 'w>) -> Result<Status, Stop> {
        let rule = &*reference.name.text;
        let custom = reference.message.as_ref().map(|message| &*message.text);
        let context = Context::Reference(reference, self.file);
        self.start(context);
        let answer = self.answer(rule, env);
        let status = match &answer {
            Ok(status) => referred(*status, reference.negated, env.role),
            Err(_) => Status::Fail,
        };
        let message =
            answer.as_ref().err().map(|stop| format!("{context} failed due to error {stop}").into());
        self.end(match status {
            Status::Pass => What::Check(Check::Success),
            Status::Fail => What::Check(Check::Reference { rule, message, custom }),
            Status::Skip => What::Clause(ended(
                Status::Skip,
                Some(format!(
                    "the rule did not apply because a condition referenced rule [{rule}], which did not apply to this input"
                )),
            )),
        });
        answer.map(|_| status)
    }

    /// The answer of the rules with a name: the first that was not skipped.
    fn answer(&self, name: &'w str, env: &Env<'_, 'w>) -> Result<Status, Stop> {
        if let Some(&known) = self.answers.borrow().get(&(name, env.role)) {
            return Ok(known);
        }
        let mut named =
            self.file.ast.rules.iter().filter(|rule| self.file.rule_name(rule) == name).peekable();
        if named.peek().is_none() {
            let mut names: Vec<&str> =
                self.file.ast.rules.iter().map(|rule| self.file.rule_name(rule)).collect();
            names.dedup();
            return Err(Stop::Abort(format!(
                "There was no variable or value object to resolve. Error = `Rule {name} by that name does not exist, Rule \
                 Names = {names:?}`"
            )));
        }
        let env = file_env(env)?;
        let mut status = Status::Skip;
        for rule in named {
            status = self.rule(rule, &env)?;
            if status != Status::Skip {
                break;
            }
        }
        self.answers.borrow_mut().insert((name, env.role), status);
        Ok(status)
    }

    fn call(&self, call: &'w Call, env: &Env<'_, 'w>) -> Result<Status, Stop> {
        let name = &*call.name.text;
        let Some(rule) = self.file.ast.calls.iter().rev().find(|rule| &*rule.name.text == name) else {
            let names: Vec<&str> = self.file.ast.calls.iter().map(|rule| &*rule.name.text).collect();
            return Err(Stop::Abort(format!(
                "There was no variable or value object to resolve. Error = `Parameterized Rule with name {name} was not \
                 found, candidate {names:?}`"
            )));
        };
        if rule.parameters.len() != call.arguments.len() {
            return Err(Stop::Undecidable(format!(
                "Arity mismatch for called parameter rule {name}, expected {}, got {}",
                rule.parameters.len(),
                call.arguments.len()
            )));
        }
        let mut parameters: Vec<(&'w str, Rc<[Found<'w>]>)> = Vec::with_capacity(call.arguments.len());
        for (parameter, argument) in rule.parameters.iter().zip(&call.arguments) {
            let found: Rc<[Found<'w>]> = match argument {
                Operand::Literal(literal, _) => Rc::new([Found::Value(self.literal(literal))]),
                other => self.right(Some(other), env)?.into(),
            };
            parameters.push((&parameter.text, found));
        }
        let scope = Scope::Call { parameters, outer: env.scope };
        let status = self.called(rule, call, &Env { scope: &scope, ..env.deeper()? })?;
        Ok(referred(status, call.negated, env.role))
    }

    fn called(&self, rule: &'w ParameterRule, call: &'w Call, env: &Env<'_, 'w>) -> Result<Status, Stop> {
        let name = &*rule.name.text;
        self.start(Context::Rule(name));
        let answer = self.body(&rule.body, Level::Rule, env);
        let status = *answer.as_ref().unwrap_or(&Status::Fail);
        let message = call.message.as_ref().map(|message| message.text.clone());
        self.end(What::Rule { name, status, message });
        answer
    }

    fn type_block(&self, block: &'w TypeBlock, env: &Env<'_, 'w>) -> Result<Status, Stop> {
        let name = &*block.name.text;
        self.start(Context::Type(block));
        let done =
            |status, message: Option<String>| self.end(What::Type { name, ended: ended(status, message) });
        let values = match self.file.type_query(name).map(|query| self.query(query, env)) {
            Some(Ok(values)) => values,
            Some(Err(stop)) => {
                done(Status::Fail, None);
                return Err(stop);
            }
            None => Vec::new(),
        };
        if values.is_empty() {
            let message = format!("no {name} in the input, so the type block had nothing to check");
            done(Status::Skip, Some(message));
            return Ok(Status::Skip);
        }
        let mut count = TypeCount::default();
        for (index, found) in values.iter().enumerate() {
            self.start(Context::TypeValue(block, index));
            let Some(value) = found.value() else {
                if let Found::Missing(missing) = found {
                    count.unresolved.get_or_insert_with(|| missing.reason());
                }
                self.end(What::TypeValue(Status::Skip));
                continue;
            };
            count.selected += 1;
            if let Err((stop, message)) = self.type_value(block, index, &env.at(value), &mut count) {
                self.end(What::TypeValue(Status::Fail));
                done(Status::Fail, message);
                return Err(stop);
            }
        }
        let status = match count {
            TypeCount { failed: true, .. } => Status::Fail,
            TypeCount { passed: true, .. } => Status::Pass,
            _ => Status::Skip,
        };
        done(status, (status == Status::Skip).then(|| count.why_skipped(name, block.when.is_some())));
        Ok(status)
    }

    /// One resource; ends its step unless there is an error.
    fn type_value(
        &self,
        block: &'w TypeBlock,
        index: usize,
        env: &Env<'_, 'w>,
        count: &mut TypeCount,
    ) -> Result<(), (Stop, Option<String>)> {
        if let Some(when) = &block.when {
            self.start(Context::TypeWhen(block, index));
            let answer = self.conditions(when, env);
            self.end(What::TypeWhen(*answer.as_ref().unwrap_or(&Status::Fail)));
            match answer {
                Ok(Status::Pass) => {}
                Ok(_) => {
                    count.exempted += 1;
                    self.end(What::TypeValue(Status::Skip));
                    return Ok(());
                }
                Err(Stop::Undecidable(_)) if env.role == Role::Assertion => {
                    count.failed = true;
                    self.end(What::TypeValue(Status::Fail));
                    return Ok(());
                }
                Err(stop @ Stop::Undecidable(_)) => return Err((stop, None)),
                Err(stop) => {
                    let message = format!("Error {stop} during type condition evaluation, bailing");
                    return Err((stop, Some(message)));
                }
            }
        }
        match self.body(&block.body, Level::Body, env) {
            Ok(status) => {
                count.passed |= status == Status::Pass;
                count.failed |= status == Status::Fail;
                self.end(What::TypeValue(status));
                Ok(())
            }
            Err(stop) => {
                let message = format!("Error {stop} during type block evaluation, bailing");
                Err((stop, Some(message)))
            }
        }
    }
}

/// What became of the resources of a type block.
#[derive(Default)]
struct TypeCount {
    selected: usize,
    exempted: usize,
    passed: bool,
    failed: bool,
    unresolved: Option<String>,
}

impl TypeCount {
    fn why_skipped(&self, name: &str, has_when: bool) -> String {
        if self.selected == 0 {
            return match &self.unresolved {
                Some(reason) => format!("no {name} could be selected from the input: {reason}"),
                None => format!(
                    "no {name} could be selected from the input, so the type block had nothing to check"
                ),
            };
        }
        if self.exempted == self.selected {
            return format!(
                "every {name} in the input was exempted by the type block's `when` condition, so none was checked"
            );
        }
        if has_when {
            return format!(
                "no {name} in the input was checked: every one was either exempted by the type block's `when` condition or \
                 had no clause that applied to it"
            );
        }
        format!("no {name} in the input was checked: no clause in the type block applied to any of them")
    }
}

/// What a reference makes of the answer of the rule that it names.
fn referred(status: Status, negated: bool, role: Role) -> Status {
    match (status, negated, role) {
        (Status::Skip, _, Role::Assertion) => Status::Fail,
        (Status::Skip, false, Role::Gate) => Status::Skip,
        (Status::Pass, false, _) | (Status::Fail | Status::Skip, true, _) => Status::Pass,
        (Status::Pass, true, _) | (Status::Fail, false, _) => Status::Fail,
    }
}

/// Where a rule that is referred to is evaluated: at the root of the document, with the file's variables.
fn file_env<'e, 'w>(env: &Env<'e, 'w>) -> Result<Env<'e, 'w>, Stop> {
    let env = env.deeper()?;
    Ok(env.of_file())
}
