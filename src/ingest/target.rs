//! What a value leads to: by reference first, by name second.

use std::hash::BuildHasher;

use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::catalog;
use crate::document::{Condition, Conditions, Derivation, HoleKind, NodeId, Piece, Tree, Tri, View};
use crate::model::{EntityId, Inventory, Kind, ResourceId, Target};

use super::assembly::End;

/// Something that a value may lead to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) target: Target,
    /// The single value (not the list or choice around it) that leads there.
    pub(crate) value: Option<NodeId>,
    /// When it does.
    pub(crate) under: Condition,
}

impl Found {
    /// The entity, where there is one.
    pub(crate) fn entity(&self) -> Option<EntityId> {
        match self.target {
            Target::Entity(entity, _) => Some(entity),
            Target::Outside | Target::Unknown => None,
        }
    }
}

/// Entities by the resource that declares them and by their names.
pub(crate) struct Finder<'a> {
    scopes: Scopes<'a>,
    /// When a document is there that is one of several which its resource may be.
    unders: FxHashMap<EntityId, Condition>,
    /// In the order of the nodes, and for one node in the order of the entities.
    by_resource: Vec<(NodeId, Kind, EntityId)>,
    /// In the order of the hashes of kinds and names, and for one hash in the order of the entities.
    by_name: Vec<Named>,
}

/// Which accounts and templates resources are in: names are not compared across them.
#[derive(Clone, Copy)]
pub(crate) struct Scopes<'a> {
    /// The scope of each resource; 0 where the input does not tell several apart.
    pub(crate) of: &'a FxHashMap<ResourceId, u32>,
    /// The scope of each account, where several inputs are read together.
    pub(crate) accounts: &'a FxHashMap<String, u32>,
    /// Where a name is looked for that is unknown in a scope.
    pub(crate) neighbours: &'a FxHashMap<u32, Vec<u32>>,
}

/// An entity that has a name.
#[derive(Clone, Copy, Debug)]
struct Named {
    /// Of its kind and its name.
    hash: u64,
    name: NodeId,
    kind: Kind,
    entity: EntityId,
    /// The account that it is in; 0 where the input does not tell accounts apart.
    scope: u32,
    /// The input only reads it.
    outside: bool,
}

impl<'a> Finder<'a> {
    pub(crate) fn new(tree: &Tree, inventory: &Inventory, scopes: Scopes<'a>) -> Self {
        let mut finder =
            Self { scopes, unders: FxHashMap::default(), by_resource: Vec::new(), by_name: Vec::new() };
        finder.by_resource.reserve(inventory.entities().len());
        finder.by_name.reserve(inventory.entities().len());
        for (index, entity) in (0u32..).zip(inventory.entities()) {
            let id = EntityId(index);
            if entity.kind == Kind::Document && !entity.under.is_always() {
                finder.unders.insert(id, entity.under);
            }
            if let Some(resource) = inventory.resource(entity.resource) {
                finder.by_resource.push((resource.node, entity.kind, id));
            }
            if let Some((node, name)) = entity.get("name").and_then(|node| Some((node, tree.string(node)?))) {
                finder.by_name.push(Named {
                    hash: hash(entity.kind, name),
                    name: node,
                    kind: entity.kind,
                    entity: id,
                    scope: scopes.of.get(&entity.resource).copied().unwrap_or(0),
                    outside: entity.get("outside").is_some(),
                });
            }
        }
        finder.by_resource.sort_by_key(|(node, ..)| *node);
        finder.by_name.sort_by_key(|named| named.hash);
        finder
    }

    /// Everything that one end of a link may be.
    pub(crate) fn ends(&self, end: End, scope: u32, conditions: &mut Conditions, tree: &Tree) -> Vec<Found> {
        match end {
            End::Entity(entity) => {
                vec![Found {
                    target: Target::Entity(entity, Tri::Yes),
                    value: None,
                    under: Condition::ALWAYS,
                }]
            }
            End::Value(node, kinds) => {
                let mut out = Vec::new();
                self.collect(
                    tree,
                    conditions,
                    Visit { node, scope, under: Condition::ALWAYS, depth: 8 },
                    kinds,
                    &mut out,
                );
                out
            }
        }
    }

    fn collect(
        &self,
        tree: &Tree,
        conditions: &mut Conditions,
        at: Visit,
        kinds: &[Kind],
        out: &mut Vec<Found>,
    ) {
        let Some(depth) = at.depth.checked_sub(1) else { return };
        match tree.view(at.node) {
            View::List(list) => {
                for node in list.iter() {
                    self.collect(tree, conditions, Visit { node, depth, ..at }, kinds, out);
                }
            }
            View::Choice(alternatives) => {
                for alternative in alternatives {
                    let under = conditions.and(at.under, alternative.condition);
                    if let (Some(node), false) = (alternative.value, under.is_never()) {
                        self.collect(tree, conditions, Visit { node, under, depth, ..at }, kinds, out);
                    }
                }
            }
            View::Null => {}
            _ => {
                for target in self.single(tree, at, kinds) {
                    let own = match target {
                        Target::Entity(entity, _) => self.unders.get(&entity).copied(),
                        Target::Outside | Target::Unknown => None,
                    };
                    let under = own.map_or(at.under, |own| conditions.and(at.under, own));
                    if !under.is_never() {
                        out.push(Found { target, value: Some(at.node), under });
                    }
                }
            }
        }
    }

    /// What one value leads to.
    fn single(&self, tree: &Tree, at: Visit, kinds: &[Kind]) -> Vec<Target> {
        let Visit { node, scope, .. } = at;
        if let Some(found) = self.by_reference(tree, node, kinds) {
            return found;
        }
        match tree.view(node) {
            View::String(text) => self.by_text(tree, text, scope, kinds),
            View::Text(pieces) => self.by_pieces(tree, pieces, scope, kinds),
            View::Unknown(_) => vec![Target::Unknown],
            _ => vec![Target::Outside],
        }
    }

    /// The entity that a reference leads to: a hole of the text, or what the value was derived from.
    fn by_reference(&self, tree: &Tree, node: NodeId, kinds: &[Kind]) -> Option<Vec<Target>> {
        if let View::Text(pieces) = tree.view(node) {
            let found = referred(pieces).and_then(|resource| self.declared(resource, kinds));
            if found.is_some() {
                return found;
            }
        }
        let derivation = tree.derivation(node)?;
        // What a text was put together from is not what it names.
        if matches!(derivation.by, "Fn::Sub" | "Fn::Join" | "Fn::FindInMap") {
            return None;
        }
        derivation
            .from
            .iter()
            .find_map(|&from| self.declared(from, kinds).or_else(|| self.chained(tree, from, kinds)))
            .or_else(|| self.handed_on(tree, &derivation, kinds))
    }

    /// What another stack hands on: an import is what the export is, an output what it is inside.
    fn handed_on(&self, tree: &Tree, derivation: &Derivation, kinds: &[Kind]) -> Option<Vec<Target>> {
        if !matches!(derivation.by, "Fn::ImportValue" | "Fn::GetStackOutput" | "Fn::GetAtt") {
            return None;
        }
        derivation.from.iter().find_map(|&inside| self.by_reference(tree, inside, kinds))
    }

    /// A value that was derived from a value that was derived from a resource.
    fn chained(&self, tree: &Tree, node: NodeId, kinds: &[Kind]) -> Option<Vec<Target>> {
        let derivation = tree.derivation(node)?;
        derivation.from.iter().find_map(|&from| self.declared(from, kinds))
    }

    fn declared(&self, resource: NodeId, kinds: &[Kind]) -> Option<Vec<Target>> {
        let start = self.by_resource.partition_point(|(node, ..)| *node < resource);
        let behind = self.by_resource.get(start..).unwrap_or_default();
        let entities = behind.iter().take_while(|(node, ..)| *node == resource);
        let (_, first, _) = entities.clone().find(|(_, kind, _)| kinds.contains(kind))?;
        // A document may be one of several, each under its conditions.
        let same = entities.filter(|(_, kind, _)| kind == first);
        let most = if *first == Kind::Document { usize::MAX } else { 1 };
        Some(same.take(most).map(|(.., entity)| Target::Entity(*entity, Tri::Yes)).collect())
    }

    /// The entities of a kind with a name. IAM names are unique without case, so that no name is compared by case.
    fn called<'f>(&'f self, tree: &'f Tree, kind: Kind, name: &'f str) -> impl Iterator<Item = &'f Named> {
        let wanted = hash(kind, name);
        let start = self.by_name.partition_point(|named| named.hash < wanted);
        let behind = self.by_name.get(start..).unwrap_or_default();
        let is_called = move |named: &&Named| {
            let own = tree.string(named.name);
            named.kind == kind && own.is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        behind.iter().take_while(move |named| named.hash == wanted).filter(is_called)
    }

    /// A name, or an ARN whose last part is one.
    fn by_text(&self, tree: &Tree, text: &str, scope: u32, kinds: &[Kind]) -> Vec<Target> {
        let Some(name) = arn_name(text) else { return self.named(tree, text, scope, kinds) };
        let account = text.split(':').nth(4).filter(|account| account.len() == 12);
        let scope = match account.filter(|_| !self.scopes.accounts.is_empty()) {
            None => scope,
            Some(account) => match self.scopes.accounts.get(account) {
                Some(&scope) => scope,
                None => return vec![Target::Outside],
            },
        };
        self.named(tree, name, scope, kinds)
    }

    /// The entities of a name, those of other accounts left out. What the input declares goes before what it only reads.
    fn named(&self, tree: &Tree, name: &str, scope: u32, kinds: &[Kind]) -> Vec<Target> {
        let all: Vec<&Named> = kinds.iter().flat_map(|kind| self.called(tree, *kind, name)).collect();
        let mut here: Vec<&Named> = all.iter().copied().filter(|one| one.scope == scope).collect();
        if let (true, Some(near)) = (here.is_empty(), self.scopes.neighbours.get(&scope)) {
            here = all.into_iter().filter(|one| near.contains(&one.scope)).collect();
        }
        let declared = here.iter().any(|one| !one.outside);
        let chosen = here.into_iter().filter(|one| !(declared && one.outside));
        let found: Vec<_> = chosen.map(|one| Target::Entity(one.entity, Tri::Yes)).collect();
        if found.is_empty() { vec![Target::Outside] } else { found }
    }

    /// A text with holes: if everything behind its last separator is known, that is the name.
    fn by_pieces(&self, tree: &Tree, pieces: &[Piece], scope: u32, kinds: &[Kind]) -> Vec<Target> {
        let Some(Piece::Literal(tail)) = pieces.last() else { return vec![Target::Unknown] };
        let starts_as_arn = matches!(pieces.first(), Some(Piece::Literal(head)) if head.starts_with("arn:"));
        match tail.rsplit_once(['/', ':']) {
            Some((_, name)) if starts_as_arn && !name.is_empty() => self.named(tree, name, scope, kinds),
            _ => vec![Target::Unknown],
        }
    }
}

fn hash(kind: Kind, name: &str) -> u64 {
    FxBuildHasher.hash_one((kind, catalog::hash_without_case(name)))
}

/// The resource that a text names: by a hole alone, or by one that ends an ARN (but for a version).
fn referred(pieces: &[Piece]) -> Option<NodeId> {
    let (hole, is_arn) = match pieces {
        [Piece::Hole(hole)] => (hole, false),
        [Piece::Literal(head), .., Piece::Hole(hole)] if head.starts_with("arn:") => (hole, true),
        [Piece::Literal(head), .., Piece::Hole(hole), Piece::Literal(tail)]
            if head.starts_with("arn:") && tail.starts_with(':') =>
        {
            (hole, true)
        }
        _ => return None,
    };
    match &hole.kind {
        HoleKind::Name { resource } | HoleKind::Arn { resource, .. } => Some(*resource),
        HoleKind::Attribute { resource, .. } if !is_arn => Some(*resource),
        _ => None,
    }
}

#[derive(Clone, Copy)]
struct Visit {
    node: NodeId,
    scope: u32,
    under: Condition,
    depth: usize,
}

/// The name at the end of an ARN, if the text is one. AWS managed policies have none: they are never declared.
pub(crate) fn arn_name(text: &str) -> Option<&str> {
    let mut fields = text.splitn(6, ':');
    if fields.next()? != "arn" {
        return None;
    }
    let (_partition, service, _region, account) =
        (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    if account == "aws" {
        return Some("");
    }
    let resource = fields.next()?;
    // Versions of documents and streams of log groups are not part of the name.
    let resource = match service {
        "ssm" => resource.split(':').next().unwrap_or(resource),
        "logs" => resource.strip_suffix(":*").unwrap_or(resource),
        _ => resource,
    };
    Some(match service {
        // Names of log groups and parameters hold slashes.
        "logs" => resource.strip_prefix("log-group:").unwrap_or(resource),
        _ => resource.rsplit(['/', ':']).next().unwrap_or(resource),
    })
}
