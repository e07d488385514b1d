//! What nodes are used for.

use std::sync::Arc;

use crate::document::{HoleKind, NodeId, Piece, Tree, Tri, View};
use crate::model::{Entity, EntityId, Inventory, Kind, Relation, Target as End};
use crate::ssm::buckets;
use crate::ssm::features::{Feature, of_aws_document, of_document, of_package, stored_parameters};
use crate::ssm::statement::{ACCOUNT, PARTITION, REGION};

use super::super::able::aws_managed;
use super::super::analyses::Analyses;
use super::destinations::{fetched, session, written};
use super::{Demand, Need, Purpose, name_of};

/// Something that nodes are used for.
pub(super) struct Used {
    pub(super) demand: Arc<Demand>,
    /// The roles of the nodes, where the input names the nodes.
    pub(super) roles: Option<Vec<EntityId>>,
}

/// AWS managed policies that only nodes under Systems Manager have a use for.
const OF_MANAGED_NODES: &[&str] = &[
    "AmazonEC2RoleforSSM",
    "AmazonSSMManagedInstanceCore",
    "AmazonSSMManagedEC2InstanceDefaultPolicy",
    "AmazonSSMPatchAssociation",
];

/// What the associations, tasks, preferences and endpoints of the input use nodes for.
pub(super) fn uses(tree: &Tree, inventory: &Inventory, analyses: &Analyses) -> Vec<Used> {
    let mut out = Vec::new();
    for kind in [Kind::Association, Kind::WindowTask] {
        for &id in inventory.of_kind(kind) {
            let Some(entity) = inventory.entity(id) else { continue };
            if !is_automation(tree, entity) {
                commands(tree, inventory, analyses, (id, entity), &mut out);
            }
        }
    }
    for &id in inventory.of_kind(Kind::Document) {
        let by = name_of(inventory, id);
        for analysis in analyses.get(&id).into_iter().flatten() {
            if let Some(inputs) = tree.get(analysis.document.root, "inputs") {
                out.extend(everywhere(session(tree, inputs, &by)));
            }
            for step in analysis.document.steps.iter().filter(|step| &*step.action == "aws:runCommand") {
                let Some(name) = step.text(tree, "DocumentName") else { continue };
                let why =
                    format!("the step `{}` of `{by}` runs `{name}`", step.name.as_deref().unwrap_or(""));
                let features = [Feature::Core].into_iter().chain(of_aws_document(name).iter().copied());
                out.extend(everywhere(features.map(|used| feature(used, &by, step.node, &why, true))));
            }
        }
    }
    settings(tree, inventory, &mut out);
    out
}

/// Whether an association or task starts an automation, a function or a state machine.
fn is_automation(tree: &Tree, entity: &Entity) -> bool {
    let ty = entity.get("task_type").and_then(|node| tree.string(node));
    entity.get("automation_target_parameter").is_some() || ty.is_some_and(|ty| ty != "RUN_COMMAND")
}

/// What an association or task that runs a command document uses nodes for.
fn commands(
    tree: &Tree,
    inventory: &Inventory,
    analyses: &Analyses,
    (id, entity): (EntityId, &Entity),
    out: &mut Vec<Used>,
) {
    let place = entity.get("document_name").or_else(|| entity.get("task"));
    let name = place.and_then(|node| tree.string(node)).unwrap_or("");
    let place = place.unwrap_or(entity.node);
    let by = name_of(inventory, id);
    let mut features = vec![Feature::Core];
    if entity.kind == Kind::Association {
        features.push(Feature::Associations);
    }
    features.extend(of_aws_document(name.rsplit('/').next().unwrap_or(name)));
    if name.ends_with("AWS-ConfigureAWSPackage") {
        let packages = entity.get("parameters").and_then(|node| tree.get(node, "name"));
        let single = packages.and_then(|node| tree.list(node)?.get(0)).or(packages);
        features.extend(single.and_then(|node| tree.string(node)).and_then(of_package));
    }
    let mut stored = Vec::new();
    let mut demands = Vec::new();
    if let Some(document) = run_by(inventory, id) {
        for (at, analysis) in analyses.get(&document).into_iter().flatten().enumerate() {
            if at == 0 {
                features.extend(of_document(tree, &analysis.document));
            }
            stored.extend(stored_parameters(tree, &analysis.document));
            demands.extend(fetched(tree, analysis.document.root, &by));
        }
    }
    let kind = if entity.kind == Kind::Association { "association" } else { "task" };
    let why = match name {
        "" => format!("the {kind} `{by}` runs a document"),
        name => format!("the {kind} `{by}` runs `{name}`"),
    };
    for used in features {
        let mut demand = feature(used, &by, place, &why, false);
        if used == Feature::Parameters && !stored.is_empty() {
            let arns = stored.iter().map(|name| parameter_arn(name)).collect();
            demand.needs = vec![Need::on("ssm:GetParameters", arns)];
        }
        demands.push(demand);
        if !used.more().is_empty() {
            let mut more = feature(used, &by, place, &why, true);
            more.needs = needs(used, used.more());
            demands.push(more);
        }
    }
    demands.extend(written(tree, entity, &by));
    demands.extend(entity.get("parameters").into_iter().flat_map(|node| fetched(tree, node, &by)));
    let roles = targeted(tree, inventory, entity);
    out.extend(demands.into_iter().map(|demand| Used { demand: Arc::new(demand), roles: roles.clone() }));
}

/// The ARN of a stored parameter.
pub(super) fn parameter_arn(name: &str) -> String {
    let name = name.trim_start_matches('/');
    format!("arn:{PARTITION}:ssm:{REGION}:{ACCOUNT}:parameter/{name}")
}

fn feature(used: Feature, by: &str, place: NodeId, why: &str, inferred: bool) -> Demand {
    Demand {
        purpose: Purpose::Feature(used),
        needs: needs(used, used.actions()),
        by: by.to_owned(),
        place,
        why: why.to_owned(),
        inferred,
    }
}

/// Actions on what a feature needs them on.
fn needs(used: Feature, actions: &[&str]) -> Vec<Need> {
    actions.iter().map(|action| Need::on(action, used.resources(action))).collect()
}

/// What every managed node needs.
pub(super) fn core() -> Demand {
    feature(Feature::Core, "", NodeId::from_index(0), "the agent", false)
}

fn everywhere(demands: impl IntoIterator<Item = Demand>) -> impl Iterator<Item = Used> {
    demands.into_iter().map(|demand| Used { demand: Arc::new(demand), roles: None })
}

/// What settings, parameters and endpoints of the input say of all nodes.
fn settings(tree: &Tree, inventory: &Inventory, out: &mut Vec<Used>) {
    let entities = |kind: Kind| {
        let all = inventory.of_kind(kind).iter();
        all.filter_map(|&id| Some((name_of(inventory, id), inventory.entity(id)?)))
    };
    let text = |entity: &Entity, field: &str| {
        entity.get(field).and_then(|node| tree.string(node)).unwrap_or("").to_owned()
    };
    for (by, entity) in entities(Kind::Parameter) {
        if text(entity, "name").starts_with("AmazonCloudWatch-") {
            let why = format!("`{by}` is a configuration of the CloudWatch agent");
            out.extend(everywhere(agent(&by, entity.node, &why)));
        }
    }
    for (by, entity) in entities(Kind::QuickSetup) {
        if text(entity, "setup_type").contains("PatchPolicy") {
            let why = format!("`{by}` is a patch policy of Quick Setup");
            let mut demand = feature(Feature::Patching, &by, entity.node, &why, true);
            demand.purpose = Purpose::PatchPolicy;
            let baselines = format!("arn:{PARTITION}:s3:::aws-quicksetup-patchpolicy-*");
            demand.needs = vec![
                Need::anywhere("ssm:DescribeEffectivePatchesForPatchBaseline"),
                Need::anywhere("ssm:GetPatchBaseline"),
                Need::anywhere("tag:GetResources"),
                Need::anywhere("ec2:DescribeInstances"),
                Need::on("s3:GetObject", vec![baselines]),
            ];
            out.extend(everywhere([demand]));
        }
    }
    for (by, entity) in entities(Kind::VpcEndpoint) {
        let service = text(entity, "service_name");
        let Some(rest) = service.strip_suffix(".s3") else { continue };
        let region = rest.rsplit('.').next().unwrap_or("");
        let Some(names) = buckets::required(region) else { continue };
        let arns = names.iter().map(|name| format!("arn:{PARTITION}:s3:::{name}/*")).collect();
        out.extend(everywhere([Demand {
            purpose: Purpose::AwsBuckets,
            needs: vec![Need::on("s3:GetObject", arns)],
            why: format!("`{by}` is how nodes reach the buckets of AWS in {region}"),
            by,
            place: entity.node,
            inferred: true,
        }]));
    }
}

/// What the CloudWatch agent needs: what it cannot do without, and what else.
pub(super) fn agent(by: &str, place: NodeId, why: &str) -> [Demand; 2] {
    let demand = feature(Feature::CloudWatchAgent, by, place, why, false);
    let mut more = feature(Feature::CloudWatchAgent, by, place, why, true);
    more.needs = needs(Feature::CloudWatchAgent, Feature::CloudWatchAgent.more());
    [demand, more]
}

/// What the roles of activations and of default host management are for: their nodes are managed by nothing else.
pub(super) fn registered(tree: &Tree, inventory: &Inventory, role: EntityId) -> Option<Demand> {
    let mut links = inventory.links_to(role, Relation::Passes);
    links.find_map(|link| {
        let by = name_of(inventory, link.from);
        let why = match inventory.entity(link.from)?.kind {
            Kind::Activation => format!("the activation `{by}` registers nodes with it"),
            Kind::ServiceSetting => format!("`{by}` makes it the role of default host management"),
            _ => return None,
        };
        Some(feature(Feature::Core, &by, tree.written(link.value).unwrap_or(link.value), &why, false))
    })
}

/// What says of a role itself that its nodes are managed; `can` is whether they can register.
pub(super) fn own(tree: &Tree, inventory: &Inventory, role: EntityId, can: Tri, out: &mut Vec<Demand>) {
    let mut core = |by: String, place: NodeId, why: String| {
        if !out.iter().any(|known: &Demand| known.purpose == Purpose::Feature(Feature::Core)) {
            out.push(feature(Feature::Core, &by, place, &why, true));
        }
    };
    let by = name_of(inventory, role);
    for link in inventory.links_from(role, Relation::Attached) {
        let Some(name) = aws_managed(tree, link).filter(|name| OF_MANAGED_NODES.contains(&name.as_str()))
        else {
            continue;
        };
        core(by.clone(), link.value, format!("`{name}` is attached, so its nodes are managed now"));
    }
    if can == Tri::Yes
        && let Some(entity) = inventory.entity(role)
    {
        core(by, entity.node, "its policies let its nodes register".to_owned());
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
    let resources = referred(tree, targets).into_iter().filter_map(|node| inventory.resource_at(node));
    let declared = resources.flat_map(|resource| inventory.declared_by(resource));
    let is_node = |id: &&EntityId| inventory.entity(**id).is_some_and(|one| one.kind == Kind::Node);
    let mut nodes = declared.filter(is_node).peekable();
    nodes.peek()?;
    let roles = nodes.flat_map(|node| linked(inventory, *node, Relation::Profile));
    Some(roles.flat_map(|profile| linked(inventory, profile, Relation::Contains)).collect())
}

/// The entities that the links of an entity lead to.
fn linked(inventory: &Inventory, id: EntityId, relation: Relation) -> Vec<EntityId> {
    let links = inventory.links_from(id, relation);
    links.filter_map(|link| if let End::Entity(to, _) = link.to { Some(to) } else { None }).collect()
}

/// The resources that the values below a value refer to.
fn referred(tree: &Tree, root: NodeId) -> Vec<NodeId> {
    let mut out = Vec::new();
    let mut stack = vec![root];
    while let Some(node) = stack.pop() {
        match tree.view(node) {
            View::List(list) => stack.extend(list.iter()),
            View::Map(map) => stack.extend(map.iter().map(|(_, _, value)| value)),
            View::Choice(all) => stack.extend(all.iter().filter_map(|one| one.value)),
            View::Text(pieces) => out.extend(pieces.iter().filter_map(|piece| match piece {
                Piece::Hole(hole) => match hole.kind {
                    HoleKind::Name { resource }
                    | HoleKind::Arn { resource, .. }
                    | HoleKind::Attribute { resource, .. } => Some(resource),
                    _ => None,
                },
                Piece::Literal(_) => None,
            })),
            _ => {}
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// The values that a value can be; nothing where it may be something else.
pub(super) fn values(tree: &Tree, node: NodeId) -> Option<Vec<NodeId>> {
    match tree.view(node) {
        View::Choice(all) => {
            let inner = all.iter().filter_map(|one| one.value).map(|value| values(tree, value));
            inner.collect::<Option<Vec<_>>>().map(|all| all.concat())
        }
        View::String(_) | View::Text(_) => Some(vec![node]),
        _ => None,
    }
}
