//! Rules, bodies and clauses.

use crate::rules::ast::{Access, Block, Body, Clause, Cnf, Operand, PartKind, Rule, When};

use super::event::{Check, Context, Ended, Level, Operator, Status, What};
use super::found::Found;
use super::operators::{self, Answer, Outcome, Pair};
use super::scope::{Env, Scope};
use super::spell::{Clause as Spelled, Steps};
use super::{Edition, Stop, Teller};

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

pub(super) fn ended(status: Status, message: Option<String>) -> Ended {
    Ended { status, message: message.map(Into::into), one: false }
}

/// What a construct does with an error: fails, where it is an assertion and the error is a clause's own.
pub(super) fn or_fail(stop: Stop, env: &Env<'_, '_>, edition: Edition) -> Result<Status, Stop> {
    match (&stop, env.role, edition) {
        (Stop::Undecidable(_), Role::Assertion, Edition::Guard32) => Ok(Status::Fail),
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
                    return or_fail(stop, env, self.file.edition);
                }
            }
        }
        let answer = self.body(&rule.body, Level::Rule, env);
        done(*answer.as_ref().unwrap_or(&Status::Fail), None);
        answer
    }

    pub(super) fn conditions(&self, when: &'w Cnf, env: &Env<'_, 'w>) -> Result<Status, Stop> {
        self.lines(when, Level::Condition, &Env { role: Role::Gate, ..*env })
    }

    pub(super) fn body(&self, body: &'w Body, level: Level, env: &Env<'_, 'w>) -> Result<Status, Stop> {
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
                or_fail(stop, env, self.file.edition)
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
        let classic = self.file.edition == Edition::Guard31;
        // Guard 3.1 does not see `not` before a comparison.
        let op: Operator = (access.op, access.op_negated != (access.negated && !classic));
        if op == (crate::rules::ast::Op::In, true) && self.cannot_be_in(&left, right)? {
            self.notice(format!(
                "DEPRECATION: {} passed because the value could not be compared with any element of the list, which is \
                 currently read as \"not a member\". A future release fails closed here, as `!=` already does. Compare \
                 against values of the same kind, or use `!=` if that is the intent.",
                Spelled(access)
            ));
        }
        let strict = if env.role == Role::Assertion && !classic { Status::Fail } else { Status::Skip };
        let outcomes = match operators::compare(self.file.edition, op, &left, right)? {
            Answer::NoLeft => {
                let lone = matches!(
                    &*access.query.parts,
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
            let (good, bad) = self.outcome(access, op, outcome);
            passed += good;
            failed += bad;
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
                if super::compare::equal(self.file.edition, left, element)?.is_ok() {
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
                return or_fail(stop, env, self.file.edition);
            }
        }
        let answer = self.body(&when.body, Level::Body, env);
        let message = answer.as_ref().err();
        let message = message.map(|stop| format!("Error {stop} during type condition evaluation, bailing"));
        self.end(What::When(ended(*answer.as_ref().unwrap_or(&Status::Fail), message)));
        answer
    }
}
