//! Other services that call Systems Manager: schedules, state machines, Quick Setup.

use crate::document::{Condition, NodeId, View, spread};
use crate::ingest::assembly::Assembly;
use crate::ingest::inside;
use crate::ingest::table::{More, Properties};
use crate::model::{Entity, EntityId, Kind, Relation};

use super::{DOCUMENTS, ROLES, tie, tie_assumed_role, triggers};

pub(super) const MORE: &[(&str, More)] = &[
    ("AWS::Scheduler::Schedule", schedule),
    ("AWS::StepFunctions::StateMachine", state_machine),
    ("AWS::Serverless::StateMachine", state_machine),
    ("AWS::SSMQuickSetup::LifecycleAutomation", lifecycle),
    ("AWS::SSMQuickSetup::ConfigurationManager", quick_setup),
];

/// A schedule whose target is a call of Systems Manager.
fn schedule(assembly: &mut Assembly, properties: &mut dyn Properties, _entity: EntityId) {
    let Some(arn) = properties.at(assembly, "Target.Arn") else { return };
    if !calls_ssm(&assembly.tree.display(arn)) {
        return;
    }
    let role = properties.at(assembly, "Target.RoleArn");
    let Some(input) = properties.at(assembly, "Target.Input") else { return };
    let input = inside::quietly(assembly, input);
    triggers::call(assembly, properties, input, role, Condition::ALWAYS);
}

/// Whether an ARN is the integration for starting an automation or sending a command.
fn calls_ssm(arn: &str) -> bool {
    let action = arn.rsplit_once(":aws-sdk:ssm:").map(|(_, action)| action);
    action.is_some_and(|action| {
        ["startAutomationExecution", "sendCommand"]
            .iter()
            .any(|known| action.split('.').next().is_some_and(|action| action.eq_ignore_ascii_case(known)))
    })
}

/// The states of a state machine that call Systems Manager.
fn state_machine(assembly: &mut Assembly, properties: &mut dyn Properties, _entity: EntityId) {
    let role = ["RoleArn", "Role"].iter().find_map(|path| properties.at(assembly, path));
    for path in ["Definition", "DefinitionString"] {
        let Some(definition) = properties.at(assembly, path) else { continue };
        let definition = inside::quietly(assembly, definition);
        for (under, definition) in spread(&assembly.tree, &mut assembly.conditions, definition) {
            for input in calls_in(assembly, definition) {
                triggers::call(assembly, properties, input, role, under);
            }
        }
    }
}

/// The inputs of states whose resource is a call of Systems Manager, anywhere below a node.
fn calls_in(assembly: &Assembly, node: NodeId) -> Vec<NodeId> {
    let mut out = Vec::new();
    let mut stack = vec![node];
    while let Some(node) = stack.pop() {
        match assembly.tree.view(node) {
            View::List(list) => stack.extend(list.iter().rev()),
            View::Map(map) => {
                if map.get("Resource").is_some_and(|arn| calls_ssm(&assembly.tree.display(arn))) {
                    out.extend(map.get("Parameters").or_else(|| map.get("Arguments")));
                }
                let values: Vec<_> = map.iter().map(|(_, _, value)| value).collect();
                stack.extend(values.into_iter().rev());
            }
            _ => {}
        }
    }
    out
}

/// An automation that runs over the life of a stack.
fn lifecycle(assembly: &mut Assembly, properties: &mut dyn Properties, _entity: EntityId) {
    let Some(document) = properties.at(assembly, "AutomationDocument") else { return };
    let entity = assembly.declare(Kind::Trigger, properties.resource());
    assembly.set(entity, "document_name", Some(document));
    tie(assembly, Relation::Runs, entity, document, DOCUMENTS);
    if let Some(parameters) = properties.at(assembly, "AutomationParameters") {
        assembly.set(entity, "parameters", Some(parameters));
        tie_assumed_role(assembly, entity, parameters);
    }
}

/// The definitions of a Quick Setup configuration.
fn quick_setup(assembly: &mut Assembly, properties: &mut dyn Properties, _entity: EntityId) {
    let Some(definitions) = properties.at(assembly, "ConfigurationDefinitions") else { return };
    let name = properties.at(assembly, "Name");
    for (under, definition) in spread(&assembly.tree, &mut assembly.conditions, definitions) {
        let mut entity = Entity::new(Kind::QuickSetup, properties.resource(), definition, under);
        let fields = [("setup_type", "Type"), ("parameters", "Parameters")];
        let found = fields.map(|(field, key)| (field, assembly.tree.get(definition, key)));
        for (field, value) in [("name", name)].into_iter().chain(found) {
            if let Some(value) = value {
                entity.set(field, value);
            }
        }
        let roles = ["LocalDeploymentAdministrationRoleArn", "LocalDeploymentExecutionRoleName"];
        let roles = roles.map(|key| assembly.tree.get(definition, key));
        let entity = assembly.inventory.add_entity(entity);
        for role in roles.into_iter().flatten() {
            tie(assembly, Relation::Passes, entity, role, ROLES);
        }
    }
}
