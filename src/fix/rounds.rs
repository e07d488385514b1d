//! Round after round, until nothing is left to mend.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::check::Finding;
use crate::check::FixEdit;
use crate::check::Request;
use crate::check::Run;
use crate::check::check_with;
use crate::check::load_rules;
use crate::document::Diagnostic;
use crate::document::Encoding;
use crate::document::Location;
use crate::rules::Program;

use super::Changed;
use super::Note;
use super::Outcome;
use super::Wish;
use super::apply::apply;
use super::apply::encode;
use super::choose::Chosen;
use super::choose::Key;
use super::choose::choose;
use super::choose::key;
use super::sound::defect;

/// More rounds than this are not made: each leaves less to mend, and most inputs need two.
const ROUNDS: usize = 64;

/// Mends what a request asks to check. Standard input must be among the texts of the options.
pub fn fix(request: Request, wish: &Wish) -> Outcome {
    let rules = load_rules(&request);
    fix_with(request, &rules, wish)
}

/// Mends with rules that [`load_rules`] has loaded for the request.
pub fn fix_with(request: Request, rules: &(Program, Vec<Diagnostic>), wish: &Wish) -> Outcome {
    let mut mending = Mending {
        texts: (*request.options.texts).clone(),
        request: Request { verify_fixes: usize::MAX, ..request },
        rules,
        wish,
        files: BTreeMap::new(),
        stand_ins: BTreeSet::new(),
        outcome: Outcome::default(),
    };
    let paths = mending.request.paths.clone();
    let first = mending.check();
    let mut inputs: Vec<Arc<str>> = Vec::new();
    for finding in first.findings.iter().filter(|finding| wish.asks(finding) && !finding.fixes.is_empty()) {
        if !inputs.contains(&finding.input) {
            inputs.push(finding.input.clone());
        }
    }
    // Where there is one input, what is said of it is known already.
    if let ([_], [input]) = (first.inputs.as_slice(), inputs.as_slice())
        && paths.len() == 1
    {
        mending.request.paths = vec![path_of(input)];
        let last = mending.input(first);
        return mending.finish(last);
    }
    // What is found of several inputs together is not found of each alone.
    if first.findings.iter().any(|finding| wish.asks(finding) && is_of_several(finding, &first)) {
        let last = mending.input(first);
        return mending.finish(last);
    }
    for input in inputs {
        mending.request.paths = vec![path_of(&input)];
        let run = mending.check();
        mending.input(run);
    }
    mending.request.paths = paths;
    let run = if mending.files.is_empty() { first } else { mending.check() };
    mending.finish(run)
}

/// Whether a finding that can be mended is one of several inputs: something of it stands in another one that is judged
/// on its own.
fn is_of_several(finding: &Finding, run: &Run) -> bool {
    if finding.fixes.is_empty() {
        return false;
    }
    let edits = finding.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| &edit.place);
    let related = finding.related.iter().map(|(place, _)| place);
    let places = finding.place.iter().chain(related).chain(edits);
    let own = |name: &str| run.inputs.iter().any(|input| *input.path == *name && input.within.is_empty());
    places.map(|place| place.source.name()).any(|name| *name != *finding.input && own(name))
}

fn path_of(input: &str) -> PathBuf {
    PathBuf::from(if input == "<stdin>" { "-" } else { input })
}

struct Mending<'m> {
    request: Request,
    rules: &'m (Program, Vec<Diagnostic>),
    wish: &'m Wish,
    /// The mended texts.
    texts: BTreeMap<Box<str>, Vec<u8>>,
    /// The texts as they were, and as they are now.
    files: BTreeMap<Box<str>, (String, String, Encoding)>,
    /// What stands in plans for values that fixes ask for.
    stand_ins: BTreeSet<String>,
    outcome: Outcome,
}

impl Mending<'_> {
    fn check(&self) -> Run {
        check_with(&self.request, self.rules, &())
    }

    /// Mends one input; gives what is said of it in the end.
    fn input(&mut self, mut run: Run) -> Run {
        let mut refused = BTreeSet::new();
        for _ in 0..ROUNDS {
            let chosen = choose(&run, self.wish, &refused, &self.stand_ins);
            if chosen.is_empty() {
                break;
            }
            let Some(next) = self.round(&run, &chosen, &mut refused) else { continue };
            run = next;
        }
        run
    }

    /// One round: all at once, or, where that is not sound, the first that is sound alone.
    fn round(&mut self, run: &Run, chosen: &[Chosen<'_>], refused: &mut BTreeSet<Key>) -> Option<Run> {
        let why = match self.attempt(run, chosen) {
            Ok(next) => return Some(next),
            Err(why) => why,
        };
        for (index, one) in chosen.iter().enumerate() {
            let alone = std::slice::from_ref(one);
            let why = if chosen.len() == 1 {
                why.clone()
            } else {
                match self.attempt(run, alone) {
                    Ok(next) => return Some(next),
                    Err(why) => why,
                }
            };
            self.refuse(one, &why, refused);
            if index > ROUNDS {
                break;
            }
        }
        None
    }

    fn refuse(&mut self, one: &Chosen<'_>, why: &str, refused: &mut BTreeSet<Key>) {
        for finding in &one.findings {
            refused.insert(key(finding, one.fix));
            self.outcome.withdrawn.push(note(finding, format!("{}: {why}", one.fix.message)));
        }
    }

    /// Makes fixes, and checks what comes of it. It is kept where it is sound.
    fn attempt(&mut self, run: &Run, chosen: &[Chosen<'_>]) -> Result<Run, String> {
        let edits: Vec<&FixEdit> = chosen.iter().flat_map(|one| &one.fix.edits).collect();
        let made = apply(&edits);
        let proof: Vec<&FixEdit> = chosen.iter().flat_map(|one| one.proof.iter().copied()).collect();
        let before = self.texts.clone();
        for (name, (text, encoding)) in made.iter().chain(&apply(&proof)) {
            self.texts.insert(name.clone(), encode(text, *encoding));
        }
        self.request.options.texts = Arc::new(self.texts.clone());
        let after = self.check();
        if let Some(why) = defect(run, &after, chosen) {
            self.texts = before;
            self.request.options.texts = Arc::new(self.texts.clone());
            return Err(why);
        }
        for edit in edits {
            let source = &edit.place.source;
            let Some((text, encoding)) = made.get(source.name()) else { continue };
            let entry = self.files.entry(source.name().into());
            let entry = entry.or_insert_with(|| (source.text().to_owned(), String::new(), *encoding));
            entry.1.clone_from(text);
        }
        for one in chosen {
            self.stand_ins.extend(one.fix.stand_ins.iter().cloned());
            let notes = one.findings.iter().map(|finding| note(finding, one.fix.message.clone()));
            self.outcome.applied.extend(notes);
        }
        Ok(after)
    }

    fn finish(mut self, run: Run) -> Outcome {
        for finding in run.findings.iter().filter(|finding| self.wish.asks(finding)) {
            if let Some(obstacle) = &finding.details.obstacle {
                self.outcome.unfixable.push(note(finding, obstacle.clone()));
            }
            let held = !finding.fixes.is_empty() && finding.fixes.iter().all(|fix| !fix.safe);
            self.outcome.held_back += usize::from(held && !self.wish.unsafe_fixes);
        }
        // Another fix of the same finding was made instead.
        let applied = &self.outcome.applied;
        self.outcome.withdrawn.retain(|one| {
            !applied
                .iter()
                .any(|note| (&note.rule, &note.entity, &note.place) == (&one.rule, &one.entity, &one.place))
        });
        self.outcome.unfixable.dedup();
        self.outcome.withdrawn.dedup();
        let files = self.files.into_iter().filter(|(_, (before, after, _))| before != after);
        self.outcome.files = files
            .map(|(name, (before, after, encoding))| {
                let bytes = encode(&after, encoding);
                Changed { name, before, after, bytes }
            })
            .collect();
        self.outcome.run = run;
        self.outcome
    }
}

fn note(finding: &Finding, message: String) -> Note {
    // What is found in a plan is mended in its configuration.
    let mended = finding.fixes.iter().find(|fix| !fix.proof.is_empty()).and_then(|fix| fix.edits.first());
    let place = mended.map(|edit| &edit.place).or(finding.place.as_ref());
    Note {
        rule: finding.rule.clone(),
        place: place.map_or_else(String::new, shown),
        entity: finding.entity.clone(),
        message,
    }
}

fn shown(place: &Location) -> String {
    let position = place.source.lines().position(place.source.text(), place.start);
    format!("{}:{}:{}", place.source.name(), position.line, position.column)
}
