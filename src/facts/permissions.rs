//! What gives each principal its permissions, as policy documents: for comparing two inputs, or two sides of one.

use std::collections::BTreeMap;

use crate::catalog;
use crate::document::NodeId;
use crate::document::Tree;
use crate::iam::print::to_json;
use crate::iam::print::to_shown_json;
use crate::model::Change;
use crate::model::EntityId;
use crate::model::Inventory;
use crate::model::Kind;
use crate::model::Relation;
use crate::model::Target;

/// Something that has permissions, or gives them to others.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The logical id or address of the resource that declares it.
    pub id: String,
    /// What it is: `role`, `user`, `group`, `policy`, `resource policy`.
    pub kind: &'static str,
    /// The documents that say what it may do.
    pub identity: Vec<PolicyText>,
    /// The documents that say who may use it.
    pub trust: Vec<PolicyText>,
}

/// A policy document as JSON.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PolicyText {
    /// The document.
    pub text: String,
    /// The document as it may be shown: without what is sensitive.
    pub shown: String,
}

impl PolicyText {
    fn of(tree: &Tree, node: NodeId) -> Self {
        Self { text: to_json(tree, node), shown: to_shown_json(tree, node) }
    }
}

impl Holder {
    /// Whether something of what it may do, or of who may use it, is sensitive.
    pub fn is_sensitive(&self) -> bool {
        self.identity.iter().chain(&self.trust).any(|one| one.text != one.shown)
    }
}

/// The holders of an inventory, by id.
pub fn holders(tree: &Tree, inventory: &Inventory) -> Vec<Holder> {
    let mut out = Vec::new();
    for (index, entity) in (0u32..).zip(inventory.entities()) {
        let id = EntityId(index);
        let name = inventory.resource(entity.resource).map_or("", |resource| &resource.id);
        let document = || entity.get("document").map(|node| PolicyText::of(tree, node));
        let mut holder =
            Holder { id: name.to_owned(), kind: "policy", identity: Vec::new(), trust: Vec::new() };
        match entity.kind {
            Kind::Role | Kind::User | Kind::Group => holder = principal(tree, inventory, id),
            Kind::ManagedPolicy => {
                if inventory.links_to(id, Relation::Attached).next().is_some() {
                    continue;
                }
                holder.identity.extend(document());
            }
            Kind::ResourcePolicy => {
                holder.kind = "resource policy";
                holder.trust.extend(document());
            }
            _ => continue,
        }
        out.push(holder);
    }
    out.sort_by(|a, b| (&a.id, a.kind).cmp(&(&b.id, b.kind)));
    out
}

/// A principal of two inventories, before and after.
pub(crate) type Sides = [Option<Holder>; 2];

/// The roles, users and groups of which one of two inventories says something else than the other, by id; and how many
/// more than `limit` of them only one inventory has, none of which is then listed.
pub fn changed(tree: &Tree, before: &Inventory, after: &Inventory, limit: usize) -> (Vec<Sides>, usize) {
    let mut sides: BTreeMap<(&str, &str), [Option<EntityId>; 2]> = BTreeMap::new();
    for (side, inventory) in [before, after].into_iter().enumerate() {
        for &id in [Kind::Role, Kind::User, Kind::Group].iter().flat_map(|kind| inventory.of_kind(*kind)) {
            let Some(entity) = inventory.entity(id) else { continue };
            let resource = inventory.resource(entity.resource);
            // What is only forgotten stays as it is.
            if resource.is_some_and(|resource| resource.change == Change::Forget) {
                continue;
            }
            let name = resource.map_or("", |resource| &resource.id);
            if let Some(slot) = sides.entry((name, entity.kind.name())).or_default().get_mut(side) {
                *slot = Some(id);
            }
        }
    }
    let alone = sides.values().filter(|ids| ids.contains(&None)).count();
    let hidden = if alone > limit { alone } else { 0 };
    let listed = sides.into_values().filter(|[old, new]| match (old, new) {
        (Some(old), Some(new)) => sources(before, *old) != sources(after, *new),
        _ => hidden == 0,
    });
    let made = listed.map(|[old, new]| {
        [old.map(|id| principal(tree, before, id)), new.map(|id| principal(tree, after, id))]
    });
    (made.collect(), hidden)
}

fn principal(tree: &Tree, inventory: &Inventory, id: EntityId) -> Holder {
    let entity = inventory.entity(id);
    let name =
        entity.and_then(|entity| inventory.resource(entity.resource)).map_or("", |resource| &resource.id);
    let text = |source: &Source| match source {
        Source::Own(node) | Source::Trust(node) => PolicyText::of(tree, *node),
        Source::Aws(text) => PolicyText { text: (*text).to_owned(), shown: (*text).to_owned() },
    };
    let sources = sources_in(tree, inventory, id);
    let (trust, identity): (Vec<_>, Vec<_>) =
        sources.iter().partition(|source| matches!(source, Source::Trust(_)));
    let mut identity: Vec<PolicyText> = identity.into_iter().map(text).collect();
    identity.sort();
    Holder {
        id: name.to_owned(),
        kind: entity.map_or("", |entity| entity.kind.name()),
        identity,
        trust: trust.into_iter().map(text).collect(),
    }
}

/// Where permissions come from.
#[derive(PartialEq, Eq)]
enum Source {
    Own(NodeId),
    /// The document of an AWS managed policy.
    Aws(&'static str),
    Trust(NodeId),
}

/// The values that say what a principal may do: two principals with the same ones may do the same.
fn sources(inventory: &Inventory, id: EntityId) -> Vec<(Relation, Target, NodeId)> {
    let trust = inventory.entity(id).and_then(|entity| entity.get("trust"));
    let trust = trust.map(|node| (Relation::Member, Target::Outside, node));
    let links = [Relation::Inline, Relation::Attached].into_iter().flat_map(|relation| {
        inventory.links_from(id, relation).map(move |link| match link.to {
            Target::Entity(policy, _) => {
                let document = inventory.entity(policy).and_then(|entity| entity.get("document"));
                (relation, Target::Unknown, document.unwrap_or(link.value))
            }
            to => (relation, to, link.value),
        })
    });
    links.chain(trust).collect()
}

fn sources_in(tree: &Tree, inventory: &Inventory, id: EntityId) -> Vec<Source> {
    let mut out = Vec::new();
    for relation in [Relation::Inline, Relation::Attached] {
        for link in inventory.links_from(id, relation) {
            match link.to {
                Target::Entity(policy, _) => {
                    let document = inventory.entity(policy).and_then(|entity| entity.get("document"));
                    out.extend(document.map(Source::Own));
                }
                Target::Outside => {
                    let text = tree.display(link.value);
                    let name =
                        text.split_once(":iam::aws:policy/").and_then(|(_, path)| path.rsplit('/').next());
                    let found = name.and_then(|name| catalog::embedded().managed_policy(name));
                    out.extend(found.map(|policy| Source::Aws(policy.document())));
                }
                Target::Unknown => {}
            }
        }
    }
    let trust = inventory.entity(id).and_then(|entity| entity.get("trust"));
    out.extend(trust.map(Source::Trust));
    out
}
