//! Putting an inventory together.
//!
//! Formats add resources and entities as they come, and links as pairs of ends of which either may still be a value: a
//! name, an ARN, a reference. When everything is declared, [`Assembly::tie`] finds what the values lead to.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::document::{Condition, Conditions, Diagnostic, NodeId, Piece, Tree, Tri, View};
use crate::model::{Entity, EntityId, Inventory, Kind, Link, Relation, Resource, ResourceId, Target};

use super::alternatives;
use super::target::{Finder, Found, Scopes};

/// One end of a link.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    /// An entity that is known already.
    Entity(EntityId),
    /// A value that names an entity of one of these kinds; a list names several.
    Value(NodeId, &'static [Kind]),
}

/// A link whose ends are yet to be found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tie {
    pub(crate) relation: Relation,
    pub(crate) from: End,
    pub(crate) to: End,
    /// The value that makes the link, where that is neither end's.
    pub(crate) value: Option<NodeId>,
    pub(crate) resource: ResourceId,
    pub(crate) under: Condition,
}

/// The value that says which role a document's automation runs with.
fn assumed_role(tree: &Tree, content: NodeId) -> Option<NodeId> {
    let role = tree.get(content, "assumeRole")?;
    let Some(text) = tree.string(role) else { return Some(role) };
    let parameter = text.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    let value = match parameter {
        Some(name) => tree.at(content, &["parameters", name.trim(), "default"])?,
        None => role,
    };
    let empty = tree.string(value).is_some_and(|text| text.is_empty() || text.starts_with("{{"));
    (!empty).then_some(value)
}

/// A field of an entity that another resource gives it: a bucket's encryption, a user's console password.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gift {
    /// What names the entity, and of which kinds it can be.
    pub(crate) to: NodeId,
    pub(crate) kinds: &'static [Kind],
    pub(crate) resource: ResourceId,
    pub(crate) field: &'static str,
    pub(crate) value: NodeId,
    /// The field is a list to which each gift adds.
    pub(crate) many: bool,
}

/// An inventory in the making.
#[derive(Debug, Default)]
pub(crate) struct Assembly {
    pub(crate) tree: Tree,
    pub(crate) conditions: Conditions,
    pub(crate) inventory: Inventory,
    pub(crate) diagnostics: Vec<Diagnostic>,
    ties: Vec<Tie>,
    gifts: Vec<Gift>,
    /// Which account a resource is in, where the input tells several apart; 0 where it does not say.
    scopes: FxHashMap<ResourceId, u32>,
    /// The scope of each account that is known, where several inputs are read together.
    pub(crate) accounts: FxHashMap<String, u32>,
    /// What is added to scopes: to that of the account itself, and to others.
    pub(crate) bases: (u32, u32),
    outside: FxHashMap<(Kind, String), EntityId>,
    /// What must hold for the input to be deployed at all.
    pub(crate) premise: Condition,
    /// What the template exports, and the names of what it imports from elsewhere.
    pub(crate) exports: Vec<super::Export>,
    pub(crate) imports: Vec<Vec<Piece>>,
    /// The scopes in which names are looked for that are unknown in one: those of the templates that it imports from.
    pub(crate) neighbours: FxHashMap<u32, Vec<u32>>,
    /// The files of nested templates that were declared.
    pub(crate) nested: Vec<Box<str>>,
    /// Documents inside strings that were read already, by the string.
    pub(crate) documents: FxHashMap<NodeId, NodeId>,
}

/// So many ties are looked at by several threads.
const MANY: usize = 256;

impl Assembly {
    pub(crate) fn new(tree: Tree) -> Self {
        Self { tree, ..Self::default() }
    }

    /// An empty assembly on the same tree: what it reads stands beside what was read, until it is taken back.
    pub(crate) fn beside(&mut self) -> Self {
        Self {
            tree: std::mem::take(&mut self.tree),
            conditions: std::mem::take(&mut self.conditions),
            documents: std::mem::take(&mut self.documents),
            ..Self::default()
        }
    }

    /// Goes on with the tree of an assembly that was put beside.
    pub(crate) fn take_back(&mut self, beside: Self) {
        (self.tree, self.conditions, self.documents) = (beside.tree, beside.conditions, beside.documents);
    }

    /// An empty assembly on a tree that others read as well: what it declares can be [absorbed](Self::absorb).
    pub(crate) fn above(&self, below: &Arc<Tree>) -> Self {
        let mut inventory = Inventory::default();
        inventory.set_account(self.inventory.account());
        Self { tree: Tree::above(Arc::clone(below)), inventory, bases: self.bases, ..Self::default() }
    }

    /// Whether what was declared says nothing of conditions and links, and can be absorbed.
    pub(crate) fn is_plain(&self) -> bool {
        let Self { tree, inventory, outside, exports, imports, nested, .. } = self;
        let is_empty = outside.is_empty() && exports.is_empty() && imports.is_empty() && nested.is_empty();
        is_empty && !tree.has_choices() && inventory.links().is_empty() && inventory.is_unconditional()
    }

    /// Adds what a [plain](Self::is_plain) assembly declares that was put above the tree.
    pub(crate) fn absorb(&mut self, other: Self) {
        let moved = self.tree.absorb(other.tree);
        let entities = u32::try_from(self.inventory.entities().len()).unwrap_or(u32::MAX);
        let resources = u32::try_from(self.inventory.resources().len()).unwrap_or(u32::MAX);
        let resource = |id: ResourceId| ResourceId(id.0 + resources);
        let end = |end: End| match end {
            End::Entity(id) => End::Entity(EntityId(id.0 + entities)),
            End::Value(node, kinds) => End::Value(moved.node(node), kinds),
        };
        self.inventory.absorb(other.inventory, moved);
        self.ties.extend(other.ties.into_iter().map(|tie| Tie {
            from: end(tie.from),
            to: end(tie.to),
            value: tie.value.map(|node| moved.node(node)),
            resource: resource(tie.resource),
            ..tie
        }));
        self.gifts.extend(other.gifts.into_iter().map(|gift| Gift {
            to: moved.node(gift.to),
            value: moved.node(gift.value),
            resource: resource(gift.resource),
            ..gift
        }));
        self.scopes.extend(other.scopes.into_iter().map(|(id, scope)| (resource(id), scope)));
        let documents = other.documents.into_iter();
        self.documents.extend(documents.map(|(literal, root)| (moved.node(literal), moved.node(root))));
        self.diagnostics.extend(other.diagnostics);
    }

    /// Adds the entity that a resource declares.
    pub(crate) fn declare(&mut self, kind: Kind, resource: ResourceId) -> EntityId {
        let (node, under) = match self.inventory.resource(resource) {
            Some(Resource { node, under, .. }) => (*node, *under),
            None => (NodeId::from_index(0), Condition::ALWAYS),
        };
        self.inventory.add_entity(Entity::new(kind, resource, node, under))
    }

    /// Sets a field of an entity, if there is a value.
    pub(crate) fn set(&mut self, entity: EntityId, field: &'static str, value: Option<NodeId>) {
        if let (Some(value), Some(entity)) = (value, self.inventory.entity_mut(entity)) {
            entity.set(field, value);
        }
    }

    pub(crate) fn add_tie(&mut self, tie: Tie) {
        self.ties.push(tie);
    }

    pub(crate) fn add_gift(&mut self, gift: Gift) {
        self.gifts.push(gift);
    }

    /// Says which account a resource is in: names are not compared across accounts.
    pub(crate) fn set_scope(&mut self, resource: ResourceId, scope: u32) {
        let scope = if scope == 0 { self.bases.0 } else { self.bases.1.saturating_add(scope) };
        if scope != 0 {
            self.scopes.insert(resource, scope);
        }
    }

    /// Makes a document of each content that a document can have, so that what it says under a condition is said of what
    /// exists under it.
    pub(crate) fn split_documents(&mut self) {
        if !self.tree.has_choices() {
            return;
        }
        for id in self.inventory.of_kind(Kind::Document).to_vec() {
            let Some(entity) = self.inventory.entity(id).cloned() else { continue };
            let Some(content) = entity.get("content") else { continue };
            let Some(worlds) = alternatives::of_content(self, content) else { continue };
            for (index, (under, content)) in worlds.into_iter().enumerate() {
                let mut one = entity.clone();
                one.under = self.conditions.and(one.under, under);
                one.take("content");
                if let Some(content) = content {
                    one.set("content", content);
                }
                if index > 0 {
                    let copy = self.inventory.add_entity(one);
                    self.copy_ties(id, copy);
                } else if let Some(own) = self.inventory.entity_mut(id) {
                    *own = one;
                }
            }
        }
    }

    /// Ties an entity as another is tied.
    fn copy_ties(&mut self, from: EntityId, to: EntityId) {
        let is_own = |end: End| matches!(end, End::Entity(id) if id == from);
        let moved = |end: End| if is_own(end) { End::Entity(to) } else { end };
        let own = self.ties.iter().filter(|tie| is_own(tie.from) || is_own(tie.to));
        let own: Vec<Tie> = own.map(|tie| Tie { from: moved(tie.from), to: moved(tie.to), ..*tie }).collect();
        self.ties.extend(own);
    }

    /// Finds both ends of every link.
    pub(crate) fn tie(&mut self) {
        self.split_documents();
        self.add_document_roles();
        let (accounts, neighbours) =
            (std::mem::take(&mut self.accounts), std::mem::take(&mut self.neighbours));
        let scopes = std::mem::take(&mut self.scopes);
        if self.ties.is_empty() && self.gifts.is_empty() {
            return;
        }
        let known = Scopes { of: &scopes, accounts: &accounts, neighbours: &neighbours };
        let finder = Finder::new(&self.tree, &self.inventory, known);
        let ties = std::mem::take(&mut self.ties);
        let tree = &self.tree;
        let ends = |conditions: &mut Conditions, tie: &Tie| {
            let scope = scopes.get(&tie.resource).copied().unwrap_or(0);
            let froms = finder.ends(tie.from, scope, conditions, tree);
            (froms, finder.ends(tie.to, scope, conditions, tree))
        };
        // Without choices there are no conditions to be worked out, and few ties are not worth the waking of threads.
        let found: Vec<_> = if tree.has_choices() || ties.len() < MANY {
            ties.iter().map(|tie| ends(&mut self.conditions, tie)).collect()
        } else {
            ties.par_iter().map_init(Conditions::new, ends).collect()
        };
        let gifts = std::mem::take(&mut self.gifts);
        for gift in gifts {
            let scope = scopes.get(&gift.resource).copied().unwrap_or(0);
            let to = End::Value(gift.to, gift.kinds);
            let ends = finder.ends(to, scope, &mut self.conditions, &self.tree);
            for end in ends {
                if let Target::Entity(entity, Tri::Yes) = end.target {
                    self.give(entity, &gift);
                }
            }
        }
        for (tie, (froms, tos)) in ties.iter().zip(found) {
            for from in &froms {
                for to in &tos {
                    self.connect(tie, from, to);
                }
            }
        }
    }

    /// Ties every automation document to the role that it runs with: `assumeRole`, or the default of the parameter that
    /// it names.
    fn add_document_roles(&mut self) {
        for &id in self.inventory.of_kind(Kind::Document) {
            let Some(entity) = self.inventory.entity(id) else { continue };
            let Some(content) = entity.get("content") else { continue };
            let Some(value) = assumed_role(&self.tree, content) else { continue };
            let (from, to) = (End::Entity(id), End::Value(value, &[Kind::Role]));
            let under = Condition::ALWAYS;
            self.ties.push(Tie {
                relation: Relation::Passes,
                from,
                to,
                value: Some(value),
                resource: entity.resource,
                under,
            });
        }
    }

    fn give(&mut self, entity: EntityId, gift: &Gift) {
        let Some(entity) = self.inventory.entity_mut(entity) else { return };
        let value = if gift.many {
            let earlier = entity.get(gift.field).and_then(|list| self.tree.list(list));
            let mut all: Vec<NodeId> = earlier.into_iter().flat_map(crate::document::List::iter).collect();
            all.push(gift.value);
            self.tree.derive_list(gift.value, &all)
        } else {
            gift.value
        };
        entity.set(gift.field, value);
    }

    fn connect(&mut self, tie: &Tie, from: &Found, to: &Found) {
        let under = self.conditions.and(from.under, to.under);
        let under = self.conditions.and(tie.under, under);
        if under.is_never() {
            return;
        }
        let Some((start, sure)) = self.start(tie, from) else { return };
        if !self.can_exist(tie.resource, under, [Some(start), to.entity()]) {
            return;
        }
        let target = match to.target {
            Target::Entity(entity, tri) => Target::Entity(entity, tri.and(sure)),
            other => other,
        };
        let value = tie.value.or(to.value).or(from.value);
        let value = value.or_else(|| self.inventory.resource(tie.resource).map(|resource| resource.node));
        let Some(value) = value else { return };
        self.inventory.add_link(Link {
            relation: tie.relation,
            from: start,
            to: target,
            value,
            resource: tie.resource,
            under,
        });
    }

    /// Whether a link can be there while what it stands in and what it ties exist.
    fn can_exist(&mut self, resource: ResourceId, under: Condition, ends: [Option<EntityId>; 2]) -> bool {
        let Self { inventory, conditions, .. } = self;
        let mut together = under;
        let mut add = |one: Condition| {
            if !one.is_always() {
                together = conditions.and(together, one);
            }
        };
        inventory.resource(resource).into_iter().for_each(|resource| add(resource.under));
        for entity in ends.into_iter().flatten().filter_map(|id| inventory.entity(id)) {
            add(entity.under);
            inventory.resource(entity.resource).into_iter().for_each(|resource| add(resource.under));
        }
        !together.is_never()
    }

    /// The entity that a link starts from; one that the input does not declare is added as an outside entity.
    fn start(&mut self, tie: &Tie, from: &Found) -> Option<(EntityId, Tri)> {
        match (from.target, tie.from) {
            (Target::Entity(entity, tri), _) => Some((entity, tri)),
            (Target::Outside | Target::Unknown, End::Value(_, kinds)) => {
                let kind = *kinds.first()?;
                let value = from.value?;
                let key = (kind, self.outside_key(value));
                if let Some(&known) = self.outside.get(&key) {
                    return Some((known, Tri::Yes));
                }
                let mut entity = Entity::new(kind, tie.resource, value, from.under);
                entity.set("name", value);
                let outside = self.tree.derive_bool(value, true);
                entity.set("outside", outside);
                let id = self.inventory.add_entity(entity);
                self.outside.insert(key, id);
                Some((id, Tri::Yes))
            }
            _ => None,
        }
    }

    /// Equal for values that are known to be equal, else unique.
    fn outside_key(&self, value: NodeId) -> String {
        match self.tree.view(value) {
            View::String(name) => format!("={name}"),
            View::Text(_) => format!("~{}", self.tree.display(value)),
            _ => format!("#{}", value.index()),
        }
    }
}
