//! What the documents of an inventory do with values: worked out once, before facts are made of it.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::document::{Condition, Conditions, HoleKind, NodeId, Piece, Tree, View};
use crate::model::{Entity, EntityId, Inventory, Kind};
use crate::ssm::flow::{self, Flow};
use crate::ssm::problems::{self, Problem};
use crate::ssm::{Document, DocumentKind};

use super::arguments::{self, Misfit};
use super::closed;
use super::twins::{Shift, Twins};

/// What is known of one document.
#[derive(Debug)]
pub(super) struct Analysis {
    pub(super) document: Document,
    pub(super) flows: Vec<Flow>,
    pub(super) problems: Vec<Problem>,
    /// What its steps give to other documents, and does not fit them.
    pub(super) calls: Vec<Misfit>,
}

/// The analyses of all documents, by entity. One that is a choice of contents has several.
pub(super) type Analyses = FxHashMap<EntityId, Vec<Analysis>>;

/// Works out all documents of an inventory.
pub(super) fn analyse(tree: &Tree, conditions: &mut Conditions, inventory: &Inventory) -> Analyses {
    let read = |&id: &EntityId| {
        let Some(entity) = inventory.entity(id) else { return Vec::new() };
        let declared = declared(tree, entity);
        let documents = contents(tree, entity).into_iter();
        let documents =
            documents.filter_map(|(root, when)| Some((Document::read(tree, root, declared)?, when)));
        documents.map(|(document, when)| ((id, document), under(inventory, entity, when))).collect()
    };
    let (mut read, unders): (Vec<(EntityId, Document)>, Vec<Vec<Condition>>) =
        inventory.of_kind(Kind::Document).par_iter().flat_map_iter(read).unzip();
    let names = Names::of(tree, inventory, &read);
    if inventory.is_closed() {
        closed::close(tree, conditions, inventory, &mut read, &|node| names.all(tree, node));
    }
    let resolve = |node: NodeId| {
        let all = names.all(tree, node).into_iter();
        all.filter_map(|at| Some((&read.get(at)?.1, unders.get(at)?.clone()))).collect::<Vec<_>>()
    };
    let twins = twins(tree, inventory, &read);
    let work_out = |at: usize| {
        let (_, document) = read.get(at).filter(|_| twins.is_first(at))?;
        let mut flows = flow::flows(tree, document, &resolve);
        let mut problems = problems::problems(tree, document);
        let mut calls = arguments::of_calls(tree, document, &resolve);
        flows.shrink_to_fit();
        problems.shrink_to_fit();
        calls.shrink_to_fit();
        Some((flows, problems, calls))
    };
    let mut made: Vec<Option<Found>> = (0..read.len()).into_par_iter().map(work_out).collect();
    let of_first = |at: usize| {
        let (first, shift) = twins.get(at)?;
        Some((at, moved(made.get(*first)?.as_ref()?, shift)))
    };
    let copies: Vec<(usize, Found)> = (0..read.len()).into_par_iter().filter_map(of_first).collect();
    for (at, copy) in copies {
        if let Some(one) = made.get_mut(at) {
            *one = Some(copy);
        }
    }
    let made = made.into_iter().map(Option::unwrap_or_default);
    let mut out = Analyses::default();
    for ((id, document), (flows, problems, calls)) in read.into_iter().zip(made) {
        // Nearly always there is one.
        let known = out.entry(id).or_insert_with(|| Vec::with_capacity(1));
        known.push(Analysis { document, flows, problems, calls });
    }
    out
}

/// What was found of a document.
type Found = (Vec<Flow>, Vec<Problem>, Vec<Misfit>);

/// Documents of one text, which are alike in all that is worked out of them alone.
fn twins(tree: &Tree, inventory: &Inventory, read: &[(EntityId, Document)]) -> Twins {
    let each = read.iter().map(|(id, document)| {
        // What callers pass is known of each document apart.
        let own = inventory.is_closed().then_some(*id);
        (document.root, (document.kind, own))
    });
    Twins::of(tree, each)
}

/// What was found of a document, as that of another one with the same text.
fn moved((flows, problems, calls): &Found, shift: &Shift) -> Found {
    let own = |node: &mut NodeId| *node = shift.node(*node);
    let (mut flows, mut problems, mut calls) = (flows.clone(), problems.clone(), calls.clone());
    for flow in &mut flows {
        own(&mut flow.node);
        own(&mut flow.source.node);
        flow.path.iter_mut().for_each(|hop| own(&mut hop.node));
    }
    problems.iter_mut().for_each(|problem| own(&mut problem.node));
    calls.iter_mut().for_each(|call| own(&mut call.node));
    (flows, problems, calls)
}

/// The declared type; `Command` where CloudFormation is not told.
fn declared(tree: &Tree, entity: &Entity) -> Option<DocumentKind> {
    DocumentKind::named(tree.string(entity.get("document_type")?)?)
}

/// The contents that a document can have, each with what must hold.
fn contents(tree: &Tree, entity: &Entity) -> Vec<(NodeId, Condition)> {
    let Some(content) = entity.get("content") else { return Vec::new() };
    match tree.view(content) {
        View::Choice(alternatives) => {
            alternatives.iter().filter_map(|one| Some((one.value?, one.condition))).collect()
        }
        _ => vec![(content, Condition::ALWAYS)],
    }
}

/// What must hold for a document with one of its contents to be there.
fn under(inventory: &Inventory, entity: &Entity, content: Condition) -> Vec<Condition> {
    let resource = inventory.resource(entity.resource).map_or(Condition::ALWAYS, |resource| resource.under);
    let mut all = vec![resource, entity.under, content];
    all.retain(|one| !one.is_always());
    all
}

/// The documents by what other documents call them.
struct Names {
    by_name: FxHashMap<Box<str>, Vec<usize>>,
    by_resource: FxHashMap<NodeId, usize>,
    /// For each document, the next one that its resource may be instead.
    next: FxHashMap<usize, usize>,
}

impl Names {
    fn of(tree: &Tree, inventory: &Inventory, read: &[(EntityId, Document)]) -> Self {
        let mut names = Self {
            by_name: FxHashMap::default(),
            by_resource: FxHashMap::default(),
            next: FxHashMap::default(),
        };
        let mut last: FxHashMap<NodeId, usize> = FxHashMap::default();
        for (index, (id, _)) in read.iter().enumerate() {
            let Some(entity) = inventory.entity(*id) else { continue };
            if let Some(name) = entity.get("name").and_then(|node| tree.string(node)) {
                names.by_name.entry(name.into()).or_default().push(index);
            }
            if let Some(resource) = inventory.resource(entity.resource) {
                names.by_resource.entry(resource.node).or_insert(index);
                if let Some(before) = last.insert(resource.node, index) {
                    names.next.insert(before, index);
                }
            }
        }
        names
    }

    /// The documents that a value may name.
    fn all(&self, tree: &Tree, node: NodeId) -> Vec<usize> {
        match tree.view(node) {
            View::String(text) => {
                let bare = text.split_once(":document/").map_or(text, |(_, name)| name);
                self.by_name.get(bare).cloned().unwrap_or_default()
            }
            View::Text([Piece::Hole(hole)]) => match &hole.kind {
                HoleKind::Name { resource } | HoleKind::Arn { resource, .. } => {
                    let first = self.by_resource.get(resource).copied();
                    std::iter::successors(first, |at| self.next.get(at).copied()).collect()
                }
                _ => Vec::new(),
            },
            View::Choice(alternatives) => {
                let each =
                    alternatives.iter().filter_map(|one| one.value).flat_map(|value| self.all(tree, value));
                let mut all: Vec<usize> = each.collect();
                all.sort_unstable();
                all.dedup();
                all
            }
            _ => Vec::new(),
        }
    }
}
