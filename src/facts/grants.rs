//! What principals are granted by all their policies together, and what follows from it.

use std::fmt::Write as _;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::catalog;
use crate::catalog::MethodKind;
use crate::document::Conditions;
use crate::document::HoleKind;
use crate::document::Limits;
use crate::document::NodeId;
use crate::document::Source;
use crate::document::Tree;
use crate::document::Tri;
use crate::document::json;
use crate::iam::ActionSet;
use crate::iam::Policy;
use crate::iam::PolicyKind;
use crate::iam::effective::Grants;
use crate::iam::escalation;
use crate::iam::escalation::Escalation;
use crate::iam::escalation::Methods;
use crate::iam::escalation::Reachable;
use crate::iam::inspect;
use crate::iam::inspect::Flaw;
use crate::model::EntityId;
use crate::model::Inventory;
use crate::model::Kind;
use crate::model::Link;
use crate::model::Relation;
use crate::model::Target;

/// A policy of a principal: where it comes from, and at which value a person would change that.
#[derive(Clone, Copy)]
enum Origin {
    /// Declared in the input.
    Own(NodeId),
    /// Managed by AWS, by its position among those that the input attaches; attached at this value.
    Aws(usize, NodeId),
}

/// A way to gain more, in plain data.
#[derive(Clone, Debug)]
pub(super) struct Gain {
    pub(super) place: NodeId,
    pub(super) family: &'static str,
    pub(super) message: String,
    pub(super) actions: Vec<String>,
    pub(super) service: Option<String>,
    pub(super) roles: Vec<EntityId>,
    pub(super) open: bool,
    pub(super) stronger: bool,
    /// How many other ways of the family there are at the same place.
    more: usize,
}

/// Adds a way to gain more; those of one family at one place are one.
fn add_gain(gains: &mut Vec<Gain>, gain: Gain) {
    match gains.iter_mut().find(|one| {
        one.place == gain.place
            && one.family == gain.family
            && one.stronger == gain.stronger
            && one.open == gain.open
    }) {
        Some(known) => {
            known.more += 1;
            known.roles.extend(gain.roles);
            known.roles.sort_unstable();
            known.roles.dedup();
        }
        None => gains.push(gain),
    }
}

/// What was worked out of all principals.
#[derive(Debug, Default)]
pub(super) struct Worked {
    pub(super) gains: FxHashMap<EntityId, Vec<Gain>>,
    pub(super) administrators: Vec<EntityId>,
    /// Principals that are administrators although none of their policies makes them so.
    pub(super) united: Vec<EntityId>,
    pub(super) flaws: Vec<Flaw>,
    /// The names of AWS managed policies whose holders can give themselves everything.
    pub(super) administering: FxHashSet<String>,
}

const PRINCIPALS: &[Kind] = &[Kind::Role, Kind::User, Kind::Group];

/// Works out what all principals of an inventory are granted.
pub(super) fn work_out(below: &Arc<Tree>, conditions: &mut Conditions, inventory: &Inventory) -> Worked {
    let mut aws = AwsDocuments::default();
    let sheets = sources(below, inventory, &mut aws);
    let catalog = catalog::embedded();
    let mut read: Vec<Sheet<'_>> = Vec::new();
    for (id, mut origins, boundary) in sheets {
        origins.sort_by_key(|origin| matches!(origin, Origin::Aws(..)));
        let own = origins.iter().filter(|origin| matches!(origin, Origin::Own(_))).count();
        let policies = origins.iter().map(|origin| aws.policy(below, conditions, *origin)).collect();
        let boundary = boundary
            .iter()
            .map(|&node| Policy::read(below, conditions, node, PolicyKind::Boundary))
            .collect();
        read.push((id, policies, boundary, own, origins));
    }
    let grants: Vec<Grants<'_, '_>> =
        read.iter().map(|(_, policies, boundary, _, _)| Grants::new(catalog, policies, boundary)).collect();
    let roles: Vec<Reachable> = read
        .iter()
        .zip(&grants)
        .enumerate()
        .filter_map(|(index, ((id, ..), grants))| {
            reachable(below, conditions, inventory, *id, index, grants.actions(catalog, true))
        })
        .collect();
    let methods = Methods::new(catalog);
    let refused = refused(below, conditions, inventory, &roles);
    let withheld = withheld(below, conditions, inventory, &roles);
    let mut worked = Worked { administering: aws.administering(conditions), ..Worked::default() };
    for ((id, policies, _, own, origins), grants) in read.iter().zip(&grants) {
        worked.flaws.extend(inspect::together(catalog, policies, *own, grants));
        worked.flaws.extend(inspect::passes(catalog, *own, grants, &roles));
        if grants.is_administrator(catalog) {
            worked.administrators.push(*id);
            let alone = policies.iter().any(|policy| {
                Grants::new(catalog, std::slice::from_ref(policy), &[]).is_administrator(catalog)
            });
            if !alone {
                worked.united.push(*id);
            }
            continue;
        }
        if inventory.entity(*id).is_none_or(|entity| !PRINCIPALS.contains(&entity.kind)) {
            continue;
        }
        let found = escalation::escalations(catalog, &methods, grants, &roles);
        let mine = grants.actions(catalog, true);
        let nodes_stronger = stronger_nodes(inventory, &roles, &mine, *id, &read);
        let mut gains: Vec<Gain> = Vec::new();
        for one in &found {
            // That an administrator's policy is attached is said elsewhere.
            if let Some(Origin::Aws(position, _)) = origins.get(one.place.1)
                && aws.name(*position).is_some_and(|name| worked.administering.contains(name))
            {
                continue;
            }
            add_gain(&mut gains, gain(one, origins, &roles, &mine, *id, &read, nodes_stronger));
        }
        for gain in &mut gains {
            if gain.more > 0 {
                let _ = write!(gain.message, " (and {} more ways)", gain.more);
            }
        }
        worked.gains.insert(*id, gains);
    }
    worked.flaws.extend(refused);
    worked.flaws.extend(withheld);
    worked
}

/// Each principal with where its policies come from and its boundary, and each policy that nobody has.
fn sources(
    below: &Tree,
    inventory: &Inventory,
    aws: &mut AwsDocuments,
) -> Vec<(EntityId, Vec<Origin>, Vec<NodeId>)> {
    let mut sheets = Vec::new();
    for kind in PRINCIPALS {
        for &id in inventory.of_kind(*kind) {
            let origins = origins(below, inventory, id, aws);
            let boundary = boundary(inventory, id);
            sheets.push((id, origins, boundary));
        }
    }
    // A policy that nobody has is judged as if somebody had it alone.
    for &id in inventory.of_kind(Kind::ManagedPolicy) {
        let used = [Relation::Attached, Relation::Boundary]
            .iter()
            .any(|relation| inventory.links_to(id, *relation).next().is_some());
        if let Some(document) =
            inventory.entity(id).and_then(|entity| entity.get("document")).filter(|_| !used)
        {
            sheets.push((id, vec![Origin::Own(document)], Vec::new()));
        }
    }
    sheets
}

/// A principal, its policies, its boundary, how many of the policies the input declares, and where they come from.
type Sheet<'t> = (EntityId, Vec<Policy<'t>>, Vec<Policy<'t>>, usize, Vec<Origin>);

#[expect(clippy::too_many_arguments, reason = "all of it is what a way depends on")]
fn gain(
    found: &Escalation<'_>,
    origins: &[Origin],
    roles: &[Reachable],
    mine: &ActionSet,
    own: EntityId,
    read: &[Sheet<'_>],
    nodes_stronger: bool,
) -> Gain {
    let method = found.method;
    let actions: Vec<String> = method.actions().map(str::to_owned).collect();
    let (node, policy) = found.place;
    let place = match origins.get(policy) {
        Some(Origin::Aws(_, attached)) => *attached,
        _ => node,
    };
    let entity_of = |index: usize| read.get(index).map(|sheet| sheet.0);
    let targets: Vec<EntityId> =
        found.roles.iter().filter_map(|&index| entity_of(index)).filter(|&id| id != own).collect();
    let stronger = roles
        .iter()
        .filter(|role| found.roles.contains(&role.id) && entity_of(role.id) != Some(own))
        .any(|role| !mine.covers(&role.actions));
    let family = escalation::family(method);
    let does = match (method.does(), method.kind()) {
        ("", MethodKind::SelfEscalation) => "changes what its holder may do",
        ("", MethodKind::PrincipalAccess) => "gives access to another principal",
        ("", MethodKind::PassedRole) => "makes a service act with a role that its holder passes",
        ("", MethodKind::ExistingRole) => "makes something that has a role do what its holder says",
        ("", MethodKind::Exposure) => "opens something to others",
        (does, _) => does,
    };
    let names: Vec<String> = actions.iter().map(|name| format!("`{name}`")).collect();
    Gain {
        place,
        family,
        message: format!("{} together: {does}", names.join(" + "))
            .replace(if names.len() == 1 { " together: " } else { "\u{0}" }, ": "),
        actions,
        service: method.passed_to().map(str::to_owned),
        roles: targets,
        open: found.open,
        stronger: if family == "nodes" { nodes_stronger } else { stronger },
        more: 0,
    }
}

/// Whether nodes of the input have a role that may do more.
fn stronger_nodes(
    inventory: &Inventory,
    roles: &[Reachable],
    mine: &ActionSet,
    own: EntityId,
    read: &[Sheet<'_>],
) -> bool {
    roles.iter().any(|role| {
        let Some(id) = read.get(role.id).map(|sheet| sheet.0) else { return false };
        id != own
            && inventory.links_to(id, Relation::Contains).next().is_some()
            && !mine.covers(&role.actions)
    })
}

/// A role, as something that can be passed.
fn reachable(
    below: &Tree,
    conditions: &mut Conditions,
    inventory: &Inventory,
    id: EntityId,
    index: usize,
    actions: ActionSet,
) -> Option<Reachable> {
    let entity = inventory.entity(id).filter(|entity| entity.kind == Kind::Role)?;
    let reference = inventory
        .resource(entity.resource)
        .map(|resource| crate::iam::text::token(&HoleKind::Arn { resource: resource.node, service: "" }, ""));
    let path = entity.get("path").and_then(|path| below.string(path)).unwrap_or("/");
    let mut name = crate::iam::glob::literal(&format!("role/{}", path.trim_start_matches('/')));
    if let Some(own) = entity.get("name").and_then(|name| below.string(name)) {
        name.extend(crate::iam::glob::literal(own));
    } else {
        let resource = inventory.resource(entity.resource)?.node;
        name.push(crate::iam::text::token(&HoleKind::Name { resource }, ""));
    }
    let trust = entity.get("trust")?;
    let policy = Policy::read(below, conditions, trust, PolicyKind::Trust);
    let services = policy
        .statements
        .iter()
        .filter(|one| one.effect == crate::iam::Effect::Allow)
        .flat_map(|one| one.principals.iter().flat_map(|all| &all.values))
        .filter(|one| one.ty == crate::iam::policy::PrincipalType::Service)
        .filter_map(|one| one.value.text.known().map(str::to_owned))
        .collect();
    Some(Reachable { id: index, reference, name: Some(name), services, actions })
}

/// Roles that the policy of a resource denies what their own policies grant.
fn refused(
    below: &Tree,
    conditions: &mut Conditions,
    inventory: &Inventory,
    roles: &[Reachable],
) -> Vec<Flaw> {
    let mut out = Vec::new();
    for kind in [Kind::ResourcePolicy, Kind::Key] {
        for &id in inventory.of_kind(kind) {
            let Some(document) = inventory.entity(id).and_then(|entity| entity.get("document")) else {
                continue;
            };
            let policy = Policy::read(below, conditions, document, PolicyKind::Resource);
            out.extend(inspect::refusals(catalog::embedded(), &policy, roles));
        }
    }
    out
}

/// Service control policies that allow only some actions, and not all that roles of the input need.
fn withheld(
    below: &Tree,
    conditions: &mut Conditions,
    inventory: &Inventory,
    roles: &[Reachable],
) -> Vec<Flaw> {
    let documents = inventory.of_kind(Kind::OrganizationPolicy).iter().filter_map(|&id| {
        let entity = inventory.entity(id)?;
        let ty = entity.get("policy_type").and_then(|node| below.string(node));
        if ty == Some("SERVICE_CONTROL_POLICY") { entity.get("document") } else { None }
    });
    let policies: Vec<Policy<'_>> =
        documents.map(|node| Policy::read(below, conditions, node, PolicyKind::ServiceControl)).collect();
    inspect::withheld(catalog::embedded(), &policies, roles).into_iter().collect()
}

/// The policies of a principal, those of its groups included.
fn origins(below: &Tree, inventory: &Inventory, id: EntityId, aws: &mut AwsDocuments) -> Vec<Origin> {
    let mut holders = vec![id];
    for link in inventory.links_from(id, Relation::Member) {
        if let Target::Entity(group, Tri::Yes) = link.to {
            holders.push(group);
        }
    }
    let mut out = Vec::new();
    for holder in holders {
        for relation in [Relation::Inline, Relation::Attached] {
            for link in inventory.links_from(holder, relation).filter(|link| link.under.is_always()) {
                out.extend(origin(below, inventory, link, aws));
            }
        }
    }
    out
}

fn origin(below: &Tree, inventory: &Inventory, link: &Link, aws: &mut AwsDocuments) -> Option<Origin> {
    match link.to {
        Target::Entity(policy, Tri::Yes) => inventory.entity(policy)?.get("document").map(Origin::Own),
        Target::Outside => {
            let text = below.display(link.value);
            let (_, path) = text.split_once(":iam::aws:policy/")?;
            let position = aws.position(path.rsplit('/').next()?)?;
            Some(Origin::Aws(position, link.value))
        }
        _ => None,
    }
}

fn boundary(inventory: &Inventory, id: EntityId) -> Vec<NodeId> {
    let links = inventory.links_from(id, Relation::Boundary);
    links
        .filter_map(|link| match link.to {
            Target::Entity(policy, Tri::Yes) => inventory.entity(policy)?.get("document"),
            _ => None,
        })
        .collect()
}

/// The documents of the AWS managed policies that an input attaches, each read once.
#[derive(Default)]
struct AwsDocuments {
    names: std::collections::BTreeMap<String, usize>,
    read: Vec<(Tree, NodeId)>,
}

impl AwsDocuments {
    fn position(&mut self, name: &str) -> Option<usize> {
        if let Some(&known) = self.names.get(name) {
            return Some(known);
        }
        let text = catalog::embedded().managed_policy(name)?.document();
        let mut tree = Tree::new();
        let file = tree.add_source(Source::from_text(name, text));
        let (root, _) = json::read(&mut tree, file, text, 0, Limits::default()).ok()?;
        self.read.push((tree, root));
        self.names.insert(name.to_owned(), self.read.len() - 1);
        Some(self.read.len() - 1)
    }

    fn name(&self, position: usize) -> Option<&str> {
        self.names.iter().find(|(_, own)| **own == position).map(|(name, _)| name.as_str())
    }

    fn policy<'t>(&'t self, below: &'t Tree, conditions: &mut Conditions, origin: Origin) -> Policy<'t> {
        match origin {
            Origin::Own(node) => Policy::read(below, conditions, node, PolicyKind::Identity),
            Origin::Aws(position, place) => match self.read.get(position) {
                Some((tree, root)) => Policy::read(tree, conditions, *root, PolicyKind::Identity),
                None => Policy::read(below, conditions, place, PolicyKind::Identity),
            },
        }
    }

    /// The names of those whose holders can give themselves everything: they may do nearly everything, or change what
    /// every principal may do.
    fn administering(&self, conditions: &mut Conditions) -> FxHashSet<String> {
        let catalog = catalog::embedded();
        let every = ActionSet::all(catalog).len();
        let powers: Vec<_> =
            ["iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:AttachUserPolicy", "iam:PutUserPolicy"]
                .into_iter()
                .filter_map(|name| catalog.action(name))
                .collect();
        let mut out = FxHashSet::default();
        for (name, &position) in &self.names {
            let Some((tree, root)) = self.read.get(position) else { continue };
            let policy = Policy::read(tree, conditions, *root, PolicyKind::Identity);
            let open = Grants::new(catalog, std::slice::from_ref(&policy), &[]).open(catalog);
            if powers.iter().any(|power| open.has(power.id)) || open.len() * 10 > every * 9 {
                out.insert(name.clone());
            }
        }
        out
    }
}
