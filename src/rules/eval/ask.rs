//! Functions over entities: what rules ask of the IAM engine.

use crate::catalog;
use crate::document::{Condition, Conditions, NodeId, Tri, View};
use crate::facts::powers::{Answer, covers_any};
use crate::iam::actions;
use crate::iam::policy::{Patterns, Scalar};
use crate::iam::resource::Target;
use crate::iam::text::Text;

use crate::rules::entity::{EntityFunction, Wanted};
use crate::rules::literal::Literal;
use crate::rules::program::{Call, Operand};

use super::found::{Found, What};
use super::record::{LeafClause, Log, To};
use super::run::{Run, Stop};
use super::scope::Env;
use super::value::{Node, Shape, Value};
use super::worlds::Outcome;

/// A text that is asked about, and when.
struct Asked<'a> {
    text: Text<'a>,
    under: Condition,
}

impl<'r> Run<'r> {
    /// A call of a function as a clause: it must be true for each of what it is asked about, or with `not`, false.
    pub(super) fn predicate(
        &self,
        env: &Env<'_>,
        call: &'r Call,
        function: EntityFunction,
        log: &mut Log<'r>,
    ) -> Result<Outcome, Stop> {
        let worlds = self.worlds;
        let mut total = Outcome::SKIP;
        for (found, answer) in self.answers(env, function, &call.arguments)? {
            let there = worlds.and(env.domain, found.sure);
            let perhaps_there = worlds.and_not(worlds.and(env.domain, found.maybe), there);
            let both = worlds.or(there, perhaps_there);
            let yes = worlds.and(both, answer.yes);
            let unknown = worlds.and(both, answer.maybe);
            let no = worlds.and_not(worlds.and_not(both, yes), unknown);
            let (pass, fail) = if call.negated { (no, yes) } else { (yes, no) };
            let mut outcome = Outcome { pass, fail, unknown };
            if !perhaps_there.is_never() {
                let doubtful = outcome.within(perhaps_there, worlds).doubted(worlds);
                outcome = outcome.within(there, worlds).both(doubtful, worlds);
            }
            if !outcome.is_fine() {
                let shown = match answer.place {
                    Some(node) => Found { what: What::Value(Value::Node(Node::raw(node))), ..found.clone() },
                    None => found.clone(),
                };
                log.leaf(env, Self::leaf(env, LeafClause::Call(call), Some(&shown), To::Nothing, outcome));
            }
            total = total.both(outcome, worlds);
        }
        Ok(total)
    }

    /// A call of a function as a value.
    pub(super) fn asked(
        &self,
        env: &Env<'_>,
        function: EntityFunction,
        arguments: &[Operand],
    ) -> Result<Vec<Found>, Stop> {
        match function {
            EntityFunction::Expands => {
                self.names(env, function, arguments, &|action| action.full_name().to_owned())
            }
            EntityFunction::AccessLevels => {
                self.names(env, function, arguments, &|action| level(action).into())
            }
            _ => self.truths(env, function, arguments),
        }
    }

    /// The answers of a predicate, as values under conditions.
    fn truths(
        &self,
        env: &Env<'_>,
        function: EntityFunction,
        arguments: &[Operand],
    ) -> Result<Vec<Found>, Stop> {
        let worlds = self.worlds;
        let mut out = Vec::new();
        for (found, answer) in self.answers(env, function, arguments)? {
            let node = found.value().and_then(Value::node);
            let no = worlds.and_not(worlds.and_not(Condition::ALWAYS, answer.yes), answer.maybe);
            let open = node.map_or(Value::Literal(Literal::Null), Value::Open);
            let made = |value: bool| Value::Made(Literal::Bool(value), node);
            for (when, value) in [(answer.yes, made(true)), (no, made(false)), (answer.maybe, open)] {
                let sure = worlds.and(found.sure, when);
                let maybe = worlds.and(found.maybe, when);
                if !sure.is_never() || !maybe.is_never() {
                    out.push(Found { what: What::Value(value), sure, maybe, ..found.clone() });
                }
            }
        }
        Ok(out)
    }

    /// What is asked about, each with the answer.
    fn answers(
        &self,
        env: &Env<'_>,
        function: EntityFunction,
        arguments: &[Operand],
    ) -> Result<Vec<(Found, Answer)>, Stop> {
        let name = function.name();
        let parameters = function.signature().map_or(&[][..], |one| one.parameters);
        let mut subjects = Vec::new();
        let mut given: Vec<Vec<Found>> = Vec::new();
        for (index, argument) in arguments.iter().enumerate() {
            let found = self.spread(self.argument(env, argument)?);
            if index == 0 { subjects = found } else { given.push(found) }
        }
        let wanted = parameters.first().map_or(Wanted::Text, |one| one.wanted);
        let mut out = Vec::with_capacity(subjects.len());
        for subject in subjects {
            let Some(value) = subject.value() else { continue };
            let answer = match (function, wanted) {
                (EntityFunction::IsAwsManaged, _) => Answer::always(self.is_aws_managed(value)?),
                (EntityFunction::IsAction, _) => Answer::always(self.is_action(value)?),
                (EntityFunction::Grants, _) => {
                    self.statement_grants(value, &self.texts(name, given.first())?)?
                }
                _ => self.of_principal(function, wanted, value, &given)?,
            };
            out.push((subject, answer));
        }
        Ok(out)
    }

    /// Lists taken apart, alternatives settled, and what the facts do not have left out.
    fn spread(&self, results: Vec<Found>) -> Vec<Found> {
        let mut out = Vec::with_capacity(results.len());
        for found in results {
            match found.value().map(|value| self.view.shape(value)) {
                Some(Shape::List(list)) => {
                    for element in list.iter() {
                        let element = Found { what: What::Value(element), ..found.clone() };
                        self.settle(element, true, &mut |found| out.push(found));
                    }
                }
                Some(_) => self.settle(found, true, &mut |found| out.push(found)),
                None => {}
            }
        }
        out
    }

    /// A question about a principal.
    fn of_principal(
        &self,
        function: EntityFunction,
        wanted: Wanted,
        subject: &Value,
        given: &[Vec<Found>],
    ) -> Result<Answer, Stop> {
        let name = function.name();
        let Some(powers) = self.powers else {
            return Err(Stop::abort(format!("there is nothing that `{name}` could be asked about")));
        };
        let node = subject.node();
        let unknown = node.is_some_and(|node| matches!(self.input.tree.view(node.id), View::Unknown(_)));
        if unknown {
            return Ok(Answer::always(Tri::Maybe));
        }
        let Some(id) = node.and_then(|node| powers.principal(node.id)) else {
            return Err(Stop::abort(format!(
                "`{name}` is asked about something that is not {}",
                wanted.words()
            )));
        };
        let mut answer = Answer::NO;
        if function == EntityFunction::Reaches {
            for role in given.first().into_iter().flatten() {
                let Some(value) = role.value() else { continue };
                let node = value.node();
                let unknown =
                    node.is_some_and(|node| matches!(self.input.tree.view(node.id), View::Unknown(_)));
                let one = match node.and_then(|node| powers.principal(node.id)) {
                    _ if unknown => Answer::always(Tri::Maybe),
                    Some(role) => powers.reaches(&mut self.worlds.table(), id, role),
                    None => {
                        return Err(Stop::abort("`reaches` is asked about something that is not a role"));
                    }
                };
                let table = &mut self.worlds.table();
                answer = answer.or(one.within(role.sure, table), table);
            }
            return Ok(answer);
        }
        let first = self.texts(name, given.first())?;
        let second = given.get(1).map(|found| self.texts(name, Some(found))).transpose()?;
        let table = &mut self.worlds.table();
        for one in &first {
            let Some(text) = one.text.known() else {
                answer = answer.or(Answer::always(Tri::Maybe).within(one.under, table), table);
                continue;
            };
            if function == EntityFunction::Trusts {
                let said = powers.trusts(table, id, text).within(one.under, table);
                answer = answer.or(said, table);
                continue;
            }
            let Some(resources) = &second else {
                let said = powers.allows(table, id, text, None).within(one.under, table);
                answer = answer.or(said, table);
                continue;
            };
            for resource in resources {
                let target = Target::of(&resource.text);
                let said = powers.allows(table, id, text, Some((&resource.text.display(), &target)));
                let both = said.within(one.under, table).within(resource.under, table);
                answer = answer.or(both, table);
            }
        }
        Ok(answer)
    }

    /// The texts that an argument stands for.
    fn texts(&self, name: &str, found: Option<&Vec<Found>>) -> Result<Vec<Asked<'r>>, Stop> {
        let mut out = Vec::new();
        for one in found.into_iter().flatten() {
            let Some(value) = one.value() else { continue };
            out.push(Asked { text: self.text(name, value)?, under: one.sure });
        }
        Ok(out)
    }

    /// A text, known, with holes, or unknown.
    fn text(&self, name: &str, value: &Value) -> Result<Text<'r>, Stop> {
        let tree = self.input.tree;
        match self.view.shape(value) {
            Shape::String(text) => Ok(Text::Known(text.to_owned().into())),
            Shape::Text(_) | Shape::Unknown => {
                let text = value.node().and_then(|node| Text::of(tree, node.id));
                Ok(text.unwrap_or(Text::Unknown(0)))
            }
            _ => Err(Stop::undecidable(format!("`{name}` wants texts"), value)),
        }
    }

    fn is_aws_managed(&self, value: &Value) -> Result<Tri, Stop> {
        Ok(match self.text(EntityFunction::IsAwsManaged.name(), value)? {
            Text::Known(text) => Tri::from(is_aws_arn(&text)),
            Text::Holes(_) => {
                let display = self.text(EntityFunction::IsAwsManaged.name(), value)?.display();
                let tail = display.split_once(":iam::aws:policy/");
                match tail {
                    Some((start, _)) if start == "arn:aws" || start.starts_with("arn:${") => Tri::Yes,
                    _ if display.starts_with("${") => Tri::Maybe,
                    _ => aws_with_holes(&display),
                }
            }
            Text::Unknown(_) => Tri::Maybe,
        })
    }

    fn is_action(&self, value: &Value) -> Result<Tri, Stop> {
        let text = self.text(EntityFunction::IsAction.name(), value)?;
        let Some(text) = text.known() else { return Ok(Tri::Maybe) };
        let mut known = false;
        actions::each(catalog::embedded(), text, |_| known = true);
        Ok(Tri::from(known))
    }

    /// Whether a statement of the facts allows one of the actions.
    fn statement_grants(&self, value: &Value, wanted: &[Asked<'_>]) -> Result<Answer, Stop> {
        let tree = self.input.tree;
        let Some(node) = value.node() else {
            return Err(Stop::abort("`grants` is asked about something that is not a statement"));
        };
        let View::Map(map) = tree.view(node.id) else { return Ok(Answer::always(Tri::Maybe)) };
        let effect = match map.get("effect").map(|node| tree.view(node)) {
            Some(View::String("Allow")) => Tri::Yes,
            Some(View::Text(_) | View::Unknown(_) | View::Choice(_)) => Tri::Maybe,
            _ => Tri::No,
        };
        if effect == Tri::No {
            return Ok(Answer::NO);
        }
        let list = |name: &str| map.get(name);
        let (node, negated) = match (list("actions"), list("not_actions")) {
            (Some(node), _) => (node, false),
            (None, Some(node)) => (node, true),
            (None, None) => return Ok(Answer::NO),
        };
        let table = &mut self.worlds.table();
        let patterns = self.patterns(node, negated, table);
        let mut answer = Answer::NO;
        for one in wanted {
            let granted = match one.text.known() {
                Some(text) => covers_any(&patterns, text),
                None => Tri::Maybe,
            };
            let said = Answer::always(granted.and(effect)).within(one.under, table);
            answer = answer.or(said, table);
        }
        Ok(answer)
    }

    fn patterns(&self, node: NodeId, negated: bool, table: &mut Conditions) -> Patterns<'r> {
        let tree = self.input.tree;
        let values = crate::document::spread(tree, table, node)
            .into_iter()
            .filter_map(|(under, node)| Some(Scalar { node, under, text: Text::of(tree, node)? }));
        Patterns { negated, values: values.collect(), node: Some(node) }
    }

    /// What is said of each action that names and patterns match, each once.
    fn names(
        &self,
        env: &Env<'_>,
        function: EntityFunction,
        arguments: &[Operand],
        say: &dyn Fn(catalog::Action<'_>) -> String,
    ) -> Result<Vec<Found>, Stop> {
        let Some(first) = arguments.first() else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        let mut known = rustc_hash::FxHashSet::default();
        for found in self.spread(self.argument(env, first)?) {
            let Some(value) = found.value() else { continue };
            let text = self.text(function.name(), value)?;
            let node = value.node();
            let mut push = |value: Value| out.push(Found { what: What::Value(value), ..found.clone() });
            let Some(text) = text.known() else {
                node.map(Value::Open).into_iter().for_each(push);
                continue;
            };
            actions::each(catalog::embedded(), text, |action| {
                let said = say(action);
                if found.sure.is_always() && !known.insert(said.clone()) {
                    return;
                }
                push(Value::Made(Literal::string(&said), node));
            });
        }
        Ok(out)
    }
}

fn level(action: catalog::Action<'_>) -> &'static str {
    use catalog::Access;
    let levels = [
        (Access::PermissionsManagement, "Permissions management"),
        (Access::Tagging, "Tagging"),
        (Access::Write, "Write"),
        (Access::Read, "Read"),
        (Access::List, "List"),
    ];
    levels.into_iter().find(|(access, _)| action.is(*access)).map_or("", |(_, name)| name)
}

/// `arn:PARTITION:iam::aws:policy/…`.
fn is_aws_arn(text: &str) -> bool {
    let mut fields = text.splitn(6, ':');
    let mut next = || fields.next().unwrap_or("");
    let (arn, partition, service) = (next(), next(), next());
    let (region, account, resource) = (next(), next(), next());
    let managed = arn == "arn" && service == "iam" && region.is_empty() && account == "aws";
    managed && partition.starts_with("aws") && resource.starts_with("policy/")
}

/// An ARN of which some parts are not known: what comes before the first of them decides, if it can.
fn aws_with_holes(display: &str) -> Tri {
    let start = display.split("${").next().unwrap_or("");
    let fits =
        "arn:aws:iam::aws:policy/".starts_with(start) || start.is_empty() || is_aws_arn(&format!("{start}x"));
    if fits { Tri::Maybe } else { Tri::No }
}
