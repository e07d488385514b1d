//! What roles lack for what the input has them do, and what automation roles have beyond it.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::{Access, Action, embedded};
use crate::document::{Conditions, FileId, Limits, NodeId, Source, Tree, Tri, View, json};
use crate::iam::actions::each;
use crate::iam::evaluate::{Policies, Request, decide};
use crate::iam::principal::Caller;
use crate::iam::resource::Target;
use crate::iam::{Context, Policy, PolicyKind};
use crate::model::{Entity, EntityId, Inventory, Kind, Relation, Target as End};
use crate::ssm::features::{Feature, of_aws_document, of_document};
use crate::ssm::needs::{self, Needs};

use super::analyses::Analyses;
use super::build::Maker;
use super::record::Record;
use super::uses::names;

/// Something that a role cannot do.
#[derive(Debug)]
pub(super) struct Lack {
    feature: &'static str,
    action: String,
    why: String,
    /// Whether it surely cannot.
    sure: bool,
}

/// What a role lacks, and what it has beyond its documents.
#[derive(Debug, Default)]
pub(super) struct RoleNeeds {
    lacks: Vec<Lack>,
    /// Patterns of actions, each with what of it no document needs.
    excess: Vec<(NodeId, String)>,
}

/// The needs of roles that have some.
pub(super) type AllNeeds = FxHashMap<EntityId, RoleNeeds>;

/// Works out the needs of all roles.
pub(super) fn work_out(
    tree: &Tree,
    conditions: &mut Conditions,
    inventory: &Inventory,
    analyses: &Analyses,
) -> AllNeeds {
    let mut out = AllNeeds::default();
    let uses = uses(tree, inventory, analyses);
    let roles: Vec<EntityId> = inventory.of_kind(Kind::Role).to_vec();
    let nodes: FxHashSet<EntityId> =
        roles.iter().copied().filter(|id| is_node_role(tree, inventory, *id)).collect();
    for &id in &roles {
        let mut documents = documents_of(inventory, analyses, id);
        if documents.is_empty() && only_unnamed(tree, inventory, id) {
            documents = of_undeclared_roles(tree, inventory, analyses);
        }
        let is_node = !uses.is_empty() && nodes.contains(&id);
        if !is_node && documents.is_empty() {
            continue;
        }
        let permissions = Permissions::of(tree, conditions, inventory, id);
        let mut needs = RoleNeeds::default();
        // Where nodes are found by tags, only roles of nodes that are managed are meant.
        let managed =
            nodes.len() == 1 || permissions.can("ssm:UpdateInstanceInformation", &Target::any()) != Tri::No;
        for used in uses.iter().filter(|_| is_node) {
            let meant = match &used.roles {
                Some(roles) => roles.contains(&id),
                None => managed,
            };
            if meant {
                used.check(&permissions, &mut needs.lacks);
            }
        }
        if !documents.is_empty() {
            automation(&(tree, inventory, analyses), &documents, &permissions, id, &mut needs);
        }
        if !needs.lacks.is_empty() || !needs.excess.is_empty() {
            out.insert(id, needs);
        }
    }
    out
}

/// Something that nodes are used for.
struct Used {
    feature: &'static str,
    needs: Vec<(&'static str, Target)>,
    why: String,
    /// The roles of the nodes, where the input names the nodes.
    roles: Option<Vec<EntityId>>,
}

impl Used {
    fn check(&self, permissions: &Permissions, lacks: &mut Vec<Lack>) {
        for (action, target) in &self.needs {
            let can = permissions.can(action, target);
            if can != Tri::Yes
                && lacks.iter().all(|known| known.action != *action || known.feature != self.feature)
            {
                let why = self.why.clone();
                lacks.push(Lack {
                    feature: self.feature,
                    action: (*action).to_owned(),
                    why,
                    sure: can == Tri::No,
                });
            }
        }
    }
}

/// What the associations, tasks and preferences of the input use nodes for.
fn uses(tree: &Tree, inventory: &Inventory, analyses: &Analyses) -> Vec<Used> {
    let mut out = Vec::new();
    for kind in [Kind::Association, Kind::WindowTask] {
        for &id in inventory.of_kind(kind) {
            let Some(entity) = inventory.entity(id) else { continue };
            let is_automation = entity.get("automation_target_parameter").is_some()
                || entity
                    .get("task_type")
                    .and_then(|node| tree.string(node))
                    .is_some_and(|ty| ty != "RUN_COMMAND");
            if is_automation {
                continue;
            }
            let name = entity.get("document_name").or_else(|| entity.get("task"));
            let name = name.and_then(|node| tree.string(node)).unwrap_or("");
            let what = inventory.resource(entity.resource).map_or("", |resource| &resource.id);
            let mut features = vec![Feature::Core];
            if kind == Kind::Association {
                features.push(Feature::Associations);
            }
            features.extend(of_aws_document(name.rsplit('/').next().unwrap_or(name)));
            if let Some(document) = run_by(inventory, id) {
                let known = analyses.get(&document).and_then(|all| all.first());
                features.extend(known.map(|one| of_document(tree, &one.document)).unwrap_or_default());
            }
            let roles = targeted(tree, inventory, entity);
            for feature in features {
                out.push(Used {
                    feature: feature.name(),
                    needs: feature.actions().iter().map(|action| (*action, Target::any())).collect(),
                    why: format!("`{what}` needs it ({})", feature.name()),
                    roles: roles.clone(),
                });
            }
            destinations(tree, entity, what, roles.as_ref(), &mut out);
        }
    }
    for &id in inventory.of_kind(Kind::Document) {
        for analysis in analyses.get(&id).into_iter().flatten() {
            let Some(inputs) = tree.get(analysis.document.root, "inputs") else { continue };
            let what = inventory.entity(id).and_then(|entity| inventory.resource(entity.resource));
            let what = what.map_or("", |resource| &resource.id);
            let bucket = tree.get(inputs, "s3BucketName");
            let group = tree.get(inputs, "cloudWatchLogGroupName");
            written(tree, bucket, group, what, None, &mut out);
        }
    }
    out
}

/// Where the output of an association or a task goes.
fn destinations(
    tree: &Tree,
    entity: &Entity,
    what: &str,
    roles: Option<&Vec<EntityId>>,
    out: &mut Vec<Used>,
) {
    written(tree, entity.get("output_bucket"), entity.get("log_group"), what, roles.cloned(), out);
}

fn written(
    tree: &Tree,
    bucket: Option<NodeId>,
    group: Option<NodeId>,
    what: &str,
    roles: Option<Vec<EntityId>>,
    out: &mut Vec<Used>,
) {
    let known = |node: NodeId| tree.string(node).filter(|text| !text.is_empty()).map(str::to_owned);
    let is_empty =
        |node: NodeId| tree.string(node).is_some_and(str::is_empty) || matches!(tree.view(node), View::Null);
    if let Some(node) = bucket.filter(|node| !is_empty(*node)) {
        let target =
            known(node).map_or_else(Target::any, |name| Target::parse(&format!("arn:aws:s3:::{name}/x")));
        out.push(Used {
            feature: "output",
            needs: vec![("s3:PutObject", target)],
            why: format!("`{what}` writes to the bucket {}", tree.display(node)),
            roles: roles.clone(),
        });
    }
    if let Some(node) = group.filter(|node| !is_empty(*node)) {
        out.push(Used {
            feature: "output",
            needs: vec![
                ("logs:CreateLogStream", Target::any()),
                ("logs:PutLogEvents", Target::any()),
                ("logs:DescribeLogGroups", Target::any()),
                ("logs:DescribeLogStreams", Target::any()),
            ],
            why: format!("`{what}` writes to the log group {}", tree.display(node)),
            roles,
        });
    }
}

/// The document of the input that an association or task runs.
fn run_by(inventory: &Inventory, id: EntityId) -> Option<EntityId> {
    inventory.links_from(id, Relation::Runs).find_map(|link| match link.to {
        End::Entity(document, _) => Some(document),
        _ => None,
    })
}

/// The roles of the nodes that the targets of an association name; nothing where they name none.
fn targeted(tree: &Tree, inventory: &Inventory, entity: &Entity) -> Option<Vec<EntityId>> {
    let targets = entity.get("targets")?;
    let mut roles = Vec::new();
    let mut named = false;
    for &id in inventory.of_kind(Kind::Node) {
        let node = inventory.entity(id)?;
        let resource = inventory.resource(node.resource)?;
        if names(tree, targets, resource.node, false) {
            named = true;
            for profile in inventory.links_from(id, Relation::Profile) {
                if let End::Entity(profile, _) = profile.to {
                    roles.extend(inventory.links_from(profile, Relation::Contains).filter_map(|link| {
                        match link.to {
                            End::Entity(role, _) => Some(role),
                            _ => None,
                        }
                    }));
                }
            }
        }
    }
    named.then_some(roles)
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
fn documents_of(inventory: &Inventory, analyses: &Analyses, role: EntityId) -> Vec<EntityId> {
    let links = inventory.links_to(role, Relation::Passes);
    let mut out: Vec<EntityId> = links.map(|link| link.from).filter(|id| analyses.contains_key(id)).collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// Whether a role is the only one of the input that automations can assume, and its name is not said: then documents
/// that name a role which the input does not declare mean this one.
fn only_unnamed(tree: &Tree, inventory: &Inventory, id: EntityId) -> bool {
    let for_automation = |id: EntityId| {
        let trust = inventory.entity(id).and_then(|role| role.get("trust"));
        trust.is_some_and(|trust| tree.display(trust).contains(":automation-execution/"))
    };
    let unnamed = inventory.entity(id).is_some_and(|role| role.get("name").is_none());
    unnamed
        && for_automation(id)
        && inventory.of_kind(Kind::Role).iter().filter(|id| for_automation(**id)).count() == 1
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

/// What is looked at: nodes, entities, and what documents do.
type World<'w> = (&'w Tree, &'w Inventory, &'w Analyses);

fn automation(
    world: &World<'_>,
    documents: &[EntityId],
    permissions: &Permissions,
    role: EntityId,
    needs: &mut RoleNeeds,
) {
    let &(tree, inventory, analyses) = world;
    let catalog = embedded();
    let mut all = Needs::default();
    for id in documents {
        for analysis in analyses.get(id).into_iter().flatten() {
            let own = needs::of_document(tree, catalog, &analysis.document);
            let what = inventory.entity(*id).and_then(|entity| inventory.resource(entity.resource));
            let what = what.map_or("", |resource| &resource.id);
            for need in &own.needs {
                let can = permissions.can(&need.action, &Target::any());
                if can != Tri::Yes && needs.lacks.iter().all(|known| known.action != need.action) {
                    let why = format!("{} of `{what}` needs it", need.why);
                    let action = need.action.clone();
                    needs.lacks.push(Lack { feature: "automation", action, why, sure: can == Tri::No });
                }
            }
            all.needs.extend(own.needs);
            all.open.extend(own.open);
        }
    }
    // What somebody else runs with the role is not known.
    let only_documents =
        inventory.links_to(role, Relation::Passes).all(|link| documents.contains(&link.from));
    if all.open.is_empty() && only_documents {
        needs.excess = excess(tree, inventory, role, &all);
    }
}

/// The actions of a role's own statements that no document needs, by pattern.
fn excess(tree: &Tree, inventory: &Inventory, role: EntityId, needs: &Needs) -> Vec<(NodeId, String)> {
    let catalog = embedded();
    let needed = |action: &Action<'_>| {
        let name = action.full_name();
        needs.needs.iter().any(|need| need.action.eq_ignore_ascii_case(&name))
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
                let mut unused: Vec<String> = Vec::new();
                each(catalog, pattern, |action| {
                    let writes = action.is(Access::Write) || action.manages_permissions();
                    if writes && !needed(&action) {
                        unused.push(action.full_name());
                    }
                });
                if !unused.is_empty() {
                    let more = unused.len().saturating_sub(3);
                    let shown: Vec<String> = unused.into_iter().take(3).collect();
                    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
                    out.push((node, format!("{}{rest}", shown.join(", "))));
                }
            }
        }
    }
    out
}

/// The policy documents of the input that a role has, each with whether it surely has it.
fn own_documents(inventory: &Inventory, role: EntityId) -> Vec<(bool, NodeId)> {
    let links = [Relation::Inline, Relation::Attached].into_iter();
    let links = links.flat_map(|relation| inventory.links_from(role, relation));
    links
        .filter_map(|link| match link.to {
            End::Entity(policy, _) => {
                let document = inventory.entity(policy)?.get("document")?;
                Some((link.under.is_always(), document))
            }
            _ => None,
        })
        .collect()
}

/// What a role may do, as far as the input and the catalogue of managed policies say.
pub(super) struct Permissions<'t> {
    policies: Vec<Policy<'t>>,
    /// Managed policies, in trees of their own.
    managed: Vec<Arc<ManagedTree>>,
    /// Whether it has policies that are not known.
    open: bool,
    caller: Caller,
}

/// A managed policy, read.
struct ManagedTree {
    tree: Tree,
    root: NodeId,
}

fn managed(name: &str) -> Option<Arc<ManagedTree>> {
    static READ: LazyLock<Mutex<FxHashMap<String, Option<Arc<ManagedTree>>>>> = LazyLock::new(Mutex::default);
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    let make = || {
        let text = embedded().managed_policy(name)?.document();
        let mut tree = Tree::new();
        let file: FileId = tree.add_source(Source::from_text(name, text));
        let (root, _) = json::read(&mut tree, file, text, 0, Limits::default()).ok()?;
        Some(Arc::new(ManagedTree { tree, root }))
    };
    read.entry(name.to_owned()).or_insert_with(make).clone()
}

impl<'t> Permissions<'t> {
    /// Those of a role.
    pub(super) fn of(
        tree: &'t Tree,
        conditions: &mut Conditions,
        inventory: &Inventory,
        role: EntityId,
    ) -> Self {
        let mut open = false;
        let mut policies = Vec::new();
        for (sure, document) in own_documents(inventory, role) {
            open |= !sure;
            let policy = Policy::read(tree, conditions, document, PolicyKind::Identity);
            open |= !policy.complete;
            policies.push(policy);
        }
        let mut attached = Vec::new();
        for link in inventory.links_from(role, Relation::Attached) {
            match link.to {
                End::Entity(..) => {}
                End::Unknown => open = true,
                End::Outside => {
                    let text = tree.display(link.value);
                    let name = text.split_once(":policy/").and_then(|(_, path)| path.rsplit('/').next());
                    match name.and_then(managed).filter(|_| text.contains(":iam::aws:policy/")) {
                        Some(found) => attached.push(found),
                        None => open = true,
                    }
                    open |= !link.under.is_always();
                }
            }
        }
        let caller = Caller::parse("arn:aws:iam::123456789012:role/role");
        Self { policies, managed: attached, open, caller }
    }

    /// Whether the role may do something.
    pub(super) fn can(&self, action: &str, target: &Target) -> Tri {
        let context = Context::open();
        let request = Request {
            caller: &self.caller,
            action,
            target,
            resource_account: None,
            context: &context,
            any_session: false,
        };
        let mut conditions = Conditions::default();
        let read: Vec<Policy<'_>> = self
            .managed
            .iter()
            .map(|one| Policy::read(&one.tree, &mut conditions, one.root, PolicyKind::Identity))
            .collect();
        let own =
            decide(embedded(), &Policies { identity: &self.policies, ..Policies::default() }, &request).tri();
        let by_aws = decide(embedded(), &Policies { identity: &read, ..Policies::default() }, &request).tri();
        let found = own.or(by_aws);
        if found == Tri::No && self.open { Tri::Maybe } else { found }
    }
}

/// Adds what a role lacks and has beyond its needs.
pub(super) fn add(maker: &mut Maker<'_>, record: &mut Record, id: EntityId, place: NodeId) {
    let needs = maker.needs.get(&id);
    let mut lacks = Vec::new();
    for lack in needs.map_or(&[][..], |needs| &needs.lacks) {
        let mut inner = Record::new(place);
        let tree = &mut maker.tree;
        inner.text(tree, "feature", lack.feature);
        inner.text(tree, "action", &lack.action);
        inner.text(tree, "why", &lack.why);
        if lack.sure {
            inner.bool(tree, "allowed", false);
        } else {
            let blocker = lack.action.as_str().into();
            let unknown = crate::document::Unknown { reason: crate::document::Reason::Account, blocker };
            let node = tree.derive_unknown(place, unknown);
            inner.put(tree, "allowed", Some(node));
        }
        lacks.push(inner.finish(tree));
    }
    let mut excess = Vec::new();
    for (node, actions) in needs.map_or(&[][..], |needs| &needs.excess) {
        let mut inner = Record::new(*node);
        let tree = &mut maker.tree;
        inner.put(tree, "value", Some(*node));
        inner.text(tree, "actions", actions);
        excess.push(inner.finish(tree));
    }
    record.list(&mut maker.tree, "lacks", &lacks);
    record.list(&mut maker.tree, "excess", &excess);
}
