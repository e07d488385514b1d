//! Questions about texts of which parts are known only by their kind.
//!
//! `arn:${AWS::Partition}:iam::aws:policy/X` is not a string, but it does decide most questions: every partition looks
//! alike, so the text surely ends in `policy/X` and surely is not `*`. A hole's kind gives it a language, a regular one,
//! and the questions are decided exactly on automata: does every completion match, does none, or do some?

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt::Write as _;

use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa;
use regex_automata::nfa::thompson;
use regex_automata::util::{start, syntax};
use rustc_hash::{FxHashMap, FxHashSet};

use super::tree::{Hole, HoleKind, NodeId, Piece, Tree, View};

/// The answer to a question about something that may not be fully known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tri {
    /// Whatever the unknown parts are.
    No,
    /// It depends on the unknown parts.
    Maybe,
    /// Whatever the unknown parts are.
    Yes,
}

impl Tri {
    /// The opposite answer.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Maybe => Self::Maybe,
            Self::Yes => Self::No,
        }
    }

    /// Whether both hold: the lesser answer.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// Whether one of the two holds: the greater answer.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }
}

impl From<bool> for Tri {
    fn from(known: bool) -> Self {
        if known { Self::Yes } else { Self::No }
    }
}

/// Where an automaton grows larger than this, the answer is [`Tri::Maybe`].
const DFA_BYTES: usize = 4 << 20;
/// Pairs of states that are looked at before the answer is [`Tri::Maybe`].
const PAIRS: usize = 200_000;

/// The language of a hole that can hold anything.
const ANYTHING: &str = "(?s:.*)";
/// The language of the name of a declared bucket.
const BUCKET: &str = "(?:[A-Za-z0-9._-]+)";

impl HoleKind {
    /// A regular expression (Rust `regex` syntax, for the whole of it) for what can fill the hole.
    pub fn pattern(&self) -> Cow<'_, str> {
        if let Self::Arn { service, .. } = self
            && !service.is_empty()
        {
            return Cow::Owned(format!("arn:aws(?:-[a-z]+)*:{service}:[^*?\\s]+"));
        }
        Cow::Borrowed(match self {
            Self::Partition => "aws(?:-[a-z]+)*",
            Self::Region => "[a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2}",
            Self::Account => "[0-9]{12}",
            Self::UrlSuffix => "[a-z0-9]+(?:\\.[a-z0-9]+)+",
            Self::StackName => "[A-Za-z][A-Za-z0-9-]*",
            Self::StackId => "arn:aws(?:-[a-z]+)*:cloudformation:[^*?\\s]*",
            Self::Name { .. } => "[^*?\\s]+",
            Self::Arn { .. } => "arn:aws(?:-[a-z]+)*:[^*?\\s]+",
            Self::Parameter { language: Some(language) } => language.pattern().unwrap_or(ANYTHING),
            Self::Attribute { .. } | Self::Parameter { language: None } | Self::Dynamic | Self::Any(_) => {
                ANYTHING
            }
        })
    }
}

/// A regular expression, anchored at both ends, for all completions of the pieces.
pub fn pattern_of(pieces: &[Piece]) -> String {
    let mut pattern = String::from("\\A(?:");
    let mut of_bucket = false;
    for piece in pieces {
        match piece {
            Piece::Literal(text) => {
                of_bucket = text.ends_with(":s3:::");
                pattern.push_str(&regex_syntax::escape(text));
            }
            // A name without slashes, so that the ARN of a bucket is not one of objects.
            Piece::Hole(Hole { kind: HoleKind::Name { .. }, .. }) if of_bucket => pattern.push_str(BUCKET),
            Piece::Hole(hole) => {
                of_bucket = false;
                let _ = write!(pattern, "(?:{})", hole.kind.pattern());
            }
        }
    }
    pattern.push_str(")\\z");
    pattern
}

/// How many characters a text with these pieces has at least.
pub fn least_length(pieces: &[Piece]) -> usize {
    let least = |piece: &Piece| match piece {
        Piece::Literal(text) => text.chars().count(),
        // The languages of holes are those of ASCII texts, or empty texts are in them.
        Piece::Hole(hole) => regex_syntax::parse(&hole.kind.pattern())
            .ok()
            .and_then(|language| language.properties().minimum_len())
            .unwrap_or(0),
    };
    pieces.iter().map(least).sum()
}

/// Whether a text with these pieces matches a regular expression somewhere.
pub fn matches(pieces: &[Piece], regex: &str) -> Tri {
    if let Some(known) = whole(pieces) {
        return is_match(regex, known);
    }
    KNOWN.with_borrow_mut(|known| known.matches(&pattern_of(pieces), regex))
}

/// Whether a string matches a regular expression somewhere.
fn is_match(regex: &str, text: &str) -> Tri {
    KNOWN.with_borrow_mut(|known| known.is_match(regex, text)).map_or(Tri::Maybe, Tri::from)
}

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::default();
}

/// What has been found out about texts and regular expressions. A deployment asks the same over and over.
#[derive(Default)]
struct Known {
    automata: FxHashMap<Box<str>, Option<Dfa>>,
    /// By regular expression and text.
    answers: FxHashMap<Box<str>, FxHashMap<Box<str>, Tri>>,
    count: usize,
    regexes: FxHashMap<Box<str>, Option<regex::Regex>>,
}

/// More answers than this are forgotten together.
const ANSWERS: usize = 1 << 14;
/// More automata than this are forgotten together.
const AUTOMATA: usize = 1024;

impl Known {
    fn matches(&mut self, text: &str, regex: &str) -> Tri {
        if let Some(&answer) = self.answers.get(regex).and_then(|texts| texts.get(text)) {
            return answer;
        }
        let answer = self.compare(text, regex);
        if self.count >= ANSWERS {
            self.answers.clear();
            self.count = 0;
        }
        self.count += 1;
        self.answers.entry(regex.into()).or_default().insert(text.into(), answer);
        answer
    }

    /// Whether a string matches; nothing where the regular expression is not valid.
    fn is_match(&mut self, regex: &str, text: &str) -> Option<bool> {
        if !self.regexes.contains_key(regex) {
            if self.regexes.len() >= AUTOMATA {
                self.regexes.clear();
            }
            self.regexes.insert(regex.into(), regex::Regex::new(regex).ok());
        }
        self.regexes.get(regex)?.as_ref().map(|regex| regex.is_match(text))
    }

    fn compare(&mut self, text: &str, regex: &str) -> Tri {
        // Automata grow while they are asked, so the one is held apart from the other.
        let (key, mut text) =
            self.automata.remove_entry(text).unwrap_or_else(|| (text.into(), Dfa::new(text)));
        let wanted = self.automaton(regex);
        let answer = match (&mut text, wanted) {
            (Some(text), Some(wanted)) => compare(text, wanted),
            _ => Tri::Maybe,
        };
        self.automata.insert(key, text);
        answer
    }

    fn automaton(&mut self, regex: &str) -> Option<&mut Dfa> {
        if !self.automata.contains_key(regex) {
            if self.automata.len() >= AUTOMATA {
                self.automata.clear();
            }
            self.automata.insert(regex.into(), Dfa::new(regex));
        }
        self.automata.get_mut(regex)?.as_mut()
    }
}

/// Whether a text with these pieces is `wanted`.
pub fn equals(pieces: &[Piece], wanted: &str) -> Tri {
    if let Some(known) = whole(pieces) {
        return Tri::from(known == wanted);
    }
    // Cheap and common: the known ends already differ.
    if let Some(Piece::Literal(first)) = pieces.first()
        && !wanted.starts_with(&**first)
    {
        return Tri::No;
    }
    if let Some(Piece::Literal(last)) = pieces.last()
        && !wanted.ends_with(&**last)
    {
        return Tri::No;
    }
    if fits(pieces, wanted) { Tri::Maybe } else { Tri::No }
}

/// Whether some completion of the pieces may be `wanted`.
fn fits(pieces: &[Piece], wanted: &str) -> bool {
    let anything = |piece: &Piece| matches!(piece, Piece::Hole(hole) if hole.kind.pattern() == ANYTHING);
    // A hole for anything between its known neighbours needs no automaton.
    match pieces {
        [one] if anything(one) => return true,
        [Piece::Literal(head), one] | [one, Piece::Literal(head)] if anything(one) => {
            return wanted.len() >= head.len();
        }
        _ => {}
    }
    is_match(&pattern_of(pieces), wanted) != Tri::No
}

/// The text, where no piece is a hole.
fn whole(pieces: &[Piece]) -> Option<&str> {
    match pieces {
        [] => Some(""),
        [Piece::Literal(text)] => Some(text),
        _ => None,
    }
}

impl Tree {
    /// Whether the value is this string. Lists and maps are not; unknown values may be.
    pub fn text_equals(&self, node: NodeId, wanted: &str) -> Tri {
        match self.view(node) {
            View::Text(pieces) => equals(pieces, wanted),
            View::Choice(_) => self.each_alternative(node, &|tree, node| tree.text_equals(node, wanted)),
            View::Unknown(_) => Tri::Maybe,
            _ => Tri::from(self.scalar(node) == Some(wanted)),
        }
    }

    /// Whether the value is a string that matches a regular expression somewhere.
    pub fn text_matches(&self, node: NodeId, regex: &str) -> Tri {
        match self.view(node) {
            View::Text(pieces) => matches(pieces, regex),
            View::Choice(_) => self.each_alternative(node, &|tree, node| tree.text_matches(node, regex)),
            View::Unknown(_) => Tri::Maybe,
            _ => match self.scalar(node) {
                Some(text) => is_match(regex, text),
                None => Tri::No,
            },
        }
    }

    /// Yes or no where all alternatives agree.
    fn each_alternative(&self, node: NodeId, ask: &dyn Fn(&Self, NodeId) -> Tri) -> Tri {
        let View::Choice(alternatives) = self.view(node) else { return ask(self, node) };
        let mut answers = alternatives
            .iter()
            .filter(|alternative| !alternative.condition.is_never())
            .map(|alternative| alternative.value.map_or(Tri::No, |value| ask(self, value)));
        let Some(first) = answers.next() else { return Tri::No };
        if answers.all(|answer| answer == first) { first } else { Tri::Maybe }
    }

    /// The text as a person reads it: holes as `${name}`, unknown values as `(known only after apply)`. Sensitive
    /// values are not shown.
    pub fn display(&self, node: NodeId) -> String {
        if let (View::String(text), false) = (self.view(node), self.is_sensitive(node)) {
            return text.to_owned();
        }
        let mut out = String::new();
        self.show(node, &mut out);
        out
    }

    fn show(&self, node: NodeId, out: &mut String) {
        if self.is_sensitive(node) {
            out.push_str("(sensitive)");
            return;
        }
        let between = |at: usize, text: &str, out: &mut String| {
            if at > 0 {
                out.push_str(text);
            }
        };
        match self.view(node) {
            View::Text(pieces) => pieces.iter().for_each(|piece| show_piece(piece, out)),
            View::Unknown(unknown) => {
                let _ = write!(out, "({})", unknown.reason.phrase());
            }
            View::Null => out.push_str("null"),
            View::List(list) => {
                out.push('[');
                for (at, element) in list.iter().enumerate() {
                    between(at, ", ", out);
                    self.show(element, out);
                }
                out.push(']');
            }
            View::Map(map) => {
                out.push('{');
                for (at, (_, key, value)) in map.iter().enumerate() {
                    between(at, ", ", out);
                    let _ = write!(out, "{key}: ");
                    self.show(value, out);
                }
                out.push('}');
            }
            View::Choice(alternatives) => {
                for (at, value) in alternatives.iter().filter_map(|one| one.value).enumerate() {
                    between(at, " or ", out);
                    self.show(value, out);
                }
            }
            View::Bool(_) | View::Number(_) | View::String(_) => {
                out.push_str(self.scalar(node).unwrap_or(""));
            }
        }
    }

    /// Whether a text, or one of those in a value, holds some words that are no secret.
    pub fn says(&self, node: NodeId, words: &str) -> bool {
        if self.is_sensitive(node) {
            return false;
        }
        match self.view(node) {
            View::List(list) => list.iter().any(|element| self.says(element, words)),
            View::Map(map) => {
                map.iter().any(|(_, key, value)| key.contains(words) || self.says(value, words))
            }
            View::Choice(all) => all.iter().filter_map(|one| one.value).any(|value| self.says(value, words)),
            View::String(text) => text.contains(words),
            View::Text(_) => self.display(node).contains(words),
            _ => false,
        }
    }
}

fn show_piece(piece: &Piece, out: &mut String) {
    match piece {
        Piece::Literal(text) => out.push_str(text),
        Piece::Hole(hole) => {
            let _ = write!(out, "${{{}}}", hole.name);
        }
    }
}

/// An automaton for "matches somewhere", to be run from the start of the text to its end. Its states are made when they are
/// first asked for: a question sees few of them.
struct Dfa {
    dfa: dfa::DFA,
    states: dfa::Cache,
}

/// A state of one automaton, and whether it has matched already: a search that has matched stays so.
type Run = (LazyStateID, bool);

impl Dfa {
    fn new(regex: &str) -> Option<Self> {
        // States are never forgotten while they are in use: what then has no room ends the question.
        let config = dfa::Config::new()
            .cache_capacity(DFA_BYTES)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(Some(0));
        let dfa = dfa::Builder::new()
            .configure(config)
            .syntax(syntax::Config::new().utf8(false))
            .thompson(thompson::Config::new().utf8(false).nfa_size_limit(Some(DFA_BYTES)))
            .build(regex)
            .ok()?;
        let states = dfa.create_cache();
        Some(Self { dfa, states })
    }

    fn start(&mut self) -> Option<LazyStateID> {
        self.dfa.start_state(&mut self.states, &start::Config::new()).ok()
    }

    fn step(&mut self, (state, matched): Run, byte: u8) -> Option<Run> {
        let next = self.dfa.next_state(&mut self.states, state, byte).ok()?;
        Some((next, matched || next.is_match()))
    }

    fn accepts(&mut self, (state, matched): Run) -> Option<bool> {
        Some(matched || self.dfa.next_eoi_state(&mut self.states, state).ok()?.is_match())
    }
}

/// Whether all, none or some of the texts that `text` accepts are accepted by `wanted`. What others have asked must not
/// decide whether there is room for the states: where there is none, the question is asked again of empty automata.
fn compare(text: &mut Dfa, wanted: &mut Dfa) -> Tri {
    let again = |text: &mut Dfa, wanted: &mut Dfa| {
        text.states.reset(&text.dfa);
        wanted.states.reset(&wanted.dfa);
        explore(text, wanted)
    };
    explore(text, wanted).or_else(|| again(text, wanted)).unwrap_or(Tri::Maybe)
}

/// Nothing where there is no room for the states.
fn explore(text: &mut Dfa, wanted: &mut Dfa) -> Option<Tri> {
    let (from_text, from_wanted) = (text.start()?, wanted.start()?);
    let first = ((from_text, false), (from_wanted, from_wanted.is_match()));
    let bytes = representatives(&text.dfa, &wanted.dfa);
    let (mut inside, mut outside) = (false, false);
    let mut seen = FxHashSet::default();
    let mut queue = VecDeque::from([first]);
    seen.insert(first);
    while let Some((left, right)) = queue.pop_front() {
        if text.accepts(left)? {
            if wanted.accepts(right)? { inside = true } else { outside = true }
        }
        if inside && outside || seen.len() > PAIRS {
            return Some(Tri::Maybe);
        }
        for &byte in &bytes {
            let next = text.step(left, byte)?;
            // The pattern of the text is anchored, so a dead state can never accept again.
            if next.0.is_dead() {
                continue;
            }
            let next = (next, wanted.step(right, byte)?);
            if seen.insert(next) {
                queue.push_back(next);
            }
        }
    }
    Some(if outside { Tri::No } else { Tri::from(inside) })
}

/// One byte of each kind that the two automata tell apart.
fn representatives(left: &dfa::DFA, right: &dfa::DFA) -> Vec<u8> {
    let mut seen = FxHashSet::default();
    (0..=255u8)
        .filter(|&byte| seen.insert((left.byte_classes().get(byte), right.byte_classes().get(byte))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use crate::document::Language;
    use crate::document::Reason;

    fn pieces(text: &str) -> Vec<Piece> {
        let mut out = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, tail) = after.split_once('}').unwrap();
            let kind = match name {
                "Partition" => HoleKind::Partition,
                "Region" => HoleKind::Region,
                "Account" => HoleKind::Account,
                "Env" => HoleKind::Parameter { language: Some(Arc::new(Language::exact("dev|prod"))) },
                _ => HoleKind::Any(Reason::AfterApply),
            };
            out.push(Piece::Literal(before.into()));
            out.push(Piece::Hole(Hole { kind, name: name.into() }));
            rest = tail;
        }
        out.push(Piece::Literal(rest.into()));
        out.retain(|piece| *piece != Piece::Literal("".into()));
        out
    }

    #[test]
    fn holes_decide_what_their_kind_decides() {
        let legacy = "^arn:aws[a-z-]*:iam::aws:policy/service-role/AmazonEC2RoleforSSM$";
        for (text, regex, expected) in [
            ("arn:${Partition}:iam::aws:policy/service-role/AmazonEC2RoleforSSM", legacy, Tri::Yes),
            ("arn:aws:iam::${X}:policy/${Y}", legacy, Tri::Maybe),
            ("arn:aws:iam::${Account}:policy/${Y}", legacy, Tri::No),
            ("arn:${Partition}:iam::aws:policy/ReadOnlyAccess", legacy, Tri::No),
            ("${X}", "^a", Tri::Maybe),
            ("${Env}-x", "^(dev|prod|test)-", Tri::Yes),
            ("${Env}-x", "^prod", Tri::Maybe),
            ("x${Region}", "[A-Z]", Tri::No),
            ("${X}/*", "^\\*$", Tri::No),
            ("a", "b|a", Tri::Yes),
        ] {
            assert_eq!(matches(&pieces(text), regex), expected, "{text} ~ {regex}");
        }
    }

    #[test]
    fn equality_with_a_text_with_holes_is_never_sure() {
        for (text, wanted, expected) in [
            ("${X}", "*", Tri::Maybe),
            ("${X}/*", "*", Tri::No),
            ("${Env}", "prod", Tri::Maybe),
            ("${Env}", "test", Tri::No),
            ("arn:${Partition}:s3:::b", "arn:aws:s3:::b", Tri::Maybe),
            ("arn:${Partition}:s3:::b", "arn:gcp:s3:::b", Tri::No),
            ("x", "x", Tri::Yes),
        ] {
            assert_eq!(equals(&pieces(text), wanted), expected, "{text} == {wanted}");
        }
    }
}
