//! What gives each principal its permissions, as policy documents: for comparing two inputs.

use crate::catalog;
use crate::document::Tree;
use crate::iam::print::to_json;
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
    /// The documents that say what it may do, as JSON.
    pub identity: Vec<String>,
    /// The documents that say who may use it, as JSON.
    pub trust: Vec<String>,
}

/// The holders of an inventory, by id.
pub fn holders(tree: &Tree, inventory: &Inventory) -> Vec<Holder> {
    let mut out = Vec::new();
    for (index, entity) in (0u32..).zip(inventory.entities()) {
        let id = EntityId(index);
        let name = inventory.resource(entity.resource).map_or("", |resource| &resource.id);
        let document = entity.get("document").map(|node| to_json(tree, node));
        let mut holder =
            Holder { id: name.to_owned(), kind: "policy", identity: Vec::new(), trust: Vec::new() };
        match entity.kind {
            Kind::Role | Kind::User | Kind::Group => {
                holder.kind = entity.kind.name();
                holder.identity = identity(tree, inventory, id);
                holder.trust.extend(entity.get("trust").map(|node| to_json(tree, node)));
            }
            Kind::ManagedPolicy => {
                if inventory.links_to(id, Relation::Attached).next().is_some() {
                    continue;
                }
                holder.identity.extend(document);
            }
            Kind::ResourcePolicy => {
                holder.kind = "resource policy";
                holder.trust.extend(document);
            }
            _ => continue,
        }
        out.push(holder);
    }
    out.sort_by(|a, b| (&a.id, a.kind).cmp(&(&b.id, b.kind)));
    out
}

/// The documents of a principal's policies; those of AWS managed policies from the catalogue.
fn identity(tree: &Tree, inventory: &Inventory, id: EntityId) -> Vec<String> {
    let mut out = Vec::new();
    for relation in [Relation::Inline, Relation::Attached] {
        for link in inventory.links_from(id, relation) {
            match link.to {
                Target::Entity(policy, _) => {
                    let document = inventory.entity(policy).and_then(|entity| entity.get("document"));
                    out.extend(document.map(|node| to_json(tree, node)));
                }
                Target::Outside => {
                    let text = tree.display(link.value);
                    let name =
                        text.split_once(":iam::aws:policy/").and_then(|(_, path)| path.rsplit('/').next());
                    let found = name.and_then(|name| catalog::embedded().managed_policy(name));
                    out.extend(found.map(|policy| policy.document().to_owned()));
                }
                Target::Unknown => {}
            }
        }
    }
    out.sort();
    out
}
