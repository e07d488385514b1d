//! Queries: from a value, step by step, to results.

use std::borrow::Cow;
use std::sync::Arc;

use crate::document::{Condition, NodeId};

use crate::rules::casing::{Case, spellings};
use crate::rules::program::{Cnf, Key, NameId, PartKind, Query, QueryId, Variable};

use super::found::{Found, Missing, What, Why};
use super::record::Log;
use super::run::{Run, Stop};
use super::scope::{Context, Env, Role};
use super::value::{MapShape, Shape, Value};

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
    pub(super) id: QueryId,
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

    pub(super) fn found(self, what: impl FnOnce(Value) -> What) -> Found {
        let Self { value, sure, maybe, entity, case, base } = self;
        Found { what: what(value), sure, maybe, entity, case, base }
    }

    fn with(&self, value: Value) -> Self {
        Self { value, ..self.clone() }
    }

    /// The value as one of those that the way is divided into.
    fn divided(self) -> Self {
        let base = Some(&self.value).filter(|value| !value.is_typed()).cloned();
        Self { base, ..self }
    }
}

impl<'r> Run<'r> {
    /// The results of a query.
    pub(super) fn query(&self, env: &Env<'_>, id: QueryId) -> Result<Results, Stop> {
        let results = self.results(env, id)?;
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
        let way = Way { env, id, query };
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
        for found in results.iter() {
            match found.value() {
                Some(value) if next < way.query.parts.len() => {
                    self.walk(way, next, Item::of(found, value.clone()).divided(), out)?;
                }
                _ => out.push(found.clone()),
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
        self.settle(found, element, Some((way.id, at.saturating_sub(1))), &mut |found| {
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

    /// The way ends here.
    #[expect(clippy::unnecessary_wraps, reason = "the end of a way, like all others")]
    pub(super) fn missing(
        way: Way<'_>,
        part: usize,
        item: Item,
        why: Why,
        out: &mut Vec<Found>,
    ) -> Result<(), Stop> {
        out.push(item.found(|at| What::Missing(Missing { at, query: way.id, part, why })));
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
                None => Self::missing(way, at, item, Why::NoKey(key.text.clone()), out),
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
            _ => Self::missing(way, at, item, Why::NotAMap, out),
        }
    }

    /// A position in a list; Guard 3.1 takes no notice of the sign.
    fn offset(&self, index: i64, count: usize) -> Option<usize> {
        offset(if self.program.classic { index.saturating_abs() } else { index }, count)
    }

    /// A part of something unknown is unknown, and may not be there.
    fn inside_unknown(&self, way: Way<'_>, at: usize, item: &Item, out: &mut Vec<Found>) -> Result<(), Stop> {
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
                None => Self::missing(way, at, item, Why::OutOfRange, out),
            },
            Shape::Unknown => self.inside_unknown(way, at, &item, out),
            _ => Self::missing(way, at, item, Why::NotAList, out),
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
                    Self::missing(way, at, item, Why::Empty, out)
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
                    Self::missing(way, at, item, Why::Empty, out)
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

    fn filter(
        &self,
        way: Way<'_>,
        at: usize,
        item: Item,
        (capture, lines): (Option<NameId>, &'r Cnf),
        out: &mut Vec<Found>,
    ) -> Result<(), Stop> {
        let before = at.checked_sub(1).and_then(|before| way.query.parts.get(before)).map(|part| &part.kind);
        match self.view.shape(&item.value) {
            Shape::Map(map) => match before {
                // Entities and their parts have attributes, not values to choose from.
                Some(PartKind::Key(_) | PartKind::Variable(_)) if !item.value.is_typed() => {
                    for (key, value) in map.entries() {
                        let element = item.with(value);
                        self.each_alternative(&element, &mut |element| {
                            if let Some(kept) = self.test(way.env, lines, element)? {
                                if let Some(name) = capture {
                                    Self::capture(way.env.scope, name, key);
                                }
                                self.walk(way, at + 1, kept.divided(), out)?;
                            }
                            Ok(())
                        })?;
                    }
                    Ok(())
                }
                // Behind `*`, a filter of a document asks where the way was last divided.
                Some(PartKind::AllIndices(_) | PartKind::AllValues(_)) if !item.value.is_typed() => {
                    let at_base =
                        item.with(item.base.clone().unwrap_or_else(|| way.env.context.value.clone()));
                    match self.test(way.env, lines, at_base)? {
                        Some(kept) => {
                            let kept = Item { value: item.value, base: item.base, ..kept };
                            self.walk(way, at + 1, kept, out)
                        }
                        None => Ok(()),
                    }
                }
                // Behind an index or another filter, the peer gives up; the map itself is meant.
                _ => self.filter_one(way, at, &item.divided(), lines, out),
            },
            Shape::List(list) => {
                for element in list.iter() {
                    let element = item.with(element);
                    self.each_alternative(&element, &mut |element| {
                        self.filter_one(way, at, &element, lines, out)
                    })?;
                }
                Ok(())
            }
            Shape::Unknown => {
                let maybe = self.worlds.or(item.sure, item.maybe);
                let item = Item { sure: Condition::NEVER, maybe, ..item };
                self.inside_unknown(way, at, &item, out)
            }
            _ if matches!(before, Some(PartKind::AllIndices(_))) || item.value.is_typed() => {
                self.filter_one(way, at, &item, lines, out)
            }
            _ => Self::missing(way, at, item, Why::NotAFilter, out),
        }
    }

    pub(super) fn filter_one(
        &self,
        way: Way<'_>,
        at: usize,
        item: &Item,
        lines: &'r Cnf,
        out: &mut Vec<Found>,
    ) -> Result<(), Stop> {
        match self.test(way.env, lines, item.clone())? {
            Some(kept) => self.walk(way, at + 1, kept, out),
            None => Ok(()),
        }
    }

    /// What a filter leaves of a value: when it is surely kept, and when perhaps.
    fn test(&self, env: &Env<'_>, lines: &'r Cnf, item: Item) -> Result<Option<Item>, Stop> {
        let domain = self.worlds.or(item.sure, item.maybe);
        let context = Context { value: item.value, entity: item.entity, outer: Some(env.context) };
        let gate = Env { context: &context, role: Role::Gate, domain, record: false, ..*env };
        let outcome = self.cnf(&gate, lines, &mut Log::default())?;
        let worlds = self.worlds;
        let sure = worlds.and(item.sure, outcome.pass);
        let perhaps = worlds.or(outcome.pass, outcome.unknown);
        let maybe = worlds.or(worlds.and(item.sure, outcome.unknown), worlds.and(item.maybe, perhaps));
        let (sure, maybe) = (sure, worlds.and_not(maybe, sure));
        Ok((!sure.is_never() || !maybe.is_never()).then(|| Item {
            value: context.value,
            sure,
            maybe,
            entity: item.entity,
            case: item.case,
            base: item.base,
        }))
    }

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
            return Self::missing(way, at, item, Why::NotAMap, out);
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
                    return Self::missing(way, at, item, Why::OutOfRange, out);
                }
            },
            Some(_) => {
                let message = "a variable as a key can be followed by keys, `[*]` and an index only";
                return Err(Stop::undecidable(message, &item.value));
            }
        }
        for name in &*names {
            let Some(value) = name.value() else {
                Self::missing(way, at, item.clone(), Why::NoName, out)?;
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
                    None => Self::missing(way, at, item.clone(), Why::NoKey(text.into()), out)?,
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
