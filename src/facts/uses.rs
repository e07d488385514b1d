//! Entities whose facts are their fields and what they are linked to.

use crate::document::{Alternative, Condition, HoleKind, NodeId, Piece, Tree, Tri, View};
use crate::model::{Entity, EntityId, Kind, Relation, Target};

use super::amounts;
use super::around;
use super::build::Maker;
use super::record::Record;
use super::remedies;
use super::ssm;
use super::statements;
use super::wants::Group;

/// The ARN or name of the role that Systems Manager itself has in an account.
const SERVICE_LINKED: &str = "AWSServiceRoleForAmazonSSM$";

/// Attributes that are links: the kind that has them, the relation, and whether there can be several.
const LINKS: &[(Kind, &str, Relation, bool)] = &[
    (Kind::InstanceProfile, "roles", Relation::Contains, true),
    (Kind::Node, "profiles", Relation::Profile, true),
    (Kind::Node, "templates", Relation::Launches, true),
    (Kind::WindowTask, "roles", Relation::Passes, true),
    (Kind::RoleUser, "roles", Relation::Passes, true),
    (Kind::Association, "document", Relation::Runs, false),
    (Kind::WindowTask, "document", Relation::Runs, false),
    (Kind::Trigger, "document", Relation::Runs, false),
    (Kind::Remediation, "document", Relation::Runs, false),
    (Kind::WindowTask, "window", Relation::Window, false),
    (Kind::WindowTarget, "window", Relation::Window, false),
];

/// Any entity that needs nothing of its own.
pub(super) fn other(maker: &mut Maker<'_>, record: &mut Record, id: EntityId, entity: &Entity, kind: Kind) {
    if let Some(document) = entity.get("document").filter(|_| maker.wants(Group::Statements)) {
        let statements = statements::of_document(maker, document);
        record.list(&mut maker.tree, "statements", &statements);
    }
    links(maker, record, id, kind);
    if kind == Kind::MaintenanceWindow {
        let number = |name: &str| maker.tree.scalar(entity.get(name)?)?.parse::<u32>().ok();
        if let (Some(cutoff), Some(duration)) = (number("cutoff"), number("duration")) {
            record.bool(&mut maker.tree, "has_room", cutoff < duration);
        }
    }
    ssm::add(maker, record, id, entity);
    around::add(maker, record, entity);
    if kind == Kind::WindowTask {
        remedies::of_window_task(maker, record);
        let role = entity.get("service_role");
        let linked = role.is_some_and(|role| maker.tree.text_matches(role, SERVICE_LINKED) == Tri::Yes);
        record.bool(&mut maker.tree, "service_linked", linked);
    }
    if kind == Kind::InstanceProfile {
        let links = maker.inventory.links_from(id, Relation::Contains);
        let each: Vec<_> = links.map(|link| (link.under, 1)).collect();
        let count = amounts::total(maker, record.place(), &each);
        record.put(&mut maker.tree, "role_count", Some(count));
    }
}

/// A node: its profiles, and the roles in them.
pub(super) fn node(maker: &mut Maker<'_>, record: &mut Record, id: EntityId, entity: &Entity) {
    links(maker, record, id, Kind::Node);
    let inventory = maker.inventory;
    let mut profiles: Vec<EntityId> = Vec::new();
    let mut named = entity.get("profile").is_some();
    // What a group launches has the profile of its template.
    let mut launched: Vec<EntityId> = vec![id];
    let mut next = 0;
    while let Some(&at) = launched.get(next) {
        next += 1;
        named |= inventory.links_from(at, Relation::Profile).next().is_some();
        profiles.extend(targets(maker, at, Relation::Profile));
        for template in targets(maker, at, Relation::Launches) {
            if !launched.contains(&template) {
                launched.push(template);
            }
        }
    }
    let mut roles: Vec<EntityId> =
        profiles.iter().flat_map(|&at| targets(maker, at, Relation::Contains)).collect();
    roles.extend(targets(maker, id, Relation::Passes));
    roles.sort_unstable();
    roles.dedup();
    if maker.wants(Group::Roles) {
        let roles: Vec<NodeId> = roles.into_iter().map(|role| maker.entity(role)).collect();
        record.list(&mut maker.tree, "roles", &roles);
    }
    record.bool(&mut maker.tree, "has_profile", named);
    if let &[only] = inventory.of_kind(Kind::InstanceProfile)
        && let Some(resource) =
            inventory.entity(only).and_then(|profile| inventory.resource(profile.resource))
    {
        record.text(&mut maker.tree, "only_profile", &resource.id);
    }
    if maker.wants(Group::Managed) {
        let each = launched.iter().filter_map(|&at| inventory.entity(at));
        let managed = { each }.any(|one| is_managed(maker, one));
        record.bool(&mut maker.tree, "managed", managed);
    }
}

/// Whether something of the input means a node to be managed by Systems Manager: associations of its own, or targets
/// that name it or every node.
fn is_managed(maker: &Maker<'_>, node: &Entity) -> bool {
    let tree = &maker.tree;
    if node.get("associations").is_some_and(|own| tree.list(own).is_none_or(|list| !list.is_empty())) {
        return true;
    }
    let Some(resource) = maker.inventory.resource(node.resource) else { return false };
    let kinds = [Kind::Association, Kind::WindowTarget, Kind::WindowTask, Kind::Trigger];
    let entities = kinds.into_iter().flat_map(|kind| maker.inventory.of_kind(kind));
    let targets = entities.filter_map(|id| maker.inventory.entity(*id)?.get("targets"));
    targets
        .into_iter()
        .any(|targets| names(tree, targets, resource.node, true) || around::is_tagged(tree, node, targets))
}

/// Whether a value below a node refers to a resource, or (where that counts) is `*`.
pub(super) fn names(tree: &Tree, root: NodeId, resource: NodeId, everything: bool) -> bool {
    let mut stack = vec![root];
    while let Some(node) = stack.pop() {
        match tree.view(node) {
            View::List(list) => stack.extend(list.iter()),
            View::Map(map) => stack.extend(map.iter().map(|(_, _, value)| value)),
            View::Choice(all) => stack.extend(all.iter().filter_map(|one| one.value)),
            View::String("*") if everything => return true,
            View::Text(pieces) => {
                let refers = pieces.iter().any(|piece| match piece {
                    Piece::Hole(hole) => match hole.kind {
                        HoleKind::Name { resource: to }
                        | HoleKind::Arn { resource: to, .. }
                        | HoleKind::Attribute { resource: to, .. } => to == resource,
                        _ => false,
                    },
                    Piece::Literal(_) => false,
                });
                if refers {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

fn targets(maker: &Maker<'_>, id: EntityId, relation: Relation) -> Vec<EntityId> {
    let links = maker.inventory.links_from(id, relation);
    links.filter_map(|link| if let Target::Entity(to, _) = link.to { Some(to) } else { None }).collect()
}

fn links(maker: &mut Maker<'_>, record: &mut Record, id: EntityId, kind: Kind) {
    if !maker.wants(Group::Links) {
        return;
    }
    for &(_, name, relation, many) in LINKS.iter().filter(|(own, ..)| *own == kind) {
        if many {
            let entities = linked(maker, id, relation);
            record.list(&mut maker.tree, name, &entities);
        } else {
            let entity = sole(maker, id, relation);
            record.put(&mut maker.tree, name, entity);
        }
    }
}

/// The entity that the link of a relation leads to: the first one, or one of several under conditions that exclude each
/// other.
fn sole(maker: &mut Maker<'_>, id: EntityId, relation: Relation) -> Option<NodeId> {
    let links: Vec<_> = maker.inventory.links_from(id, relation).copied().collect();
    let mut so_far = Condition::NEVER;
    let mut all: Vec<Alternative> = Vec::new();
    for link in links {
        let Target::Entity(entity, _) = link.to else { continue };
        if !maker.conditions.and(so_far, link.under).is_never() {
            continue;
        }
        so_far = maker.conditions.or(so_far, link.under);
        all.push(Alternative { condition: link.under, value: Some(maker.entity(entity)) });
    }
    match all.as_slice() {
        [Alternative { condition, value: Some(value) }] => Some(maker.under(*value, *condition)),
        [Alternative { value: Some(first), .. }, ..] => {
            let first = *first;
            if !so_far.is_always() {
                all.push(Alternative { condition: maker.conditions.not(so_far), value: None });
            }
            Some(maker.tree.derive_choice(first, all))
        }
        _ => None,
    }
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
