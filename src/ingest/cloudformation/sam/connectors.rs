//! Connectors: a source, a destination, and the policy that lets one use the other.

use std::sync::LazyLock;

use crate::document::NodeId;

use super::super::call::{Function, call};
use super::super::template::Declared;
use super::Expansion;
use super::templates::Statement;

/// Who gets the policy.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holder {
    /// The role of the source.
    Source,
    /// The role of the destination.
    Destination,
    /// The destination, a queue.
    Queue,
    /// The destination, a topic.
    Topic,
}

/// What a connector between two types grants.
struct Profile {
    source: &'static str,
    destination: &'static str,
    holder: Holder,
    /// Each with the permission that it belongs to.
    statements: Vec<(&'static str, Statement)>,
}

static PROFILES: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    let mut all: Vec<Profile> = Vec::new();
    for line in
        include_str!("connectors.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        if let (Some(rest), Some(profile)) = (line.strip_prefix("  "), all.last_mut()) {
            let (permission, statement) = rest.split_once(' ').unwrap_or((rest, ""));
            profile.statements.push((permission, Statement::read(statement)));
        } else if let [source, destination, holder] = line.split_whitespace().collect::<Vec<_>>()[..] {
            let holder = match holder {
                "source" => Holder::Source,
                "destination" => Holder::Destination,
                "queue" => Holder::Queue,
                _ => Holder::Topic,
            };
            all.push(Profile { source, destination, holder, statements: Vec::new() });
        }
    }
    all
});

/// One end of a connector.
struct Side {
    ty: String,
    arn: Option<NodeId>,
    name: Option<NodeId>,
    role: Option<NodeId>,
    /// The URL of a queue, or the ARN of a topic.
    address: Option<NodeId>,
}

/// One connector, as a resource of its own or in a resource.
struct Connector {
    id: String,
    owner: Declared,
    source: NodeId,
    destinations: Vec<NodeId>,
    several: bool,
    permissions: Vec<String>,
    condition: Option<NodeId>,
    place: NodeId,
}

impl Expansion<'_> {
    /// Makes the policies of all connectors.
    pub(super) fn connectors(&mut self) {
        for declared in self.out.clone() {
            if declared.ty(self.tree) == "AWS::Serverless::Connector"
                && let Some(properties) = self.tree.get(declared.body, "Properties")
            {
                let source = self.tree.get(properties, "Source");
                self.connector(&declared, declared.id.to_string(), properties, source);
            }
            for (name, connector) in self.entries(declared.body, "Connectors") {
                let Some(properties) = self.tree.get(connector, "Properties") else { continue };
                let mut make = self.make(connector);
                let id = make.text(&declared.id);
                let source = make.map(&[("Id", id)]);
                self.connector(&declared, format!("{}{name}", declared.id), properties, Some(source));
            }
        }
    }

    fn connector(&mut self, owner: &Declared, id: String, properties: NodeId, source: Option<NodeId>) {
        let destination = self.tree.get(properties, "Destination");
        let (Some(source), Some(destination)) = (source, destination) else { return };
        let list = self.tree.list(destination).map(|list| list.iter().collect::<Vec<_>>());
        let several = list.is_some();
        let permissions = self.tree.get(properties, "Permissions").and_then(|list| self.tree.list(list));
        let permissions = permissions.into_iter().flat_map(crate::document::List::iter);
        let permissions =
            permissions.filter_map(|permission| self.tree.string(permission)).map(str::to_owned).collect();
        let connector = Connector {
            id,
            owner: owner.clone(),
            source,
            destinations: list.unwrap_or_else(|| vec![destination]),
            several,
            permissions,
            condition: self.tree.get(owner.body, "Condition"),
            place: properties,
        };
        for (index, &destination) in connector.destinations.iter().enumerate() {
            self.connect(&connector, destination, index);
        }
    }

    fn connect(&mut self, connector: &Connector, destination: NodeId, index: usize) {
        let source = self.side(connector.source, destination);
        let target = self.side(destination, connector.source);
        let (Some(source), Some(target)) = (source, target) else { return };
        let profile =
            PROFILES.iter().find(|profile| profile.source == source.ty && profile.destination == target.ty);
        let Some(profile) = profile else { return };
        let values: Vec<(String, NodeId)> = [
            ("Source.Arn", source.arn),
            ("Source.Name", source.name),
            ("Destination.Arn", target.arn),
            ("Destination.Name", target.name),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.replace('.', ""), value?)))
        .collect();
        let mut statements = Vec::new();
        for (permission, statement) in &profile.statements {
            if connector.permissions.iter().any(|asked| asked == permission) {
                statements.push(self.statement(connector.place, statement, &values, source.arn));
            }
        }
        if statements.is_empty() {
            return;
        }
        let number = if connector.several { format!("Destination{index}") } else { String::new() };
        let holder = match profile.holder {
            Holder::Source => source.role,
            Holder::Destination => target.role,
            Holder::Queue | Holder::Topic => target.address,
        };
        let Some(holder) = holder else { return };
        let (ty, suffix, key) = match profile.holder {
            Holder::Source | Holder::Destination => ("AWS::IAM::ManagedPolicy", "Policy", "Roles"),
            Holder::Queue => ("AWS::SQS::QueuePolicy", "QueuePolicy", "Queues"),
            Holder::Topic => ("AWS::SNS::TopicPolicy", "TopicPolicy", "Topics"),
        };
        let mut make = self.make(connector.place);
        let document = make.document(&statements);
        let holders = make.list(&[holder]);
        let properties = make.map(&[("PolicyDocument", document), (key, holders)]);
        let body = make.declaration(ty, connector.condition, properties);
        self.push_made(&connector.owner, &format!("{}{suffix}{number}", connector.id), body);
    }

    fn statement(
        &mut self,
        place: NodeId,
        statement: &Statement,
        values: &[(String, NodeId)],
        source: Option<NodeId>,
    ) -> NodeId {
        let plain = statement.with(&mut self.make(place), values);
        let (Some(service), Some(source)) = (statement.service, source) else { return plain };
        let mut make = self.make(place);
        let service = make.text(service);
        let principal = make.map(&[("Service", service)]);
        let arn = make.map(&[("aws:SourceArn", source)]);
        let condition = make.map(&[("ArnEquals", arn)]);
        let open = make.with(plain, "Principal", principal);
        make.with(open, "Condition", condition)
    }

    /// An end of a connector: by logical id, or by its parts.
    fn side(&mut self, node: NodeId, other: NodeId) -> Option<Side> {
        let text = |key: &str| self.tree.get(node, key).and_then(|node| self.tree.string(node));
        let Some(id) = text("Id").map(str::to_owned) else {
            let ty = plain(text("Type")?).to_owned();
            let get = |key: &str| self.tree.get(node, key);
            let address = get("QueueUrl").or_else(|| get("Arn"));
            return Some(Side { ty, arn: get("Arn"), name: get("Name"), role: get("RoleName"), address });
        };
        let declared = self.out.iter().find(|declared| *declared.id == *id)?.clone();
        let ty = plain(declared.ty(self.tree)).to_owned();
        let role = self.role_of(&declared, &ty, other);
        let mut make = self.make(node);
        let reference = make.reference(&id);
        let arn = match ty.as_str() {
            "AWS::SNS::Topic" | "AWS::StepFunctions::StateMachine" => reference,
            _ => make.arn(&id),
        };
        let path = make.texts([id.as_str(), "Name"]);
        let name = make.map(&[("Fn::GetAtt", path)]);
        Some(Side { ty, arn: Some(arn), name: Some(name), role, address: Some(reference) })
    }

    /// The name of the role that a resource runs with, where the template declares the role.
    fn role_of(&mut self, declared: &Declared, ty: &str, other: NodeId) -> Option<NodeId> {
        let properties = self.tree.get(declared.body, "Properties")?;
        let get = |key: &str| self.tree.get(properties, key);
        let role = match ty {
            "AWS::Lambda::Function" => get("Role"),
            "AWS::StepFunctions::StateMachine" => get("RoleArn").or_else(|| get("Role")),
            "AWS::AppSync::DataSource" => get("ServiceRoleArn"),
            "AWS::Events::Rule" => {
                let other = self.tree.get(other, "Id").and_then(|id| self.tree.string(id));
                let targets: Vec<_> = self.tree.list(get("Targets")?)?.iter().collect();
                let leads = |target: &&NodeId| {
                    let arn = self.tree.get(**target, "Arn").and_then(|arn| self.referred(arn));
                    arn.is_some_and(|id| Some(id.as_str()) == other)
                };
                let only = if let [only] = targets.as_slice() { Some(only) } else { None };
                self.tree.get(*targets.iter().find(leads).or(only)?, "RoleArn")
            }
            _ => None,
        };
        let id = self.referred(role?)?;
        Some(self.make(declared.node).reference(&id))
    }

    /// The logical id that `Ref` or `Fn::GetAtt` names.
    fn referred(&self, node: NodeId) -> Option<String> {
        let call = call(self.tree, node)?;
        let argument = call.argument.node;
        let text = match self.tree.list(argument) {
            Some(list) => self.tree.string(list.get(0)?)?,
            None => self.tree.string(argument)?,
        };
        match call.function {
            Function::Ref => Some(text.to_owned()),
            Function::GetAtt => Some(text.split('.').next().unwrap_or(text).to_owned()),
            _ => None,
        }
    }
}

/// The type that the transform makes of a type.
fn plain(ty: &str) -> &str {
    match ty {
        "AWS::Serverless::Function" => "AWS::Lambda::Function",
        "AWS::Serverless::StateMachine" => "AWS::StepFunctions::StateMachine",
        "AWS::Serverless::SimpleTable" => "AWS::DynamoDB::Table",
        "AWS::Serverless::Api" => "AWS::ApiGateway::RestApi",
        "AWS::Serverless::HttpApi" => "AWS::ApiGatewayV2::Api",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_whole() {
        assert!(PROFILES.len() > 20);
        for profile in PROFILES.iter() {
            assert!(profile.source.starts_with("AWS::") && !profile.statements.is_empty());
            for (permission, statement) in &profile.statements {
                assert!(matches!(*permission, "Read" | "Write"), "{permission}");
                assert!(statement.actions.iter().all(|action| action.contains(':')));
                let of_resource = matches!(profile.holder, Holder::Queue | Holder::Topic);
                assert_eq!(of_resource, statement.service.is_some());
            }
        }
    }
}
