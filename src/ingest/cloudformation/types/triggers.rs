//! Events that start documents.

use crate::document::{Condition, NodeId, Piece, View, spread};
use crate::ingest::assembly::Assembly;
use crate::ingest::inside;
use crate::ingest::project::project;
use crate::ingest::table::{More, Properties, Read, read};
use crate::model::{Entity, EntityId, Kind, Relation};

use super::{DOCUMENTS, TARGET, tie, tie_assumed_role};

pub(super) const MORE: &[(&str, More)] = &[("AWS::Events::Rule", rule)];

/// The targets of a rule that are documents.
fn rule(assembly: &mut Assembly, properties: &mut dyn Properties, _entity: EntityId) {
    let Some(targets) = properties.at(assembly, "Targets") else { return };
    for (under, target) in spread(&assembly.tree, &mut assembly.conditions, targets) {
        let Some(arn) = assembly.tree.get(target, "Arn") else { continue };
        let Some(document) = document_of(assembly, arn) else { continue };
        let mut entity = Entity::new(Kind::Trigger, properties.resource(), target, under);
        let name = properties.at(assembly, "Name");
        let role = assembly.tree.get(target, "RoleArn");
        for (field, value) in [("name", name), ("document_name", Some(document)), ("role", role)] {
            if let Some(value) = value {
                entity.set(field, value);
            }
        }
        let transformer = assembly.tree.get(target, "InputTransformer");
        let place = transformer.unwrap_or(target);
        entity.set("transformed", assembly.tree.derive_bool(place, transformer.is_some()));
        let nodes = project(&mut assembly.tree, target, "RunCommandParameters.RunCommandTargets");
        if let Some(nodes) = nodes {
            entity.set("targets", read(assembly, nodes, Read::Records(TARGET)));
        }
        let template = transformer.and_then(|node| assembly.tree.get(node, "InputTemplate"));
        let input = assembly.tree.get(target, "Input").or(template);
        let parameters = input.map(|input| inside::quietly(assembly, input));
        if let Some(parameters) = parameters {
            entity.set("parameters", parameters);
        }
        let entity = assembly.inventory.add_entity(entity);
        tie(assembly, Relation::Runs, entity, document, DOCUMENTS);
        if let Some(parameters) = parameters {
            tie_assumed_role(assembly, entity, parameters);
        }
    }
}

/// The name of the document that an ARN leads to; nothing where it leads elsewhere.
pub(super) fn document_of(assembly: &mut Assembly, arn: NodeId) -> Option<NodeId> {
    let pieces = match assembly.tree.view(arn) {
        View::String(text) => vec![Piece::Literal(text.into())],
        View::Text(pieces) => pieces.to_vec(),
        _ => return None,
    };
    let at = pieces.iter().position(|piece| mark_in(piece).is_some())?;
    let rest = mark_in(pieces.get(at)?)?;
    let mut name = vec![Piece::Literal(rest.into())];
    name.extend(pieces.iter().skip(at + 1).cloned());
    // A version is not part of the name.
    if let Some(Piece::Literal(last)) = name.last_mut()
        && let Some((before, _)) = last.split_once(':')
    {
        *last = before.into();
    }
    Some(assembly.tree.derive_text(arn, name))
}

fn mark_in(piece: &Piece) -> Option<&str> {
    let Piece::Literal(text) = piece else { return None };
    let at = |mark: &str| text.split_once(mark).map(|(_, rest)| rest);
    if !(text.contains(":ssm:") || text.starts_with(':')) {
        return None;
    }
    at(":automation-definition/").or_else(|| at(":document/"))
}

/// A call of `ssm:StartAutomationExecution` or `ssm:SendCommand` by another service.
pub(super) fn call(
    assembly: &mut Assembly,
    properties: &mut dyn Properties,
    input: NodeId,
    role: Option<NodeId>,
    under: Condition,
) {
    let get = |assembly: &Assembly, key: &str| {
        assembly.tree.get(input, key).or_else(|| assembly.tree.get(input, &format!("{key}.$")))
    };
    let Some(document) = get(assembly, "DocumentName") else { return };
    let mut entity = Entity::new(Kind::Trigger, properties.resource(), input, under);
    entity.set("document_name", document);
    for (field, value) in [("role", role), ("parameters", get(assembly, "Parameters"))] {
        if let Some(value) = value {
            entity.set(field, value);
        }
    }
    if let Some(targets) = get(assembly, "Targets") {
        entity.set("targets", read(assembly, targets, Read::Records(TARGET)));
    }
    let name = ["Name", "StateMachineName"].iter().find_map(|path| properties.at(assembly, path));
    if let Some(name) = name {
        entity.set("name", name);
    }
    let parameters = entity.get("parameters");
    let entity = assembly.inventory.add_entity(entity);
    tie(assembly, Relation::Runs, entity, document, DOCUMENTS);
    if let Some(parameters) = parameters {
        tie_assumed_role(assembly, entity, parameters);
    }
}
