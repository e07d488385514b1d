//! What a change lets principals do that they could not do before, and the other way round.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use rayon::prelude::*;
use similar::TextDiff;

use crate::catalog;
use crate::document::{Condition, Conditions, Limits, NodeId, Source, Tree, json as reader};
use crate::facts::{self, Holder, PolicyText};
use crate::iam::compare::{Difference, Witness, compare, trusted};
use crate::iam::{Policy, PolicyKind};
use crate::model::Inventory;

/// Principals that are new or gone are compared only where there are no more of them than this.
const ALONE: usize = 100;
/// What stands for what is sensitive.
const SENSITIVE: &str = "(sensitive)";

/// What changes for one holder of permissions.
#[derive(Clone, Debug)]
pub struct PermissionChange {
    /// The logical id or address of the resource that declares it.
    pub entity: String,
    /// What it is.
    pub kind: &'static str,
    /// What it may do now and could not do before, and the other way round.
    pub difference: Difference,
    /// Who may use it now and could not before: a line each.
    pub trust_gained: Vec<String>,
    /// Who could use it before and may not now.
    pub trust_lost: Vec<String>,
    /// The difference of the documents' texts.
    pub text: String,
    /// Whether it may do more, or more may use it.
    pub grants_more: bool,
}

impl PermissionChange {
    fn is_empty(&self) -> bool {
        self.difference.is_empty() && self.trust_gained.is_empty() && self.trust_lost.is_empty()
    }

    /// Says under which conditions the change is one.
    fn narrow(&mut self, when: &str) {
        for witness in self.difference.gained.iter_mut().chain(&mut self.difference.lost) {
            witness.conditions.push(format!("under {when}"));
        }
        for line in self.trust_gained.iter_mut().chain(&mut self.trust_lost) {
            line.push_str(&format!(" (under {when})"));
        }
    }

    /// Adds what changes in another case.
    fn add(&mut self, other: Self) {
        let lists = [
            (&mut self.difference.gained, other.difference.gained),
            (&mut self.difference.lost, other.difference.lost),
        ];
        for (own, more) in lists {
            own.extend(more);
            own.sort();
            own.dedup();
        }
        for (own, more) in
            [(&mut self.trust_gained, other.trust_gained), (&mut self.trust_lost, other.trust_lost)]
        {
            own.extend(more);
            own.sort();
            own.dedup();
        }
        if !self.text.contains(&other.text) {
            self.text.push_str(&other.text);
        }
        self.grants_more |= other.grants_more;
    }

    /// Says that something changes, and not what.
    fn hide(&mut self) {
        let hidden = || SENSITIVE.to_owned();
        for list in [&mut self.difference.gained, &mut self.difference.lost] {
            for witness in list.iter_mut() {
                witness.actions = vec![hidden()];
                witness.resource = hidden();
                witness.conditions.clear();
            }
            list.sort();
            list.dedup();
        }
        for list in [&mut self.trust_gained, &mut self.trust_lost] {
            for line in list.iter_mut() {
                *line = hidden();
            }
            list.dedup();
        }
    }
}

/// What a deployment changes for the roles, users and groups that it declares, by id; and how many of them are new or
/// gone, where these are too many to be compared.
pub(super) fn of_deployment(
    tree: &Tree,
    conditions: &mut Conditions,
    named: &[(Box<str>, Condition)],
    sides: [&Inventory; 2],
) -> (Vec<PermissionChange>, usize) {
    let (sides, hidden) = facts::changed(tree, conditions, named, sides, ALONE);
    let all = sides.into_par_iter().filter_map(|[old, new]| in_cases(&old, &new));
    (all.filter(|change| !change.is_empty()).collect(), hidden)
}

/// Compares the holders of both sides by their ids; two inputs of one holder each are compared whatever it is called. A
/// holder that has other permissions under other conditions is compared case by case.
pub fn changes(before: Vec<Holder>, after: Vec<Holder>) -> Vec<PermissionChange> {
    let ids = |all: &[Holder]| all.iter().map(|one| (one.id.clone(), one.kind)).collect::<BTreeSet<_>>();
    let single = ids(&before).len() == 1 && ids(&after).len() == 1;
    let mut pairs: BTreeMap<(String, &'static str), [Vec<Holder>; 2]> = BTreeMap::new();
    for (side, holders) in [before, after].into_iter().enumerate() {
        for holder in holders {
            let key = if single { (String::new(), "") } else { (holder.id.clone(), holder.kind) };
            if let Some(slot) = pairs.entry(key).or_default().get_mut(side) {
                slot.push(holder);
            }
        }
    }
    let all = pairs.into_values().filter_map(|[old, new]| in_cases(&old, &new));
    all.filter(|change| !change.is_empty()).collect()
}

/// Compares the cases of one holder: those under the same conditions, and all with one that always holds.
fn in_cases(old: &[Holder], new: &[Holder]) -> Option<PermissionChange> {
    if let ([] | [_], [] | [_]) = (old, new) {
        return change(old.first().cloned(), new.first().cloned());
    }
    let partners = |one: &Holder, others: &[Holder]| -> Vec<Holder> {
        let same: Vec<Holder> = others.iter().filter(|other| other.when == one.when).cloned().collect();
        if same.is_empty() { others.to_vec() } else { same }
    };
    let mut pairs: Vec<[Option<Holder>; 2]> = Vec::new();
    for one in new {
        let others = partners(one, old);
        if others.is_empty() {
            pairs.push([None, Some(one.clone())]);
        }
        pairs.extend(others.into_iter().map(|other| [Some(other), Some(one.clone())]));
    }
    for one in old.iter().filter(|one| !new.iter().any(|other| other.when == one.when)) {
        let others = partners(one, new);
        if others.is_empty() {
            pairs.push([Some(one.clone()), None]);
        }
        pairs.extend(others.into_iter().map(|other| [Some(one.clone()), Some(other)]));
    }
    let mut out: Option<PermissionChange> = None;
    for [old, new] in pairs {
        let whens = [&new, &old].into_iter().flatten().map(|one| one.when.clone());
        let when = whens.filter(|when| !when.is_empty()).collect::<BTreeSet<_>>();
        let when = when.into_iter().collect::<Vec<_>>().join(" instead of ");
        let Some(mut made) = change(old, new) else { continue };
        if !when.is_empty() {
            made.narrow(&when);
        }
        match &mut out {
            Some(all) => all.add(made),
            None => out = Some(made),
        }
    }
    out
}

fn change(old: Option<Holder>, new: Option<Holder>) -> Option<PermissionChange> {
    let sensitive = old.iter().chain(&new).any(Holder::is_sensitive);
    let shown = new.as_ref().or(old.as_ref())?;
    let (entity, kind) = (shown.id.clone(), shown.kind);
    let split = |holder: Option<Holder>| holder.map(|one| (one.identity, one.trust)).unwrap_or_default();
    let ((old_identity, old_trust), (new_identity, new_trust)) = (split(old), split(new));
    let trees = [&old_identity, &new_identity, &old_trust, &new_trust].map(|all| trees(all));
    let [a, b, c, d] = &trees;
    let (old, new) = (policies(a, PolicyKind::Identity), policies(b, PolicyKind::Identity));
    let difference = compare(catalog::embedded(), &old, &new);
    let (was, is) = (trusted(&policies(c, PolicyKind::Trust)), trusted(&policies(d, PolicyKind::Trust)));
    let trust_gained = is.iter().filter(|line| !was.contains(line)).cloned().collect();
    let trust_lost = was.iter().filter(|line| !is.contains(line)).cloned().collect();
    let text = text_difference(&[old_identity, old_trust].concat(), &[new_identity, new_trust].concat());
    let mut made =
        PermissionChange { entity, kind, difference, trust_gained, trust_lost, text, grants_more: false };
    made.grants_more =
        !made.difference.gained.is_empty() || made.trust_gained.iter().any(|line| line.starts_with("Allow"));
    if sensitive {
        made.hide();
    }
    Some(made)
}

fn trees(documents: &[PolicyText]) -> Vec<(Tree, NodeId)> {
    let read = |document: &PolicyText| {
        let text = document.text.as_str();
        let mut tree = Tree::new();
        let file = tree.add_source(Source::from_text("policy.json", text));
        let (root, _) = reader::read(&mut tree, file, text, 0, Limits::default()).ok()?;
        Some((tree, root))
    };
    documents.iter().filter_map(read).collect()
}

fn policies(trees: &[(Tree, NodeId)], kind: PolicyKind) -> Vec<Policy<'_>> {
    let mut conditions = Conditions::new();
    trees.iter().map(|(tree, root)| Policy::read(tree, &mut conditions, *root, kind)).collect()
}

fn text_difference(old: &[PolicyText], new: &[PolicyText]) -> String {
    let pretty = |documents: &[PolicyText]| -> String {
        let all = documents.iter().map(|document| {
            let value: serde_json::Value = serde_json::from_str(&document.shown).unwrap_or_default();
            serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"
        });
        all.collect()
    };
    let (old, new) = (pretty(old), pretty(new));
    TextDiff::from_lines(&old, &new).unified_diff().context_radius(2).to_string()
}

/// A witness as a line: its actions, the resource, the conditions.
pub fn line(witness: &Witness) -> String {
    let shown: Vec<&str> = witness.actions.iter().take(4).map(String::as_str).collect();
    let more = match witness.actions.len().saturating_sub(shown.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let conditions = if witness.conditions.is_empty() {
        String::new()
    } else {
        format!(" ({})", witness.conditions.join("; "))
    };
    let partly = if witness.sure || !witness.conditions.is_empty() { "" } else { " (in part)" };
    format!("{}{more} on {}{partly}{conditions}", shown.join(", "), witness.resource)
}
