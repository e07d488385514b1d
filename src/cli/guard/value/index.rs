//! Which values of a large list or map have something at the end of a path, and which hold a certain text there.
//!
//! Rules ask all resources of a template for those of a type, again and again. They are sorted by it once for a document.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::rules::casing::{self, Spellings};

use super::{Kind, Val};

/// What was worked out for the values of an arena, by the value and the keys of the path.
#[derive(Debug, Default)]
pub(super) struct Indexes(Mutex<Known>);

type Known = FxHashMap<u32, FxHashMap<Box<[Box<str>]>, Arc<ByPath>>>;

/// The values of a list or map by what they hold at the end of a path of keys: positions, in order.
#[derive(Debug, Default)]
pub(in crate::cli::guard) struct ByPath {
    /// Where texts are.
    numbers: FxHashMap<Box<str>, usize>,
    /// Texts, each with the maps that hold it.
    texts: Vec<(Box<str>, Vec<u32>)>,
    /// Values that are no maps, maps that hold something else, and maps in which a key could be found in another spelling.
    others: Vec<u32>,
}

impl ByPath {
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
    /// The values of a list or map by what they hold at the end of a path.
    pub(in crate::cli::guard) fn by_path(self, path: &[&str]) -> Arc<ByPath> {
        let key: Box<[Box<str>]> = path.iter().map(|&key| key.into()).collect();
        let mut known = self.arena.indexes.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = known.entry(self.id).or_default().entry(key).or_insert_with(|| Arc::new(self.sort(path)));
        Arc::clone(index)
    }

    /// A value by its position in a list or map, behind its key in the latter.
    pub(in crate::cli::guard) fn at(self, position: u32) -> Option<(Option<Val<'w>>, Val<'w>)> {
        match self.kind() {
            Kind::List(ids) => ids.get(position as usize).map(|&id| (None, self.arena.val(id))),
            Kind::Map(pairs) => {
                let (key, value) = *pairs.get(position as usize)?;
                Some((Some(self.arena.val(key)), self.arena.val(value)))
            }
            _ => None,
        }
    }

    fn sort(self, path: &[&str]) -> ByPath {
        let path: Vec<(&str, Spellings)> = path.iter().map(|&key| (key, casing::spellings(key))).collect();
        let mut out = ByPath::default();
        let mut position = 0;
        while let Some((_, value)) = self.at(position) {
            match value.end(&path) {
                End::Nothing => {}
                End::Text(text) => out.add(text, position),
                End::Other => out.others.push(position),
            }
            position += 1;
        }
        out
    }

    fn end(self, path: &[(&str, Spellings)]) -> End<'w> {
        if !self.is_map() {
            return End::Other;
        }
        let mut at = self;
        for (key, spellings) in path {
            at = match at.get(key) {
                Some(next) => next,
                None if spellings.iter().any(|(_, other)| at.get(other).is_some()) => return End::Other,
                None => return End::Nothing,
            };
        }
        at.string().map_or(End::Other, End::Text)
    }
}

/// What is at the end of a path.
enum End<'w> {
    Nothing,
    Text(&'w str),
    Other,
}
