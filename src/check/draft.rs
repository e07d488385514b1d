//! Findings in the making: parts of the entities are judged apart, and what they give is put together here.

use std::collections::hash_map::Entry;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::document::{Condition, Location, NodeId, Source};
use crate::model::{EntityId, ResourceId};
use crate::rules::{Division, Line, Program, RuleId, Status, Worlds};

use super::config::Config;
use super::present::{Presenter, Raised};
use super::{Finding, Severity};

/// An entity of which something is said.
#[derive(Debug)]
pub(super) struct Affected {
    pub(super) entity: EntityId,
    /// The places of what has it or uses it; nothing where they have to be found again, because another resource is to
    /// be changed than was thought.
    pub(super) places: Option<Vec<(Location, String)>>,
}

/// A finding, but for what other parts of the input say of the same.
#[derive(Debug)]
pub(super) struct Draft {
    /// What of the rule says so.
    pub(super) line: Line,
    pub(super) status: Status,
    /// When it is so.
    pub(super) under: Condition,
    /// How much it matters, where the value says that.
    pub(super) severity: Option<Severity>,
    /// The node that was written where the value stands.
    pub(super) place: NodeId,
    /// The hash of what the rule says.
    pub(super) said: u64,
    /// The entity that was judged.
    pub(super) entity: Option<EntityId>,
    /// The resource that a person would change.
    pub(super) resource: Option<ResourceId>,
    /// From where on the finding's related places are those of that entity.
    pub(super) own: usize,
    /// Other entities of which the same is true.
    pub(super) affected: Vec<Affected>,
    /// Whether its fixes were worked out.
    pub(super) mended: bool,
    /// What it covers, and by what it is covered, where one rule can say more than another.
    pub(super) ground: Option<Box<Ground>>,
    pub(super) finding: Box<Finding>,
}

/// What was found of a part, or of everything. Drafts are large, and are put in order.
pub(super) type Drafts = Vec<Box<Draft>>;

/// The nodes that count where one rule says more than another.
#[derive(Debug, Default)]
pub(super) struct Ground {
    /// What a rule that supersedes others is about, and everything around that.
    extent: Option<(NodeId, Vec<NodeId>)>,
    /// The value and everything around it, for a rule that others supersede.
    around: Vec<NodeId>,
}

/// Which rules supersede which.
#[derive(Debug)]
pub(super) struct Stance<'p> {
    program: &'p Program,
    /// The ids of rules that others supersede.
    superseded: FxHashSet<&'p str>,
}

impl<'p> Stance<'p> {
    pub(super) fn new(program: &'p Program, asked: &[RuleId]) -> Self {
        let rules = asked.iter().filter_map(|id| program.rule(*id));
        let superseded = rules.flat_map(|rule| rule.metadata().supersedes.iter().map(|id| &**id)).collect();
        Self { program, superseded }
    }

    fn by(&self, rule: RuleId) -> &'p [Box<str>] {
        self.program.rule(rule).map_or(&[], |rule| &rule.metadata().supersedes)
    }

    fn id(&self, rule: RuleId) -> &'p str {
        self.program.rule(rule).map_or("", |rule| rule.id())
    }

    /// The nodes that count for what a rule says.
    pub(super) fn ground(&self, presenter: &Presenter<'_>, raised: &Raised) -> Option<Box<Ground>> {
        let rule = raised.line.rule;
        let (covers, node) =
            (!self.by(rule).is_empty() && raised.check.status == Status::Fail, raised.check.node);
        let covered = self.superseded.contains(self.id(rule));
        (covers || covered).then(|| {
            let extent = covers.then(|| {
                let place = presenter.extent(node);
                (presenter.written(place), presenter.within_resource(place))
            });
            let around = if covered { presenter.within_resource(node) } else { Vec::new() };
            Box::new(Ground { extent, around })
        })
    }

    /// Leaves out what a more specific rule says of the same place.
    pub(super) fn leave_out_superseded(&self, drafts: &mut Drafts, worlds: &Worlds) {
        let covered = drafts.iter().filter(|draft| self.superseded.contains(self.id(draft.line.rule)));
        let places: FxHashSet<NodeId> = covered.map(|draft| draft.place).collect();
        // Where the specific rules have found something: at the value, and at everything around it.
        let mut at: FxHashMap<(&str, NodeId), Whens> = FxHashMap::default();
        let mut around: FxHashMap<(&str, NodeId), Whens> = FxHashMap::default();
        for draft in &*drafts {
            let Some((place, within)) = draft.ground.as_ref().and_then(|ground| ground.extent.as_ref())
            else {
                continue;
            };
            for superseded in self.by(draft.line.rule) {
                for &node in within.iter().filter(|node| places.contains(node)) {
                    Whens::add(around.entry((superseded, node)), draft.under);
                }
                Whens::add(at.entry((superseded, *place)), draft.under);
            }
        }
        if at.is_empty() {
            return;
        }
        drafts.retain(|draft| {
            let Some(ground) = &draft.ground else { return true };
            let id = self.id(draft.line.rule);
            let inside = around.get(&(id, draft.place)).into_iter();
            let outside = ground.around.iter().filter_map(|&node| at.get(&(id, node)));
            let mut whens = inside.chain(outside).flat_map(Whens::all);
            !whens.any(|when| worlds.implies(draft.under, when))
        });
    }
}

/// The conditions under which something was found, each once; mostly there is one.
struct Whens(Condition, Vec<Condition>);

impl Whens {
    fn add(entry: Entry<'_, (&str, NodeId), Self>, when: Condition) {
        match entry {
            Entry::Occupied(mut known) => {
                let Self(first, others) = known.get_mut();
                if *first != when && !others.contains(&when) {
                    others.push(when);
                }
            }
            Entry::Vacant(free) => {
                free.insert(Self(when, Vec::new()));
            }
        }
    }

    fn all(&self) -> impl Iterator<Item = Condition> + '_ {
        std::iter::once(self.0).chain(self.1.iter().copied())
    }
}

/// Where something stands in a file: alternatives of a document in a text are read apart, from the same text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Spot {
    Text(Option<ResourceId>, *const Source, u32, u32),
    Node(NodeId),
}

/// Puts together what was found of parts of the entities: one draft for each defect, in the order of the rules.
pub(super) fn join(parts: Vec<Drafts>, division: &Division, worlds: &Worlds) -> Drafts {
    let mut all = Vec::with_capacity(parts.iter().map(Vec::len).sum());
    for part in parts {
        all.extend(part);
    }
    all.par_sort_by_key(|draft| draft.line);
    // What is sure of one entity settles, for a line that asks whether there is anything, what is open of others.
    let mut sure: FxHashMap<Line, Condition> = FxHashMap::default();
    for draft in all.iter().filter(|one| one.status == Status::Fail && division.is_selection(one.line)) {
        let so_far = sure.entry(draft.line).or_insert(Condition::NEVER);
        *so_far = worlds.or(*so_far, draft.under);
    }
    let join = |group: &mut [Box<Draft>]| (group.len(), join_rule(group, &sure, worlds));
    // New conditions are numbered as they come up, so that there must be one order.
    let kept: Vec<(usize, usize)> = if all.iter().all(|draft| draft.under.is_always()) {
        all.par_chunk_by_mut(|left, right| left.line.rule == right.line.rule).map(join).collect()
    } else {
        all.chunk_by_mut(|left, right| left.line.rule == right.line.rule).map(join).collect()
    };
    let (mut from, mut to) = (0, 0);
    for (length, kept) in kept {
        for at in 0..kept {
            all.swap(to + at, from + at);
        }
        (from, to) = (from + length, to + kept);
    }
    all.truncate(to);
    all
}

/// Puts together what one rule says: those that stay come first, and it is said how many they are.
fn join_rule(drafts: &mut [Box<Draft>], sure: &FxHashMap<Line, Condition>, worlds: &Worlds) -> usize {
    let mut known: FxHashMap<(Status, Spot, u64), usize> = FxHashMap::default();
    known.reserve(drafts.len() * 2);
    let mut kept = 0;
    for at in 0..drafts.len() {
        let (before, from) = drafts.split_at_mut(at);
        let Some(draft) = from.first_mut() else { break };
        if let Some(sure) = sure.get(&draft.line).filter(|_| draft.status == Status::Unknown) {
            draft.under = worlds.and_not(draft.under, *sure);
        }
        if draft.under.is_never() {
            continue;
        }
        let key = |spot: Spot| (draft.status, spot, draft.said);
        let (node, text) = (key(Spot::Node(draft.place)), draft.text().map(key));
        let same = known.get(&node).or_else(|| known.get(text.as_ref()?)).copied();
        if let Some(first) = same.and_then(|index| before.get_mut(index)) {
            first.absorb(draft, worlds);
        } else {
            known.insert(node, kept);
            known.extend(text.map(|text| (text, kept)));
            drafts.swap(kept, at);
            kept += 1;
        }
    }
    kept
}

impl Draft {
    /// The draft as it is kept until all parts are judged: without room for more.
    pub(super) fn kept(mut self) -> Self {
        let Finding { message, evidence, related, .. } = &mut *self.finding;
        message.shrink_to_fit();
        evidence.shrink_to_fit();
        related.shrink_to_fit();
        self
    }

    /// The text of its resource that it is about.
    fn text(&self) -> Option<Spot> {
        let place = self.finding.place.as_ref()?;
        Some(Spot::Text(self.resource, Arc::as_ptr(&place.source), place.start, place.end))
    }

    /// Takes what another one says of the same.
    fn absorb(&mut self, other: &mut Self, worlds: &Worlds) {
        self.under = worlds.or(self.under, other.under);
        self.severity = self.severity.max(other.severity);
        let places = other.finding.related.split_off(other.own.min(other.finding.related.len()));
        let own = other.entity.map(|entity| Affected { entity, places: Some(places) });
        let others = own.into_iter().chain(std::mem::take(&mut other.affected));
        let others = others.filter(|one| Some(one.entity) != self.entity);
        let same = self.resource == other.resource;
        if other.mended && !self.mended {
            self.mended = true;
            self.finding.fixes = std::mem::take(&mut other.finding.fixes);
        }
        self.affected.extend(others.map(|one| Affected { places: one.places.filter(|_| same), ..one }));
    }

    /// The finding, with the names of the conditions that it needs.
    pub(super) fn finish(self, under: Vec<String>, program: &Program, config: &Config) -> Box<Finding> {
        let Self { line, severity, entity, affected, mut finding, .. } = self;
        finding.severity = self::severity(program, config, line.rule, severity);
        for other in affected.into_iter().filter(|other| Some(other.entity) != entity) {
            finding.related.extend(other.places.into_iter().flatten());
        }
        finding.related.dedup_by(|left, right| left.1 == right.1 && left.0.start == right.0.start);
        finding.related.shrink_to_fit();
        finding.under = under;
        finding
    }
}

/// How much it matters what a rule says: as the configuration has it, the value, or the rule itself.
pub(super) fn severity(
    program: &Program,
    config: &Config,
    rule: RuleId,
    of_value: Option<Severity>,
) -> Severity {
    let rule = program.rule(rule);
    let own = config.severity_of(rule.map_or("", |rule| rule.id()));
    let given = rule.and_then(|rule| rule.metadata().severity);
    own.or(of_value).or(given).unwrap_or(Severity::Medium)
}
