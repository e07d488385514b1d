//! Variables, functions, and rules that ask other rules.

use std::sync::Arc;

use crate::document::Condition;
use crate::facts::schema;

use crate::rules::functions::{self, Argument, Failure, FunctionName};
use crate::rules::limits;
use crate::rules::literal::Literal;
use crate::rules::program::{Binding, Call, CallRule, Function, NameId, Reference};

use super::found::{Found, What};
use super::record::{Frame, LeafClause, Log, To};
use super::run::{Results, Run, Stop, only_values};
use super::scope::{Env, LetScope, Parameter, Role, Scope, Slot};
use super::value::{Shape, Value};
use super::worlds::Outcome;

impl<'r> Run<'r> {
    /// The results of a variable that is looked up when it is needed.
    pub(super) fn named(&self, scope: &Scope<'_>, name: NameId) -> Results {
        let mut at = scope;
        loop {
            match at {
                Scope::Call { parameters, outer } => {
                    if let Some((_, found)) = parameters.iter().find(|(known, _)| *known == name) {
                        return Ok(Arc::clone(found));
                    }
                    at = outer;
                }
                Scope::Lets(lets) => {
                    if let Some(found) = self.in_scope(at, lets, name) {
                        return found;
                    }
                    match lets.outer {
                        Some(outer) => at = outer,
                        None => break,
                    }
                }
            }
        }
        if let Some(found) = self.imported_variable(name) {
            return found;
        }
        let text = self.program.names.text(name);
        match schema::variable(text) {
            Some(kind) if self.input.facts.is_some() => self.facts(kind),
            _ => Err(Stop::abort(match text.strip_suffix("()") {
                Some(function) => format!("there is no function `{function}`"),
                None => format!("there is no variable `%{text}`"),
            })),
        }
    }

    /// A variable of an imported file, in the scope of that file.
    fn imported_variable(&self, name: NameId) -> Option<Results> {
        let context = self.root_context();
        self.imports().skip(1).find_map(|file| {
            let scope = Scope::Lets(LetScope::file(&file.lets, &context));
            let Scope::Lets(lets) = &scope else { return None };
            self.in_scope(&scope, lets, name)
        })
    }

    fn in_scope(&self, scope: &Scope<'_>, lets: &LetScope<'_>, name: NameId) -> Option<Results> {
        let position = lets.lets.0.iter().position(|(known, _)| *known == name);
        let binding = position.and_then(|position| lets.lets.0.get(position)).map(|(_, binding)| binding);
        if let Some(Binding::Literal(literal)) = binding {
            return Some(Ok([Found::always(What::Literal(Value::Literal(literal.clone())))].into()));
        }
        if lets.outer.is_none()
            && let Some(found) = lets.captured.borrow().get(&name)
        {
            return Some(Ok(found.clone().into()));
        }
        let (position, binding) = (position?, binding?);
        let slot = lets.values.borrow().get(position).cloned().unwrap_or_default();
        match slot {
            Slot::Done(found) => return Some(Ok(found)),
            Slot::Working => {
                let text = self.program.names.text(name);
                return Some(Err(Stop::abort(format!("the variable `%{text}` leads back to itself"))));
            }
            Slot::Waiting => {}
        }
        let set = |slot: Slot| {
            if let Some(place) = lets.values.borrow_mut().get_mut(position) {
                *place = slot;
            }
        };
        set(Slot::Working);
        let found = match lets.outer {
            Some(_) => self.bound(scope, lets, binding),
            None => self.for_all(|| self.bound(scope, lets, binding)),
        };
        set(Slot::Waiting);
        if let Ok(found) = &found {
            if lets.outer.is_none() && self.file.captured.contains(&name) {
                lets.captured.borrow_mut().insert(name, found.to_vec());
            } else {
                set(Slot::Done(Arc::clone(found)));
            }
        }
        Some(found)
    }

    /// A variable's value, in the scope that gives it.
    fn bound(&self, scope: &Scope<'_>, lets: &LetScope<'_>, binding: &Binding) -> Results {
        let env = Env {
            scope,
            context: lets.context,
            role: Role::Gate,
            domain: lets.domain,
            record: false,
            depth: lets.depth,
        };
        match binding {
            Binding::Literal(literal) => {
                Ok([Found::always(What::Literal(Value::Literal(literal.clone())))].into())
            }
            Binding::Function(function) => Ok(self.function(&env, function)?.into()),
            Binding::Query(id) => {
                let found = self.query(&env, *id)?;
                let some = self.program.query(*id).is_some_and(|query| query.some);
                Ok(match found {
                    found if some => only_values(&found),
                    super::query::Results::Kept(found) => found,
                    super::query::Results::Made(found) => found.into(),
                    super::query::Results::One(found) => [found].into(),
                })
            }
        }
    }

    /// Adds a key to what a name stands for in the file.
    pub(super) fn capture(scope: &Scope<'_>, name: NameId, key: &str) {
        if let Scope::Lets(file) = scope.root() {
            let found = Found::always(What::Value(Value::Literal(Literal::string(key))));
            file.captured.borrow_mut().entry(name).or_default().push(found);
        }
    }

    /// The results of a function.
    pub(super) fn function(&self, env: &Env<'_>, function: &Function) -> Result<Vec<Found>, Stop> {
        if let FunctionName::Entity(which) = function.name {
            return self.asked(env, which, &function.arguments);
        }
        let mut arguments = Vec::with_capacity(function.arguments.len());
        for argument in &function.arguments {
            arguments.push(self.argument(env, argument)?);
        }
        let first = arguments.first().map_or(&[][..], |found| found);
        let name = function.name;
        let rest = [arguments.get(1), arguments.get(2)];
        match name {
            FunctionName::Now => {
                let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
                let seconds = now.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
                Ok(vec![Found::always(What::Value(Value::Made(Literal::Int(seconds), None)))])
            }
            FunctionName::Count => Ok(vec![count(first)]),
            FunctionName::Join => {
                let separator = match self.one(rest.first().copied().flatten(), name)? {
                    Literal::Char(character) => Literal::string(&character.to_string()),
                    other => other,
                };
                let Some(separator) = separator.as_str() else {
                    return Err(Stop::abort("the second argument of `join` must be a string"));
                };
                self.join(first, separator).map(|found| vec![found])
            }
            FunctionName::Substring => {
                let from = self.one(rest.first().copied().flatten(), name)?;
                let to = self.one(rest.last().copied().flatten(), name)?;
                let from = functions::offset(literal_argument(&from), "second").map_err(stop)?;
                let to = functions::offset(literal_argument(&to), "third").map_err(stop)?;
                self.each(first, &|argument| match argument {
                    Argument::String(text) => Ok(functions::substring(text, from, to)),
                    _ => Ok(None),
                })
            }
            FunctionName::RegexReplace => {
                let pattern = self.one(rest.first().copied().flatten(), name)?;
                let replacement = self.one(rest.last().copied().flatten(), name)?;
                let (Some(pattern), Some(replacement)) = (pattern.as_str(), replacement.as_str()) else {
                    return Err(Stop::abort(
                        "the pattern and the replacement of `regex_replace` must be strings",
                    ));
                };
                self.each(first, &|argument| match argument {
                    Argument::String(text) => functions::regex_replace(text, pattern, replacement),
                    _ => Ok(None),
                })
            }
            _ => self.each(first, &|argument| functions::convert(name, argument)),
        }
    }

    pub(super) fn argument(
        &self,
        env: &Env<'_>,
        operand: &crate::rules::program::Operand,
    ) -> Result<Vec<Found>, Stop> {
        use crate::rules::program::Operand;
        Ok(match operand {
            Operand::Literal(literal) => {
                vec![Found::always(What::Literal(Value::Literal(literal.clone())))]
            }
            Operand::Query(query) => self.query(env, *query)?.to_vec(),
            Operand::Function(function) => self.function(env, function)?,
        })
    }

    /// A function on every result.
    fn each(
        &self,
        results: &[Found],
        function: &dyn Fn(Argument<'_>) -> Result<Option<Literal>, Failure>,
    ) -> Result<Vec<Found>, Stop> {
        let mut out = Vec::with_capacity(results.len());
        for found in results {
            let Some(value) = found.value() else { continue };
            let made = match self.view.shape(value) {
                Shape::Unknown | Shape::Text(_) => value.node().map(Value::Open),
                shape => {
                    let made = function(argument(&shape)).map_err(|failure| match failure {
                        Failure::Value(why) => Stop::undecidable(why, value),
                        failure @ Failure::Call(_) => stop(failure),
                    })?;
                    made.map(|literal| Value::Made(literal, value.node()))
                }
            };
            out.extend(made.map(|value| Found { what: What::Value(value), ..found.clone() }));
        }
        Ok(out)
    }

    /// The first result of an argument, as a scalar.
    fn one(&self, results: Option<&Vec<Found>>, function: FunctionName) -> Result<Literal, Stop> {
        let value = results.and_then(|results| results.first()).and_then(Found::value);
        let Some(value) = value else {
            return Err(Stop::abort(format!("an argument of `{}` stands for nothing", function.name())));
        };
        Ok(match self.view.shape(value) {
            Shape::String(text) => Literal::string(text),
            Shape::Int(value) => Literal::Int(value),
            Shape::Float(value) => Literal::Float(value),
            Shape::Char(value) => Literal::Char(value),
            _ => Literal::Null,
        })
    }

    fn join(&self, results: &[Found], separator: &str) -> Result<Found, Stop> {
        let mut out = String::new();
        for (position, found) in results.iter().enumerate() {
            let text = match found.value().map(|value| (value, self.view.shape(value))) {
                Some((_, Shape::String(text))) => text,
                Some((value, Shape::Text(_) | Shape::Unknown)) => {
                    let open = value.node().map_or_else(|| value.clone(), Value::Open);
                    return Ok(Found { what: What::Value(open), ..found.clone() });
                }
                _ => return Err(Stop::undecidable("only strings can be joined", found.place())),
            };
            limits::text(out.len() + separator.len() + text.len()).map_err(Stop::abort)?;
            if position > 0 {
                out.push_str(separator);
            }
            out.push_str(text);
        }
        let from = results.first().and_then(Found::value).and_then(Value::node);
        let literal = Literal::string(&out);
        Ok(Found::always(What::Value(Value::Made(literal, from))))
    }

    /// `rule_name`, as a clause.
    pub(super) fn reference(
        &self,
        env: &Env<'_>,
        reference: &'r Reference,
        log: &mut Log<'r>,
    ) -> Result<Outcome, Stop> {
        let target = self.rule_outcome(env, reference.name)?.within(env.domain, self.worlds);
        let outcome = self.referred(env, target, reference.negated);
        if !outcome.is_fine() {
            log.leaf(env, Self::leaf(env, LeafClause::Reference(reference), None, To::Nothing, outcome));
        }
        Ok(outcome)
    }

    /// What the outcome of a rule means for the clause that refers to it.
    fn referred(&self, env: &Env<'_>, target: Outcome, negated: bool) -> Outcome {
        let worlds = self.worlds;
        let decided = worlds.or(worlds.or(target.pass, target.fail), target.unknown);
        let skipped = worlds.and_not(env.domain, decided);
        let mut out = if negated {
            Outcome { pass: target.fail, fail: target.pass, unknown: target.unknown }
        } else {
            target
        };
        // Guard 3.1: what does not pass fails.
        let role = if self.program.classic { None } else { Some(env.role) };
        match (role, negated) {
            (None, false) | (Some(Role::Assertion), _) => out.fail = worlds.or(out.fail, skipped),
            (None | Some(Role::Gate), true) => out.pass = worlds.or(out.pass, skipped),
            (Some(Role::Gate), false) => {}
        }
        out
    }

    /// The outcome of the rules with a name, on the document.
    fn rule_outcome(&self, env: &Env<'_>, name: NameId) -> Result<Outcome, Stop> {
        let text = self.program.names.text(name);
        let key = (name, env.role);
        let known = self.statuses.borrow().get(&key).copied();
        match known {
            Some(Some(outcome)) => return Ok(outcome),
            Some(None) => return Err(Stop::abort(format!("the rule `{text}` leads back to itself"))),
            None => {}
        }
        let Some(rules) = self.imports().find_map(|file| file.by_name.get(&name)) else {
            return Err(Stop::abort(format!("there is no rule `{text}`")));
        };
        self.statuses.borrow_mut().insert(key, None);
        let outcome = self.for_all(|| self.first_that_applies(env, rules));
        match &outcome {
            Ok(outcome) => self.statuses.borrow_mut().insert(key, Some(*outcome)),
            Err(_) => self.statuses.borrow_mut().remove(&key),
        };
        outcome
    }

    fn first_that_applies(&self, env: &Env<'_>, rules: &[crate::rules::RuleId]) -> Result<Outcome, Stop> {
        let scope = env.scope.root();
        let Scope::Lets(file) = scope else { return Ok(Outcome::SKIP) };
        let deeper = Self::deeper(env, "a rule")?;
        let worlds = self.worlds;
        let mut total = Outcome::SKIP;
        let mut open = Condition::ALWAYS;
        for rule in rules.iter().filter_map(|id| self.program.rule(*id)) {
            let inner = Env { scope, context: file.context, domain: open, record: false, ..deeper };
            let outcome = self.rule(&inner, rule, &mut Log::default())?;
            total = Outcome {
                pass: worlds.or(total.pass, outcome.pass),
                fail: worlds.or(total.fail, outcome.fail),
                unknown: worlds.or(total.unknown, outcome.unknown),
            };
            let decided = worlds.or(worlds.or(outcome.pass, outcome.fail), outcome.unknown);
            open = worlds.and_not(open, decided);
            if open.is_never() {
                break;
            }
        }
        Ok(total)
    }

    /// `rule_name(argument, …)`: the body runs where the caller stands.
    pub(super) fn call(&self, env: &Env<'_>, call: &'r Call, log: &mut Log<'r>) -> Result<Outcome, Stop> {
        let text = self.program.names.text(call.name);
        if let Some(function) = call.function.filter(|_| self.input.facts.is_some()) {
            return self.predicate(env, call, function, log);
        }
        let Some(rule) = self.imports().find_map(|file| file.calls.get(&call.name)) else {
            return Err(Stop::abort(format!("there is no rule `{text}` with parameters")));
        };
        limits::call(self.calls.get()).map_err(Stop::abort)?;
        self.calls.set(self.calls.get() + 1);
        let parameters = self.parameters(env, call, rule)?;
        let scope = Scope::Call { parameters, outer: env.scope };
        let deeper = Self::deeper(env, "a rule")?;
        let mark = log.open(env, Frame::Call);
        let target = self.body(&Env { scope: &scope, ..deeper }, &rule.body, log)?;
        // Guard 3.1 does not see `not` before a call, and a body that does not apply is skipped.
        let outcome = if self.program.classic { target } else { self.referred(env, target, call.negated) };
        let said = log.mark() > mark + 1;
        if !outcome.is_fine() && (call.negated || !said) {
            log.leaf(env, Self::leaf(env, LeafClause::Call(call), None, To::Nothing, outcome));
        }
        log.close(env, mark, outcome);
        if call.negated {
            log.restrict(mark, outcome, self.worlds);
        }
        Ok(outcome)
    }

    fn parameters(&self, env: &Env<'_>, call: &Call, rule: &CallRule) -> Result<Vec<Parameter>, Stop> {
        if rule.parameters.len() != call.arguments.len() {
            let (wanted, got) = (rule.parameters.len(), call.arguments.len());
            let message = format!("rule `{}` takes {wanted} arguments, {got} are given", rule.name);
            return Err(Stop::undecidable(message, &env.context.value));
        }
        let mut out = Vec::with_capacity(call.arguments.len());
        for (name, argument) in rule.parameters.iter().zip(&call.arguments) {
            let mut found = self.argument(env, argument)?;
            // A literal argument is a value like any other.
            if matches!(argument, crate::rules::program::Operand::Literal(_)) {
                for one in &mut found {
                    if let What::Literal(value) = &one.what {
                        one.what = What::Value(value.clone());
                    }
                }
            }
            out.push((*name, found.into()));
        }
        Ok(out)
    }
}

/// How many results are there.
fn count(results: &[Found]) -> Found {
    let there: Vec<&Found> = results.iter().filter(|found| found.value().is_some()).collect();
    let from = results.first().and_then(|found| found.place().node());
    let certain = there.iter().all(|found| found.sure.is_always());
    let value = match (certain, from) {
        (false, Some(node)) => Value::Open(node),
        _ => Value::Made(Literal::Int(i64::try_from(there.len()).unwrap_or(i64::MAX)), from),
    };
    Found::always(What::Value(value))
}

fn argument<'v>(shape: &Shape<'v>) -> Argument<'v> {
    match shape {
        Shape::String(text) => Argument::String(text),
        Shape::Int(value) => Argument::Int(*value),
        Shape::Float(value) => Argument::Float(*value),
        Shape::Bool(value) => Argument::Bool(*value),
        Shape::Char(value) => Argument::Char(*value),
        _ => Argument::Other,
    }
}

fn literal_argument(literal: &Literal) -> Argument<'_> {
    match literal {
        Literal::String(text) => Argument::String(text),
        Literal::Int(value) => Argument::Int(*value),
        Literal::Float(value) => Argument::Float(*value),
        Literal::Char(value) => Argument::Char(*value),
        _ => Argument::Other,
    }
}

fn stop(failure: Failure) -> Stop {
    match failure {
        Failure::Value(message) | Failure::Call(message) => Stop::abort(message),
    }
}
