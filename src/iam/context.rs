//! The context of a request: condition keys and their values.

use rustc_hash::FxHashMap;

/// The condition keys of a request.
#[derive(Clone, Debug, Default)]
pub struct Context {
    entries: FxHashMap<String, Entry>,
    open: bool,
}

/// What is known of a condition key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// It has one value.
    One(String),
    /// It has several values at once, or none.
    Many(Vec<String>),
    /// The request does not have it.
    Absent,
    /// The request has it; its value is not known.
    Present,
}

/// The answer to a look-up.
#[derive(Clone, Copy, Debug)]
pub enum Lookup<'c> {
    /// The values, and whether the key is one that has several.
    Values(&'c [String], bool),
    /// The request does not have it.
    Absent,
    /// The request has it; its value is not known.
    Present,
    /// Nothing is known.
    Unknown,
}

impl Context {
    /// The context of a request that has the keys that are put into it, and no others.
    pub fn closed() -> Self {
        Self::default()
    }

    /// A context in which keys that are not put into it are not known.
    pub fn open() -> Self {
        Self { open: true, ..Self::default() }
    }

    /// Puts a key.
    pub fn set(&mut self, key: &str, entry: Entry) {
        self.entries.insert(key.to_ascii_lowercase(), entry);
    }

    /// Puts a key with one value.
    pub fn put(&mut self, key: &str, value: &str) {
        self.set(key, Entry::One(value.to_owned()));
    }

    /// What is known of a key, in any case.
    pub fn get(&self, key: &str) -> Lookup<'_> {
        let lower;
        let key = if key.bytes().any(|byte| byte.is_ascii_uppercase()) {
            lower = key.to_ascii_lowercase();
            lower.as_str()
        } else {
            key
        };
        match self.entries.get(key) {
            Some(Entry::One(value)) => Lookup::Values(std::slice::from_ref(value), false),
            Some(Entry::Many(values)) => Lookup::Values(values, true),
            Some(Entry::Present) => Lookup::Present,
            None if self.open => Lookup::Unknown,
            Some(Entry::Absent) | None => Lookup::Absent,
        }
    }
}
