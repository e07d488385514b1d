//! What principals are granted by all their policies together, and what follows from it.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::catalog;
use crate::catalog::MethodKind;
use crate::document::Conditions;
use crate::document::HoleKind;
use crate::document::NodeId;
use crate::document::Tree;
use crate::document::Tri;
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
use crate::iam::strength;
use crate::model::EntityId;
use crate::model::Inventory;
use crate::model::Kind;
use crate::model::Link;
use crate::model::Relation;
use crate::model::Target;

use super::paths;
use super::paths::Reached;
use super::reach::Graph;
use super::reach::Ground;
use super::sheets::AwsDocuments;
use super::sheets::Origin;
use super::sheets::Sheet;
use super::sheets::Sources;
use super::sheets::read_all;

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
    pub(super) administrators: FxHashSet<EntityId>,
    /// Principals that are administrators although none of their policies makes them so.
    pub(super) united: FxHashSet<EntityId>,
    pub(super) flaws: Vec<Flaw>,
    /// The names of AWS managed policies whose holders can give themselves everything.
    pub(super) administering: FxHashSet<String>,
    /// What each principal reaches.
    pub(super) reached: FxHashMap<EntityId, Reached>,
}

const PRINCIPALS: &[Kind] = &[Kind::Role, Kind::User, Kind::Group];

/// Works out what all principals of an inventory are granted.
pub(super) fn work_out(below: &Arc<Tree>, conditions: &mut Conditions, inventory: &Inventory) -> Worked {
    let mut aws = AwsDocuments::default();
    let sheets = sources(below, inventory, &mut aws);
    let catalog = catalog::embedded();
    let read = read_all(below, &aws, conditions, sheets);
    let grants: Vec<Grants<'_, '_>> =
        read.par_iter().map(|sheet| Grants::new(catalog, &sheet.policies, &sheet.boundary)).collect();
    let trusts: Vec<Option<Policy<'_>>> = if below.has_choices() {
        read.iter().map(|sheet| trust(below, conditions, inventory, sheet.id)).collect()
    } else {
        let trust =
            |conditions: &mut Conditions, sheet: &Sheet<'_>| trust(below, conditions, inventory, sheet.id);
        read.par_iter().map_init(Conditions::new, trust).collect()
    };
    let known: Vec<Option<Reachable>> = read
        .par_iter()
        .zip(&grants)
        .zip(&trusts)
        .enumerate()
        .map(|(index, ((sheet, grants), trust))| {
            known(below, inventory, sheet.id, index, trust.as_ref(), grants.actions(catalog, true))
        })
        .collect();
    let roles: Vec<Reachable> = known
        .iter()
        .zip(&trusts)
        .filter(|(_, trust)| trust.is_some())
        .filter_map(|(one, _)| one.clone())
        .collect();
    let administering = aws.administering(conditions);
    let world = World {
        inventory,
        read: &read,
        grants: &grants,
        strong: strength::embedded_strong_actions(),
        roles: &roles,
        node_roles: node_roles(inventory, &roles, &read),
        methods: Methods::embedded(),
        aws: &aws,
        administering: &administering,
    };
    let judged: Vec<Judged> =
        read.par_iter().zip(&grants).map(|(sheet, grants)| world.judge(sheet, grants)).collect();
    let mut worked = Worked::default();
    let mut found = Vec::with_capacity(judged.len());
    for (sheet, judged) in read.iter().zip(judged) {
        found.push(judged.found);
        worked.flaws.extend(judged.flaws);
        if judged.administrator {
            worked.administrators.insert(sheet.id);
        }
        if judged.united {
            worked.united.insert(sheet.id);
        }
        if !judged.gains.is_empty() {
            worked.gains.insert(sheet.id, judged.gains);
        }
    }
    let ids: Vec<EntityId> = read.iter().map(|sheet| sheet.id).collect();
    let bounded: Vec<bool> = read.iter().map(|sheet| !sheet.boundary.is_empty()).collect();
    let ground = Ground {
        inventory,
        ids: &ids,
        grants: &grants,
        known: &known,
        trusts: &trusts,
        found: &found,
        administrators: &worked.administrators,
        bounded: &bounded,
        place: &|index, node, policy| {
            place_of(read.get(index).and_then(|sheet| sheet.origins.get(policy)), node)
        },
    };
    let reached = paths::work_out(&ground, &Graph::of(&ground));
    worked.reached = ids.iter().copied().zip(reached).collect();
    worked.flaws.extend(refused(below, conditions, inventory, &roles));
    worked.flaws.extend(withheld(below, conditions, inventory, &roles));
    worked.administering = administering;
    worked
}

/// What one principal is judged by.
struct World<'w> {
    inventory: &'w Inventory,
    read: &'w [Sheet<'w>],
    grants: &'w [Grants<'w, 'w>],
    strong: &'static ActionSet,
    roles: &'w [Reachable],
    node_roles: NodeRoles<'w>,
    methods: &'static Methods<'static>,
    aws: &'w AwsDocuments,
    administering: &'w FxHashSet<String>,
}

/// What was found of one principal.
#[derive(Default)]
struct Judged {
    flaws: Vec<Flaw>,
    administrator: bool,
    united: bool,
    gains: Vec<Gain>,
    found: Vec<Escalation<'static>>,
}

impl World<'_> {
    /// Those of some actions that make their holder stronger.
    fn strong_of(&self, actions: &ActionSet) -> ActionSet {
        let mut strong = actions.clone();
        strong.intersect_with(self.strong);
        strong
    }

    fn judge(&self, sheet: &Sheet<'_>, grants: &Grants<'_, '_>) -> Judged {
        let catalog = catalog::embedded();
        let mut flaws = inspect::together(catalog, &sheet.policies, sheet.own, grants);
        flaws.extend(inspect::passes(catalog, sheet.own, grants, self.roles));
        if grants.is_administrator(catalog) {
            let alone = sheet.policies.iter().any(|policy| {
                Grants::new(catalog, std::slice::from_ref(policy), &[]).is_administrator(catalog)
            });
            return Judged { flaws, administrator: true, united: !alone, ..Judged::default() };
        }
        let is_principal =
            self.inventory.entity(sheet.id).is_some_and(|entity| PRINCIPALS.contains(&entity.kind));
        let (gains, found) = if is_principal { self.gains(sheet, grants) } else { Default::default() };
        Judged { flaws, gains, found, ..Judged::default() }
    }

    /// The ways in which a principal can gain more.
    fn gains(&self, sheet: &Sheet<'_>, grants: &Grants<'_, '_>) -> (Vec<Gain>, Vec<Escalation<'static>>) {
        let mut found = escalation::escalations(catalog::embedded(), self.methods, grants, self.roles);
        let mut gains: Vec<Gain> = Vec::new();
        if found.is_empty() {
            return (gains, found);
        }
        let catalog = catalog::embedded();
        let mine = grants.actions(catalog, true);
        // Stronger is who may change something, or get credentials, where the other may not.
        let known = RefCell::new(FxHashMap::default());
        let is_stronger = |role: &Reachable| {
            *known.borrow_mut().entry(role.id).or_insert_with(|| match self.grants.get(role.id) {
                Some(other) if mine.covers(&self.strong_of(&role.actions)) => {
                    !strength::excess(catalog, self.strong, grants, other).is_empty()
                }
                _ => true,
            })
        };
        // Whether nodes of the input have a role that may do more.
        let nodes_stronger = self.node_roles.iter().any(|(actions, &(first, others))| {
            (others || first != sheet.id) && !mine.covers(&self.strong_of(actions))
        });
        // That an administrator's policy is attached is said elsewhere.
        found.retain(|one| match sheet.origins.get(one.place.1) {
            Some(Origin::Aws(position, _)) => {
                !self.aws.name(*position).is_some_and(|name| self.administering.contains(name))
            }
            _ => true,
        });
        for one in &found {
            add_gain(
                &mut gains,
                gain(one, &sheet.origins, self.roles, &is_stronger, sheet.id, self.read, nodes_stronger),
            );
        }
        for gain in &mut gains {
            if gain.more > 0 {
                let _ = write!(gain.message, " (and {} more ways)", gain.more);
            }
        }
        (gains, found)
    }
}

/// Each principal with where its policies come from and its boundary, and each policy that nobody has.
fn sources(below: &Tree, inventory: &Inventory, aws: &mut AwsDocuments) -> Vec<Sources> {
    let mut sheets = Vec::new();
    for kind in PRINCIPALS {
        for &id in inventory.of_kind(*kind) {
            let origins = origins(below, inventory, id, aws);
            let boundary = boundary(below, inventory, id, aws);
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

#[expect(clippy::too_many_arguments, reason = "all of it is what a way depends on")]
fn gain(
    found: &Escalation<'_>,
    origins: &[Origin],
    roles: &[Reachable],
    is_stronger: &dyn Fn(&Reachable) -> bool,
    own: EntityId,
    read: &[Sheet<'_>],
    nodes_stronger: bool,
) -> Gain {
    let method = found.method;
    let actions: Vec<String> = method.actions().map(str::to_owned).collect();
    let (node, policy) = found.place;
    let place = place_of(origins.get(policy), node);
    let entity_of = |index: usize| read.get(index).map(|sheet| sheet.id);
    let targets: Vec<EntityId> =
        found.roles.iter().filter_map(|&index| entity_of(index)).filter(|&id| id != own).collect();
    let stronger = roles
        .iter()
        .filter(|role| found.roles.contains(&role.id) && entity_of(role.id) != Some(own))
        .any(is_stronger);
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

/// What roles of nodes may do, each once: the first that may do it, and whether there are others.
type NodeRoles<'r> = FxHashMap<&'r ActionSet, (EntityId, bool)>;

fn node_roles<'r>(inventory: &Inventory, roles: &'r [Reachable], read: &[Sheet<'_>]) -> NodeRoles<'r> {
    let mut out = NodeRoles::default();
    for role in roles {
        let Some(id) = read.get(role.id).map(|sheet| sheet.id) else { continue };
        if inventory.links_to(id, Relation::Contains).next().is_some() {
            out.entry(&role.actions).and_modify(|known| known.1 = true).or_insert((id, false));
        }
    }
    out
}

/// Where a person changes what a policy grants: in the policy, or where one of AWS is attached.
fn place_of(origin: Option<&Origin>, node: NodeId) -> NodeId {
    match origin {
        Some(Origin::Aws(_, attached)) => *attached,
        _ => node,
    }
}

/// The trust policy of a role.
fn trust<'t>(
    below: &'t Tree,
    conditions: &mut Conditions,
    inventory: &Inventory,
    id: EntityId,
) -> Option<Policy<'t>> {
    let entity = inventory.entity(id).filter(|entity| entity.kind == Kind::Role)?;
    Some(Policy::read(below, conditions, entity.get("trust")?, PolicyKind::Trust))
}

/// How texts name a principal, and whom it trusts.
fn known(
    below: &Tree,
    inventory: &Inventory,
    id: EntityId,
    index: usize,
    trust: Option<&Policy<'_>>,
    actions: ActionSet,
) -> Option<Reachable> {
    let entity = inventory.entity(id).filter(|entity| PRINCIPALS.contains(&entity.kind))?;
    let resource = inventory.resource(entity.resource)?.node;
    let reference = crate::iam::text::token(&HoleKind::Arn { resource, service: "" }, "");
    let path = entity.get("path").and_then(|path| below.string(path)).unwrap_or("/");
    let kind = entity.kind.name();
    let mut name = crate::iam::glob::literal(&format!("{kind}/{}", path.trim_start_matches('/')));
    if let Some(own) = entity.get("name").and_then(|name| below.string(name)) {
        name.extend(crate::iam::glob::literal(own));
    } else {
        name.push(crate::iam::text::token(&HoleKind::Name { resource }, ""));
    }
    let services = trust
        .iter()
        .flat_map(|policy| &policy.statements)
        .filter(|one| one.effect == crate::iam::Effect::Allow)
        .flat_map(|one| one.principals.iter().flat_map(|all| &all.values))
        .filter(|one| one.ty == crate::iam::policy::PrincipalType::Service)
        .filter_map(|one| one.value.text.known().map(str::to_owned))
        .collect();
    Some(Reachable { id: index, reference: Some(reference), name: Some(name), services, actions })
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

fn boundary(below: &Tree, inventory: &Inventory, id: EntityId, aws: &mut AwsDocuments) -> Vec<Origin> {
    let links = inventory.links_from(id, Relation::Boundary).filter(|link| link.under.is_always());
    links.filter_map(|link| origin(below, inventory, link, aws)).collect()
}
