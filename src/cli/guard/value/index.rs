//! Which values of a large list or map have a key, and which hold a certain text under it.
//!
//! Rules ask all resources of a template for those of a type, again and again. They are sorted by it once for a document.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::rules::casing;

use super::{Kind, Val};

/// What was worked out for the values of an arena, by the value and the key.
#[derive(Debug, Default)]
pub(super) struct Indexes(Mutex<Known>);

/// A list or map, and a key.
type Known = FxHashMap<u32, FxHashMap<Box<str>, Arc<ByKey>>>;

/// The values of a list or map by what they hold under a key: positions, in order.
#[derive(Debug, Default)]
pub(in crate::cli::guard) struct ByKey {
    /// Where texts are.
    numbers: FxHashMap<Box<str>, usize>,
    /// Texts, each with the maps that hold it under the key.
    texts: Vec<(Box<str>, Vec<u32>)>,
    /// Values of other kinds, maps that hold something else under the key, and maps in which the key could be found in another
    /// spelling.
    others: Vec<u32>,
}

impl ByKey {
    fn add(&mut self, text: &str, position: u32) {
        let number = self.numbers.get(text).copied().unwrap_or_else(|| {
            self.numbers.insert(text.into(), self.texts.len());
            self.texts.push((text.into(), Vec::new()));
            self.texts.len() - 1
        });
        if let Some((_, positions)) = self.texts.get_mut(number) {
            positions.push(position);
        }
    }

    /// Adds the positions of maps that hold a text.
    pub(in crate::cli::guard) fn with(&self, text: &str, out: &mut Vec<u32>) {
        let found = self.numbers.get(text).and_then(|&number| self.texts.get(number));
        out.extend(found.into_iter().flat_map(|(_, positions)| positions));
    }

    /// The texts, each with the positions of maps that hold it.
    pub(in crate::cli::guard) fn texts(&self) -> impl Iterator<Item = (&str, &[u32])> {
        self.texts.iter().map(|(text, positions)| (&**text, &**positions))
    }

    /// The positions of values that may hold something else than a text.
    pub(in crate::cli::guard) fn others(&self) -> &[u32] {
        &self.others
    }
}

impl<'w> Val<'w> {
    /// The values of a list or map by a key of theirs.
    pub(in crate::cli::guard) fn by_key(self, key: &str) -> Arc<ByKey> {
        let mut known = self.arena.indexes.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.entry(self.id).or_default();
        if let Some(index) = known.get(key) {
            return Arc::clone(index);
        }
        let index = Arc::new(self.sort_by_key(key));
        known.insert(key.into(), Arc::clone(&index));
        index
    }

    /// A value by its position in a list or map, behind its key in the latter.
    pub(in crate::cli::guard) fn at(self, position: u32) -> Option<(Option<Val<'w>>, Val<'w>)> {
        match self.kind() {
            Kind::List(ids) => ids.get(position as usize).map(|&id| (None, self.arena.val(id))),
            Kind::Map(entries) => {
                let (key, value) = *entries.pairs.get(position as usize)?;
                Some((Some(self.arena.val(key)), self.arena.val(value)))
            }
            _ => None,
        }
    }

    fn sort_by_key(self, key: &str) -> ByKey {
        let spellings = casing::spellings(key);
        let mut out = ByKey::default();
        let mut position = 0;
        while let Some((_, value)) = self.at(position) {
            match value.get(key).map(Val::kind) {
                Some(Kind::String(text)) => out.add(text, position),
                None if value.is_map() && spellings.iter().all(|(_, other)| value.get(other).is_none()) => {}
                _ => out.others.push(position),
            }
            position += 1;
        }
        out
    }
}
