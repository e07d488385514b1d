//! What follows from several fields of one entity, or from its neighbours: endpoints of one VPC, selectors of a trail,
//! tags of nodes, days that are over.

use crate::document::{HoleKind, NodeId, Piece, Tree, View};
use crate::model::{Date, Entity, Kind};

use super::build::Maker;
use super::reads;
use super::record::Record;

/// Adds what is special to entities of a kind.
pub(super) fn add(maker: &mut Maker<'_>, record: &mut Record, entity: &Entity) {
    let today = maker.inventory.today();
    match entity.kind {
        Kind::VpcEndpoint => beside(maker, record, entity),
        Kind::Trail => {
            let logged = entity.get("selectors").and_then(|all| logs_management(&maker.tree, all));
            if let Some(logged) = logged {
                record.bool(&mut maker.tree, "management_events", logged);
            }
        }
        Kind::MaintenanceWindow => {
            let days = entity.get("end_date").and_then(|node| days_until(today, maker.tree.string(node)?));
            record.bool(&mut maker.tree, "ended", days.is_some_and(|days| days < 0));
        }
        Kind::ParameterRead => reads::add(maker, record, entity),
        Kind::Activation => {
            let given_away = is_output(maker, entity);
            record.bool(&mut maker.tree, "in_output", given_away);
            if let Some(node) = entity.get("expiration")
                && let Some(days) = maker.tree.string(node).and_then(|text| days_until(today, text))
            {
                let days = maker.tree.derive_number(node, &days.to_string());
                record.put(&mut maker.tree, "days_left", Some(days));
            }
        }
        _ => {}
    }
}

/// Resources by which a VPC reaches what is outside without an endpoint.
const WAYS_OUT: &[&str] = &[
    "AWS::EC2::NatGateway",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::EgressOnlyInternetGateway",
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::TransitGatewayVpcAttachment",
    "AWS::EC2::VPCPeeringConnection",
    "AWS::EC2::VPNConnection",
    "AWS::NetworkFirewall::Firewall",
    "aws_nat_gateway",
    "aws_internet_gateway",
    "aws_egress_only_internet_gateway",
    "aws_ec2_transit_gateway_vpc_attachment",
    "aws_vpc_peering_connection",
    "aws_vpn_connection",
    "aws_networkfirewall_firewall",
];

/// The services of all endpoints of the VPC, this one's included, by the last part of their names.
fn beside(maker: &mut Maker<'_>, record: &mut Record, entity: &Entity) {
    let services = services(maker, entity);
    let mut out = Vec::with_capacity(services.len());
    for node in services {
        let shown = maker.tree.display(node);
        match shown.rsplit_once('.') {
            Some((_, service)) if !service.contains(['$', '(', '}']) => {
                out.push(maker.tree.derive_string(node, service));
            }
            _ => out.push(node),
        }
    }
    record.list(&mut maker.tree, "beside", &out);
    let resources = maker.inventory.resources();
    let leads = || resources.iter().any(|resource| WAYS_OUT.contains(&&*resource.ty));
    let leads_out = *maker.way_out.get_or_init(leads);
    record.bool(&mut maker.tree, "way_out", leads_out);
    let declared = entity.get("vpc").is_some_and(|node| {
        matches!(maker.tree.view(node), View::Text([Piece::Hole(hole)]) if matches!(
            hole.kind,
            HoleKind::Name { .. } | HoleKind::Attribute { .. }
        ))
    });
    record.bool(&mut maker.tree, "vpc_declared", declared);
}

/// The names of the services of all endpoints of the VPC of an endpoint.
fn services(maker: &Maker<'_>, entity: &Entity) -> Vec<NodeId> {
    let tree = &maker.tree;
    let vpc = |entity: &Entity| entity.get("vpc").map(|node| tree.display(node));
    let own = vpc(entity);
    let all = maker.inventory.of_kind(Kind::VpcEndpoint).iter();
    let same = all.filter_map(|id| maker.inventory.entity(*id)).filter(|other| vpc(other) == own);
    same.filter_map(|other| other.get("service_name")).collect()
}

/// Whether the VPC of an endpoint surely has one for one of some services.
pub(super) fn is_beside(maker: &Maker<'_>, entity: &Entity, wanted: &[&str]) -> bool {
    services(maker, entity).into_iter().any(|node| {
        let shown = maker.tree.display(node);
        wanted.contains(&shown.rsplit('.').next().unwrap_or(""))
    })
}

/// Whether the code of an activation is an output of the configuration that is not marked as sensitive.
fn is_output(maker: &Maker<'_>, entity: &Entity) -> bool {
    let tree = &maker.tree;
    let Some(resource) = maker.inventory.resource(entity.resource) else { return false };
    let root = tree.ancestors(resource.node).first().copied();
    let outputs = root.and_then(|root| tree.at(root, &["configuration", "root_module", "outputs"]));
    let code = format!("{}.activation_code", resource.id.split('[').next().unwrap_or(&resource.id));
    let gives = |output: NodeId| {
        let hidden = tree.get(output, "sensitive").and_then(|node| tree.scalar(node)) == Some("true");
        let references = tree.at(output, &["expression", "references"]).and_then(|node| tree.list(node));
        !hidden && references.is_some_and(|list| list.iter().any(|one| tree.string(one) == Some(&code)))
    };
    outputs.and_then(|node| tree.map(node)).is_some_and(|all| all.iter().any(|(_, _, output)| gives(output)))
}

/// Whether a trail logs management events; nothing where that is not known.
fn logs_management(tree: &Tree, selectors: NodeId) -> Option<bool> {
    let list = tree.list(selectors).filter(|list| !list.is_empty())?;
    let mut logged = false;
    for selector in list.iter() {
        let get = |names: [&str; 2]| names.iter().find_map(|name| tree.get(selector, name));
        if let Some(fields) = get(["FieldSelectors", "field_selector"]) {
            logged |= tree.list(fields)?.iter().any(|field| is_management(tree, field));
        } else {
            match get(["IncludeManagementEvents", "include_management_events"]) {
                Some(node) => logged |= tree.scalar(node)? != "false",
                None => logged = true,
            }
        }
    }
    Some(logged)
}

fn is_management(tree: &Tree, field: NodeId) -> bool {
    let get = |names: [&str; 2]| names.iter().find_map(|name| tree.get(field, name));
    let category = get(["Field", "field"]).and_then(|node| tree.string(node)) == Some("eventCategory");
    let equals = get(["Equals", "equals"]).and_then(|node| tree.list(node));
    category
        && equals.is_none_or(|list| {
            list.iter().any(|one| tree.string(one).is_none_or(|text| text == "Management"))
        })
}

/// Whether targets select a node by one of its tags.
pub(super) fn is_tagged(tree: &Tree, node: &Entity, targets: NodeId) -> bool {
    let fields = ["tags", "instance_tags"].into_iter().filter_map(|name| node.get(name));
    let tags: Vec<(&str, &str)> = fields.flat_map(|tags| pairs(tree, tags)).collect();
    let list: Vec<NodeId> = tree.list(targets).map_or_else(|| vec![targets], |list| list.iter().collect());
    list.into_iter().any(|target| {
        let key = tree.get(target, "key").and_then(|key| tree.string(key)).unwrap_or("");
        let Some(name) = key.strip_prefix("tag:") else { return false };
        let values = tree.get(target, "values").and_then(|values| tree.list(values));
        let wanted: Vec<&str> = values
            .into_iter()
            .flat_map(|list| list.iter().collect::<Vec<_>>())
            .filter_map(|one| tree.string(one))
            .collect();
        tags.iter().any(|(own, value)| *own == name && wanted.contains(value))
    })
}

/// Tags that are known, written as a map or as a list of keys and values.
fn pairs(tree: &Tree, tags: NodeId) -> Vec<(&str, &str)> {
    match tree.view(tags) {
        View::Map(map) => map.iter().filter_map(|(_, key, value)| Some((key, tree.string(value)?))).collect(),
        // What a template has are the tags of several kinds of what it launches.
        View::List(list) if list.iter().any(|one| own_tags(tree, one).is_some()) => {
            list.iter().filter_map(|one| own_tags(tree, one)).flat_map(|tags| pairs(tree, tags)).collect()
        }
        View::List(list) => {
            let text = |one: NodeId, names: [&str; 2]| {
                names.iter().find_map(|name| tree.get(one, name)).and_then(|node| tree.string(node))
            };
            list.iter()
                .filter_map(|one| Some((text(one, ["Key", "key"])?, text(one, ["Value", "value"])?)))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The tags for instances in one specification of tags.
fn own_tags(tree: &Tree, one: NodeId) -> Option<NodeId> {
    let get = |names: [&str; 2]| names.iter().find_map(|name| tree.get(one, name));
    let of = get(["ResourceType", "resource_type"]).and_then(|node| tree.string(node));
    get(["Tags", "tags"]).filter(|_| of.is_none_or(|of| of == "instance"))
}

/// How many days from today the day is that a text begins with.
fn days_until(today: Date, text: &str) -> Option<i64> {
    Some(Date::parse(text.get(..10)?)?.days_after(today))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_today() {
        let today = Date::parse("2026-11-25").unwrap();
        assert_eq!(days_until(today, "2026-12-01T00:00:00Z"), Some(6));
        assert_eq!(days_until(today, "2026-11-24"), Some(-1));
        assert_eq!(days_until(today, "tomorrow at noon"), None);
        assert_eq!(days_until(today, "2001-13-01"), None);
    }
}
