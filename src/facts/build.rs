//! From the inventory to nodes.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::document::{Alternative, Condition, Conditions, NodeId, Tree};
use crate::model::{Entity, EntityId, Inventory, Kind};

use super::analyses::{self, Analyses};
use super::authority::Authority;
use super::grants::Worked;
use super::needs::{self, AllNeeds};
use super::record::Record;
use super::{cases, documents, flaws, policies, principals, schema, uses};

/// The facts of one inventory.
#[derive(Debug)]
pub struct Facts {
    /// A layer on the unit's tree.
    pub tree: Arc<Tree>,
    /// A map from the names of the predeclared variables to lists of entities.
    pub root: NodeId,
    /// The entity that each entity node stands for, by node.
    pub entities: FxHashMap<NodeId, EntityId>,
    /// Where principals have their permissions from.
    pub authority: Authority,
}

/// Makes the facts of an inventory.
pub fn build(below: &Arc<Tree>, conditions: &mut Conditions, inventory: &Inventory) -> Facts {
    let tree = Tree::above(Arc::clone(below));
    let analyses = analyses::analyse(below, inventory);
    let needs = needs::work_out(below, conditions, inventory, &analyses);
    let worked = cases::work_out(below, conditions, inventory);
    let made = FxHashMap::default();
    let mut maker = Maker { tree, conditions, inventory, analyses: &analyses, needs: &needs, made, worked };
    let root = maker.everything(below);
    let entities = maker.made.iter().map(|(&entity, &node)| (node, entity)).collect();
    let Maker { tree, worked, conditions, .. } = maker;
    let authority = Authority::of(below, conditions, inventory, worked);
    let tree = Arc::new(tree);
    Facts { tree, root, entities, authority }
}

/// Fields that hold documents, which rules see as statements, parameters and steps.
pub(super) const DOCUMENTS: &[&str] = &["document", "trust", "content"];

/// The kind of the predeclared variables that entities of a kind are in. Attachments are in none: they are seen at the
/// policies and principals that they tie.
pub(super) fn variable_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::ManagedPolicy | Kind::InlinePolicy | Kind::ResourcePolicy => "policy",
        other => other.name(),
    }
}

/// Facts in the making.
pub(super) struct Maker<'u> {
    pub(super) tree: Tree,
    pub(super) conditions: &'u mut Conditions,
    pub(super) inventory: &'u Inventory,
    pub(super) analyses: &'u Analyses,
    pub(super) needs: &'u AllNeeds,
    /// What principals are granted.
    pub(super) worked: Worked,
    /// The map of each entity made so far, without its condition.
    made: FxHashMap<EntityId, NodeId>,
}

impl Maker<'_> {
    fn everything(&mut self, below: &Arc<Tree>) -> NodeId {
        let place = NodeId::from_index(0);
        let mut entries = Vec::new();
        for kind in schema::kinds() {
            let of_kind = Kind::ALL.iter().filter(|own| variable_kind(**own) == kind.name);
            let mut ids: Vec<EntityId> =
                of_kind.flat_map(|own| self.inventory.of_kind(*own)).copied().collect();
            ids.sort_unstable();
            let mut elements: Vec<_> = ids.into_iter().map(|id| self.element(id)).collect();
            if kind.name == "policy_flaw" {
                elements = flaws::all(self, below);
            }
            let list = self.tree.derive_list(place, &elements);
            let key = self.tree.key(kind.variable);
            entries.extend([key, list]);
        }
        self.tree.derive_record(place, &entries)
    }

    /// An entity as an element of a list: a choice where it does not always exist.
    fn element(&mut self, id: EntityId) -> NodeId {
        let node = self.entity(id);
        let under = self.inventory.entity(id).map_or(Condition::ALWAYS, |entity| self.existence(entity));
        self.under(node, under)
    }

    /// When an entity exists: its own condition and that of its resource.
    fn existence(&mut self, entity: &Entity) -> Condition {
        let resource =
            self.inventory.resource(entity.resource).map_or(Condition::ALWAYS, |resource| resource.under);
        self.conditions.and(resource, entity.under)
    }

    /// A value that is there only under a condition.
    pub(super) fn under(&mut self, node: NodeId, under: Condition) -> NodeId {
        if under.is_always() {
            return node;
        }
        let otherwise = self.conditions.not(under);
        let alternatives = vec![
            Alternative { condition: under, value: Some(node) },
            Alternative { condition: otherwise, value: None },
        ];
        self.tree.derive_choice(node, alternatives)
    }

    /// The map of an entity.
    pub(super) fn entity(&mut self, id: EntityId) -> NodeId {
        if let Some(&made) = self.made.get(&id) {
            return made;
        }
        let inventory = self.inventory;
        let Some(entity) = inventory.entity(id) else { return NodeId::from_index(0) };
        let mut record = Record::new(entity.node);
        self.common(&mut record, entity);
        match entity.kind {
            Kind::Role => principals::role(self, &mut record, id, entity),
            Kind::User | Kind::Group => principals::user_or_group(self, &mut record, id, entity),
            Kind::ManagedPolicy | Kind::InlinePolicy | Kind::ResourcePolicy => {
                policies::policy(self, &mut record, id, entity);
            }
            Kind::Document => documents::document(self, &mut record, id, entity),
            Kind::Node => uses::node(self, &mut record, id, entity),
            kind => uses::other(self, &mut record, id, entity, kind),
        }
        let node = record.finish(&mut self.tree);
        self.made.insert(id, node);
        node
    }

    /// What all entities have: where they are declared, and their plain fields.
    fn common(&mut self, record: &mut Record, entity: &Entity) {
        let tree = &mut self.tree;
        if let Some(resource) = self.inventory.resource(entity.resource) {
            record.text(tree, "id", &resource.id);
            record.text(tree, "type", &resource.ty);
            record.text(tree, "change", resource.change.as_str());
        }
        record.text(tree, "kind", entity.kind.name());
        for &(name, value) in entity.fields() {
            // Documents are shown by what was read from them.
            if !DOCUMENTS.contains(&name) {
                record.put(tree, name, Some(value));
            }
        }
    }
}
