//! Functions of lists and maps.

use super::super::eval::Evaluator;
use super::super::value::Content;
use super::super::value::Entry;
use super::super::value::Value;

impl Evaluator<'_> {
    pub(super) fn collection_function(&mut self, name: &str, values: &[Value]) -> Option<Value> {
        match (name, values) {
            ("concat", lists) => {
                let mut all = Vec::new();
                for list in lists {
                    all.extend(elements(list)?.iter().cloned());
                }
                Some(Value::list(all))
            }
            ("element", [list, index]) => {
                let list = elements(list)?;
                let index = index_of(index.as_number(&self.assembly.tree)?)?;
                list.get(index.checked_rem(list.len())?).cloned()
            }
            ("one", [list]) => match elements(list)? {
                [] => Some(Content::Null.into()),
                [only] => Some(only.clone()),
                _ => None,
            },
            ("flatten", [list]) => {
                let mut out = Vec::new();
                self.flatten(list, &mut out, 0)?;
                Some(Value::list(out))
            }
            ("compact", [list]) => {
                let tree = &self.assembly.tree;
                let kept = elements(list)?
                    .iter()
                    .filter(|one| !one.is_null() && one.known(tree).is_none_or(|text| !text.is_empty()));
                Some(Value::list(kept.cloned().collect()))
            }
            ("distinct", [list]) => Some(Value::list(self.distinct(elements(list)?))),
            ("toset", [list]) => Some(self.set(elements(list)?)),
            ("setunion", lists) => {
                let all: Option<Vec<&[Value]>> = lists.iter().map(elements).collect();
                Some(self.set(&all?.concat()))
            }
            ("sort", [list]) => {
                let tree = &self.assembly.tree;
                let texts: Option<Vec<String>> = elements(list)?.iter().map(|one| one.known(tree)).collect();
                let mut texts = texts?;
                texts.sort_unstable();
                Some(Value::list(texts.iter().map(|text| Value::text(text)).collect()))
            }
            ("reverse", [list]) => Some(Value::list(elements(list)?.iter().rev().cloned().collect())),
            ("slice", [list, from, to]) => {
                let tree = &self.assembly.tree;
                let (from, to) = (index_of(from.as_number(tree)?)?, index_of(to.as_number(tree)?)?);
                Some(Value::list(elements(list)?.get(from..to)?.to_vec()))
            }
            ("length", [value]) => self.length(value),
            ("contains", [list, wanted]) => self.contains(elements(list)?, wanted),
            ("coalesce", all) => self.coalesce(all),
            ("coalescelist", all) => {
                let filled = |list: &&Value| elements(list).is_some_and(|list| !list.is_empty());
                all.iter().find(filled).cloned()
            }
            _ => self.map_function(name, values),
        }
    }

    fn map_function(&mut self, name: &str, values: &[Value]) -> Option<Value> {
        match (name, values) {
            ("merge", maps) => merge(maps),
            ("keys", [map]) => {
                let mut keys: Vec<&str> = entries(map)?.iter().map(|entry| &*entry.key).collect();
                keys.sort_unstable();
                Some(Value::list(keys.into_iter().map(Value::text).collect()))
            }
            ("values", [map]) => {
                let mut all: Vec<&Entry> = entries(map)?.iter().collect();
                all.sort_by(|left, right| left.key.cmp(&right.key));
                Some(Value::list(all.into_iter().map(|entry| entry.value.clone()).collect()))
            }
            ("lookup", [map, key, default @ ..]) => {
                let key = key.known(&self.assembly.tree)?;
                let found = entries(map)?.iter().find(|entry| *entry.key == *key);
                found.map(|entry| entry.value.clone()).or_else(|| default.first().cloned())
            }
            ("zipmap", [keys, values]) => {
                let tree = &self.assembly.tree;
                let keys: Option<Vec<String>> = elements(keys)?.iter().map(|key| key.known(tree)).collect();
                let pairs = keys?.into_iter().map(Box::from).zip(elements(values)?.iter().cloned());
                Some(Value::map(pairs.collect()))
            }
            ("range", [to]) => {
                let to = index_of(to.as_number(&self.assembly.tree)?).filter(|to| *to <= 1024)?;
                let number = |index: usize| Content::Number(index.to_string().into()).into();
                Some(Value::list((0..to).map(number).collect()))
            }
            _ => None,
        }
    }

    fn flatten(&mut self, value: &Value, out: &mut Vec<Value>, depth: usize) -> Option<()> {
        if depth > 32 {
            return None;
        }
        for element in elements(value)? {
            let element = self.opened(element.clone());
            match &element.content {
                Content::List(_) => self.flatten(&element, out, depth + 1)?,
                Content::Unknown(_) => return None,
                _ => out.push(element),
            }
        }
        Some(())
    }

    fn distinct(&mut self, list: &[Value]) -> Vec<Value> {
        let mut out: Vec<Value> = Vec::new();
        for value in list {
            let mut known = false;
            for earlier in &out {
                // What may or may not be equal is kept: a set that is too large is better than one that lacks something.
                known |= self.same(earlier, value) == Some(true);
            }
            if !known {
                out.push(value.clone());
            }
        }
        out
    }

    /// Terraform goes over sets of texts in their order.
    fn set(&mut self, list: &[Value]) -> Value {
        let mut elements = self.distinct(list);
        let tree = &self.assembly.tree;
        if elements.iter().all(|element| element.known(tree).is_some()) {
            elements.sort_by_cached_key(|element| element.known(tree));
        }
        Value::list(elements)
    }

    fn length(&mut self, value: &Value) -> Option<Value> {
        let count = match &value.content {
            Content::List(list) => list.len(),
            Content::Map(map) => map.len(),
            _ => value.known(&self.assembly.tree)?.chars().count(),
        };
        Some(Content::Number(count.to_string().into()).into())
    }

    fn contains(&mut self, list: &[Value], wanted: &Value) -> Option<Value> {
        let mut all_known = true;
        for element in list {
            match self.same(element, wanted) {
                Some(true) => return Some(Content::Bool(true).into()),
                Some(false) => {}
                None => all_known = false,
            }
        }
        all_known.then(|| Content::Bool(false).into())
    }

    /// The first argument that is neither null nor empty.
    fn coalesce(&mut self, values: &[Value]) -> Option<Value> {
        for value in values {
            let empty = value.known(&self.assembly.tree).is_some_and(|text| text.is_empty());
            if value.blocker().is_some() {
                return None;
            }
            if !value.is_null() && !empty {
                return Some(value.clone());
            }
        }
        None
    }
}

fn merge(maps: &[Value]) -> Option<Value> {
    let mut out: Vec<Entry> = Vec::new();
    for map in maps.iter().filter(|map| !map.is_null()) {
        for entry in entries(map)? {
            match out.iter_mut().find(|known| known.key == entry.key) {
                Some(known) => *known = entry.clone(),
                None => out.push(entry.clone()),
            }
        }
    }
    Some(Content::Map(out).into())
}

fn elements(value: &Value) -> Option<&[Value]> {
    match &value.content {
        Content::List(elements) => Some(elements),
        _ => None,
    }
}

fn entries(value: &Value) -> Option<&[Entry]> {
    match &value.content {
        Content::Map(entries) => Some(entries),
        _ => None,
    }
}

/// A number as an index.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is no index was refused before"
)]
pub(super) fn index_of(number: f64) -> Option<usize> {
    (number >= 0.0 && number.fract() == 0.0 && number < 1e9).then_some(number as usize)
}
