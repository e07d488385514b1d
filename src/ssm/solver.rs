//! Questions about languages: does one meet another, how large is it, does it hold this text?
//!
//! Answers depend on the question alone, so they are kept for the whole run: documents share their patterns.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::document::Tri;

use super::automaton::{Automaton, Literal, Search, members, shortest};
use super::context::Danger;
use super::language::{Constraint, Language};
use super::pattern::{Engine, Pattern, PatternError};

/// A union of conjunctions that may grow to this many is worked out; more are not known.
const COMBINATIONS: usize = 32;

/// Whether a language holds a text that it should not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meeting {
    /// It holds none.
    Never,
    /// It holds this one.
    Witness(String),
    /// It could not be worked out, for this reason.
    Unknown(String),
}

type Kept<K, V> = Mutex<FxHashMap<K, V>>;
type Read = Result<Arc<[Guarded]>, Failure>;

/// Answers questions about languages, and remembers the answers.
#[derive(Debug, Default)]
pub struct Solver {
    patterns: Kept<(Box<str>, Engine), Read>,
    forms: Kept<Box<str>, Option<Arc<Automaton>>>,
    meetings: Kept<(Language, Box<str>), Meeting>,
    insides: Kept<(Language, Box<str>), Tri>,
    members: Kept<(Language, usize), Option<Arc<[String]>>>,
}

/// A branch of a pattern, compiled.
#[derive(Debug)]
struct Guarded {
    literals: Vec<(Automaton, bool)>,
    exact: bool,
}

#[derive(Clone, Debug)]
enum Failure {
    Refused(PatternError),
    TooLarge,
}

/// The conjunctions that a language is the union of, and whether each is exact.
struct Conjunction {
    parts: Vec<(Arc<[Guarded]>, usize)>,
    forms: Vec<Arc<Automaton>>,
    exact: bool,
}

impl Conjunction {
    fn literals(&self) -> Vec<Literal<'_>> {
        let guarded = self.parts.iter().filter_map(|(all, index)| all.get(*index));
        let mut out: Vec<Literal<'_>> = guarded
            .flat_map(|one| one.literals.iter().map(|(automaton, wanted)| (automaton, *wanted)))
            .collect();
        out.extend(self.forms.iter().map(|automaton| (&**automaton, true)));
        out
    }
}

fn kept<K: std::hash::Hash + Eq, V: Clone>(map: &Kept<K, V>, key: K, make: impl FnOnce(&K) -> V) -> V {
    let known = map.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    if let Some(known) = known {
        return known;
    }
    let answer = make(&key);
    map.lock().unwrap_or_else(PoisonError::into_inner).insert(key, answer.clone());
    answer
}

impl Solver {
    /// The solver of this process.
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<Solver> = LazyLock::new(Solver::default);
        &SHARED
    }

    /// A shortest text of the language in which `danger`, a Rust regular expression, is found.
    pub fn meet(&self, language: &Language, danger: &str) -> Meeting {
        kept(&self.meetings, (language.clone(), danger.into()), |(language, danger)| {
            self.search(language, &format!(".*(?:{danger}).*"), true)
        })
    }

    /// A text of the language that leaves a context, the clearest that can be found.
    pub fn escape(&self, language: &Language, danger: &Danger) -> Meeting {
        match self.meet(language, danger.strong) {
            Meeting::Witness(shortest) => {
                let clear = danger.exploits.iter().find_map(|exploit| match self.meet(language, exploit) {
                    Meeting::Witness(text) => Some(text),
                    _ => None,
                });
                Meeting::Witness(clear.unwrap_or(shortest))
            }
            other => other,
        }
    }

    /// Whether every text of the language is, as a whole, of a form.
    pub fn is_within(&self, language: &Language, form: &str) -> Tri {
        kept(&self.insides, (language.clone(), form.into()), |(language, form)| {
            match self.search(language, form, false) {
                Meeting::Never => Tri::Yes,
                Meeting::Witness(_) => Tri::No,
                Meeting::Unknown(_) => Tri::Maybe,
            }
        })
    }

    /// A shortest text of the language that is of a form, or (`wanted` is false) is not.
    fn search(&self, language: &Language, form: &str, wanted: bool) -> Meeting {
        let Some(form) = self.form(form) else {
            return Meeting::Unknown("too large to work out".to_owned());
        };
        if let Some(values) = language.values() {
            let hit = values
                .iter()
                .find(|value| form.accepts(value) == wanted && self.holds(language, value) != Tri::No);
            return hit.map_or(Meeting::Never, |value| Meeting::Witness(value.to_string()));
        }
        let (conjunctions, blocked) = match self.conjunctions(language) {
            Ok(found) => found,
            Err(reason) => return Meeting::Unknown(reason),
        };
        let mut best: Option<String> = None;
        let mut doubt = None;
        for conjunction in &conjunctions {
            let mut literals = conjunction.literals();
            literals.push((&form, wanted));
            match shortest(&literals) {
                Search::Nothing => {}
                Search::Found(_) if !conjunction.exact => {
                    doubt = Some("the pattern has a construct that is not decided exactly");
                }
                Search::Found(text) => {
                    if best.as_ref().is_none_or(|known| text.len() < known.len()) {
                        best = Some(text);
                    }
                }
                Search::TooLarge => doubt = Some("the pattern is too large to work out"),
            }
        }
        match (best, doubt, blocked) {
            (Some(_), _, Some(reason)) => Meeting::Unknown(reason),
            (Some(witness), _, None) => Meeting::Witness(witness),
            (None, Some(reason), _) => Meeting::Unknown(reason.to_owned()),
            (None, None, _) => Meeting::Never,
        }
    }

    /// The texts of the language, if they are at most `limit`.
    pub fn members(&self, language: &Language, limit: usize) -> Option<Arc<[String]>> {
        kept(&self.members, (language.clone(), limit), |(language, limit)| self.list(language, *limit))
    }

    fn list(&self, language: &Language, limit: usize) -> Option<Arc<[String]>> {
        if let Some(values) = language.values() {
            return (values.len() <= limit).then(|| values.iter().map(ToString::to_string).collect());
        }
        if language.is_free() {
            return None;
        }
        let (conjunctions, blocked) = self.conjunctions(language).ok()?;
        if blocked.is_some() {
            return None;
        }
        let mut all = Vec::new();
        for conjunction in &conjunctions {
            all.extend(members(&conjunction.literals(), limit)?);
        }
        all.sort();
        all.dedup();
        (all.len() <= limit).then(|| all.into())
    }

    /// A shortest text of the language.
    pub fn example(&self, language: &Language) -> Option<String> {
        match self.meet(language, "") {
            Meeting::Witness(text) => Some(text),
            _ => None,
        }
    }

    /// Whether a text is in the language.
    pub fn holds(&self, language: &Language, text: &str) -> Tri {
        language
            .constraints
            .iter()
            .map(|constraint| self.satisfies(constraint, text))
            .min()
            .unwrap_or(Tri::Yes)
    }

    fn satisfies(&self, constraint: &Constraint, text: &str) -> Tri {
        match constraint {
            Constraint::Values(values) => Tri::from(values.iter().any(|value| **value == *text)),
            Constraint::Form(form) => {
                self.form(form).map_or(Tri::Maybe, |form| Tri::from(form.accepts(text)))
            }
            Constraint::Few(_) | Constraint::Unknown(_) => Tri::Maybe,
            Constraint::Pattern { text: pattern, engines } => engines
                .iter()
                .map(|engine| match self.pattern(pattern, *engine) {
                    Ok(branches) => found_in(&branches, text),
                    Err(_) => Tri::Maybe,
                })
                .min()
                .unwrap_or(Tri::Yes),
        }
    }

    /// The language as a union of conjunctions, and what else limits it that is not known.
    fn conjunctions(&self, language: &Language) -> Result<(Vec<Conjunction>, Option<String>), String> {
        // Patterns and forms accept well-formed text alone; where there are none, something else has to.
        let limited = |one: &Constraint| matches!(one, Constraint::Pattern { .. } | Constraint::Form(_));
        let forms = if language.constraints.iter().any(limited) {
            Vec::new()
        } else {
            vec![self.form(".*").ok_or("too large to work out")?]
        };
        let mut blocked = None;
        let mut out = vec![Conjunction { parts: Vec::new(), forms, exact: true }];
        for constraint in &language.constraints {
            match constraint {
                Constraint::Values(_) => {}
                Constraint::Form(form) => {
                    let form = self.form(form).ok_or("too large to work out")?;
                    for conjunction in &mut out {
                        conjunction.forms.push(Arc::clone(&form));
                    }
                }
                Constraint::Few(_) => {
                    blocked = Some("the deployment says which values are allowed".to_owned());
                }
                Constraint::Unknown(reason) => blocked = Some(reason.to_string()),
                Constraint::Pattern { text, engines } => {
                    for branches in self.readings(text, engines)? {
                        out = multiply(out, &branches)?;
                    }
                }
            }
        }
        Ok((out, blocked))
    }

    /// The pattern as each engine that can read it reads it.
    fn readings(&self, text: &str, engines: &[Engine]) -> Result<Vec<Arc<[Guarded]>>, String> {
        let mut out = Vec::new();
        let mut refused = None;
        for engine in engines {
            match self.pattern(text, *engine) {
                Ok(branches) => out.push(branches),
                Err(Failure::Refused(error)) => refused = Some(error),
                Err(Failure::TooLarge) => return Err("the pattern is too large to work out".to_owned()),
            }
        }
        match refused {
            Some(error) if out.is_empty() => Err(format!("the pattern is malformed: {error}")),
            _ => Ok(out),
        }
    }

    fn pattern(&self, text: &str, engine: Engine) -> Read {
        kept(&self.patterns, (text.into(), engine), |_| {
            let pattern = Pattern::read(text, engine).map_err(Failure::Refused)?;
            let branches = pattern.branches().into_iter().map(|branch| {
                let mut literals = vec![(Automaton::new(&branch.matched)?, true)];
                for (guard, negated) in &branch.guards {
                    literals.push((Automaton::new(guard)?, !negated));
                }
                Some(Guarded { literals, exact: branch.exact })
            });
            branches.collect::<Option<Arc<[_]>>>().ok_or(Failure::TooLarge)
        })
    }

    fn form(&self, form: &str) -> Option<Arc<Automaton>> {
        kept(&self.forms, form.into(), |form| Automaton::whole(form).map(Arc::new))
    }
}

fn multiply(left: Vec<Conjunction>, right: &Arc<[Guarded]>) -> Result<Vec<Conjunction>, String> {
    if left.len() * right.len() > COMBINATIONS {
        return Err("the pattern has too many branches".to_owned());
    }
    let mut out = Vec::new();
    for one in left {
        for (index, branch) in right.iter().enumerate() {
            let mut parts = one.parts.clone();
            parts.push((Arc::clone(right), index));
            out.push(Conjunction { parts, forms: one.forms.clone(), exact: one.exact && branch.exact });
        }
    }
    Ok(out)
}

fn found_in(branches: &[Guarded], text: &str) -> Tri {
    branches
        .iter()
        .map(|branch| {
            let found = branch.literals.iter().all(|(automaton, wanted)| automaton.accepts(text) == *wanted);
            if found && !branch.exact { Tri::Maybe } else { Tri::from(found) }
        })
        .max()
        .unwrap_or(Tri::No)
}
