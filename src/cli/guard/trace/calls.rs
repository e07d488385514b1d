//! References to rules, and calls of rules with parameters.

use std::sync::Arc;

use crate::rules::ast::{Call, Operand, ParameterRule, Reference};
use crate::rules::limits;

use super::clauses::{Role, ended};
use super::event::{Check, Context, Level, Status, What};
use super::found::Found;
use super::scope::{Env, Scope};
use super::{Edition, Stop, Teller};

impl<'w> Teller<'w> {
    pub(super) fn reference(&self, reference: &'w Reference, env: &Env<'_, 'w>) -> Result<Status, Stop> {
        let rule = &*reference.name.text;
        let custom = reference.message.as_ref().map(|message| &*message.text);
        let context = Context::Reference(reference, self.file);
        self.start(context);
        let answer = self.answer(rule, env);
        let status = match &answer {
            Ok(status) => self.referred(*status, reference.negated, env.role),
            Err(_) => Status::Fail,
        };
        let message =
            answer.as_ref().err().map(|stop| format!("{context} failed due to error {stop}").into());
        self.end(match status {
            Status::Pass => What::Check(Box::new(Check::Success)),
            Status::Fail => What::Check(Box::new(Check::Reference { rule, message, custom })),
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
        let mut candidates = self.file.rules_of(name).peekable();
        if candidates.peek().is_none() {
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
        for rule in candidates {
            status = self.rule(rule, &env)?;
            if status != Status::Skip {
                break;
            }
        }
        self.answers.borrow_mut().insert((name, env.role), status);
        Ok(status)
    }

    /// What a reference makes of the answer of the rule that it names.
    fn referred(&self, status: Status, negated: bool, role: Role) -> Status {
        // In Guard 3.1 what does not pass fails, wherever it is asked.
        if self.file.edition == Edition::Guard31 {
            return if (status == Status::Pass) == negated { Status::Fail } else { Status::Pass };
        }
        match (status, negated, role) {
            (Status::Skip, false, Role::Gate) => Status::Skip,
            (Status::Pass, false, _) | (Status::Fail, true, _) | (Status::Skip, true, Role::Gate) => {
                Status::Pass
            }
            (Status::Skip, _, Role::Assertion) | (Status::Pass, true, _) | (Status::Fail, false, _) => {
                Status::Fail
            }
        }
    }

    pub(super) fn call(&self, call: &'w Call, env: &Env<'_, 'w>) -> Result<Status, Stop> {
        let name = &*call.name.text;
        let Some(rule) = self.file.call_of(name) else {
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
        limits::call(self.calls.get()).map_err(Stop::Abort)?;
        self.calls.set(self.calls.get() + 1);
        let mut parameters: Vec<(&'w str, Arc<[Found<'w>]>)> = Vec::with_capacity(call.arguments.len());
        for (parameter, argument) in rule.parameters.iter().zip(&call.arguments) {
            let found: Arc<[Found<'w>]> = match argument {
                Operand::Literal(literal, _) => Arc::new([Found::Value(self.literal(literal))]),
                other => self.right(Some(other), env)?.into(),
            };
            parameters.push((&parameter.text, found));
        }
        let scope = Scope::Call { parameters, outer: env.scope };
        let status = self.called(rule, call, &Env { scope: &scope, ..env.deeper()? })?;
        // Guard 3.1 does not see `not` before a call, and a body that does not apply is skipped.
        Ok(match self.file.edition {
            Edition::Guard31 => status,
            Edition::Guard32 => self.referred(status, call.negated, env.role),
        })
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
}

/// Where a rule that is referred to is evaluated: at the root of the document, with the file's variables.
fn file_env<'e, 'w>(env: &Env<'e, 'w>) -> Result<Env<'e, 'w>, Stop> {
    let env = env.deeper()?;
    Ok(env.of_file())
}
