//! Leaving a managed policy: what each role that has it gets instead, in which order, and what it loses and gains.

mod configuration;
mod difference;
mod patch;
mod render;
mod steps;
mod watch;

use crate::catalog::embedded;
use crate::document::{Location, Tri};
use crate::facts::able::{Able, managed};
use crate::facts::demands::{self, RoleDemands, Scope};
use crate::iam::compare::{Difference, Witness};
use crate::ingest::Unit;
use crate::model::Kind;
use crate::ssm::features::Feature;
use crate::ssm::generate::{NodeUse, node_statements};
use crate::ssm::statement::Statement;

use super::advice::{Options, Recommended, World, cover};
use super::held::{self, Attached};

use patch::{Input, Patch, Swap};

pub use patch::Patched;
pub use render::{Migrated, render};
pub use steps::{Do, Order, Step};
pub use watch::watch;

/// What is left, and for what.
#[derive(Clone, Debug)]
pub struct Request {
    /// The names or ARNs of the policies that roles are to lose.
    pub remove: Vec<String>,
    /// The names of the policies that they get instead; nothing where that is worked out from the input.
    pub add: Option<Vec<String>>,
    /// What advice is like.
    pub options: Options,
}

/// The way of one role.
#[derive(Clone, Debug)]
pub struct Migration {
    /// The logical id or address.
    pub role: String,
    /// The name in IAM, where it is known.
    pub name: Option<String>,
    /// Where it is declared.
    pub place: Option<Location>,
    /// How many nodes, launch templates and the like have it.
    pub nodes: usize,
    /// What it loses.
    pub remove: Vec<Removed>,
    /// The managed policies that it gets.
    pub add: Vec<Recommended>,
    /// The statements that it gets.
    pub statements: Vec<Statement>,
    /// Actions that the input has it do and that it then could not do, each with what needs it.
    pub breaks: Vec<(String, String)>,
    /// What only the old policies grant.
    pub lost: Vec<Witness>,
    /// What only the new ones grant.
    pub gained: Vec<Witness>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Whether policies are added before others are removed.
    pub order: Order,
    /// How many managed policies it has: now, at most on the way, and then.
    pub counts: [usize; 3],
    /// What could not be worked out.
    pub unknown: Vec<String>,
}

/// A policy that a role loses.
#[derive(Clone, Debug)]
pub struct Removed {
    /// The name to show.
    pub name: String,
    /// The ARN, with holes as `${…}`.
    pub arn: String,
    /// The resource that attaches it.
    pub by: String,
    /// Where it is attached.
    pub place: Option<Location>,
}

/// A user or group that has a policy that roles are to lose.
#[derive(Clone, Debug)]
pub struct Other {
    /// The logical id or address.
    pub id: String,
    /// `user` or `group`.
    pub kind: &'static str,
    /// The policy.
    pub policy: String,
    /// Where it is attached.
    pub place: Option<Location>,
}

/// What comes of an input.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The ways of the roles that have one of the policies.
    pub roles: Vec<Migration>,
    /// The users and groups that have one.
    pub others: Vec<Other>,
    /// The texts with the change in them.
    pub patched: Vec<Patched>,
    /// What cannot be changed in the texts.
    pub obstacles: Vec<String>,
}

/// Plans how the roles of an input leave the policies.
pub fn migrate(unit: &mut Unit, request: &Request) -> Plan {
    let Unit { tree, conditions, inventory, kind, configuration, .. } = unit;
    let demands = demands::demands(tree, conditions, inventory);
    let mut world = World { tree, conditions, inventory };
    let mut out = Plan::default();
    let mut patch = Patch::default();
    for &role in world.inventory.of_kind(Kind::Role) {
        let attached = held::attached(world.tree, world.inventory, role);
        let removed: Vec<&Attached> = attached.iter().filter(|one| request.names(one)).collect();
        if removed.is_empty() {
            continue;
        }
        let none = RoleDemands {
            role,
            of_nodes: false,
            documents: Vec::new(),
            demands: Vec::new(),
            open: Vec::new(),
        };
        let demands = demands.iter().find(|one| one.role == role).unwrap_or(&none);
        let made = of_role(&mut world, demands, &attached, request);
        let swap = Swap { role, removed: &removed, add: &made.add, statements: &made.statements };
        let input = Input {
            tree: world.tree,
            inventory: world.inventory,
            kind: *kind,
            configuration: configuration.as_deref(),
        };
        patch.add(&input, &swap);
        out.roles.push(made);
    }
    for kind in [Kind::User, Kind::Group] {
        for &id in world.inventory.of_kind(kind) {
            let attached = held::attached(world.tree, world.inventory, id);
            out.others.extend(attached.into_iter().filter(|one| request.names(one)).map(|one| Other {
                id: world.id(id),
                kind: kind.name(),
                policy: one.name().to_owned(),
                place: one.place,
            }));
        }
    }
    out.patched = patch.files(world.tree);
    out.obstacles = patch.obstacles;
    out
}

impl Request {
    /// Whether a policy is one that roles are to lose.
    fn names(&self, attached: &Attached) -> bool {
        let by_aws = |wanted: &str| {
            let name = wanted.rsplit('/').next().unwrap_or(wanted);
            let is_aws = !wanted.contains(':') || wanted.contains(":iam::aws:policy/");
            is_aws && attached.aws.as_deref() == Some(name)
        };
        self.remove.iter().any(|wanted| by_aws(wanted) || attached.arn == *wanted)
    }
}

fn of_role(
    world: &mut World<'_>,
    demands: &RoleDemands,
    attached: &[Attached],
    request: &Request,
) -> Migration {
    let role = demands.role;
    let removed: Vec<&Attached> = attached.iter().filter(|one| request.names(one)).collect();
    let kept: Vec<&Attached> = attached.iter().filter(|one| !request.names(one)).collect();
    let now = attached.len();
    let quota = request.options.quota;
    let (add, statements, mut unknown) = replacement(world, demands, &kept, request);
    let fresh = new(&add);
    let difference = difference::between(world, role, attached, &kept, &add, &statements);
    let breaks = breaks(world, demands, &kept, &add, &statements);
    let (steps, order, peak) = steps::plan(&steps::Change {
        removed: &removed,
        add: &add,
        statements: &statements,
        now,
        quota,
        core: &steps::core(&add),
    });
    let Difference { gained, lost } = difference;
    let unsure = removed.iter().filter(|one| !one.sure);
    unknown.extend(unsure.map(|one| format!("`{}` is attached only under a condition", one.name())));
    Migration {
        role: world.id(role),
        name: world.name(role),
        place: world.place(role),
        nodes: world.nodes(role),
        remove: removed
            .iter()
            .map(|one| Removed {
                name: one.name().to_owned(),
                arn: one.arn.clone(),
                by: one.by.clone(),
                place: one.place.clone(),
            })
            .collect(),
        add,
        statements,
        breaks,
        lost,
        gained,
        steps,
        order,
        counts: [now, peak, kept.len() + fresh],
        unknown,
    }
}

/// How many of the policies a role does not have yet.
fn new(add: &[Recommended]) -> usize {
    add.iter().filter(|one| !one.attached).count()
}

/// What a role gets instead: what was asked for, or what covers its needs.
fn replacement(
    world: &mut World<'_>,
    demands: &RoleDemands,
    kept: &[&Attached],
    request: &Request,
) -> (Vec<Recommended>, Vec<Statement>, Vec<String>) {
    let Some(add) = &request.add else {
        let kept_of_own: Vec<Attached> = kept.iter().map(|one| (*one).clone()).collect();
        let Options { prefer, quota } = request.options;
        let plan = cover(world, demands, kept, &kept_of_own, prefer, quota);
        let mut statements = plan.statements;
        // How old the agents are is not known: what they can do by the old policy they can do by statements.
        if let Some(heartbeat) = statements.iter().position(|one| one.sid.starts_with("Heartbeat")) {
            let used = NodeUse { features: vec![Feature::Messages], ..NodeUse::default() };
            statements.splice(heartbeat..heartbeat, node_statements(&used));
        }
        return (plan.managed, statements, plan.unknown);
    };
    let known = add.iter().filter_map(|name| {
        embedded().managed_policy(name.rsplit('/').next().unwrap_or(name)).map(crate::catalog::Managed::name)
    });
    let add = known
        .map(|name| Recommended {
            name,
            features: Vec::new(),
            attached: kept.iter().any(|one| one.aws.as_deref() == Some(name)),
        })
        .collect();
    (add, Vec::new(), demands.open.iter().map(|(_, why)| why.clone()).collect())
}

/// What the input has a role do that it then cannot do: where statements are added, these are what was lacking.
fn breaks(
    world: &mut World<'_>,
    demands: &RoleDemands,
    kept: &[&Attached],
    add: &[Recommended],
    statements: &[Statement],
) -> Vec<(String, String)> {
    let added = add.iter().filter_map(|one| managed(one.name)).cloned().collect();
    let then: Able<'_> = held::able(world.tree, world.conditions, world.inventory, demands.role, kept, added);
    let mut out: Vec<(String, String)> = Vec::new();
    for (demand, need) in demands.needs() {
        let by_statement = statements.iter().any(|one| one.actions.contains(&need.action));
        let unknown = matches!(need.on, Scope::Unknown(_));
        let can = need.met_by(&then);
        if by_statement || can == Tri::Yes || (can == Tri::Maybe && !unknown) {
            continue;
        }
        if !out.iter().any(|(action, _)| *action == need.action) {
            out.push((need.action.clone(), demand.why.clone()));
        }
    }
    out
}
