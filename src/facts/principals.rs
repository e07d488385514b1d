//! Roles, users and groups.

use crate::document::{Condition, NodeId, Tree, View, spread};
use crate::iam::inspect::size;
use crate::model::{Entity, EntityId, Inventory, Kind, Relation, Target};

use super::able::aws_managed;
use super::build::Maker;
use super::paths::Reached;
use super::record::Record;
use super::wants::Group;
use super::{amounts, demands, needs, policies, statements};

/// A role.
pub(super) fn role(maker: &mut Maker<'_>, record: &mut Record, id: EntityId, entity: &Entity) {
    let mut services = Vec::new();
    if let Some(trust) = entity.get("trust").filter(|_| maker.wants(Group::Trust)) {
        let statements = statements::of_document(maker, trust);
        record.list(&mut maker.tree, "trust", &statements);
        services = trusted_services(maker, trust);
        record.list(&mut maker.tree, "trusted_services", &services);
    }
    let texts = ["path", "name"].map(|field| entity.get(field).and_then(|node| maker.tree.string(node)));
    if let [path, Some(name)] = texts
        && (path.is_some() || entity.get("path").is_none())
    {
        let length = path.unwrap_or("/").chars().count() + name.chars().count();
        record.number(&mut maker.tree, "switch_length", length);
    }
    permissions(maker, record, id);
    if maker.wants(Group::Users) {
        uses(maker, record, id);
    }
    if maker.wants(Group::Purposes) {
        add_purposes(maker, record, id, entity, &services);
    }
    if maker.wants(Group::Needs) {
        needs::add(maker, record, id, entity.node);
    }
}

fn add_purposes(
    maker: &mut Maker<'_>,
    record: &mut Record,
    id: EntityId,
    entity: &Entity,
    services: &[NodeId],
) {
    let mut purposes = purposes(maker, id, services, entity.get("trust"));
    if is_named_hybrid(maker, entity, &purposes) {
        purposes.push(("hybrid", entity.node));
    }
    let nodes: Vec<_> =
        purposes.into_iter().map(|(purpose, evidence)| maker.tree.derive_string(evidence, purpose)).collect();
    record.list(&mut maker.tree, "purposes", &nodes);
}

/// A user or group.
pub(super) fn user_or_group(maker: &mut Maker<'_>, record: &mut Record, id: EntityId, entity: &Entity) {
    permissions(maker, record, id);
    if entity.kind == Kind::User {
        let groups = maker.inventory.links_from(id, Relation::Member).count();
        record.number(&mut maker.tree, "group_count", groups);
    } else {
        let users = maker.inventory.links_to(id, Relation::Member).count();
        record.number(&mut maker.tree, "user_count", users);
    }
}

/// What gives an identity its permissions.
fn permissions(maker: &mut Maker<'_>, record: &mut Record, id: EntityId) {
    if maker.wants(Group::Attached) {
        let attached = policies::attached(maker, id, Relation::Attached);
        record.list(&mut maker.tree, "attached", &attached);
        if maker.inventory.entity(id).is_some_and(|entity| entity.kind != Kind::Group) {
            let limits = policies::attached(maker, id, Relation::Boundary);
            record.list(&mut maker.tree, "boundaries", &limits);
        }
        let links = maker.inventory.links_from(id, Relation::Attached);
        let each: Vec<_> = links.map(|link| (link.under, 1)).collect();
        let count = amounts::total(maker, record.place(), &each);
        record.put(&mut maker.tree, "attached_count", Some(count));
    }
    if maker.wants(Group::Inline) {
        let inline = policies::inline(maker, id);
        record.list(&mut maker.tree, "inline", &inline);
    }
    if maker.wants(Group::Statements) {
        let statements = own_statements(maker, id);
        record.list(&mut maker.tree, "statements", &statements);
    }
    if maker.wants(Group::InlineSize) {
        let sizes = inline_sizes(maker, id);
        let size = amounts::total(maker, record.place(), &sizes);
        record.put(&mut maker.tree, "inline_size", Some(size));
    }
    if maker.wants(Group::Amount) {
        amount(maker, record, id);
    }
}

/// What all policies of an identity amount to.
fn amount(maker: &mut Maker<'_>, record: &mut Record, id: EntityId) {
    let worked = maker.worked();
    for (name, under) in [
        ("administrator", worked.administrators.get(&id)),
        ("administrator_by_union", worked.united.get(&id)),
        ("administrator_by_statements", worked.pieced.get(&id)),
        ("sessions_without_channel", worked.mute.get(&id)),
    ] {
        let under = under.copied().unwrap_or(Condition::NEVER);
        let value = amounts::truth(&mut maker.tree, maker.conditions, record.place(), under);
        record.put(&mut maker.tree, name, Some(value));
    }
    let mut services = Vec::new();
    for &(service, under) in worked.services.get(&id).into_iter().flatten() {
        let node = maker.tree.derive_string(record.place(), service);
        services.push(maker.under(node, under));
    }
    record.list(&mut maker.tree, "services_by_union", &services);
    escalations(maker, record, id);
    reach(maker, record, id);
}

/// The ways in which an identity, or whoever will have a policy, can gain more.
pub(super) fn escalations(maker: &mut Maker<'_>, record: &mut Record, id: EntityId) {
    let gains = maker.worked().gains.get(&id).map_or(&[][..], Vec::as_slice);
    let mut list = Vec::with_capacity(gains.len());
    for gain in gains {
        let mut inner = Record::new(gain.place);
        let roles: Vec<String> = gain
            .roles
            .iter()
            .filter_map(|&role| maker.inventory.resource(maker.inventory.entity(role)?.resource))
            .map(|resource| resource.id.to_string())
            .collect();
        let tree = &mut maker.tree;
        inner.text(tree, "family", gain.family);
        inner.text(tree, "message", &gain.message);
        inner.texts(tree, "actions", gain.actions.iter().map(String::as_str));
        if let Some(service) = &gain.service {
            inner.text(tree, "passed_to", service);
        }
        inner.texts(tree, "roles", roles.iter().map(String::as_str));
        inner.bool(tree, "open", gain.open);
        inner.bool(tree, "limited", gain.limited);
        inner.bool(tree, "stronger", gain.stronger);
        let node = inner.finish(tree);
        list.push(maker.under(node, gain.under));
    }
    record.list(&mut maker.tree, "escalations", &list);
}

/// How many names of what a principal reaches are listed; all are counted.
const LISTED: usize = 100;

/// Whom a principal can become, and how it becomes stronger.
fn reach(maker: &mut Maker<'_>, record: &mut Record, id: EntityId) {
    let Some(Reached { paths, principals, everything, .. }) = maker.worked().reached.get(&id) else { return };
    let inventory = maker.inventory;
    let id_of = |id: EntityId| Some(&*inventory.resource(inventory.entity(id)?.resource)?.id);
    let mut named = Vec::new();
    for (name, under) in principals.iter().take(LISTED).filter_map(|&(id, under)| Some((id_of(id)?, under))) {
        let node = maker.tree.derive_string(record.place(), name);
        named.push(maker.under(node, under));
    }
    record.list(&mut maker.tree, "reaches", &named);
    let each: Vec<_> = principals.iter().map(|&(_, under)| (under, 1)).collect();
    let count = amounts::total(maker, record.place(), &each);
    record.put(&mut maker.tree, "reach_count", Some(count));
    let everything = amounts::truth(&mut maker.tree, maker.conditions, record.place(), *everything);
    record.put(&mut maker.tree, "reaches_everything", Some(everything));
    let mut list = Vec::with_capacity(paths.len());
    for path in paths {
        let tree = &mut maker.tree;
        let mut inner = Record::new(path.place);
        inner.text(tree, "message", &path.message);
        inner.text(tree, "how", path.how);
        if let Some(to) = path.to.and_then(id_of) {
            inner.text(tree, "to", to);
        }
        inner.number(tree, "hops", path.hops);
        inner.bool(tree, "wide", path.wide);
        inner.bool(tree, "administrator", path.administrator);
        let steps: Vec<_> = path.steps.iter().map(|(place, what)| hop(tree, *place, what)).collect();
        inner.list(tree, "path", &steps);
        let node = inner.finish(tree);
        list.push(maker.under(node, path.under));
    }
    record.list(&mut maker.tree, "paths", &list);
}

fn hop(tree: &mut crate::document::Tree, place: NodeId, what: &str) -> NodeId {
    let mut record = Record::new(place);
    record.text(tree, "what", what);
    record.finish(tree)
}

/// The characters of each inline policy, and when there is one.
fn inline_sizes(maker: &mut Maker<'_>, id: EntityId) -> Vec<(Condition, usize)> {
    let inventory = maker.inventory;
    let mut out = Vec::new();
    for link in inventory.links_from(id, Relation::Inline) {
        let Target::Entity(policy, _) = link.to else { continue };
        let Some(entity) = inventory.entity(policy) else { continue };
        if let Some(document) = entity.get("document") {
            let under = maker.conditions.and(link.under, entity.under);
            out.push((under, size(&maker.tree, document)));
        }
    }
    out
}

/// The statements of all policies of an identity that the input declares.
fn own_statements(maker: &mut Maker<'_>, id: EntityId) -> Vec<NodeId> {
    let inventory = maker.inventory;
    let relations = [Relation::Inline, Relation::Attached];
    let links: Vec<_> =
        relations.into_iter().flat_map(|relation| inventory.links_from(id, relation)).copied().collect();
    let mut out = Vec::new();
    for link in links {
        let Target::Entity(policy, _) = link.to else { continue };
        let node = maker.entity(policy);
        let Some(list) = maker.tree.get(node, "statements") else { continue };
        let elements: Vec<_> =
            maker.tree.list(list).into_iter().flat_map(crate::document::List::iter).collect();
        for statement in elements {
            out.push(maker.under(statement, link.under));
        }
    }
    out
}

/// The service principals that statements of a trust policy allow.
fn trusted_services(maker: &mut Maker<'_>, trust: NodeId) -> Vec<NodeId> {
    let mut out = Vec::new();
    for (under, document) in spread(&maker.tree, maker.conditions, trust) {
        if matches!(maker.tree.view(document), View::Unknown(_) | View::Text(_)) {
            // Whoever it trusts: it may be any service.
            out.push(maker.under(document, under));
        }
        let Some(list) = maker.tree.get(document, "Statement") else { continue };
        for (inner, statement) in spread(&maker.tree, maker.conditions, list) {
            let effect = maker.tree.get(statement, "Effect").and_then(|effect| maker.tree.string(effect));
            let service = maker.tree.at(statement, &["Principal", "Service"]);
            let (Some("Allow"), Some(service)) = (effect, service) else { continue };
            for (innermost, value) in spread(&maker.tree, maker.conditions, service) {
                let both = maker.conditions.and(under, inner);
                let all = maker.conditions.and(both, innermost);
                if !matches!(maker.tree.view(value), View::Map(_)) {
                    out.push(maker.under(value, all));
                }
            }
        }
    }
    out
}

/// Who uses a role: instance profiles, the nodes behind them, and services that it is passed to.
fn uses(maker: &mut Maker<'_>, record: &mut Record, id: EntityId) {
    let inventory = maker.inventory;
    let profiles: Vec<_> = inventory.links_to(id, Relation::Contains).copied().collect();
    let mut in_profiles = Vec::new();
    let mut nodes = Vec::new();
    for link in &profiles {
        in_profiles.push(used_by(maker, link.from, link.value));
        for node in inventory.links_to(link.from, Relation::Profile) {
            nodes.push(used_by(maker, node.from, node.value));
        }
    }
    let passed: Vec<_> = inventory.links_to(id, Relation::Passes).copied().collect();
    let users: Vec<_> = passed.iter().map(|link| used_by(maker, link.from, link.value)).collect();
    record.list(&mut maker.tree, "instance_profiles", &in_profiles);
    record.list(&mut maker.tree, "nodes", &nodes);
    record.list(&mut maker.tree, "used_by", &users);
}

/// What a role is for, each with the node that shows it. A role that trusts `ssm.amazonaws.com` without anything that
/// says more is for `ssm`.
fn purposes(
    maker: &Maker<'_>,
    id: EntityId,
    services: &[NodeId],
    trust: Option<NodeId>,
) -> Vec<(&'static str, NodeId)> {
    let inventory = maker.inventory;
    let mut found: Vec<(&'static str, NodeId)> = Vec::new();
    let mut add = |purpose: &'static str, evidence: NodeId| {
        if !found.iter().any(|(known, _)| *known == purpose) {
            found.push((purpose, evidence));
        }
    };
    for link in inventory.links_to(id, Relation::Contains) {
        add("instance", link.value);
    }
    for link in inventory.links_to(id, Relation::Passes) {
        let kind = inventory.entity(link.from).map(|entity| entity.kind);
        match kind {
            Some(Kind::Document | Kind::Association | Kind::Remediation | Kind::Trigger) => {
                add("automation", link.value);
            }
            Some(Kind::WindowTask) if demands::is_parameter(&maker.tree, inventory, link) => {
                add("automation", link.value);
            }
            Some(Kind::WindowTask) => add("maintenance_window", link.value),
            Some(Kind::Activation) => add("hybrid", link.value),
            Some(Kind::ServiceSetting) => add("default_host_management", link.value),
            Some(Kind::Node) => add("instance", link.value),
            _ => {}
        }
    }
    let source_arn = trust.and_then(|trust| source_arn_kind(maker, trust));
    for &service in services {
        let shown = maker.tree.display(service);
        // `ec2.${AWS::URLSuffix}` is that service, and so is one of a Region.
        let known = |rest: &str| {
            rest.starts_with("${") || rest.ends_with("amazonaws.com") || rest.ends_with("amazonaws.com.cn")
        };
        match shown.split_once('.') {
            Some(("ec2", rest)) if known(rest) => add("instance", service),
            Some(("ssm", rest)) if known(rest) => {
                let hosts = inventory.entity(id).is_some_and(|role| {
                    source_arn.is_none() && manages_hosts(&maker.tree, inventory, id, role)
                });
                if hosts {
                    add("default_host_management", service);
                    continue;
                }
                match source_arn {
                    Some(purpose) => add(purpose, service),
                    None => add("ssm", service),
                }
            }
            _ => {}
        }
    }
    if found.len() > 1 && found.iter().any(|(purpose, _)| !matches!(*purpose, "ssm" | "instance")) {
        found.retain(|(purpose, _)| *purpose != "ssm");
    }
    found
}

/// The name that the console gives the role of default host management.
const HOSTS: &str = "AWSSystemsManagerDefaultEC2InstanceManagementRole";
/// The policy that AWS made for it.
const HOSTS_POLICY: &str = "AmazonSSMManagedEC2InstanceDefaultPolicy";

/// Whether a role is that of default host management: a setting names it, it has the name that the console gives it, or it
/// has the policy that was made for it and nodes do not get it themselves.
pub(super) fn manages_hosts(tree: &Tree, inventory: &Inventory, id: EntityId, entity: &Entity) -> bool {
    let named = entity.get("name").and_then(|name| tree.string(name)) == Some(HOSTS);
    let of_setting =
        |from: EntityId| inventory.entity(from).map(|one| one.kind) == Some(Kind::ServiceSetting);
    let set = inventory.links_to(id, Relation::Passes).any(|link| of_setting(link.from));
    let mut attached =
        inventory.links_from(id, Relation::Attached).filter_map(|link| aws_managed(tree, link));
    let of_nodes = inventory.links_to(id, Relation::Contains).next().is_some();
    named || set || !of_nodes && attached.any(|name| name == HOSTS_POLICY)
}

/// CloudFormation has no activations: there, only the name of a role says that it is for hybrid nodes.
fn is_named_hybrid(maker: &Maker<'_>, entity: &Entity, purposes: &[(&'static str, NodeId)]) -> bool {
    let says_so = |text: &str| text.to_ascii_lowercase().contains("hybrid");
    let id = maker.inventory.resource(entity.resource).is_some_and(|resource| says_so(&resource.id));
    let name = entity.get("name").and_then(|name| maker.tree.string(name)).is_some_and(says_so);
    (id || name)
        && !purposes.is_empty()
        && purposes.iter().all(|(purpose, _)| matches!(*purpose, "ssm" | "instance"))
}

/// What `aws:SourceArn` in a trust policy says of the use: executions are automations, whole accounts are hybrid nodes.
fn source_arn_kind(maker: &Maker<'_>, trust: NodeId) -> Option<&'static str> {
    let statements = maker.tree.get(trust, "Statement")?;
    let all: Vec<NodeId> = match maker.tree.list(statements) {
        Some(list) => list.iter().collect(),
        None => vec![statements],
    };
    let operators = all.into_iter().filter_map(|one| maker.tree.map(maker.tree.get(one, "Condition")?));
    let keys = operators.flat_map(crate::document::Map::iter).filter_map(|(_, _, keys)| maker.tree.map(keys));
    let values = keys
        .flat_map(crate::document::Map::iter)
        .filter(|(_, key, _)| key.eq_ignore_ascii_case("aws:SourceArn"));
    let mut purposes = values.filter_map(|(_, _, value)| {
        let value = maker.tree.list(value).and_then(|list| list.get(0)).unwrap_or(value);
        let text = maker.tree.display(value);
        // A document is never sent, but it says what was meant.
        let automation = [":automation-execution/", ":automation-definition/", ":document/"]
            .iter()
            .any(|part| text.contains(part));
        if automation {
            Some("automation")
        } else if text.contains(":maintenancewindow/") {
            Some("maintenance_window")
        } else if text.starts_with("arn:") && text.ends_with(":*") && text.contains(":ssm:") {
            Some("hybrid")
        } else {
            None
        }
    });
    purposes.next()
}

fn used_by(maker: &mut Maker<'_>, user: EntityId, value: NodeId) -> NodeId {
    let mut record = Record::new(value);
    if let Some(entity) = maker.inventory.entity(user) {
        record.text(&mut maker.tree, "kind", entity.kind.name());
        if let Some(resource) = maker.inventory.resource(entity.resource) {
            record.text(&mut maker.tree, "id", &resource.id);
        }
    }
    record.finish(&mut maker.tree)
}
