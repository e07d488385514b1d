//! The names of actions, made ready to be looked up and shown: of each service once somebody asks for it.

use std::hash::Hasher;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use rustc_hash::{FxHashMap, FxHasher};

/// The names of one service's actions.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// How often a name was looked for while nothing was made ready.
    asked: AtomicU32,
    /// The positions within the service, by the hash of the name without case.
    positions: OnceLock<FxHashMap<u64, u32>>,
    full: OnceLock<Full>,
}

/// Full names, one behind the other, and where each ends.
#[derive(Debug, Default)]
struct Full {
    text: String,
    ends: Vec<usize>,
}

/// A search among the names of a service takes less time than to make them ready, where it is asked for this seldom.
const FEW: u32 = 32;

/// Where a name is.
pub(super) enum Found {
    /// It is not there.
    Nowhere,
    /// Nothing is made ready yet.
    Unknown,
    /// At this position, if anywhere.
    Perhaps(usize),
}

impl Names {
    /// Where a name is among those of the service, which are given in order.
    pub(super) fn find<'n>(&self, name: &str, all: impl Iterator<Item = &'n str>) -> Found {
        if self.positions.get().is_none() && self.asked.fetch_add(1, Ordering::Relaxed) < FEW {
            return Found::Unknown;
        }
        let positions = self.positions.get_or_init(|| {
            let mut positions = FxHashMap::default();
            for (position, name) in (0u32..).zip(all) {
                positions.entry(hash(name)).or_insert(position);
            }
            positions
        });
        positions.get(&hash(name)).map_or(Found::Nowhere, |&position| Found::Perhaps(position as usize))
    }

    /// The full name at a position among those of the service with this prefix.
    pub(super) fn full<'n>(&self, position: usize, prefix: &str, all: impl Iterator<Item = &'n str>) -> &str {
        let full = self.full.get_or_init(|| {
            let mut full = Full::default();
            for name in all {
                full.text.extend([prefix, ":", name]);
                full.ends.push(full.text.len());
            }
            full
        });
        let start = position.checked_sub(1).map_or(Some(0), |before| full.ends.get(before).copied());
        let range = start.zip(full.ends.get(position).copied());
        range.and_then(|(start, end)| full.text.get(start..end)).unwrap_or("")
    }
}

/// The hash of a name, in which capitals count as small letters.
pub fn hash(name: &str) -> u64 {
    let mut hasher = FxHasher::default();
    name.bytes().for_each(|byte| hasher.write_u8(byte.to_ascii_lowercase()));
    hasher.finish()
}
