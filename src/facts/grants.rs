//! What principals are granted by all their policies together, and what follows from it.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::LazyLock;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::catalog;
use crate::catalog::ActionId;
use crate::catalog::MethodKind;
use crate::document::Condition;
use crate::document::Conditions;
use crate::document::HoleKind;
use crate::document::NodeId;
use crate::document::Tree;
use crate::iam::ActionSet;
use crate::iam::Policy;
use crate::iam::PolicyKind;
use crate::iam::effective::Grants;
use crate::iam::escalation;
use crate::iam::escalation::Escalation;
use crate::iam::escalation::Methods;
use crate::iam::escalation::Reachable;
use crate::iam::glob::Token;
use crate::iam::inspect;
use crate::iam::inspect::Flaw;
use crate::iam::strength;
use crate::model::Entity;
use crate::model::EntityId;
use crate::model::Inventory;
use crate::model::Kind;
use crate::model::Relation;

use super::attached::sources;
use super::cases;
use super::paths;
use super::paths::Reached;
use super::reach::Graph;
use super::reach::Ground;
use super::refused;
use super::sheets::AwsDocuments;
use super::sheets::Origin;
use super::sheets::Sheet;
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
    /// It makes something that has a role do things, and which one is limited.
    pub(super) limited: bool,
    pub(super) stronger: bool,
    /// When it is there.
    pub(super) under: Condition,
    /// How many other ways of the family there are at the same place.
    more: usize,
}

impl Gain {
    /// Whether two ways are one, found in different cases.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        (self.place, self.family, self.open, self.limited, self.stronger)
            == (other.place, other.family, other.open, other.limited, other.stronger)
    }

    /// Adds roles that it leads to.
    pub(super) fn add_roles(&mut self, roles: &[EntityId]) {
        self.roles.extend(roles);
        self.roles.sort_unstable();
        self.roles.dedup();
    }
}

/// Adds a way to gain more; those of one family at one place are one.
fn add_gain(gains: &mut Vec<Gain>, gain: Gain) {
    match gains.iter_mut().find(|one| one.is_like(&gain)) {
        Some(known) => {
            known.more += 1;
            known.add_roles(&gain.roles);
        }
        None => gains.push(gain),
    }
}

/// What was worked out of all principals.
#[derive(Debug, Default)]
pub(super) struct Worked {
    pub(super) gains: FxHashMap<EntityId, Vec<Gain>>,
    /// When each principal may do everything.
    pub(super) administrators: FxHashMap<EntityId, Condition>,
    /// Principals that are administrators although none of their policies makes them so.
    pub(super) united: FxHashMap<EntityId, Condition>,
    /// Those of whom a single policy says so, but no single statement of it.
    pub(super) pieced: FxHashMap<EntityId, Condition>,
    /// Principals that may start sessions, and open the data channel of none.
    pub(super) mute: FxHashMap<EntityId, Condition>,
    /// The services of which principals may do everything although none of their policies says so.
    pub(super) services: FxHashMap<EntityId, Vec<(&'static str, Condition)>>,
    pub(super) flaws: Vec<Flaw>,
    /// The names of AWS managed policies whose holders can give themselves everything.
    pub(super) administering: FxHashSet<String>,
    /// What each principal reaches.
    pub(super) reached: FxHashMap<EntityId, Reached>,
}

pub(super) const PRINCIPALS: &[Kind] = &[Kind::Role, Kind::User, Kind::Group];

/// Works out what all principals of an inventory are granted in one case.
pub(super) fn work_out_case(
    below: &Arc<Tree>,
    conditions: &mut Conditions,
    inventory: &Inventory,
    case: Condition,
) -> Worked {
    let mut aws = AwsDocuments::default();
    let mut partly = FxHashSet::default();
    let sheets = sources(below, conditions, inventory, case, &mut aws, &mut partly);
    let catalog = catalog::embedded();
    let read = read_all(below, &aws, conditions, sheets);
    let read = cases::specialise(read, conditions, case);
    let grants: Vec<Grants<'_, '_>> = read
        .par_iter()
        .map(|sheet| {
            let mut grants = Grants::new(catalog, &sheet.policies, &sheet.boundary);
            grants.complete &= !partly.contains(&sheet.id);
            grants
        })
        .collect();
    let trusts: Vec<Option<Policy<'_>>> = if below.has_choices() || !case.is_always() {
        let trust = |sheet: &Sheet<'_>| {
            let trust = trust(below, conditions, inventory, sheet.id)?;
            Some(cases::trust_in(trust, conditions, case))
        };
        read.iter().map(trust).collect()
    } else {
        let trust =
            |conditions: &mut Conditions, sheet: &Sheet<'_>| trust(below, conditions, inventory, sheet.id);
        read.par_iter().map_init(Conditions::new, trust).collect()
    };
    let absent = cases::absent(conditions, inventory, case);
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
        read: &read,
        grants: &grants,
        strong: strength::embedded_strong_actions(),
        roles: &roles,
        node_roles: node_roles(inventory, &absent, &roles, &read),
        methods: Methods::embedded(),
        aws: &aws,
        administering: &administering,
    };
    let judged: Vec<Judged> =
        read.par_iter().zip(&grants).map(|(sheet, grants)| world.judge(sheet, grants)).collect();
    let mut worked = Worked::default();
    let found = collect(&mut worked, &read, judged, case);
    let ids: Vec<EntityId> = read.iter().map(|sheet| sheet.id).collect();
    let bounded: Vec<bool> = read.iter().map(|sheet| !sheet.boundary.is_empty()).collect();
    let policies = policies(below, inventory);
    let ground = Ground {
        inventory,
        ids: &ids,
        grants: &grants,
        known: &known,
        trusts: &trusts,
        found: &found,
        administrators: &worked.administrators,
        bounded: &bounded,
        absent: &absent,
        policies: &policies,
        place: &|index, node, policy| {
            place_of(read.get(index).and_then(|sheet| sheet.origins.get(policy)), node)
        },
    };
    let reached = paths::work_out(&ground, &Graph::of(&ground));
    worked.reached = ids.iter().copied().zip(reached).collect();
    let granted = refused::Granted { roles: &roles, grants: &grants, ids: &ids };
    worked.flaws.extend(refused::refused(below, conditions, inventory, case, &granted));
    worked.flaws.extend(refused::withheld(below, conditions, inventory, case, &roles));
    worked.administering = administering;
    worked
}

/// Adds what was found of each principal; the escalations are given back.
fn collect(
    worked: &mut Worked,
    read: &[Sheet<'_>],
    judged: Vec<Judged>,
    case: Condition,
) -> Vec<Vec<Escalation<'static>>> {
    let mut found = Vec::with_capacity(judged.len());
    for (sheet, judged) in read.iter().zip(judged) {
        found.push(judged.found);
        worked.flaws.extend(judged.flaws);
        if judged.administrator {
            worked.administrators.insert(sheet.id, case);
        }
        if judged.united {
            worked.united.insert(sheet.id, case);
        }
        if judged.pieced {
            worked.pieced.insert(sheet.id, case);
        }
        if judged.mute {
            worked.mute.insert(sheet.id, case);
        }
        if !judged.services.is_empty() {
            let services = judged.services.into_iter().map(|service| (service, case)).collect();
            worked.services.insert(sheet.id, services);
        }
        if !judged.gains.is_empty() {
            worked.gains.insert(sheet.id, judged.gains);
        }
    }
    found
}

/// What one principal is judged by.
struct World<'w> {
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
    pieced: bool,
    mute: bool,
    services: Vec<&'static str>,
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
        let administrator = grants.is_administrator(catalog);
        let rules = |role: &Reachable| {
            !administrator && self.grants.get(role.id).is_some_and(|other| other.is_administrator(catalog))
        };
        flaws.extend(inspect::passes(catalog, sheet.own, grants, self.roles, rules));
        if administrator {
            let alone: Vec<_> = sheet
                .policies
                .iter()
                .map(|policy| Grants::new(catalog, std::slice::from_ref(policy), &[]))
                .filter(|grants| grants.is_administrator(catalog))
                .collect();
            let at_once = alone.iter().flat_map(|grants| &grants.all).any(|grant| {
                let one = Grants { all: vec![grant.clone()], complete: true };
                one.is_administrator(catalog)
            });
            let pieced = !alone.is_empty() && !at_once;
            return Judged {
                flaws,
                administrator: true,
                united: alone.is_empty(),
                pieced,
                ..Judged::default()
            };
        }
        let (gains, found) = self.gains(sheet, grants);
        let services = united_services(sheet, grants);
        Judged { flaws, gains, found, services, mute: is_mute(grants), ..Judged::default() }
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

/// Smaller services are easily covered by the few actions that one needs.
const WHOLE: usize = 12;

/// Whether sessions may be started, and their data channel may surely not be opened: whatever else is granted does not say
/// so, under any condition.
fn is_mute(grants: &Grants<'_, '_>) -> bool {
    static ACTIONS: LazyLock<Option<(ActionId, ActionId)>> = LazyLock::new(|| {
        let id = |name| catalog::embedded().action(name).map(|action| action.id);
        Some((id("ssm:StartSession")?, id("ssmmessages:OpenDataChannel")?))
    });
    let Some((start, open)) = *ACTIONS else { return false };
    let some = grants.actions(catalog::embedded(), true);
    grants.complete && some.has(start) && !some.has(open)
}

/// The services of which several policies together grant every action on every resource, and no policy alone.
fn united_services(sheet: &Sheet<'_>, grants: &Grants<'_, '_>) -> Vec<&'static str> {
    let catalog = catalog::embedded();
    if sheet.policies.len() < 2 {
        return Vec::new();
    }
    let open = grants.open(catalog);
    let mut alone: Option<Vec<ActionSet>> = None;
    let mut out = Vec::new();
    for service in catalog.services().filter(|service| !service.withdrawn() && service.range().len() >= WHOLE)
    {
        let living = || service.actions().filter(|action| !action.withdrawn());
        if !living().all(|action| open.has(action.id)) {
            continue;
        }
        let each = alone.get_or_insert_with(|| {
            let own = |policy| Grants::new(catalog, std::slice::from_ref(policy), &[]).open(catalog);
            sheet.policies.iter().map(own).collect()
        });
        if !each.iter().any(|own| living().all(|action| own.has(action.id))) {
            out.push(service.prefix());
        }
    }
    out
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
        limited: found.limited && method.kind() == MethodKind::ExistingRole,
        stronger: if family == "nodes" { nodes_stronger } else { stronger },
        under: Condition::ALWAYS,
        more: 0,
    }
}

/// What roles of nodes may do, each once: the first that may do it, and whether there are others.
type NodeRoles<'r> = FxHashMap<&'r ActionSet, (EntityId, bool)>;

fn node_roles<'r>(
    inventory: &Inventory,
    absent: &FxHashSet<(EntityId, NodeId)>,
    roles: &'r [Reachable],
    read: &[Sheet<'_>],
) -> NodeRoles<'r> {
    let mut out = NodeRoles::default();
    for role in roles {
        let Some(id) = read.get(role.id).map(|sheet| sheet.id) else { continue };
        let mut links = inventory.links_to(id, Relation::Contains);
        if links.any(|link| !absent.contains(&(link.from, link.value))) {
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
    let (reference, name) = names(below, inventory, entity, entity.kind.name())?;
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

/// The token that stands for the ARN of something in IAM, and the resource part of that ARN.
pub(super) fn names(
    below: &Tree,
    inventory: &Inventory,
    entity: &Entity,
    word: &str,
) -> Option<(Token, Vec<Token>)> {
    let resource = inventory.resource(entity.resource)?.node;
    let reference = crate::iam::text::token(&HoleKind::Arn { resource, service: "" }, "");
    let path = entity.get("path").and_then(|path| below.string(path)).unwrap_or("/");
    let mut name = crate::iam::glob::literal(&format!("{word}/{}", path.trim_start_matches('/')));
    if let Some(own) = entity.get("name").and_then(|name| below.string(name)) {
        name.extend(crate::iam::glob::literal(own));
    } else {
        name.push(crate::iam::text::token(&HoleKind::Name { resource }, ""));
    }
    Some((reference, name))
}

/// How texts name the managed policies of the input.
fn policies(below: &Tree, inventory: &Inventory) -> FxHashMap<EntityId, Reachable> {
    let none = ActionSet::none(catalog::embedded());
    let made = inventory.of_kind(Kind::ManagedPolicy).iter().filter_map(|&id| {
        let (reference, name) = names(below, inventory, inventory.entity(id)?, "policy")?;
        let (reference, name, services) = (Some(reference), Some(name), Vec::new());
        Some((id, Reachable { id: id.index(), reference, name, services, actions: none.clone() }))
    });
    made.collect()
}
