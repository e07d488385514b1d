//! Which policies principals have in a case, and where each comes from.

use rustc_hash::FxHashSet;

use crate::document::Condition;
use crate::document::Conditions;
use crate::document::Tree;
use crate::document::Tri;
use crate::model::EntityId;
use crate::model::Inventory;
use crate::model::Kind;
use crate::model::Link;
use crate::model::Relation;
use crate::model::Target;

use super::cases;
use super::grants::PRINCIPALS;
use super::sheets::AwsDocuments;
use super::sheets::Origin;
use super::sheets::Sources;
use super::worlds;

/// Each principal with where its policies come from and its boundary, and each policy that nobody has. Those that may have
/// more than is known are added to `partly`.
pub(super) fn sources(
    below: &Tree,
    conditions: &mut Conditions,
    inventory: &Inventory,
    case: Condition,
    aws: &mut AwsDocuments,
    partly: &mut FxHashSet<EntityId>,
) -> Vec<Sources> {
    let mut sheets = Vec::new();
    let is_there = |conditions: &mut Conditions, id: EntityId| {
        let under = cases::exists(conditions, inventory, id);
        worlds::holds(conditions, under, case) == Tri::Yes
    };
    for &id in PRINCIPALS.iter().flat_map(|kind| inventory.of_kind(*kind)) {
        if !is_there(conditions, id) {
            continue;
        }
        let mut attached = Attached { below, inventory, case, aws, partly: false };
        let origins = attached.origins(conditions, id);
        let boundary = attached.boundary(conditions, id);
        if attached.partly {
            partly.insert(id);
        }
        sheets.push((id, origins, boundary));
    }
    // A policy that nobody has is judged as if somebody had it alone.
    for &id in inventory.of_kind(Kind::ManagedPolicy) {
        let used = [Relation::Attached, Relation::Boundary]
            .iter()
            .any(|relation| inventory.links_to(id, *relation).next().is_some());
        if let Some(document) =
            inventory.entity(id).and_then(|entity| entity.get("document")).filter(|_| !used)
            && is_there(conditions, id)
        {
            sheets.push((id, vec![Origin::Own(document)], Vec::new()));
        }
    }
    sheets
}

/// What is attached to principals in a case.
struct Attached<'a> {
    below: &'a Tree,
    inventory: &'a Inventory,
    case: Condition,
    aws: &'a mut AwsDocuments,
    /// Whether something may be attached of which nothing is known.
    partly: bool,
}

impl Attached<'_> {
    /// The policies of a principal, those of its groups included.
    fn origins(&mut self, conditions: &mut Conditions, id: EntityId) -> Vec<Origin> {
        let inventory = self.inventory;
        let mut holders = vec![id];
        for link in inventory.links_from(id, Relation::Member) {
            match (link.to, cases::is_there(conditions, inventory, link, self.case)) {
                (Target::Entity(group, Tri::Yes), Tri::Yes) => holders.push(group),
                (_, Tri::No) => {}
                _ => self.partly = true,
            }
        }
        let mut out = Vec::new();
        for holder in holders {
            for link in [Relation::Inline, Relation::Attached]
                .into_iter()
                .flat_map(|relation| inventory.links_from(holder, relation))
            {
                match cases::is_there(conditions, inventory, link, self.case) {
                    Tri::Yes => out.extend(self.origin(link)),
                    Tri::No => {}
                    Tri::Maybe => self.partly = true,
                }
            }
        }
        out
    }

    fn boundary(&mut self, conditions: &mut Conditions, id: EntityId) -> Vec<Origin> {
        let mut out = Vec::new();
        let partly = self.partly;
        for link in self.inventory.links_from(id, Relation::Boundary) {
            if cases::is_there(conditions, self.inventory, link, self.case) == Tri::Yes {
                out.extend(self.origin(link));
            }
        }
        self.partly = partly;
        out
    }

    fn origin(&mut self, link: &Link) -> Option<Origin> {
        let found = match link.to {
            Target::Entity(policy, Tri::Yes) => {
                self.inventory.entity(policy).and_then(|one| one.get("document")).map(Origin::Own)
            }
            Target::Outside => {
                let text = self.below.display(link.value);
                let path = text.split_once(":iam::aws:policy/").map(|(_, path)| path);
                let name = path.and_then(|path| path.rsplit('/').next());
                let position = name.and_then(|name| self.aws.position(name));
                position.map(|position| Origin::Aws(position, link.value))
            }
            _ => None,
        };
        self.partly |= found.is_none();
        found
    }
}
