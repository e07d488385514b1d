//! Actions: patterns of names, and sets of all that they match.

use crate::catalog::Action;
use crate::catalog::ActionId;
use crate::catalog::Catalog;
use crate::catalog::split;
use crate::document::Tri;

use super::glob::matches_bytes;
use super::policy::Patterns;
use super::text::Text;

/// A set of the catalogue's actions.
///
/// Most sets are small, and inputs have many of them: only the words that hold an action are kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct ActionSet {
    /// Which 64 actions, and which of them; in order, and none of them empty.
    words: Vec<(u32, u64)>,
}

impl ActionSet {
    /// No action.
    pub fn none(_: &Catalog) -> Self {
        Self::default()
    }

    /// Every action of the catalogue.
    pub fn all(catalog: &Catalog) -> Self {
        let count = catalog.action_count();
        let words = (0u32..).zip((0..count).step_by(64));
        let full = |from: usize| u64::MAX >> 64_usize.saturating_sub(count - from);
        Self { words: words.map(|(at, from)| (at, full(from))).collect() }
    }

    /// Where the word of an action is, or would be, and its bit.
    fn find(&self, id: ActionId) -> (u32, Result<usize, usize>, u64) {
        let at = u32::try_from(id.index() / 64).unwrap_or(u32::MAX);
        (at, self.words.binary_search_by_key(&at, |word| word.0), 1 << (id.index() % 64))
    }

    /// Adds an action.
    pub fn insert(&mut self, id: ActionId) {
        let (at, found, bit) = self.find(id);
        match found {
            Ok(known) => {
                if let Some(word) = self.words.get_mut(known) {
                    word.1 |= bit;
                }
            }
            Err(free) => self.words.insert(free, (at, bit)),
        }
    }

    /// Whether it has an action.
    pub fn has(&self, id: ActionId) -> bool {
        let (_, found, bit) = self.find(id);
        found.ok().and_then(|known| self.words.get(known)).is_some_and(|word| word.1 & bit != 0)
    }

    /// How many actions it has.
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.1.count_ones() as usize).sum()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The word at a position; nothing of it where it is not kept.
    fn word(&self, at: u32) -> u64 {
        let found = self.words.binary_search_by_key(&at, |word| word.0).ok();
        found.and_then(|known| self.words.get(known)).map_or(0, |word| word.1)
    }

    /// Adds all of another set.
    pub fn union_with(&mut self, other: &Self) {
        if self.words.is_empty() {
            self.words.clone_from(&other.words);
            return;
        }
        if other.words.iter().all(|&(at, bits)| bits & !self.word(at) == 0) {
            return;
        }
        let mut all = Vec::with_capacity(self.words.len() + other.words.len());
        let (mut own, mut theirs) = (self.words.iter().peekable(), other.words.iter().peekable());
        loop {
            match (own.peek(), theirs.peek()) {
                (Some(left), Some(right)) if left.0 == right.0 => {
                    all.push((left.0, left.1 | right.1));
                    own.next();
                    theirs.next();
                }
                (Some(left), Some(right)) if left.0 < right.0 => all.extend(own.next()),
                (_, Some(_)) => all.extend(theirs.next()),
                (Some(_), None) => all.extend(own.next()),
                (None, None) => break,
            }
        }
        self.words = all;
    }

    /// Keeps what another set has too.
    pub fn intersect_with(&mut self, other: &Self) {
        self.words.retain_mut(|word| {
            word.1 &= other.word(word.0);
            word.1 != 0
        });
    }

    /// Drops all of another set.
    pub fn subtract(&mut self, other: &Self) {
        if other.words.is_empty() {
            return;
        }
        self.words.retain_mut(|word| {
            word.1 &= !other.word(word.0);
            word.1 != 0
        });
    }

    /// Whether every action of another set is in it.
    pub fn covers(&self, other: &Self) -> bool {
        other.words.len() <= self.words.len()
            && other.words.iter().all(|&(at, bits)| bits & !self.word(at) == 0)
    }

    /// Whether it has every action of the catalogue.
    pub fn is_all(&self, catalog: &Catalog) -> bool {
        self.words.len() == catalog.action_count().div_ceil(64) && self.len() == catalog.action_count()
    }

    /// Whether the two have an action in common.
    pub fn meets(&self, other: &Self) -> bool {
        self.words.iter().any(|&(at, bits)| bits & other.word(at) != 0)
    }

    /// The actions, in the order of the catalogue.
    pub fn iter(&self) -> impl Iterator<Item = ActionId> + '_ {
        let mut words = self.words.iter();
        let (mut at, mut rest) = (0, 0_u64);
        std::iter::from_fn(move || {
            if rest == 0 {
                // No word that is kept is empty.
                (at, rest) = *words.next()?;
            }
            let id = ActionId::from_index(at as usize * 64 + rest.trailing_zeros() as usize);
            rest &= rest.wrapping_sub(1);
            Some(id)
        })
    }
}

/// The actions that a known pattern matches.
pub fn expand(catalog: &Catalog, pattern: &str, into: &mut ActionSet) {
    if pattern == "*" || pattern == "*:*" {
        into.union_with(&ActionSet::all(catalog));
        return;
    }
    each(catalog, pattern, |action| into.insert(action.id));
}

/// Calls back for each action that a known pattern matches.
pub fn each<'c>(catalog: &'c Catalog, pattern: &str, mut found: impl FnMut(Action<'c>)) {
    if pattern == "*" || pattern == "*:*" {
        (0..catalog.action_count()).for_each(|index| found(catalog.action_at(ActionId::from_index(index))));
        return;
    }
    let Some((prefix, name)) = split(pattern) else { return };
    let Some(service) = catalog.service(prefix) else { return };
    if !name.contains(['*', '?']) {
        service.action(name).into_iter().for_each(found);
        return;
    }
    if name.bytes().all(|byte| byte == b'*') {
        service.actions().for_each(found);
        return;
    }
    let find = || {
        let matching =
            service.actions().filter(|action| matches_bytes(name.as_bytes(), action.name().as_bytes()));
        matching.map(|action| action.id).collect()
    };
    for &id in &*catalog.matching(pattern, find) {
        found(catalog.action_at(id));
    }
}

/// The actions of a statement's element: those that surely match, and those that may.
#[derive(Clone, Debug)]
pub struct Expansion {
    /// What surely matches.
    pub sure: ActionSet,
    /// What may match; all that surely does is in it.
    pub possible: ActionSet,
}

/// Expands `Action` or `NotAction`.
pub fn expansion(catalog: &Catalog, patterns: &Patterns<'_>) -> Expansion {
    let mut sure = ActionSet::none(catalog);
    let mut possible = ActionSet::none(catalog);
    let mut open = false;
    for value in &patterns.values {
        match &value.text {
            Text::Known(text) if value.under.is_always() => expand(catalog, text, &mut sure),
            Text::Known(text) => expand(catalog, text, &mut possible),
            // A hole in an action is rare; the service may be known.
            other => match other.start().split_once(':') {
                Some((prefix, _)) => expand(catalog, &format!("{prefix}:*"), &mut possible),
                None => open = true,
            },
        }
    }
    if open {
        possible = ActionSet::all(catalog);
    }
    possible.union_with(&sure);
    if patterns.negated {
        let (mut not_sure, mut not_possible) = (ActionSet::all(catalog), ActionSet::all(catalog));
        not_sure.subtract(&possible);
        not_possible.subtract(&sure);
        return Expansion { sure: not_sure, possible: not_possible };
    }
    Expansion { sure, possible }
}

/// Whether a name such as `s3:GetObject` matches a pattern; names need not be in the catalogue.
pub fn matches(pattern: &str, action: &str) -> bool {
    if pattern == "*" || pattern == "*:*" {
        return true;
    }
    let (pattern, action) = (pattern.as_bytes(), action.as_bytes());
    let Some(colon) = memchr::memchr(b':', pattern).filter(|&colon| action.get(colon) == Some(&b':')) else {
        return false;
    };
    let (Some((service, name)), Some((own_service, own_name))) =
        (pattern.split_at_checked(colon), action.split_at_checked(colon))
    else {
        return false;
    };
    service.eq_ignore_ascii_case(own_service) && matches_bytes(name, own_name)
}

/// Whether an action is among the patterns of a statement, or excepted by them.
pub fn covers(patterns: &Patterns<'_>, action: &str) -> Tri {
    let mut found = Tri::No;
    for value in &patterns.values {
        let one = match &value.text {
            Text::Known(text) => Tri::from(matches(text, action)),
            other => {
                let start = other.start();
                let open = start.len() <= action.len()
                    && action.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
                if open { Tri::Maybe } else { Tri::No }
            }
        };
        let one = if value.under.is_always() { one } else { one.min(Tri::Maybe) };
        found = found.or(one);
    }
    if patterns.negated { found.negate() } else { found }
}
