//! Asking rules about a part of the entities at a time.
//!
//! Most lines of rules look at each entity on its own. Of a large input, the facts of a few entities are made, all such
//! lines are asked about them, what they say is put in words, and the facts are dropped before those of the next few are
//! made: they then never leave the processor's cache, and never take memory together. What is left is asked at the end,
//! of everything that it looks at.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::document::{Conditions, Diagnostic, NodeId};
use crate::facts::schema;
use crate::facts::{self, Facts, Groundwork, Selection};
use crate::model::{EntityId, Inventory};
use crate::rules::{
    self, Alike, Answer, Asking, Division, Gates, Line, Needed, RuleId, Spelled, Status, Worlds,
};

use super::draft::{self, Draft, Stance};
use super::judge::Judge;
use super::present::{About, Presenter, Raised};

/// So many entities are judged at a time.
const AT_A_TIME: usize = 256;

/// Inputs with fewer entities than this are judged as a whole.
const FEW: usize = 1024;

/// What judging the parts of an inventory needs.
#[derive(Clone, Copy)]
pub(super) struct Parts<'p> {
    pub(super) judge: &'p Judge<'p>,
    pub(super) inventory: &'p Inventory,
    pub(super) worlds: &'p Worlds,
    pub(super) stance: &'p Stance<'p>,
    /// Whether a resource exists only sometimes.
    pub(super) conditional: bool,
}

/// What was found of a part.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) drafts: Vec<Draft>,
    /// Lines that cannot be evaluated.
    pub(super) problems: Vec<(Line, Diagnostic)>,
}

impl Parts<'_> {
    /// Judges everything, and says which rules cannot be evaluated.
    pub(super) fn all(&self, ground: Groundwork, diagnostics: &mut Vec<Diagnostic>) -> Vec<Draft> {
        let at_a_time = match self.judge.request.at_a_time {
            0 if self.inventory.entities().len() < FEW => None,
            0 => Some(AT_A_TIME),
            usize::MAX => None,
            given => Some(given),
        };
        let at_a_time = at_a_time.filter(|_| !self.judge.program.asks_functions() && !self.is_conditional());
        let Some(at_a_time) = at_a_time else {
            let found = vec![self.together(ground)];
            return draft::join(sound(found, diagnostics), &Division::default(), self.worlds);
        };
        let (found, division) = self.apart(&ground, at_a_time);
        let mut drafts = draft::join(sound(found, diagnostics), &division, self.worlds);
        self.complete(&ground, &mut drafts);
        // It is large, and nobody waits for it.
        rayon::spawn(move || drop(ground));
        drafts
    }

    /// Finds what has or uses entities of which another part said the same.
    fn complete(&self, ground: &Groundwork, drafts: &mut [Draft]) {
        for draft in drafts {
            let resource = draft.resource;
            let open = || draft.affected.iter().filter(|one| one.places.is_none());
            let ids: Vec<EntityId> = open().map(|one| one.entity).collect();
            if ids.is_empty() {
                continue;
            }
            let facts = self.facts(ground, &Selection::Entities(&ids));
            let presenter = self.presenter(&facts);
            let nodes = facts.tree.list(facts.root).into_iter().flat_map(crate::document::List::iter);
            let open = draft.affected.iter_mut().filter(|one| one.places.is_none());
            for (affected, node) in open.zip(nodes) {
                affected.places = Some(presenter.users(node, resource));
            }
        }
    }

    /// Whether something exists only sometimes.
    fn is_conditional(&self) -> bool {
        self.conditional || !self.inventory.is_unconditional()
    }

    /// Asks all rules about all entities at once.
    fn together(&self, ground: Groundwork) -> Found {
        let Judge { tree, program, asked, wanted, .. } = *self.judge;
        if let Some(wanted) = wanted {
            let all = all_kinds();
            let selection = Selection::Kinds(&all, Some(wanted));
            let facts = ground.facts(tree, &mut self.worlds.table(), self.inventory, &selection);
            let (answers, whole) = rules::evaluate_whole(program, &self.input(&facts), asked);
            // An answer shows all that is known of something.
            if !whole {
                let found = self.found(answers, &facts, true);
                ground.done_with(facts);
                return found;
            }
        }
        let facts = ground.everything(tree, &mut self.worlds.table(), self.inventory);
        let answers = rules::evaluate(program, &self.input(&facts), asked);
        self.found(answers, &facts, true)
    }

    fn apart(&self, ground: &Groundwork, at_a_time: usize) -> (Vec<Found>, Division) {
        let Judge { program, asked, .. } = *self.judge;
        let mut division = Division::of(program, asked);
        let apart = Apart {
            parts: self,
            ground,
            at_a_time,
            wanted: division.needs.iter().map(wanted_of).collect(),
            spelled: Arc::new(Spelled::default()),
            alike: schema::kinds().iter().map(|_| Alike::default()).collect(),
        };
        // What hangs on nothing need not wait for the answer to what other lines hang on.
        let is_gated = |kind: usize| division.apart.get(kind).is_some_and(|lines| division.is_gated(lines));
        let (hanging, free): (Vec<usize>, Vec<usize>) =
            (0..division.apart.len()).partition(|kind| is_gated(*kind));
        let ((gates, refused), mut found) = rayon::join(
            || self.gates(ground, &division),
            || apart.kinds(&division, &free, &Gates::default()),
        );
        division.give_up(program, &refused);
        let all = all_kinds();
        let together = || {
            let rest = &division.rest;
            let (kinds, named) = (rest.kinds.as_ref().unwrap_or(&all), wanted_of(rest));
            let selection = Selection::Kinds(kinds, named.as_ref());
            let lines: Arc<[Line]> = division.whole.as_slice().into();
            (!lines.is_empty()).then(|| apart.ask(selection, &lines, &gates))
        };
        let (rest, others) = rayon::join(together, || apart.kinds(&division, &hanging, &gates));
        found.extend(others);
        found.extend(rest);
        (found, division)
    }

    /// Asks what lines hang on. Says which cannot be told so.
    fn gates(&self, ground: &Groundwork, division: &Division) -> (Gates, Vec<Line>) {
        if division.gated.is_empty() {
            return (Gates::default(), Vec::new());
        }
        let all = all_kinds();
        let needed = &division.gates;
        let selection = Selection::Kinds(needed.kinds.as_ref().unwrap_or(&all), needed.keys.as_ref());
        let facts = self.facts(ground, &selection);
        rules::ask_gates(self.judge.program, &self.input(&facts), &division.gated)
    }

    /// The facts of a part. Where there are no choices, there are no conditions to be worked out.
    fn facts(&self, ground: &Groundwork, selection: &Selection<'_>) -> Facts {
        let tree = self.judge.tree;
        if tree.has_choices() {
            return ground.facts(tree, &mut self.worlds.table(), self.inventory, selection);
        }
        ground.facts(tree, &mut Conditions::new(), self.inventory, selection)
    }

    fn input<'f>(&'f self, facts: &'f facts::Facts) -> rules::Input<'f> {
        rules::Input {
            tree: &facts.tree,
            document: Some(self.judge.unit.root),
            dialect: rules::Dialect::Validate,
            facts: Some(facts),
            worlds: self.worlds,
        }
    }

    fn presenter<'f>(&'f self, facts: &'f Facts) -> Presenter<'f> {
        let Judge { unit, program, request, texts, .. } = *self.judge;
        let about = About { unit, inventory: self.inventory, facts, program };
        Presenter::new(about, self.worlds, request, (self.stance, texts), self.conditional)
    }

    /// Puts answers in words.
    fn found(&self, answers: Vec<Answer>, facts: &Facts, everything: bool) -> Found {
        let judge = self.judge;
        let presenter = self.presenter(facts);
        let mut found = Found::default();
        let mut raised = Vec::new();
        // Most rules have nothing to say.
        for answer in answers.into_iter().filter(|one| !one.checks.is_empty() || one.problem.is_some()) {
            if let Some(problem) = &answer.problem {
                found.problems.push((answer.line, judge.problem(answer.rule, problem, &facts.tree)));
            }
            let line = answer.line;
            raised.extend(answer.checks.into_iter().map(|check| Raised { line, check, others: Vec::new() }));
        }
        let raised = merge(raised, &presenter, self.worlds, everything);
        found.drafts = if everything {
            raised.into_par_iter().map(|one| presenter.draft(one)).collect()
        } else {
            raised.into_iter().map(|one| presenter.draft(one)).collect()
        };
        found
    }
}

/// Asking about a few entities at a time.
struct Apart<'p> {
    parts: &'p Parts<'p>,
    ground: &'p Groundwork,
    at_a_time: usize,
    /// The attributes that are asked for, by kind.
    wanted: Vec<Option<BTreeSet<Box<str>>>>,
    spelled: Arc<Spelled>,
    /// By kind.
    alike: Vec<Alike>,
}

impl Apart<'_> {
    /// Asks about the entities of some kinds.
    fn kinds(&self, division: &Division, kinds: &[usize], gates: &Gates) -> Vec<Found> {
        let mut parts = Vec::new();
        for &kind in kinds {
            let lines = division.apart.get(kind).into_iter().flatten().copied();
            let lines: Arc<[Line]> = lines.filter(|line| !gates.is_shut(*line)).collect();
            if lines.is_empty() {
                continue;
            }
            let count = self.ground.count(kind);
            let wanted = self.wanted.get(kind).and_then(Option::as_ref);
            for start in (0..count).step_by(self.at_a_time) {
                let range = start..start.saturating_add(self.at_a_time).min(count);
                parts.push((Selection::Part(kind, range, wanted), Arc::clone(&lines)));
            }
        }
        let ask = |(selection, lines): (Selection<'_>, Arc<[Line]>)| self.ask(selection, &lines, gates);
        parts.into_par_iter().with_max_len(1).map(ask).collect()
    }

    /// Asks lines about what is selected.
    fn ask(&self, selection: Selection<'_>, lines: &Arc<[Line]>, gates: &Gates) -> Found {
        let (parts, ground) = (self.parts, self.ground);
        let asking = Asking { program: parts.judge.program, gates, spelled: &self.spelled };
        let facts = parts.facts(ground, &selection);
        let input = parts.input(&facts);
        let known = match &selection {
            Selection::Part(kind, ..) => self.alike.get(*kind).zip(schema::kinds().get(*kind)),
            _ => None,
        };
        let (answers, whole) = match known {
            Some((alike, kind)) => rules::evaluate_alike(asking, &input, lines, (alike, kind.variable)),
            None => rules::evaluate_lines(asking, &input, lines),
        };
        // An answer shows all that is known of something.
        let again = match selection {
            Selection::Part(kind, range, Some(_)) if whole => Selection::Part(kind, range, None),
            Selection::Kinds(kinds, Some(_)) if whole => Selection::Kinds(kinds, None),
            _ => {
                let found = parts.found(answers, &facts, false);
                ground.done_with(facts);
                return found;
            }
        };
        ground.done_with(facts);
        let facts = parts.facts(ground, &again);
        let (answers, _) = rules::evaluate_lines(asking, &parts.input(&facts), lines);
        let found = parts.found(answers, &facts, false);
        ground.done_with(facts);
        found
    }
}

/// The drafts of rules that could be evaluated everywhere; of each of the others, the first problem is said.
fn sound(found: Vec<Found>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Vec<Draft>> {
    let mut broken: BTreeMap<RuleId, (Line, usize, Diagnostic)> = BTreeMap::new();
    let mut parts = Vec::with_capacity(found.len());
    for (part, found) in found.into_iter().enumerate() {
        for (line, problem) in found.problems {
            let is_first = broken.get(&line.rule).is_none_or(|known| (line, part) < (known.0, known.1));
            if is_first {
                broken.insert(line.rule, (line, part, problem));
            }
        }
        parts.push(found.drafts);
    }
    if !broken.is_empty() {
        for drafts in &mut parts {
            drafts.retain(|draft| !broken.contains_key(&draft.line.rule));
        }
    }
    diagnostics.extend(broken.into_values().map(|(.., problem)| problem));
    parts
}

/// What findings say of entities and records, whatever rules ask for.
const ALWAYS: &[&str] = &["id", "kind", "instance_profiles", "nodes", "used_by", "owners", "path", "what"];

/// The attributes that rules ask for, or findings show.
pub(super) fn wanted_of(needed: &Needed) -> Option<BTreeSet<Box<str>>> {
    let keys = needed.keys.clone()?;
    Some(keys.into_iter().chain(ALWAYS.iter().map(|name| Box::from(*name))).collect())
}

fn all_kinds() -> BTreeSet<usize> {
    (0..schema::kinds().len()).collect()
}

/// One of several that a line says of the same value: the value may be judged for several entities that share it.
fn merge(raised: Vec<Raised>, presenter: &Presenter<'_>, worlds: &Worlds, everything: bool) -> Vec<Raised> {
    let mut out: Vec<Raised> = Vec::with_capacity(raised.len());
    let mut known: FxHashMap<(Line, Status, NodeId), Vec<usize>> = FxHashMap::default();
    for mut one in raised {
        one.check.under = presenter.when(&one.check);
        if one.check.under.is_never() {
            continue;
        }
        let place = presenter.written(one.check.node);
        // Without a message of its own, a rule says the same everywhere.
        let here = known.entry((one.line, one.check.status, place)).or_default();
        let same = |index: &usize| {
            out.get(*index).is_some_and(|first: &Raised| first.check.message == one.check.message)
        };
        let first = here.iter().copied().find(same);
        if let Some(first) = first.and_then(|index| out.get_mut(index)) {
            first.check.under = worlds.or(first.check.under, one.check.under);
            first.check.severity = first.check.severity.max(one.check.severity);
            // Whether another part was first to say it is seen later.
            if !everything || one.check.entity != first.check.entity {
                first.others.extend(one.check.entity);
            }
        } else {
            here.push(out.len());
            out.push(one);
        }
    }
    out
}
