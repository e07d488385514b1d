//! What roles lack for what the input has them do, and what automation roles have beyond it.

use rustc_hash::FxHashMap;

use crate::catalog::{Access, Action, embedded};
use crate::document::{Conditions, NodeId, Tree, Tri};
use crate::iam::actions::each;
use crate::model::{EntityId, Inventory, Relation, Target};
use crate::ssm::statement::open_resources;

use super::able::{Able, aws_managed, own_documents};
use super::analyses::Analyses;
use super::build::Maker;
use super::demands::{self, Demand, Need, Purpose, RoleDemands, Scope};
use super::record::Record;
use super::remedies::{self, Limited, Remedy};

/// Something that a role cannot do.
#[derive(Debug)]
struct Lack {
    /// The name by which rules ask for it.
    judged_as: &'static str,
    action: String,
    need: Need,
    why: String,
    /// Whether it surely cannot.
    sure: bool,
}

/// What a role lacks, and what it has beyond its documents.
#[derive(Debug, Default)]
pub(super) struct RoleNeeds {
    lacks: Vec<Lack>,
    excess: Vec<Excess>,
    remedy: Remedy,
}

/// A pattern of actions, with what of it no document needs.
#[derive(Debug)]
struct Excess {
    node: NodeId,
    actions: String,
    /// How many actions of it change something.
    writes: usize,
    service_wide: bool,
    /// Whether one of these changes who may do what.
    permissions: bool,
    needed: Vec<String>,
}

/// The needs of roles that have some.
#[derive(Debug, Default)]
pub(super) struct AllNeeds {
    roles: FxHashMap<EntityId, RoleNeeds>,
    /// What takes the place of statements on everything.
    limits: FxHashMap<NodeId, Limited>,
}

impl AllNeeds {
    /// What fixes of a role write.
    pub(super) fn remedy(&self, role: EntityId) -> Option<&Remedy> {
        self.roles.get(&role).map(|needs| &needs.remedy)
    }

    /// What takes the place of a statement on everything.
    pub(super) fn limited(&self, statement: NodeId) -> Option<&Limited> {
        self.limits.get(&statement)
    }
}

/// Works out the needs of all roles.
pub(super) fn work_out(
    tree: &Tree,
    conditions: &mut Conditions,
    inventory: &Inventory,
    analyses: &Analyses,
) -> AllNeeds {
    let mut out = AllNeeds::default();
    let core = [demands::core()];
    for role in demands::declared(tree, conditions, inventory, analyses) {
        let declared: Vec<&Demand> =
            role.demands.iter().map(|demand| &**demand).filter(|demand| !demand.inferred).collect();
        let mut all = declared.clone();
        all.extend(core.iter().filter(|_| role.of_nodes));
        if all.is_empty() {
            continue;
        }
        let able = Able::of(tree, conditions, inventory, role.role);
        let all_known = is_all_known(inventory, &role);
        let mut needs = RoleNeeds {
            lacks: lacks(&declared, &able, &made_for(tree, inventory, role.role)),
            excess: if all_known { excess(tree, inventory, role.role, &declared) } else { Vec::new() },
            remedy: remedies::of_role(
                tree,
                inventory,
                role.role,
                &all,
                all_known || role.of_nodes && role.open.is_empty(),
            ),
        };
        out.limits.extend(std::mem::take(&mut needs.remedy.limited));
        if !needs.lacks.is_empty() || !needs.excess.is_empty() || !needs.remedy.is_empty() {
            out.roles.insert(role.role, needs);
        }
    }
    out
}

/// The names of the AWS managed policies that a role always has.
fn made_for(tree: &Tree, inventory: &Inventory, role: EntityId) -> Vec<String> {
    let links = inventory.links_from(role, Relation::Attached).filter(|link| link.under.is_always());
    links.filter_map(|link| aws_managed(tree, link)).collect()
}

/// What a role cannot do of what is asked of it; each action once for each use that rules tell apart.
fn lacks(demands: &[&Demand], able: &Able<'_>, attached: &[String]) -> Vec<Lack> {
    let mut out: Vec<Lack> = Vec::new();
    for demand in demands {
        let judged_as = demand.purpose.judged_as();
        for need in &demand.needs {
            if out.iter().any(|known| known.judged_as == judged_as && known.action == need.action) {
                continue;
            }
            let mut can = need.met_by(able);
            if can == Tri::Maybe && demand.purpose == Purpose::Automation {
                let service = need.action.split(':').next().unwrap_or("");
                can = need.met_by(&able.as_meant(service));
            }
            // AWS made the policy for this, under conditions that it keeps to.
            let made = demand.purpose.managed_policies();
            if can == Tri::Maybe && attached.iter().any(|name| made.contains(&name.as_str())) {
                can = Tri::Yes;
            }
            if can != Tri::Yes {
                let (action, why, sure) = (need.action.clone(), demand.why.clone(), can == Tri::No);
                let need = need.clone();
                let name = demand.purpose.name();
                let why = if name == judged_as { why } else { format!("{name}: {why}") };
                out.push(Lack { judged_as, action, need, why, sure });
            }
        }
    }
    out
}

/// Whether documents alone use a role, and everything that they do is known.
fn is_all_known(inventory: &Inventory, role: &RoleDemands) -> bool {
    !role.documents.is_empty()
        && role.open.is_empty()
        && inventory.links_to(role.role, Relation::Passes).all(|link| {
            let run: Vec<EntityId> = demands::run_by(inventory, link.from).collect();
            role.documents.contains(&link.from)
                || !run.is_empty() && run.iter().all(|document| role.documents.contains(document))
        })
}

/// The actions of a role's own statements that no document needs, by pattern.
fn excess(tree: &Tree, inventory: &Inventory, role: EntityId, demands: &[&Demand]) -> Vec<Excess> {
    let catalog = embedded();
    let needed = |action: &Action<'_>| {
        let name = action.full_name();
        let mut needs = demands.iter().flat_map(|demand| &demand.needs);
        needs.any(|need| need.action.eq_ignore_ascii_case(name))
    };
    let mut out = Vec::new();
    for (_, document) in own_documents(inventory, role) {
        let Some(statements) = tree.get(document, "Statement") else { continue };
        let list: Vec<NodeId> =
            tree.list(statements).map_or_else(|| vec![statements], |list| list.iter().collect());
        for statement in list {
            let effect = tree.get(statement, "Effect").and_then(|node| tree.string(node));
            let Some(actions) = tree.get(statement, "Action").filter(|_| effect == Some("Allow")) else {
                continue;
            };
            let patterns: Vec<NodeId> =
                tree.list(actions).map_or_else(|| vec![actions], |list| list.iter().collect());
            for node in patterns {
                let Some(pattern) = tree.string(node) else { continue };
                let mut unused: Vec<&str> = Vec::new();
                let (mut permissions, mut used, mut all) = (false, Vec::new(), 0);
                each(catalog, pattern, |action| {
                    let writes = action.is(Access::Write) || action.manages_permissions();
                    all += usize::from(writes);
                    if writes && !needed(&action) {
                        permissions |= action.manages_permissions();
                        unused.push(action.full_name());
                    } else if needed(&action) {
                        used.push(action.full_name().to_owned());
                    }
                });
                if !unused.is_empty() {
                    let more = unused.len().saturating_sub(3);
                    let shown: Vec<&str> = unused.into_iter().take(3).collect();
                    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
                    let actions = format!("{}{rest}", shown.join(", "));
                    let service_wide = pattern.split_once(':').map_or(pattern, |(_, name)| name) == "*";
                    out.push(Excess { node, actions, writes: all, service_wide, permissions, needed: used });
                }
            }
        }
    }
    out
}

/// Adds what a role lacks and has beyond its needs.
pub(super) fn add(maker: &mut Maker<'_>, record: &mut Record, id: EntityId, place: NodeId) {
    remedies::add(maker, record, id);
    let needs = maker.needs().roles.get(&id);
    let mut lacks = Vec::new();
    let mut groups: Vec<((&str, bool), Vec<&Lack>)> = Vec::new();
    for lack in needs.map_or(&[][..], |needs| &needs.lacks) {
        let key = (lack.judged_as, lack.sure);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, all)) => all.push(lack),
            None => groups.push((key, vec![lack])),
        }
    }
    let place = inline_statements(maker, id).unwrap_or(place);
    for ((judged_as, sure), all) in groups {
        let mut inner = Record::new(place);
        let tree = &mut maker.tree;
        inner.text(tree, "feature", judged_as);
        inner.texts(tree, "actions", all.iter().map(|lack| lack.action.as_str()));
        inner.text(tree, "message", &in_words(&all));
        if let Some(statements) = statements(&all) {
            inner.text(tree, "allowing", &statements);
        }
        if sure {
            inner.bool(tree, "allowed", false);
        } else {
            let blocker = all.first().map_or("", |lack| lack.action.as_str()).into();
            let unknown = crate::document::Unknown { reason: crate::document::Reason::Account, blocker };
            let node = tree.derive_unknown(place, unknown);
            inner.put(tree, "allowed", Some(node));
        }
        lacks.push(inner.finish(tree));
    }
    let mut excess = Vec::new();
    for one in needs.map_or(&[][..], |needs| &needs.excess) {
        let mut inner = Record::new(one.node);
        let tree = &mut maker.tree;
        inner.put(tree, "value", Some(one.node));
        inner.text(tree, "actions", &one.actions);
        if !one.needed.is_empty() {
            inner.text(tree, "needed", &serde_json::json!(one.needed).to_string());
        }
        inner.bool(tree, "service_wide", one.service_wide);
        inner.number(tree, "writes", one.writes);
        if one.permissions {
            inner.text(tree, "severity", "medium");
        }
        excess.push(inner.finish(tree));
    }
    record.list(&mut maker.tree, "lacks", &lacks);
    record.list(&mut maker.tree, "excess", &excess);
}

/// The statements of the first inline policy of a role: where it would be said what the role lacks.
fn inline_statements(maker: &Maker<'_>, id: EntityId) -> Option<NodeId> {
    let inventory = maker.inventory;
    let mut links = inventory.links_from(id, Relation::Inline).filter(|link| link.under.is_always());
    links.find_map(|link| match link.to {
        Target::Entity(policy, Tri::Yes) => {
            let statements = maker.tree.get(inventory.entity(policy)?.get("document")?, "Statement")?;
            maker.tree.list(statements).map(|_| statements)
        }
        _ => None,
    })
}

/// The statements that allow what is lacking, as a list in JSON: one for each set of resources.
fn statements(lacks: &[&Lack]) -> Option<String> {
    let mut groups: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    for lack in lacks {
        let mut arns = match &lack.need.on {
            _ if !lack.need.conditions.is_empty() => return None,
            Scope::These(all) => all.iter().map(|one| one.arn.clone()).collect(),
            Scope::Anything => open_resources(&lack.action),
            Scope::Unknown(_) => return None,
        };
        if arns.is_empty() {
            arns.push("*".to_owned());
        }
        let arns: Vec<String> = arns.iter().map(|arn| remedies::referring(arn)).collect::<Option<_>>()?;
        let action = lack.action.clone();
        match groups.iter_mut().find(|(known, _)| *known == arns) {
            Some((_, actions)) => actions.push(action),
            None => groups.push((arns, vec![action])),
        }
    }
    let one_or_all = |mut all: Vec<String>| match all.len() {
        1 => serde_json::json!(all.pop()),
        _ => serde_json::json!(all),
    };
    let all: Vec<_> = groups
        .into_iter()
        .map(|(arns, actions)| {
            let (actions, resources) = (one_or_all(actions), one_or_all(arns));
            serde_json::json!({"Effect": "Allow", "Action": actions, "Resource": resources})
        })
        .collect();
    Some(serde_json::json!(all).to_string())
}

/// The actions, with what needs them behind those that it needs.
fn in_words(lacks: &[&Lack]) -> String {
    let mut parts: Vec<(&str, Vec<&str>)> = Vec::new();
    for lack in lacks {
        match parts.iter_mut().find(|(why, _)| *why == lack.why) {
            Some((_, actions)) => actions.push(&lack.action),
            None => parts.push((&lack.why, vec![&lack.action])),
        }
    }
    let one = |(why, actions): &(&str, Vec<&str>)| format!("`{}` ({why})", actions.join("`, `"));
    parts.iter().map(one).collect::<Vec<_>>().join("; ")
}
