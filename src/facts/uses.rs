//! Instance profiles and the nodes that have them.

use crate::document::NodeId;
use crate::model::{EntityId, Relation, Target};

use super::build::Maker;
use super::record::Record;

/// An instance profile: its role.
pub(super) fn instance_profile(maker: &mut Maker<'_>, record: &mut Record, id: EntityId) {
    let roles = linked(maker, id, Relation::Contains);
    record.list(&mut maker.tree, "roles", &roles);
}

/// A node: its profiles.
pub(super) fn node(maker: &mut Maker<'_>, record: &mut Record, id: EntityId) {
    let profiles = linked(maker, id, Relation::Profile);
    record.list(&mut maker.tree, "profiles", &profiles);
}

/// The entities that links of a relation lead to.
fn linked(maker: &mut Maker<'_>, id: EntityId, relation: Relation) -> Vec<NodeId> {
    let links: Vec<_> = maker.inventory.links_from(id, relation).copied().collect();
    let mut out = Vec::with_capacity(links.len());
    for link in links {
        if let Target::Entity(entity, _) = link.to {
            let node = maker.entity(entity);
            out.push(maker.under(node, link.under));
        }
    }
    out
}
