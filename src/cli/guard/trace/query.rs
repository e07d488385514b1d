//! Queries: from a value along the steps to results.

use crate::cli::guard::value::Val;
use crate::rules::ast::{Cnf, KeysFilter, Name, Op, Operand, Part, PartKind, Query};
use crate::rules::casing::Case;
use crate::rules::limits;

use super::clauses::Role;
use super::compare::equal;
use super::event::{Check, Context, Level, Status, What};
use super::found::{Found, Missing, Why};
use super::scope::Env;
use super::{Edition, Stop, Teller};

/// The way that a query takes: its steps, the one at hand, the case that keys were found in, and the value that was reached.
#[derive(Clone, Copy)]
struct Way<'w> {
    parts: &'w [Part],
    at: usize,
    case: Case,
    value: Val<'w>,
}

impl<'w> Way<'w> {
    /// One step on, at another value.
    fn to(self, value: Val<'w>) -> Self {
        Self { at: self.at + 1, value, ..self }
    }

    fn rest(self) -> &'w [Part] {
        self.parts.get(self.at..).unwrap_or_default()
    }

    fn previous(self) -> Option<&'w PartKind> {
        self.parts.get(self.at.checked_sub(1)?).map(|part| &part.kind)
    }
}

type Out<'o, 'w> = &'o mut Vec<Found<'w>>;

/// A position from the start, or from the end where it is negative.
fn offset(index: i64, length: usize) -> Option<usize> {
    let magnitude = usize::try_from(index.unsigned_abs()).ok()?;
    let offset = if index < 0 { length.checked_sub(magnitude)? } else { magnitude };
    (offset < length).then_some(offset)
}

impl<'w> Teller<'w> {
    /// The results of a query.
    pub(super) fn query(&self, query: &'w Query, env: &Env<'_, 'w>) -> Result<Vec<Found<'w>>, Stop> {
        self.steps(&query.parts, env)
    }

    fn steps(&self, parts: &'w [Part], env: &Env<'_, 'w>) -> Result<Vec<Found<'w>>, Stop> {
        let mut out = Vec::new();
        let way = Way { parts, at: 0, case: Case::WRITTEN, value: env.root };
        if let Some(Part { kind: PartKind::Variable(name), .. }) = parts.first() {
            self.begin(name, way, env, &mut out)?;
        } else {
            self.walk(way, env, &mut out)?;
        }
        let values = self.values.get() + out.len() as u64 + 1;
        self.values.set(values);
        limits::values(values, 0).map_err(Stop::Abort)?;
        Ok(out)
    }

    fn begin(&self, name: &'w str, way: Way<'w>, env: &Env<'_, 'w>, out: Out<'_, 'w>) -> Result<(), Stop> {
        let all = matches!(way.parts.get(1), Some(Part { kind: PartKind::AllIndices(_), .. }));
        let way = Way { at: if all { 2 } else { 1 }, ..way };
        for found in self.variable(name, env)?.iter() {
            match found.value() {
                Some(value) if way.at < way.parts.len() => {
                    self.walk(Way { value, ..way }, &env.at(value), out)?;
                }
                _ => out.push(found.clone()),
            }
        }
        Ok(())
    }

    fn missing(way: Way<'w>, why: Why<'w>, out: Out<'_, 'w>) {
        out.push(Found::Missing(Missing { at: way.value, rest: way.rest(), why }));
    }

    /// Takes the step at hand, and all that follow.
    fn walk(&self, way: Way<'w>, env: &Env<'_, 'w>, out: Out<'_, 'w>) -> Result<(), Stop> {
        let value = way.value;
        let Some(part) = way.parts.get(way.at) else {
            out.push(Found::Value(value));
            return Ok(());
        };
        match &part.kind {
            PartKind::This => self.walk(way.to(value), env, out),
            PartKind::Key(key) => self.key(key, &part.kind, way, env, out),
            PartKind::Variable(name) if value.is_map() => self.interpolated(name, way, env, out),
            PartKind::Variable(_) => {
                Self::missing(way, Why::NotAMap(&part.kind), out);
                Ok(())
            }
            PartKind::Index(index) => {
                match value.list().map(|list| list.len()) {
                    Some(length) => self.element(*index, length, way, env, out)?,
                    None => Self::missing(way, Why::NotAList(*index), out),
                }
                Ok(())
            }
            PartKind::AllIndices(name) => self.all(name.as_ref(), false, way, env, out),
            PartKind::AllValues(name) => self.all(name.as_ref(), true, way, env, out),
            PartKind::Filter(name, lines) => self.filter(name.as_ref(), lines, way, env, out),
            PartKind::Keys(filter) => self.keys(filter, way, env, out),
        }
    }

    fn element(
        &self,
        index: i64,
        length: usize,
        way: Way<'w>,
        env: &Env<'_, 'w>,
        out: Out<'_, 'w>,
    ) -> Result<(), Stop> {
        let value = way.value;
        let from_start = self.file.edition == Edition::Guard31;
        let index = if from_start { index.saturating_abs() } else { index };
        if let Some(element) = offset(index, length).and_then(|index| value.element(index)) {
            return self.walk(way.to(element), env, out);
        }
        // The peer names the whole query here.
        Self::missing(Way { at: 0, ..way }, Why::OutOfRange(index), out);
        Ok(())
    }

    fn key(
        &self,
        key: &'w str,
        part: &'w PartKind,
        way: Way<'w>,
        env: &Env<'_, 'w>,
        out: Out<'_, 'w>,
    ) -> Result<(), Stop> {
        let value = way.value;
        if let Ok(index) = key.parse::<i64>() {
            if let Some(length) = value.list().map(|list| list.len()) {
                return self.element(index, length, way, env, out);
            }
            Self::missing(Way { at: 0, ..way }, Why::NumberOfNoList(index), out);
            return Ok(());
        }
        if !value.is_map() {
            Self::missing(way, Why::NotAMap(part), out);
            return Ok(());
        }
        if let Some(inner) = value.get(key) {
            return self.walk(way.to(inner), env, out);
        }
        let spellings = self.spellings(key);
        for (case, spelled) in spellings.iter() {
            if way.case != Case::WRITTEN && way.case != *case {
                continue;
            }
            if let Some(inner) = value.get(spelled) {
                return self.walk(Way { case: *case, ..way.to(inner) }, env, out);
            }
        }
        Self::missing(way, Why::NoKey(key), out);
        Ok(())
    }

    /// A variable in place of a key: each of its values is one.
    fn interpolated(
        &self,
        name: &'w str,
        way: Way<'w>,
        env: &Env<'_, 'w>,
        out: Out<'_, 'w>,
    ) -> Result<(), Stop> {
        let value = way.value;
        let mut keys = self.variable(name, env)?;
        let mut next = way.to(value);
        match way.parts.get(way.at + 1).map(|part| &part.kind) {
            None | Some(PartKind::AllIndices(_) | PartKind::Key(_) | PartKind::Variable(_)) => {}
            Some(PartKind::Index(index)) => {
                let Some(one) = offset(*index, keys.len()).and_then(|at| keys.get(at)) else {
                    let values = keys.iter().cloned().collect();
                    Self::missing(way, Why::NoSuchValue(*index, name, values), out);
                    return Ok(());
                };
                keys = std::sync::Arc::new([one.clone()]);
                // Guard 3.1 applies the index again.
                if self.file.edition == Edition::Guard32 {
                    next = next.to(value);
                }
            }
            Some(_) => {
                let second = way.parts.get(1).map(|part| super::spell::Step(&part.kind).to_string());
                return Err(Stop::Undecidable(format!(
                    "This type of query {} based variable interpolation is not supported {}, {}",
                    second.unwrap_or_default(),
                    value.type_name(),
                    super::spell::Steps(way.parts)
                )));
            }
        }
        let follow = |key: Val<'w>, place: Val<'w>, out: Out<'_, 'w>| match key.string() {
            Some(text) => {
                let Some(inner) = value.get(text) else {
                    Self::missing(way, Why::NoSuchKey(text, place), out);
                    return Ok(());
                };
                self.walk(Way { value: inner, ..next }, env, out)
            }
            None => Err(Stop::Abort(format!(
                "Comparing incoming context with literals or dynamic results wasn't possible `Variable projections inside \
                 Query {}, is returning a non-string value for key {}, {}`",
                super::spell::Steps(way.parts),
                key.type_name(),
                crate::cli::guard::value::Debug(key)
            ))),
        };
        for key in keys.iter() {
            match key {
                Found::Missing(missing) => {
                    let why = Why::Unresolved(name, Box::new(missing.clone()));
                    Self::missing(way, why, out);
                }
                Found::Value(key) | Found::Literal(key) => match key.list() {
                    Some(list) => {
                        for key in list {
                            follow(key, key, out)?;
                        }
                    }
                    None => follow(*key, value, out)?,
                },
            }
        }
        Ok(())
    }

    /// All elements, or all values of a map; a scalar is itself.
    fn all(
        &self,
        capture: Option<&'w Name>,
        values: bool,
        way: Way<'w>,
        env: &Env<'_, 'w>,
        out: Out<'_, 'w>,
    ) -> Result<(), Stop> {
        let value = way.value;
        if let Some(list) = value.list() {
            if list.len() == 0 {
                Self::missing(way, Why::Empty, out);
            }
            for element in list {
                self.walk(way.to(element), env, out)?;
            }
            return Ok(());
        }
        let Some(entries) = value.map().filter(|_| values || capture.is_some()) else {
            return self.walk(way.to(value), env, out);
        };
        if entries.len() == 0 {
            Self::missing(way, Why::Empty, out);
        }
        if capture.is_none()
            && let Some(chosen) = self.chosen(way.to(value), value, env)
        {
            for (_, inner) in chosen {
                self.walk(way.to(inner), &env.at(inner), out)?;
            }
            return Ok(());
        }
        for (key, inner) in entries {
            if let Some(name) = capture {
                env.scope.capture(&name.text, key);
            }
            self.walk(way.to(inner), &env.at(inner), out)?;
        }
        Ok(())
    }

    /// Of all values of a list or map, those that have to be looked at where a filter is at hand; nothing if all have to be.
    fn chosen(
        &self,
        way: Way<'w>,
        of: Val<'w>,
        env: &Env<'_, 'w>,
    ) -> Option<impl Iterator<Item = (Option<Val<'w>>, Val<'w>)> + use<'w>> {
        let Some(Part { kind: PartKind::Filter(_, lines), .. }) = way.parts.get(way.at) else { return None };
        let positions = self.candidates(lines, of, env)?;
        self.stir();
        Some(positions.into_iter().filter_map(move |position| of.at(position)))
    }

    fn filter(
        &self,
        capture: Option<&'w Name>,
        lines: &'w Cnf,
        way: Way<'w>,
        env: &Env<'_, 'w>,
        out: Out<'_, 'w>,
    ) -> Result<(), Stop> {
        let value = way.value;
        if let Some(entries) = value.map() {
            if !matches!(way.previous(), Some(PartKind::Key(_) | PartKind::Variable(_))) {
                // Behind `*` the peer asks where the way to the map started; elsewhere it gives up.
                let all = matches!(way.previous(), Some(PartKind::AllValues(_) | PartKind::AllIndices(_)));
                let env = if all { *env } else { env.at(value) };
                return self.filter_map_value(None, lines, (way, value, value), &env, out);
            }
            if let Some(chosen) = self.chosen(way, value, env) {
                for (key, inner) in chosen {
                    let entry = (way, key.unwrap_or(inner), inner);
                    self.filter_map_value(capture, lines, entry, &env.at(inner), out)?;
                }
                return Ok(());
            }
            for (key, inner) in entries {
                let env = env.at(inner);
                self.filter_map_value(capture, lines, (way, key, inner), &env, out)?;
            }
            return Ok(());
        }
        if let Some(list) = value.list() {
            if let Some(chosen) = self.chosen(way, value, env) {
                for (_, element) in chosen {
                    self.filter_element(lines, (way, element), env, out)?;
                }
                return Ok(());
            }
            for element in list {
                self.filter_element(lines, (way, element), env, out)?;
            }
            return Ok(());
        }
        if !matches!(way.previous(), Some(PartKind::AllIndices(_))) {
            Self::missing(way, Why::Filter, out);
            return Ok(());
        }
        // The peer writes no step for such a filter, so its clauses are in the report.
        if self.lines(lines, Level::Body, &Env { role: Role::Gate, ..env.at(value) })? == Status::Pass {
            self.walk(way.to(value), env, out)?;
        }
        Ok(())
    }

    fn filter_element(
        &self,
        lines: &'w Cnf,
        (way, element): (Way<'w>, Val<'w>),
        env: &Env<'_, 'w>,
        out: Out<'_, 'w>,
    ) -> Result<(), Stop> {
        self.start(Context::ListFilter(lines.len()));
        let answer = self.test(lines, &env.at(element));
        self.end(What::Filter(*answer.as_ref().unwrap_or(&Status::Fail)));
        if answer? == Status::Pass {
            self.walk(way.to(element), env, out)?;
        }
        Ok(())
    }

    fn test(&self, lines: &'w Cnf, env: &Env<'_, 'w>) -> Result<Status, Stop> {
        self.filters.set(self.filters.get() + 1);
        let answer = self.lines(lines, Level::Body, &Env { role: Role::Gate, ..*env });
        self.filters.set(self.filters.get() - 1);
        answer
    }

    fn filter_map_value(
        &self,
        capture: Option<&'w Name>,
        lines: &'w Cnf,
        (way, key, value): (Way<'w>, Val<'w>, Val<'w>),
        env: &Env<'_, 'w>,
        out: Out<'_, 'w>,
    ) -> Result<(), Stop> {
        self.start(Context::MapFilter(lines.len()));
        let answer = self.test(lines, env);
        self.end(What::Filter(*answer.as_ref().unwrap_or(&Status::Fail)));
        if answer? != Status::Pass {
            return Ok(());
        }
        if let Some(name) = capture {
            env.scope.capture(&name.text, key);
        }
        self.walk(way.to(value), env, out)
    }

    fn keys(
        &self,
        filter: &'w KeysFilter,
        way: Way<'w>,
        env: &Env<'_, 'w>,
        out: Out<'_, 'w>,
    ) -> Result<(), Stop> {
        let value = way.value;
        let Some(entries) = value.map() else {
            Self::missing(way, Why::Keys, out);
            return Ok(());
        };
        let right = match &filter.operand {
            Operand::Literal(literal, _) => vec![Found::Literal(self.literal(literal))],
            Operand::Query(query) => self.query(query, &env.at(value))?,
            Operand::Function(function) => self.function(function, env)?,
        };
        let many = right.len() > 1;
        let op = (if many { Op::In } else { filter.op }, filter.negated);
        let mut selected = Vec::new();
        for (key, inner) in entries {
            if op.0 == Op::In {
                self.key_is_in(op, key, &right, inner, &mut selected)?;
            } else {
                self.key_equals(op, key, &right, inner, &mut selected)?;
            }
        }
        for inner in selected {
            self.walk(way.to(inner), env, out)?;
        }
        Ok(())
    }

    /// `keys == …`: each value on the right has its answer.
    fn key_equals(
        &self,
        op: (Op, bool),
        key: Val<'w>,
        right: &[Found<'w>],
        inner: Val<'w>,
        selected: &mut Vec<Val<'w>>,
    ) -> Result<(), Stop> {
        for right in right {
            let (to, holds) = match right.value() {
                Some(value) => {
                    let (to, answer) = self.key_against(key, right, value, |key, to| {
                        Ok(equal(self.file.edition, key, to)?.map(|equal| equal != op.1))
                    })?;
                    (Found::Value(to), answer)
                }
                None => (right.clone(), false),
            };
            if holds {
                self.check(Context::Keys, Check::Success);
                selected.push(inner);
            } else {
                let from = Found::Value(key);
                self.check(
                    Context::Keys,
                    Check::Binary { op, from, to: Some(to), message: None, custom: None },
                );
            }
        }
        Ok(())
    }

    /// `keys in …`: one value on the right is enough.
    fn key_is_in(
        &self,
        op: (Op, bool),
        key: Val<'w>,
        right: &[Found<'w>],
        inner: Val<'w>,
        selected: &mut Vec<Val<'w>>,
    ) -> Result<(), Stop> {
        if right.is_empty() {
            return Ok(());
        }
        let mut holds = false;
        let mut to = Vec::with_capacity(right.len());
        for right in right {
            let Some(value) = right.value() else {
                to.push(right.clone());
                continue;
            };
            let (place, answer) = self.key_against(key, right, value, |key, to| {
                if let (Some(part), Some(whole)) = (key.string(), to.string()) {
                    return Ok(Ok(whole.contains(part) != op.1));
                }
                let Some(list) = to.list() else {
                    return Ok(equal(self.file.edition, key, to)?.map(|equal| equal != op.1));
                };
                let mut found = false;
                for element in list {
                    match equal(self.file.edition, key, element)? {
                        Ok(equal) => found |= equal,
                        Err(clash) => return Ok(Err(clash)),
                    }
                }
                Ok(Ok(found != op.1))
            })?;
            holds |= answer;
            to.push(Found::Value(place));
        }
        if holds {
            self.check(Context::Keys, Check::Success);
            selected.push(inner);
        } else {
            let from = Found::Value(key);
            self.check(Context::Keys, Check::In { op, from, to: to.into(), custom: None });
        }
        Ok(())
    }

    /// A key against a value; against its only element, where that is a literal list.
    #[expect(clippy::unused_self, reason = "it belongs to the filters on keys")]
    fn key_against(
        &self,
        key: Val<'w>,
        right: &Found<'w>,
        value: Val<'w>,
        against: impl Fn(Val<'w>, Val<'w>) -> super::compare::Compared<bool>,
    ) -> Result<(Val<'w>, bool), Stop> {
        if let Ok(answer) = against(key, value)? {
            return Ok((value, answer));
        }
        let single = value.list().filter(|list| list.len() == 1).and_then(|mut list| list.next());
        match single.filter(|_| matches!(right, Found::Literal(_))) {
            Some(element) => Ok((element, against(key, element)?.unwrap_or(false))),
            None => Ok((value, false)),
        }
    }
}
