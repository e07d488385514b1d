//! Queries: from a value, step by step, to results.

use std::borrow::Cow;
use std::sync::Arc;

use crate::document::{Condition, Kind, NodeId};

use crate::rules::casing::{Case, spellings};
use crate::rules::program::{Key, NameId, PartKind, Query, QueryId, Variable};

use super::found::{Found, Missing, What};
use super::run::{Run, Stop};
use super::scope::Env;
use super::value::{MapShape, Node, Shape, Value};

/// A value on its way through a query.
#[derive(Clone)]
pub(super) struct Item {
    pub(super) value: Value,
    pub(super) sure: Condition,
    pub(super) maybe: Condition,
    pub(super) entity: Option<NodeId>,
    pub(super) case: Case,
    /// As that of a result.
    pub(super) base: Option<Value>,
}

/// A query under way.
#[derive(Clone, Copy)]
pub(super) struct Way<'w> {
    pub(super) env: &'w Env<'w>,
    pub(super) query: &'w Query,
}

/// Results that are kept elsewhere, or were made for the occasion.
pub(super) enum Results {
    Kept(Arc<[Found]>),
    Made(Vec<Found>),
    One(Found),
}

impl std::ops::Deref for Results {
    type Target = [Found];

    fn deref(&self) -> &[Found] {
        match self {
            Self::Kept(found) => found,
            Self::Made(found) => found,
            Self::One(found) => std::slice::from_ref(found),
        }
    }
}

impl Item {
    pub(super) fn of(found: &Found, value: Value) -> Self {
        let Found { sure, maybe, entity, case, .. } = *found;
        Self { value, sure, maybe, entity, case, base: found.base.clone() }
    }

    fn found(self, what: impl FnOnce(Value) -> What) -> Found {
        let Self { value, sure, maybe, entity, case, base } = self;
        Found { what: what(value), sure, maybe, entity, case, base }
    }

    pub(super) fn with(&self, value: Value) -> Self {
        Self { value, ..self.clone() }
    }

    /// The value as one of those that the way is divided into.
    pub(super) fn divided(self) -> Self {
        let base = Some(&self.value).filter(|value| !value.is_typed()).cloned();
        Self { base, ..self }
    }
}

impl Run<'_> {
    /// The results of a query.
    pub(super) fn query(&self, env: &Env<'_>, id: QueryId) -> Result<Results, Stop> {
        let results = self.results(env, id)?;
        self.count(results.len())?;
        if let Some(watch) = &self.cache.watch
            && results.iter().any(|found| found.value().is_some())
        {
            watch.mark(id);
        }
        Ok(results)
    }

    fn results(&self, env: &Env<'_>, id: QueryId) -> Result<Results, Stop> {
        let Some(query) = self.program.query(id) else { return Ok(Results::Made(Vec::new())) };
        if let [only] = &*query.parts
            && let PartKind::Variable(variable) = &only.kind
        {
            return self.variable(env.scope, variable).map(Results::Kept);
        }
        if let Some(shared) = query.shared
            && self.program.shared.get(shared.0 as usize).is_some_and(|shared| shared.uses > 1)
        {
            return self.shared(shared).map(Results::Kept);
        }
        if let [only] = &*query.parts
            && let PartKind::Key(key) = &only.kind
            && let Some(found) = self.attribute_at_hand(env, key)
        {
            return Ok(Results::One(found));
        }
        self.evaluate_query(env, id).map(Results::Made)
    }

    /// An attribute of the entity or record at hand, where it has one value: what most clauses ask for.
    fn attribute_at_hand(&self, env: &Env<'_>, key: &Key) -> Option<Found> {
        let value = Some(&env.context.value).filter(|value| value.is_typed() && key.number.is_none())?;
        let Shape::Map(map) = self.view.shape(value) else { return None };
        let what = What::Value(map.get(&key.text)?);
        self.only(Found { entity: env.context.entity, ..Found::always(what) }).ok()
    }

    /// Walks a query.
    pub(super) fn evaluate_query(&self, env: &Env<'_>, id: QueryId) -> Result<Vec<Found>, Stop> {
        let mut out = Vec::new();
        let Some(query) = self.program.query(id) else { return Ok(out) };
        let way = Way { env, query };
        if let Some((position, index)) = query.index {
            self.through_table(way, position, index, &mut out)?;
            return Ok(out);
        }
        let head = query.parts.first().map(|part| &part.kind);
        if let Some(PartKind::Variable(variable)) = head {
            self.after_variable(way, variable, &mut out)?;
            return Ok(out);
        }
        let item = Item {
            value: env.context.value.clone(),
            sure: Condition::ALWAYS,
            maybe: Condition::NEVER,
            entity: env.context.entity,
            case: Case::WRITTEN,
            base: None,
        };
        self.walk(way, 0, item, &mut out)?;
        Ok(out)
    }

    fn after_variable(&self, way: Way<'_>, variable: &Variable, out: &mut Vec<Found>) -> Result<(), Stop> {
        let results = self.variable(way.env.scope, variable)?;
        // `[*]` behind a variable is written or implied, and means nothing.
        let star = matches!(way.query.parts.get(1).map(|part| &part.kind), Some(PartKind::AllIndices(_)));
        let next = if star { 2 } else { 1 };
        let filter = way.query.parts.get(next).and_then(|part| match &part.kind {
            PartKind::Filter(_, lines) => Some(lines),
            _ => None,
        });
        for found in results.iter() {
            match found.value() {
                Some(value) if filter.is_some_and(|lines| self.leaves_out(lines, value)) => {}
                Some(value) if next < way.query.parts.len() => {
                    self.walk(way, next, Item::of(found, value.clone()).divided(), out)?;
                }
                Some(value) => {
                    out.push(Item::of(found, value.clone()).divided().found(|_| found.what.clone()));
                }
                None => out.push(found.clone()),
            }
        }
        Ok(())
    }

    /// Takes the steps from `at` on.
    pub(super) fn walk(&self, way: Way<'_>, at: usize, item: Item, out: &mut Vec<Found>) -> Result<(), Stop> {
        let Some(part) = way.query.parts.get(at) else {
            out.push(item.found(What::Value));
            return Ok(());
        };
        match &part.kind {
            PartKind::This => self.walk(way, at + 1, item, out),
            PartKind::Key(key) => self.key(way, at, item, key, out),
            PartKind::Variable(variable) => self.interpolated(way, at, item, variable, out),
            PartKind::Index(index) => self.index(way, at, item, *index, out),
            PartKind::AllIndices(name) => self.all(way, at, item, (*name, true), out),
            PartKind::AllValues(name) => self.all(way, at, item, (*name, false), out),
            PartKind::Filter(name, lines) => self.filter(way, at, item, (*name, lines), out),
            PartKind::Keys(keys) => self.keys(way, at, item, keys, out),
        }
    }

    /// Goes on with a part of a value. An alternative that is not there is a missing value, except among the elements
    /// of a list, where it is nothing.
    pub(super) fn descend(
        &self,
        way: Way<'_>,
        at: usize,
        item: Item,
        element: bool,
        out: &mut Vec<Found>,
    ) -> Result<(), Stop> {
        if !item.value.is_typed() {
            return self.walk(way, at, item, out);
        }
        let found = match self.only(item.found(What::Value)) {
            Ok(found) => return self.walk_on(way, at, found, out),
            Err(several) => several,
        };
        let mut alternatives = Vec::new();
        self.settle(found, element, &mut |found| {
            alternatives.push(found);
        });
        alternatives.into_iter().try_for_each(|found| self.walk_on(way, at, found, out))
    }

    /// Goes on with a result, or ends where it does.
    fn walk_on(&self, way: Way<'_>, at: usize, found: Found, out: &mut Vec<Found>) -> Result<(), Stop> {
        let Found { what, sure, maybe, entity, case, base } = found;
        match what {
            What::Value(value) => self.walk(way, at, Item { value, sure, maybe, entity, case, base }, out),
            what => {
                out.push(Found { what, sure, maybe, entity, case, base });
                Ok(())
            }
        }
    }

    /// A result that nearly always is the only alternative, and the entity that it is; the result back where it has
    /// alternatives.
    #[expect(
        clippy::result_large_err,
        reason = "the result is moved, never boxed: this is asked of every value"
    )]
    fn only(&self, mut found: Found) -> Result<Found, Found> {
        let Some(Value::Node(node)) = found.value() else { return Ok(found) };
        match self.input.tree.kind(node.id) {
            Kind::Choice => return Err(found),
            Kind::Map => found.entity = self.entity(*node).or(found.entity),
            _ => {}
        }
        Ok(found)
    }

    /// The entity that a value is.
    fn entity(&self, node: Node) -> Option<NodeId> {
        let facts = self.input.facts.filter(|_| node.is_typed())?;
        facts.entities.contains_key(&node.id).then_some(node.id)
    }

    /// The alternatives of a result, each under its condition; the entity that it is.
    pub(super) fn settle(&self, found: Found, element: bool, out: &mut dyn FnMut(Found)) {
        let mut stack = match self.only(found) {
            Ok(found) => return out(found),
            Err(several) => vec![several],
        };
        while let Some(mut found) = stack.pop() {
            let Some(value) = found.value() else {
                out(found);
                continue;
            };
            match self.view.shape(value) {
                Shape::Choice(alternatives) => {
                    let Some(node) = value.node() else { continue };
                    for alternative in alternatives.iter().rev() {
                        let sure = self.worlds.and(found.sure, alternative.condition);
                        let maybe = self.worlds.and(found.maybe, alternative.condition);
                        if sure.is_never() && maybe.is_never() {
                            continue;
                        }
                        let what = match alternative.value {
                            Some(id) => What::Value(Value::Node(node.beside(id))),
                            None if !element => What::Missing(Missing { at: Value::Node(node) }),
                            None => continue,
                        };
                        stack.push(Found { what, sure, maybe, ..found.clone() });
                    }
                }
                Shape::Map(_) => {
                    found.entity = value.node().and_then(|node| self.entity(node)).or(found.entity);
                    out(found);
                }
                _ => out(found),
            }
        }
    }

    /// The way ends here.
    #[expect(clippy::unnecessary_wraps, reason = "the end of a way, like all others")]
    pub(super) fn missing(item: Item, out: &mut Vec<Found>) -> Result<(), Stop> {
        out.push(item.found(|at| What::Missing(Missing { at })));
        Ok(())
    }

    fn key(&self, way: Way<'_>, at: usize, item: Item, key: &Key, out: &mut Vec<Found>) -> Result<(), Stop> {
        if let Some(index) = key.number {
            return self.index(way, at, item, index, out);
        }
        match self.view.shape(&item.value) {
            Shape::Map(map) => match lookup(map, key, item.case, item.value.is_typed()) {
                Some((value, case)) => {
                    let next = Item { value, case, ..item };
                    self.descend(way, at + 1, next, false, out)
                }
                None => Self::missing(item, out),
            },
            // Lists of the facts spread by themselves.
            Shape::List(list) if item.value.is_typed() => {
                for element in list.iter() {
                    self.each_alternative(&item.with(element), &mut |element| {
                        self.key(way, at, element, key, out)
                    })?;
                }
                Ok(())
            }
            Shape::Unknown => self.inside_unknown(way, at, &item, out),
            _ => Self::missing(item, out),
        }
    }

    /// A position in a list; Guard 3.1 takes no notice of the sign.
    fn offset(&self, index: i64, count: usize) -> Option<usize> {
        offset(if self.program.classic { index.saturating_abs() } else { index }, count)
    }

    /// A part of something unknown is unknown, and may not be there.
    pub(super) fn inside_unknown(
        &self,
        way: Way<'_>,
        at: usize,
        item: &Item,
        out: &mut Vec<Found>,
    ) -> Result<(), Stop> {
        let value = match item.value.node() {
            Some(node) => Value::Node(node.within()),
            None => item.value.clone(),
        };
        self.walk(way, at + 1, item.with(value), out)
    }

    fn index(
        &self,
        way: Way<'_>,
        at: usize,
        item: Item,
        index: i64,
        out: &mut Vec<Found>,
    ) -> Result<(), Stop> {
        match self.view.shape(&item.value) {
            Shape::List(list) => match self.offset(index, list.len()).and_then(|index| list.get(index)) {
                Some(value) => self.descend(way, at + 1, item.with(value), false, out),
                None => Self::missing(item, out),
            },
            Shape::Unknown => self.inside_unknown(way, at, &item, out),
            _ => Self::missing(item, out),
        }
    }

    /// `.*` and `[*]`.
    fn all(
        &self,
        way: Way<'_>,
        at: usize,
        item: Item,
        (capture, indices): (Option<NameId>, bool),
        out: &mut Vec<Found>,
    ) -> Result<(), Stop> {
        let typed = item.value.is_typed();
        match self.view.shape(&item.value) {
            Shape::List(list) if list.is_empty() => {
                if typed {
                    Ok(())
                } else {
                    Self::missing(item, out)
                }
            }
            Shape::List(list) => {
                for element in list.iter() {
                    self.descend(way, at + 1, item.with(element), true, out)?;
                }
                Ok(())
            }
            Shape::Map(_) if indices && capture.is_none() => self.walk(way, at + 1, item, out),
            Shape::Map(map) if map.is_empty() => {
                if typed {
                    Ok(())
                } else {
                    Self::missing(item, out)
                }
            }
            Shape::Map(map) => {
                for (key, value) in map.entries() {
                    if let Some(name) = capture {
                        Self::capture(way.env.scope, name, key);
                    }
                    self.descend(way, at + 1, item.with(value).divided(), true, out)?;
                }
                Ok(())
            }
            Shape::Unknown => {
                // How many there are is not known either.
                let maybe = self.worlds.or(item.sure, item.maybe);
                let doubtful = Item { sure: Condition::NEVER, maybe, ..item };
                self.inside_unknown(way, at, &doubtful, out)
            }
            _ => self.walk(way, at + 1, item, out),
        }
    }

    /// Calls `with` for each alternative of an element that is there.
    pub(super) fn each_alternative(
        &self,
        element: &Item,
        with: &mut dyn FnMut(Item) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        if !element.value.is_typed() {
            return with(element.clone());
        }
        let found = match self.only(element.clone().found(What::Value)) {
            Ok(found) => match found.what {
                What::Value(value) => {
                    let Found { sure, maybe, entity, case, base, .. } = found;
                    return with(Item { value, sure, maybe, entity, case, base });
                }
                _ => return Ok(()),
            },
            Err(several) => several,
        };
        let mut all = Vec::new();
        self.settle(found, true, &mut |found| all.push(found));
        for found in all {
            if let Some(value) = found.value() {
                with(Item::of(&found, value.clone()))?;
            }
        }
        Ok(())
    }

    /// What a filter leaves of a value: when it is surely kept, and when perhaps.
    /// `.%name`: the keys that a variable holds.
    fn interpolated(
        &self,
        way: Way<'_>,
        at: usize,
        item: Item,
        variable: &Variable,
        out: &mut Vec<Found>,
    ) -> Result<(), Stop> {
        let Shape::Map(map) = self.view.shape(&item.value) else {
            return Self::missing(item, out);
        };
        let all = self.variable(way.env.scope, variable)?;
        let mut names: Cow<'_, [Found]> = Cow::Borrowed(&all);
        let mut next = at + 1;
        match way.query.parts.get(at + 1).map(|part| &part.kind) {
            None | Some(PartKind::AllIndices(_) | PartKind::Key(_) | PartKind::Variable(_)) => {}
            Some(PartKind::Index(index)) => match self.offset(*index, names.len()).and_then(|i| names.get(i))
            {
                Some(name) => {
                    names = Cow::Owned(vec![name.clone()]);
                    // Guard 3.1 applies the index again.
                    next = if self.program.classic { at + 1 } else { at + 2 };
                }
                None => {
                    return Self::missing(item, out);
                }
            },
            Some(_) => {
                let message = "a variable as a key can be followed by keys, `[*]` and an index only";
                return Err(Stop::undecidable(message, &item.value));
            }
        }
        for name in &*names {
            let Some(value) = name.value() else {
                Self::missing(item.clone(), out)?;
                continue;
            };
            let mut texts: Vec<Cow<'_, str>> = Vec::new();
            match self.view.shape(value) {
                Shape::String(text) => texts.push(Cow::Borrowed(text)),
                Shape::List(list) => {
                    for element in list.iter() {
                        match self.view.shape(&element) {
                            Shape::String(text) => texts.push(Cow::Owned(text.to_owned())),
                            _ => return Err(not_a_key()),
                        }
                    }
                }
                _ => return Err(not_a_key()),
            }
            for text in texts {
                match map.get(&text) {
                    Some(value) => self.descend(way, next, item.with(value), false, out)?,
                    None => Self::missing(item.clone(), out)?,
                }
            }
        }
        Ok(())
    }
}

fn not_a_key() -> Stop {
    Stop::abort("a variable that stands for a key holds something that is no string")
}

/// A key of a map, in the case at hand or another one.
pub(super) fn lookup(map: MapShape<'_>, key: &Key, case: Case, typed: bool) -> Option<(Value, Case)> {
    if let Some(value) = map.get(&key.text) {
        return Some((value, case));
    }
    if typed || map.is_empty() {
        return None;
    }
    let all = key.spellings.get_or_init(|| spellings(&key.text));
    all.iter()
        .filter(|(other, _)| case == Case::WRITTEN || *other == case)
        .find_map(|(other, text)| map.get(text).map(|value| (value, *other)))
}

/// An index, from the end where it is negative.
pub(super) fn offset(index: i64, count: usize) -> Option<usize> {
    let distance = usize::try_from(index.unsigned_abs()).ok()?;
    let offset = if index < 0 { count.checked_sub(distance)? } else { distance };
    (offset < count).then_some(offset)
}
