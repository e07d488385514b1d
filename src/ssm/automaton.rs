//! Intersections of regular languages, and their shortest members.

use regex_automata::Anchored;
use regex_automata::MatchKind;
use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_syntax::hir::Hir;
use rustc_hash::FxHashSet;

/// Automata larger than this are not built.
const BYTES: usize = 4 << 20;
/// Combinations of states that are looked at before the search is given up.
const STATES: usize = 60_000;
/// The order in which bytes are tried, so that a witness reads well.
const PREFERRED: &[u8] = b"axbcdefghijklmnopqrstuvwyz0123456789;$|&`\"'<>(){}[]\\!*?~#%^=+,@:/-_. ABCDEFGHIJKLMNOPQRSTUVWXYZ\n\t\r";

/// An automaton for whole texts.
#[derive(Debug)]
pub(super) struct Automaton {
    dfa: dense::DFA<Vec<u32>>,
    start: StateID,
}

impl Automaton {
    /// The automaton of an expression that is anchored at both ends; nothing where it would be too large.
    pub(super) fn new(hir: &Hir) -> Option<Self> {
        let nfa = thompson::Compiler::new()
            .configure(
                thompson::Config::new()
                    .utf8(false)
                    .which_captures(thompson::WhichCaptures::None)
                    .nfa_size_limit(Some(BYTES)),
            )
            .build_from_hir(hir)
            .ok()?;
        let config = dense::Config::new()
            .match_kind(MatchKind::All)
            .start_kind(StartKind::Anchored)
            .accelerate(false)
            .dfa_size_limit(Some(BYTES))
            .determinize_size_limit(Some(BYTES));
        let dfa = dense::Builder::new().configure(config).build_from_nfa(&nfa).ok()?;
        let start = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).ok()?;
        Some(Self { dfa, start })
    }

    /// The automaton of a Rust regular expression that must match the whole text.
    pub(super) fn whole(pattern: &str) -> Option<Self> {
        let hir = regex_syntax::parse(&format!("(?s)\\A(?:{pattern})\\z")).ok()?;
        Self::new(&hir)
    }

    /// Whether a text is accepted.
    pub(super) fn accepts(&self, text: &str) -> bool {
        let last = text.bytes().fold(self.start, |state, byte| self.dfa.next_state(state, byte));
        self.accepts_at(last)
    }

    fn accepts_at(&self, state: StateID) -> bool {
        self.dfa.is_match_state(self.dfa.next_eoi_state(state))
    }
}

/// An automaton, and whether a text must be accepted by it or must not.
pub(super) type Literal<'a> = (&'a Automaton, bool);

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Search {
    /// There is no such text.
    Nothing,
    /// A shortest one.
    Found(String),
    /// The search was given up.
    TooLarge,
}

type States = Box<[StateID]>;

/// A shortest text that all literals agree to.
pub(super) fn shortest(literals: &[Literal<'_>]) -> Search {
    let bytes = representatives(literals);
    let first: States = literals.iter().map(|(automaton, _)| automaton.start).collect();
    // Found so far, each with where it was reached from and by which byte.
    let mut order: Vec<(States, usize, u8)> = vec![(first.clone(), 0, 0)];
    let mut seen: FxHashSet<States> = FxHashSet::default();
    seen.insert(first);
    let mut at = 0;
    while let Some((states, _, _)) = order.get(at) {
        if agree(literals, states) {
            return Search::Found(spell(&order, at));
        }
        if order.len() > STATES {
            return Search::TooLarge;
        }
        let states = states.clone();
        for &byte in &bytes {
            if let Some(next) = step(literals, &states, byte)
                && !seen.contains(&next)
            {
                seen.insert(next.clone());
                order.push((next, at, byte));
            }
        }
        at += 1;
    }
    Search::Nothing
}

/// All texts that the literals agree to, if they are at most `limit`.
pub(super) fn members(literals: &[Literal<'_>], limit: usize) -> Option<Vec<String>> {
    let first: States = literals.iter().map(|(automaton, _)| automaton.start).collect();
    let mut found = Vec::new();
    let mut open: Vec<(States, Vec<u8>)> = vec![(first, Vec::new())];
    let mut looked_at = 0;
    while let Some((states, text)) = open.pop() {
        looked_at += 1;
        if looked_at > limit * 100 || text.len() > 512 {
            return None;
        }
        if agree(literals, &states) {
            found.push(String::from_utf8(text.clone()).ok()?);
        }
        if found.len() > limit || open.len() > limit * 100 {
            return None;
        }
        for byte in 0..=255 {
            if let Some(next) = step(literals, &states, byte) {
                let mut longer = text.clone();
                longer.push(byte);
                open.push((next, longer));
            }
        }
    }
    found.sort();
    Some(found)
}

fn agree(literals: &[Literal<'_>], states: &[StateID]) -> bool {
    literals.iter().zip(states).all(|((automaton, wanted), state)| automaton.accepts_at(*state) == *wanted)
}

/// The states after one more byte; nothing where no continuation can be agreed to.
fn step(literals: &[Literal<'_>], states: &[StateID], byte: u8) -> Option<States> {
    let mut next = Vec::with_capacity(states.len());
    for ((automaton, wanted), state) in literals.iter().zip(states) {
        let to = automaton.dfa.next_state(*state, byte);
        if *wanted && automaton.dfa.is_dead_state(to) {
            return None;
        }
        next.push(to);
    }
    Some(next.into())
}

/// One byte of each kind that the automata tell apart, the most readable of each.
fn representatives(literals: &[Literal<'_>]) -> Vec<u8> {
    let mut seen: FxHashSet<Vec<u8>> = FxHashSet::default();
    let others = (0..=255u8).filter(|byte| !PREFERRED.contains(byte));
    PREFERRED
        .iter()
        .copied()
        .chain(others)
        .filter(|&byte| {
            let classes =
                literals.iter().map(|(automaton, _)| automaton.dfa.byte_classes().get(byte)).collect();
            seen.insert(classes)
        })
        .collect()
}

fn spell(order: &[(States, usize, u8)], mut at: usize) -> String {
    let mut bytes = Vec::new();
    while let Some((_, from, byte)) = order.get(at)
        && at != 0
    {
        bytes.push(*byte);
        at = *from;
    }
    bytes.reverse();
    String::from_utf8_lossy(&bytes).into_owned()
}
