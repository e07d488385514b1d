//! What the input has its roles do: the one place that knows, for the rules about what roles lack and for advice.
//!
//! Associations, tasks, preferences and runbooks ask something of the roles of nodes and automations: a [`Demand`] each,
//! with the actions, the resources, and what of the input asks.

mod destinations;
mod nodes;
mod purpose;
mod resource;
mod startup;

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::catalog::embedded;
use crate::document::{Conditions, NodeId, Tree, Tri};
use crate::iam::resource::Target;
use crate::model::{EntityId, Inventory, Kind, Link, Relation, Target as End};
use crate::ssm::needs;
use crate::ssm::statement::{Wanted, open_resources};

use super::able::Able;
use super::analyses::{self, Analyses};

pub use purpose::Purpose;
pub use resource::Resource;

/// Something that the input has a role do.
#[derive(Clone, Debug)]
pub struct Demand {
    /// What it is for.
    pub purpose: Purpose,
    /// What must be allowed.
    pub needs: Vec<Need>,
    /// The logical id or address of what asks for it.
    pub by: String,
    /// The value that shows it.
    pub place: NodeId,
    /// What asks, in words that follow "because".
    pub why: String,
    /// Whether the input only suggests it: enough for advice, not for a finding.
    pub inferred: bool,
}

/// An action, and what it must be allowed on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Need {
    /// The IAM action.
    pub action: String,
    /// What it must be allowed on.
    pub on: Scope,
    /// Conditions under which it is enough: an operator, a key and its values.
    pub conditions: Vec<(String, String, Vec<String>)>,
}

/// What an action must be allowed on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Whatever resource of the account the action takes.
    Anything,
    /// These resources.
    These(Vec<Resource>),
    /// The input does not say on what: the words say what is not known.
    Unknown(String),
}

impl Need {
    /// An action on whatever resource.
    pub fn anywhere(action: &str) -> Self {
        Self::of(action, Scope::Anything)
    }

    /// An action on some resources, by their ARNs.
    pub fn on(action: &str, arns: Vec<String>) -> Self {
        let all: Vec<Resource> = arns.into_iter().map(Resource::of).collect();
        let on = if all.is_empty() { Scope::Anything } else { Scope::These(all) };
        Self::of(action, on)
    }

    /// As a part of a statement, for a demand that calls for it.
    pub fn wanted(&self, demand: &Demand) -> Wanted {
        let resources = match &self.on {
            Scope::These(all) => all.iter().map(|one| one.arn.clone()).collect(),
            Scope::Anything | Scope::Unknown(_) => Vec::new(),
        };
        Wanted {
            sid: demand.purpose.sid().to_owned(),
            action: self.action.clone(),
            resources,
            conditions: self.conditions.clone(),
            why: demand.why.clone(),
        }
    }

    fn of(action: &str, on: Scope) -> Self {
        Self { action: action.to_owned(), on, conditions: Vec::new() }
    }

    /// Whether a role can do it: on one of the resources, where there are several.
    pub fn met_by(&self, able: &Able<'_>) -> Tri {
        let on = |resource: &Resource| {
            let targets = resource.targets(able.places());
            targets.iter().map(|target| able.can(&self.action, target)).fold(Tri::No, Tri::or)
        };
        match &self.on {
            Scope::These(resources) => resources.iter().map(on).fold(Tri::No, Tri::or),
            Scope::Anything | Scope::Unknown(_) => match able.can(&self.action, &Target::any()) {
                // Allowed on every kind of resource, one by one.
                Tri::Maybe => {
                    let all = open_resources(&self.action);
                    let mut each = all.into_iter().map(|arn| on(&Resource::of(arn)));
                    if each.all(|can| can == Tri::Yes) { Tri::Yes } else { Tri::Maybe }
                }
                known => known,
            },
        }
    }
}

/// What the input has one role do.
#[derive(Clone, Debug)]
pub struct RoleDemands {
    /// The role.
    pub role: EntityId,
    /// Whether nodes have it.
    pub of_nodes: bool,
    /// The runbooks that run with it.
    pub documents: Vec<EntityId>,
    /// What it must be able to do.
    pub demands: Vec<Arc<Demand>>,
    /// What else it may have to do, and could not be worked out.
    pub open: Vec<(NodeId, String)>,
}

impl RoleDemands {
    /// What must be allowed, each with the first demand that calls for it for a purpose.
    pub fn needs(&self) -> Vec<(&Demand, &Need)> {
        let mut seen = FxHashSet::default();
        let all =
            self.demands.iter().flat_map(|demand| demand.needs.iter().map(move |need| (&**demand, need)));
        all.filter(|(demand, need)| seen.insert((demand.purpose, *need))).collect()
    }
}

/// What the input has each of its roles do, in the order of the input.
pub fn demands(tree: &Tree, conditions: &mut Conditions, inventory: &Inventory) -> Vec<RoleDemands> {
    let analyses = analyses::analyse(tree, conditions, inventory);
    let uses = nodes::uses(tree, inventory, &analyses);
    let mut all = work_out(tree, conditions, inventory, &analyses, &uses);
    for made in all.iter_mut().filter(|made| made.of_nodes) {
        let able = Able::of(tree, conditions, inventory, made.role);
        let can = able.can("ssm:UpdateInstanceInformation", &Target::any());
        let mut own = Vec::new();
        nodes::own(tree, inventory, made.role, can, &mut own);
        made.demands.splice(0..0, own.into_iter().map(Arc::new));
    }
    all
}

/// What every managed node needs.
pub(super) fn core() -> Demand {
    nodes::core()
}

/// What the input surely has each of its roles do: of demands of the same for all nodes, the first.
pub(super) fn declared(
    tree: &Tree,
    conditions: &mut Conditions,
    inventory: &Inventory,
    analyses: &Analyses,
) -> Vec<RoleDemands> {
    let mut seen = FxHashSet::default();
    let mut uses = nodes::uses(tree, inventory, analyses);
    uses.retain(|used| {
        let demand = &used.demand;
        !demand.inferred && (used.roles.is_some() || seen.insert((demand.purpose, demand.needs.clone())))
    });
    work_out(tree, conditions, inventory, analyses, &uses)
}

fn work_out(
    tree: &Tree,
    conditions: &mut Conditions,
    inventory: &Inventory,
    analyses: &Analyses,
    uses: &[nodes::Used],
) -> Vec<RoleDemands> {
    let roles = inventory.of_kind(Kind::Role);
    let of_nodes: FxHashSet<EntityId> =
        roles.iter().copied().filter(|id| is_node_role(tree, inventory, *id)).collect();
    let of_automations: Vec<EntityId> =
        roles.iter().copied().filter(|id| is_for_automations(tree, inventory, *id)).collect();
    let mut out = Vec::new();
    for &role in roles {
        let mut documents = documents_of(tree, inventory, analyses, role);
        if documents.is_empty() && of_automations == [role] && is_unnamed(inventory, role) {
            documents = of_undeclared_roles(tree, inventory, analyses);
        }
        let is_node = of_nodes.contains(&role);
        let mut made =
            RoleDemands { role, of_nodes: is_node, documents, demands: Vec::new(), open: Vec::new() };
        if is_node {
            // Where nodes are found by tags, only roles of nodes that are managed are meant.
            let managed = of_nodes.len() == 1
                || uses.iter().any(|used| used.roles.is_none())
                    && Able::of(tree, conditions, inventory, role)
                        .can("ssm:UpdateInstanceInformation", &Target::any())
                        != Tri::No;
            let meant = |roles: &Option<Vec<EntityId>>| match roles {
                Some(roles) => roles.contains(&role),
                None => managed,
            };
            made.demands
                .extend(uses.iter().filter(|used| meant(&used.roles)).map(|used| Arc::clone(&used.demand)));
            made.demands.extend(startup::started(tree, inventory, role).into_iter().map(Arc::new));
        }
        made.demands.extend(nodes::registered(tree, inventory, role).map(Arc::new));
        automation(tree, inventory, analyses, &mut made);
        if !made.demands.is_empty() || !made.open.is_empty() || is_node {
            out.push(made);
        }
    }
    out
}

/// What the runbooks of a role have it do.
fn automation(tree: &Tree, inventory: &Inventory, analyses: &Analyses, made: &mut RoleDemands) {
    for id in &made.documents {
        let by = name_of(inventory, *id);
        for analysis in analyses.get(id).into_iter().flatten() {
            let own = needs::of_document(tree, embedded(), &analysis.document);
            for need in own.needs {
                let conditions = need.conditions();
                made.demands.push(Arc::new(Demand {
                    purpose: Purpose::Automation,
                    needs: vec![Need { conditions, ..Need::on(&need.action, need.resources) }],
                    why: format!("{} of `{by}` needs it", need.why),
                    by: by.clone(),
                    place: need.node,
                    inferred: false,
                }));
            }
            made.open.extend(own.open.into_iter().map(|(node, why)| (node, format!("{why} (`{by}`)"))));
        }
    }
}

/// The logical id or address of the resource that declares an entity.
pub(super) fn name_of(inventory: &Inventory, id: EntityId) -> String {
    let resource = inventory.entity(id).and_then(|entity| inventory.resource(entity.resource));
    resource.map(|resource| resource.id.to_string()).unwrap_or_default()
}

/// Whether nodes get a role: it is in an instance profile, is trusted to EC2, or is an activation's.
fn is_node_role(tree: &Tree, inventory: &Inventory, id: EntityId) -> bool {
    let kind = |id: EntityId| inventory.entity(id).map(|entity| entity.kind);
    inventory.links_to(id, Relation::Contains).next().is_some()
        || inventory.links_to(id, Relation::Passes).any(|link| kind(link.from) == Some(Kind::Activation))
        || inventory
            .entity(id)
            .and_then(|role| role.get("trust"))
            .is_some_and(|trust| tree.display(trust).contains("ec2.amazonaws.com"))
}

/// The documents that run with a role.
fn documents_of(tree: &Tree, inventory: &Inventory, analyses: &Analyses, role: EntityId) -> Vec<EntityId> {
    let links = || inventory.links_to(role, Relation::Passes);
    // What runs a document gives it its role by a parameter.
    let by_parameter = links().filter(|link| is_parameter(tree, inventory, link));
    let run = by_parameter.flat_map(|link| run_by(inventory, link.from));
    let mut out: Vec<EntityId> =
        links().map(|link| link.from).chain(run).filter(|id| analyses.contains_key(id)).collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// The declared documents that an association, task, remediation or trigger runs.
pub(super) fn run_by(inventory: &Inventory, user: EntityId) -> impl Iterator<Item = EntityId> {
    inventory.links_from(user, Relation::Runs).filter_map(|link| match link.to {
        End::Entity(document, _) => Some(document),
        _ => None,
    })
}

/// Whether what passes a role does so by a parameter of a document.
pub(super) fn is_parameter(tree: &Tree, inventory: &Inventory, link: &Link) -> bool {
    let parameters = inventory.entity(link.from).and_then(|user| user.get("parameters"));
    let map = parameters.and_then(|node| tree.map(node));
    map.is_some_and(|map| {
        map.iter().any(|(_, _, value)| {
            value == link.value
                || tree.list(value).is_some_and(|list| list.iter().any(|one| one == link.value))
        })
    })
}

/// Whether automations can assume a role. Where it is the only one, and its name is not said, documents that name a role
/// which the input does not declare mean this one.
fn is_for_automations(tree: &Tree, inventory: &Inventory, id: EntityId) -> bool {
    let trust = inventory.entity(id).and_then(|role| role.get("trust"));
    trust.is_some_and(|trust| tree.says(trust, ":automation-execution/"))
}

fn is_unnamed(inventory: &Inventory, id: EntityId) -> bool {
    inventory.entity(id).is_some_and(|role| role.get("name").is_none())
}

/// The documents whose role is named by a literal ARN that leads to no role of the input.
fn of_undeclared_roles(tree: &Tree, inventory: &Inventory, analyses: &Analyses) -> Vec<EntityId> {
    let named = |id: &EntityId| {
        let all = analyses.get(id).into_iter().flatten();
        let literal = |role: NodeId| tree.string(role).is_some_and(|text| text.starts_with("arn:"));
        let declared =
            inventory.links_from(*id, Relation::Passes).any(|link| matches!(link.to, End::Entity(..)));
        !declared && all.into_iter().any(|analysis| analysis.document.assume_role.is_some_and(literal))
    };
    inventory.of_kind(Kind::Document).iter().copied().filter(named).collect()
}
