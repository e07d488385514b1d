//! All entities of one unit of work, and how they refer to each other.

use std::num::NonZero;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Change, Date, Entity, EntityId, Kind, Link, Relation, Resource, ResourceId, Target};
use crate::document::{Moved, NodeId, Tree};

/// The roll of everything that one or more inputs, judged together, declare.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    resources: Vec<Resource>,
    entities: Vec<Entity>,
    links: Vec<Link>,
    by_node: FxHashMap<NodeId, ResourceId>,
    /// What resources were called before this deployment, where that was different.
    previous: FxHashMap<ResourceId, Box<str>>,
    /// By the position of the resource.
    by_resource: Vec<Declared>,
    by_kind: FxHashMap<Kind, Vec<EntityId>>,
    /// Links by either end.
    outgoing: Chains,
    incoming: Chains,
    account: Option<Box<str>>,
    today: Option<Date>,
    closed: bool,
}

/// The entities that a resource declares: mostly one.
#[derive(Clone, Debug, Default)]
enum Declared {
    #[default]
    Nothing,
    One(EntityId),
    Several(Vec<EntityId>),
}

impl Declared {
    fn add(&mut self, id: EntityId) {
        match self {
            Self::Nothing => *self = Self::One(id),
            Self::One(first) => *self = Self::Several(vec![*first, id]),
            Self::Several(all) => all.push(id),
        }
    }

    fn all(&self) -> &[EntityId] {
        match self {
            Self::Nothing => &[],
            Self::One(id) => std::slice::from_ref(id),
            Self::Several(all) => all,
        }
    }
}

/// The links of each entity, as positions among all, in order: the first and the last of each, and from each to the next.
#[derive(Clone, Debug, Default)]
struct Chains {
    ends: Vec<Option<(u32, u32)>>,
    next: Vec<Option<NonZero<u32>>>,
}

impl Chains {
    /// Adds a link behind all others.
    fn add(&mut self, entity: EntityId, position: u32) {
        self.next.resize(position as usize + 1, None);
        if entity.index() >= self.ends.len() {
            self.ends.resize(entity.index() + 1, None);
        }
        let Some(ends) = self.ends.get_mut(entity.index()) else { return };
        match ends {
            Some((_, last)) => {
                if let Some(next) = self.next.get_mut(*last as usize) {
                    *next = NonZero::new(position);
                }
                *last = position;
            }
            None => *ends = Some((position, position)),
        }
    }

    fn of(&self, entity: EntityId) -> impl Iterator<Item = u32> + '_ {
        let first = self.ends.get(entity.index()).copied().flatten().map(|(first, _)| first);
        std::iter::successors(first, |at| self.next.get(*at as usize).copied().flatten().map(NonZero::get))
    }
}

impl Inventory {
    /// An empty inventory.
    pub fn new() -> Self {
        Self::default()
    }

    /// The account of the deployment, where it is known and there is one.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Says what the account of the deployment is.
    pub fn set_account(&mut self, account: Option<&str>) {
        self.account = account.map(Into::into);
    }

    /// The day that dates are compared with.
    pub fn today(&self) -> Date {
        self.today.unwrap_or_else(Date::today)
    }

    /// Says what day it is, where it is not the day of the run.
    pub fn set_today(&mut self, today: Option<Date>) {
        self.today = today;
    }

    /// Whether nothing runs the documents of the input but what the input declares.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Says whether nothing runs the documents of the input but what the input declares.
    pub fn set_closed(&mut self, closed: bool) {
        self.closed = closed;
    }

    /// Adds what another inventory has, all of whose nodes were moved. It must have no links yet.
    pub(crate) fn absorb(&mut self, other: Self, moved: Moved) {
        let resources = u32::try_from(self.resources.len()).unwrap_or(u32::MAX);
        let resource = |id: ResourceId| ResourceId(id.0 + resources);
        for one in other.resources {
            let node = moved.node(one.node);
            self.add_resource(Resource { node, ..one });
        }
        // Resources themselves are there already, and of other places the first one counts.
        for (node, id) in other.by_node.into_iter().collect::<Vec<_>>() {
            self.add_place(moved.node(node), resource(id));
        }
        self.previous.extend(other.previous.into_iter().map(|(id, before)| (resource(id), before)));
        for mut entity in other.entities {
            entity.resource = resource(entity.resource);
            entity.move_nodes(moved);
            self.add_entity(entity);
        }
    }

    /// Adds a resource.
    pub fn add_resource(&mut self, resource: Resource) -> ResourceId {
        let id = ResourceId(u32::try_from(self.resources.len()).unwrap_or(u32::MAX));
        self.by_node.insert(resource.node, id);
        self.by_resource.push(Declared::default());
        self.resources.push(resource);
        id
    }

    /// Says that a node belongs to a resource, though it does not stand inside it: it was read from another file.
    pub fn add_place(&mut self, node: NodeId, resource: ResourceId) {
        self.by_node.entry(node).or_insert(resource);
    }

    /// Says what a resource was called before this deployment.
    pub fn set_previous_id(&mut self, resource: ResourceId, id: Box<str>) {
        self.previous.insert(resource, id);
    }

    /// What a resource was called before this deployment, where that was different: the address that a `moved` block
    /// names.
    pub fn previous_id(&self, resource: ResourceId) -> Option<&str> {
        self.previous.get(&resource).map(|id| &**id)
    }

    /// Adds an entity.
    pub fn add_entity(&mut self, entity: Entity) -> EntityId {
        let id = EntityId(u32::try_from(self.entities.len()).unwrap_or(u32::MAX));
        if let Some(declared) = self.by_resource.get_mut(entity.resource.index()) {
            declared.add(id);
        }
        self.by_kind.entry(entity.kind).or_default().push(id);
        self.entities.push(entity);
        id
    }

    /// Adds a link.
    pub fn add_link(&mut self, link: Link) {
        let position = u32::try_from(self.links.len()).unwrap_or(u32::MAX);
        self.outgoing.add(link.from, position);
        if let Target::Entity(to, _) = link.to {
            self.incoming.add(to, position);
        }
        self.links.push(link);
    }

    /// All resources, in the order of the input.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// All entities, in the order of the input.
    pub fn entities(&self) -> &[Entity] {
        &self.entities
    }

    /// How many entities there are. What is one of several under conditions counts once.
    pub fn count(&self) -> usize {
        let documents = self.of_kind(Kind::Document).iter().filter_map(|&id| self.entity(id));
        let resources: FxHashSet<ResourceId> = documents.map(|document| document.resource).collect();
        self.entities.len() - self.of_kind(Kind::Document).len() + resources.len()
    }

    /// All links, in the order in which they were found.
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// Whether everything exists always.
    pub fn is_unconditional(&self) -> bool {
        self.resources.iter().all(|one| one.under.is_always())
            && self.entities.iter().all(|one| one.under.is_always())
            && self.links.iter().all(|one| one.under.is_always())
    }

    /// The entities of a kind, in the order of the input.
    pub fn of_kind(&self, kind: Kind) -> &[EntityId] {
        self.by_kind.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// A resource.
    pub fn resource(&self, id: ResourceId) -> Option<&Resource> {
        self.resources.get(id.index())
    }

    /// Says of each resource, in order, what happens to it.
    pub fn set_changes(&mut self, changes: &[Change]) {
        for (resource, &change) in self.resources.iter_mut().zip(changes) {
            resource.change = change;
        }
    }

    /// An entity.
    pub fn entity(&self, id: EntityId) -> Option<&Entity> {
        self.entities.get(id.index())
    }

    /// An entity, to be completed.
    pub fn entity_mut(&mut self, id: EntityId) -> Option<&mut Entity> {
        self.entities.get_mut(id.index())
    }

    /// The entities that a resource declares.
    pub fn declared_by(&self, resource: ResourceId) -> &[EntityId] {
        self.by_resource.get(resource.index()).map_or(&[], Declared::all)
    }

    /// The resource that a node declares.
    pub fn resource_at(&self, node: NodeId) -> Option<ResourceId> {
        self.by_node.get(&node).copied()
    }

    /// The resource in which a node stands.
    pub fn resource_around(&self, tree: &Tree, node: NodeId) -> Option<ResourceId> {
        tree.ancestors(node).into_iter().rev().find_map(|ancestor| self.resource_at(ancestor))
    }

    /// The links that an entity has.
    pub fn links_from(&self, entity: EntityId, relation: Relation) -> impl Iterator<Item = &Link> {
        let positions = self.outgoing.of(entity);
        let links = positions.filter_map(|position| self.links.get(position as usize));
        links.filter(move |link| link.relation == relation)
    }

    /// The links that lead to an entity.
    pub fn links_to(&self, entity: EntityId, relation: Relation) -> impl Iterator<Item = &Link> {
        let positions = self.incoming.of(entity);
        let links = positions.filter_map(|position| self.links.get(position as usize));
        links.filter(move |link| link.relation == relation)
    }
}
