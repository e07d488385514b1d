//! Looking up keys: a scan for small maps, a sorted table of hashes for large ones.

use std::hash::BuildHasher;

use rustc_hash::FxBuildHasher;

use super::node::Flags;
use super::{Kind, NodeId, Tree};

/// Maps with more entries than this get a table.
const SCAN_LIMIT: usize = 16;

/// A key that a map has twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The key where it stands first.
    pub first: NodeId,
    /// The key where it stands again. Readers that keep one value keep this one's.
    pub again: NodeId,
}

/// `(hash of the key, position of the entry)`, sorted.
#[derive(Debug)]
pub(super) struct KeyIndex(Box<[(u32, u32)]>);

fn hash(key: &str) -> u32 {
    let wide = FxBuildHasher.hash_one(key);
    (wide >> 32) as u32
}

impl KeyIndex {
    fn candidates(&self, key: &str) -> impl DoubleEndedIterator<Item = usize> + '_ {
        let wanted = hash(key);
        let start = self.0.partition_point(|entry| entry.0 < wanted);
        let tail = self.0.get(start..).unwrap_or_default();
        let count = tail.iter().take_while(|entry| entry.0 == wanted).count();
        tail.get(..count).unwrap_or_default().iter().map(|entry| entry.1 as usize)
    }
}

impl Tree {
    /// The position of the last entry with this key among the entries `edges` (key, value, key, value, …) of `map`.
    pub(super) fn find_key(&self, map: NodeId, edges: &[NodeId], key: &str) -> Option<usize> {
        let owner = self.owner(map);
        if let Some((tree, cell)) = owner
            && cell.flags.has(Flags::RECORD)
        {
            let wanted = tree.interned.get(key)?;
            let (pairs, _) = edges.as_chunks::<2>();
            return pairs.iter().rposition(|[own, _]| own == wanted);
        }
        let (pairs, _) = edges.as_chunks::<2>();
        if pairs.len() > SCAN_LIMIT
            && let Some(index) = owner.and_then(|(tree, _)| tree.side.keys.get(&map))
        {
            let is_key = |index: &usize| pairs.get(*index).is_some_and(|&[own, _]| self.reads(own, key));
            return index.candidates(key).rev().find(is_key);
        }
        pairs.iter().rposition(|&[own, _]| self.reads(own, key))
    }

    /// Whether the text of a scalar is this one. Lengths differ mostly, and are at hand.
    fn reads(&self, node: NodeId, text: &str) -> bool {
        let Some((tree, cell)) = self.owner(node) else { return false };
        match cell.kind {
            Kind::String | Kind::Number => {
                tree.bytes_of_length(cell, text.len()).is_some_and(|own| own == text.as_bytes())
            }
            _ => self.scalar(node) == Some(text),
        }
    }

    /// Called when a map is complete: finds repeated keys, and indexes the map if it is large.
    pub(super) fn finish_keys(&mut self, map: NodeId, entries: &[NodeId]) {
        let count = entries.len() / 2;
        let duplicates =
            if count > SCAN_LIMIT { self.index_keys(map, entries) } else { self.scan_keys(entries) };
        self.side.duplicates.extend(duplicates);
    }

    fn scan_keys(&self, entries: &[NodeId]) -> Vec<Duplicate> {
        let mut found = Vec::new();
        let mut seen = [("", NodeId(0)); SCAN_LIMIT];
        for (position, &again) in entries.iter().step_by(2).enumerate() {
            let Some(text) = self.scalar(again) else { continue };
            let before = seen.get(..position).unwrap_or_default();
            if let Some(&(_, first)) = before.iter().find(|(earlier, _)| *earlier == text) {
                found.push(Duplicate { first, again });
            }
            if let Some(slot) = seen.get_mut(position) {
                *slot = (text, again);
            }
        }
        found
    }

    fn index_keys(&mut self, map: NodeId, entries: &[NodeId]) -> Vec<Duplicate> {
        let mut table: Vec<(u32, u32)> = Vec::with_capacity(entries.len() / 2);
        for (position, &key) in (0u32..).zip(entries.iter().step_by(2)) {
            if let Some(text) = self.scalar(key) {
                table.push((hash(text), position));
            }
        }
        table.sort_unstable();
        let mut found = Vec::new();
        for group in table.chunk_by(|left, right| left.0 == right.0) {
            for (place, &(_, again)) in group.iter().enumerate().skip(1) {
                let again = entries.get(again as usize * 2).copied().unwrap_or(map);
                let earlier = group.iter().take(place);
                let first = earlier
                    .filter_map(|&(_, position)| entries.get(position as usize * 2).copied())
                    .find(|&first| self.scalar(first) == self.scalar(again));
                found.extend(first.map(|first| Duplicate { first, again }));
            }
        }
        found.sort_unstable_by_key(|duplicate| duplicate.again);
        self.side.keys.insert(map, KeyIndex(table.into()));
        found
    }
}
