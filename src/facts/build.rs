//! From the inventory to nodes.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;

use crate::document::{Alternative, Condition, Conditions, NodeId, Tree, View};
use crate::model::{Entity, EntityId, Inventory, Kind};

use super::amounts;
use super::analyses::{self, Analyses};
use super::authority::Authority;
use super::grants::Worked;
use super::needs::{self, AllNeeds};
use super::record::Record;
use super::s3::Listed;
use super::schema::Type;
use super::wants::{Group, Wants};
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
    Groundwork::new(below, conditions, inventory).everything(below, conditions, inventory)
}

/// What is worked out of an inventory as a whole, before facts are made of it.
#[derive(Debug)]
pub struct Groundwork {
    analyses: Analyses,
    needs: AllNeeds,
    worked: Worked,
    documents: Vec<flaws::Document>,
    /// The entities of each kind of the schema, in the order of the input.
    by_kind: Vec<Vec<EntityId>>,
    /// Trees of parts that nobody needs any more, for other parts: what they took need not be given back and taken again.
    spare: Mutex<Vec<Tree>>,
    /// The documents that policies could be limited to, once somebody asked.
    named: Arc<OnceLock<Vec<(&'static str, String)>>>,
}

/// So many keys do facts have at least.
const KEYS: usize = 96;

/// Of what facts are made.
#[derive(Clone, Debug)]
pub enum Selection<'s> {
    /// Of everything.
    Everything,
    /// Of entities of some kinds, by their positions in the schema. Of their attributes, at least those that are named.
    Kinds(&'s BTreeSet<usize>, Option<&'s BTreeSet<Box<str>>>),
    /// Of a part of the entities of a kind, of which there are [`Groundwork::count`]. Of their attributes, at least those
    /// that are named.
    Part(usize, Range<usize>, Option<&'s BTreeSet<Box<str>>>),
    /// Of these entities. The root is then a list of them.
    Entities(&'s [EntityId]),
}

impl Groundwork {
    /// Works out what is known of an inventory as a whole.
    pub fn new(below: &Arc<Tree>, conditions: &mut Conditions, inventory: &Inventory) -> Self {
        let of_documents = |conditions: &mut Conditions| {
            let analyses = analyses::analyse(below, conditions, inventory);
            let needs = needs::work_out(below, conditions, inventory, &analyses);
            (analyses, needs)
        };
        // Where nothing is under a condition, there are none to be worked out together.
        let ((analyses, needs), worked) = if !below.has_choices() && inventory.is_unconditional() {
            let worked = || cases::work_out(below, conditions, inventory);
            rayon::join(|| of_documents(&mut Conditions::new()), worked)
        } else {
            let of_documents = of_documents(conditions);
            (of_documents, cases::work_out(below, conditions, inventory))
        };
        let documents = flaws::documents(below, inventory);
        let by_kind = BY_VARIABLE.iter().map(|kinds| of_kind(inventory, kinds)).collect();
        let spare = Mutex::default();
        Self { analyses, needs, worked, documents, by_kind, spare, named: Arc::default() }
    }

    /// How many elements of a kind, by its position in the schema, can be told apart.
    pub fn count(&self, kind: usize) -> usize {
        match schema::kinds().get(kind) {
            Some(kind) if is_flaws(kind) => self.documents.len() + 1,
            _ => self.by_kind.get(kind).map_or(0, Vec::len),
        }
    }

    /// Makes all facts, and says where principals have their permissions from.
    pub fn everything(self, below: &Arc<Tree>, conditions: &mut Conditions, inventory: &Inventory) -> Facts {
        let facts = self.facts(below, conditions, inventory, &Selection::Everything);
        let authority = Authority::of(below, conditions, inventory, self.worked);
        Facts { authority, ..facts }
    }

    /// Makes facts. Nobody can ask them what principals may do.
    pub fn facts(
        &self,
        below: &Arc<Tree>,
        conditions: &mut Conditions,
        inventory: &Inventory,
        selection: &Selection<'_>,
    ) -> Facts {
        let wanted = match selection {
            Selection::Kinds(_, wanted) | Selection::Part(.., wanted) => *wanted,
            _ => None,
        };
        let pop = |from: &Mutex<Vec<Tree>>| from.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let spare = pop(&self.spare).or_else(|| pop(&SMALL_SPARE));
        let mut tree = spare.unwrap_or_default().emptied(Arc::clone(below));
        tree.expect_keys(KEYS);
        let made = FxHashMap::default();
        let mut maker = Maker {
            tree,
            conditions,
            inventory,
            ground: self,
            wants: Wants::of(wanted),
            listed: OnceCell::new(),
            way_out: OnceCell::new(),
            named: Arc::clone(&self.named),
            made,
        };
        let root = maker.root(below, selection);
        let entities = maker.made.iter().map(|(&entity, &node)| (node, entity)).collect();
        Facts { tree: Arc::new(maker.tree), root, entities, authority: Authority::default() }
    }
}

/// Trees of more nodes are rather given back.
const SPARE: usize = 1 << 17;

/// Trees of no more nodes than this are kept for other inputs,
const SMALL: usize = 1 << 13;
/// and so many of them.
const SMALL_COUNT: usize = 16;

static SMALL_SPARE: Mutex<Vec<Tree>> = Mutex::new(Vec::new());

impl Groundwork {
    /// Takes back facts that are not needed any more.
    pub fn done_with(&self, facts: Facts) {
        let Some(tree) = Arc::into_inner(facts.tree).filter(|tree| tree.own() < SPARE) else { return };
        let is_small = tree.own() < SMALL;
        let tree = tree.emptied(Arc::default());
        let mut small = SMALL_SPARE.lock().unwrap_or_else(PoisonError::into_inner);
        if is_small && small.len() < SMALL_COUNT {
            small.push(tree);
        } else {
            drop(small);
            self.spare.lock().unwrap_or_else(PoisonError::into_inner).push(tree);
        }
    }
}

/// The entities that a predeclared variable holds.
fn of_kind(inventory: &Inventory, kinds: &[Kind]) -> Vec<EntityId> {
    let mut ids: Vec<EntityId> = kinds.iter().flat_map(|own| inventory.of_kind(*own)).copied().collect();
    ids.sort_unstable();
    ids
}

/// The kinds of entity that are in each predeclared variable, in the order of the schema.
static BY_VARIABLE: LazyLock<Vec<Vec<Kind>>> = LazyLock::new(|| {
    let own = |kind: &schema::Kind| {
        Kind::ALL.iter().copied().filter(|own| variable_kind(*own) == kind.name).collect()
    };
    schema::kinds().iter().map(own).collect()
});

fn is_flaws(kind: &schema::Kind) -> bool {
    kind.name == "policy_flaw"
}

/// Fields that hold documents, which rules see as statements, parameters and steps.
pub(super) const DOCUMENTS: &[&str] = &["document", "trust", "content"];

/// What has a name in IAM.
const NAMED: &[Kind] =
    &[Kind::Role, Kind::User, Kind::Group, Kind::InstanceProfile, Kind::ManagedPolicy, Kind::InlinePolicy];

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
    ground: &'u Groundwork,
    wants: Wants,
    /// Buckets whose objects have access control lists, once somebody asked.
    pub(super) listed: OnceCell<Listed>,
    /// The documents that policies could be limited to, once somebody asked.
    pub(super) named: Arc<OnceLock<Vec<(&'static str, String)>>>,
    /// Whether something leads out of VPCs beside endpoints, once somebody asked.
    pub(super) way_out: OnceCell<bool>,
    /// The map of each entity made so far, without its condition.
    made: FxHashMap<EntityId, NodeId>,
}

impl<'u> Maker<'u> {
    /// What the contents of documents do.
    pub(super) fn analyses(&self) -> &'u Analyses {
        &self.ground.analyses
    }

    /// What roles lack.
    pub(super) fn needs(&self) -> &'u AllNeeds {
        &self.ground.needs
    }

    /// What principals are granted.
    pub(super) fn worked(&self) -> &'u Worked {
        &self.ground.worked
    }

    /// Whether somebody asks for some attributes.
    pub(super) fn wants(&self, group: Group) -> bool {
        self.wants.has(group)
    }

    fn root(&mut self, below: &Arc<Tree>, selection: &Selection<'_>) -> NodeId {
        let place = NodeId::from_index(0);
        if let Selection::Entities(ids) = selection {
            let elements: Vec<NodeId> = ids.iter().map(|&id| self.entity(id)).collect();
            return self.tree.derive_list(place, &elements);
        }
        let mut entries = Vec::new();
        for (position, kind) in schema::kinds().iter().enumerate() {
            let part = match selection {
                Selection::Part(own, part, _) if *own == position => part.clone(),
                Selection::Kinds(kinds, _) if kinds.contains(&position) => 0..usize::MAX,
                Selection::Everything => 0..usize::MAX,
                _ => continue,
            };
            let elements =
                if is_flaws(kind) { self.flaws(below, part) } else { self.elements(position, part) };
            let list = self.tree.derive_list(place, &elements);
            let key = self.tree.key(kind.variable);
            entries.extend([key, list]);
        }
        self.tree.derive_record(place, &entries)
    }

    fn elements(&mut self, kind: usize, part: Range<usize>) -> Vec<NodeId> {
        let ids = self.ground.by_kind.get(kind).map_or(&[][..], Vec::as_slice);
        let ids = ids.iter().skip(part.start).take(part.len());
        ids.map(|&id| self.element(id)).collect()
    }

    /// The flaws of a part of the policy documents; behind the last one, those of all policies together.
    fn flaws(&mut self, below: &Arc<Tree>, part: Range<usize>) -> Vec<NodeId> {
        let documents = &self.ground.documents;
        let own = documents.get(part.start.min(documents.len())..part.end.min(documents.len()));
        let mut out = flaws::of(self, below, own.unwrap_or_default());
        if part.contains(&documents.len()) {
            out.extend(flaws::together(self, below));
        }
        out
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
        if NAMED.contains(&entity.kind)
            && let Some(name) = entity.get("name")
            && let Some(length) = amounts::long_name(self, name)
        {
            record.put(&mut self.tree, "name_length", Some(length));
        }
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
                let value = typed(tree, entity.kind, name, value);
                record.put(tree, name, Some(value));
            }
        }
    }
}

/// The fields that are numbers or truth values, by the names of their kinds and their own.
static COUNTED: LazyLock<FxHashMap<(&'static str, &'static str), Type>> = LazyLock::new(|| {
    let kinds = schema::kinds().iter().flat_map(|kind| kind.attributes.iter().map(|one| (kind.name, one)));
    let counted = kinds.filter(|(_, one)| matches!(one.ty, Type::Number | Type::Bool));
    counted.rev().map(|(kind, one)| ((kind, one.name), one.ty)).collect()
});

/// A number or truth value that is written as a text, as templates may: what the schema says of the field.
fn typed(tree: &mut Tree, kind: Kind, name: &str, value: NodeId) -> NodeId {
    let Some(ty) = COUNTED.get(&(variable_kind(kind), name)) else { return value };
    let read: fn(&mut Tree, NodeId, &str) -> NodeId = match tree.view(value) {
        View::String("true" | "false" | "True" | "False" | "TRUE" | "FALSE") => {
            |tree, place, text| tree.derive_bool(place, text.eq_ignore_ascii_case("true"))
        }
        View::String(text)
            if text.len() < 16 && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) =>
        {
            |tree, place, text| tree.derive_number(place, text)
        }
        View::Choice(all) => {
            let mut all = all.to_vec();
            let before: Vec<_> = all.iter().map(|one| one.value).collect();
            for one in &mut all {
                one.value = one.value.map(|inner| typed(tree, kind, name, inner));
            }
            let same = all.iter().zip(before).all(|(one, before)| one.value == before);
            return if same { value } else { tree.derive_choice(value, all) };
        }
        _ => return value,
    };
    let text = tree.string(value).unwrap_or_default().to_owned();
    let digits = text.starts_with(|first: char| first.is_ascii_digit());
    match ty {
        Type::Number if digits => read(tree, value, &text),
        Type::Bool if !digits => read(tree, value, &text),
        _ => value,
    }
}
