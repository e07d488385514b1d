//! State machines, and the roles that they and their events get.

use crate::document::{NodeId, View};

use super::super::template::Declared;
use super::Expansion;
use super::policies::Permissions;

impl Expansion<'_> {
    /// A state machine: its role, where it names none, and the roles of its events.
    pub(super) fn state_machine(&mut self, declared: &Declared) {
        let properties = self.properties(declared, "StateMachine");
        let id = format!("{}Role", declared.id);
        if self.tree.get(properties, "Role").is_some() {
            self.push_with(declared, properties);
        } else {
            let role = self.make(declared.node).arn(&id);
            let with_role = self.make(declared.node).with(properties, "Role", role);
            self.push_with(declared, with_role);
            let body = self.state_machine_role(declared, properties, &id);
            self.push_made(declared, &id, body);
        }
        self.state_machine_events(declared, properties);
    }

    fn state_machine_role(&mut self, declared: &Declared, properties: NodeId, id: &str) -> NodeId {
        let get = |key: &str| self.tree.get(properties, key);
        let (policies, condition) = (get("Policies"), self.tree.get(declared.body, "Condition"));
        let tracing = get("Tracing").filter(|&tracing| {
            self.tree.get(tracing, "Enabled").and_then(|enabled| self.tree.scalar(enabled)) == Some("true")
        });
        let copied = [("Path", get("RolePath")), ("PermissionsBoundary", get("PermissionsBoundary"))];
        let mut permissions = Permissions::default();
        if let Some(policies) = policies {
            permissions.add(&mut self.make(policies), policies, id);
        }
        if let Some(place) = tracing {
            permissions.managed.push(self.make(place).managed("AWSXrayWriteOnlyAccess"));
        }
        self.odd.append(&mut permissions.odd);
        let mut make = self.make(declared.node);
        let trust = make.trust("states.amazonaws.com");
        let managed = make.list(&permissions.managed);
        let mut entries = vec![("AssumeRolePolicyDocument", trust), ("ManagedPolicyArns", managed)];
        if !permissions.inline.is_empty() {
            let inline = make.list(&permissions.inline);
            entries.push(("Policies", inline));
        }
        entries.extend(copied.into_iter().filter_map(|(key, value)| Some((key, value?))));
        let role = make.map(&entries);
        make.declaration("AWS::IAM::Role", condition, role)
    }

    /// Each event that starts the machine does so with a role of its own.
    fn state_machine_events(&mut self, declared: &Declared, properties: NodeId) {
        let boundary = self.tree.get(properties, "PermissionsBoundary");
        let get = |key: &str| self.tree.get(properties, key).and_then(|node| self.tree.scalar(node));
        let by_alias = get("UseAliasAsEventTarget") == Some("true");
        let alias = get("AutoPublishAlias").filter(|_| by_alias).map(str::to_owned);
        for (name, event) in self.entries(properties, "Events") {
            let ty =
                self.tree.get(event, "Type").and_then(|ty| self.tree.string(ty)).unwrap_or("").to_owned();
            let inner = self.tree.get(event, "Properties");
            if inner.is_some_and(|inner| self.tree.get(inner, "RoleArn").is_some()) {
                continue;
            }
            let condition = self.tree.get(declared.body, "Condition");
            let service = match ty.as_str() {
                "Schedule" | "CloudWatchEvent" | "EventBridgeRule" => "events.amazonaws.com",
                "Api" => "apigateway.amazonaws.com",
                "ScheduleV2" => "scheduler.amazonaws.com",
                _ => continue,
            };
            let id = format!("{}{name}Role", declared.id);
            let target = match &alias {
                Some(alias) => format!("{}Alias{alias}", declared.id),
                None => declared.id.to_string(),
            };
            let mut make = self.make(event);
            let machine = make.reference(&target);
            let statement = make.allow(["states:StartExecution"], machine);
            let policy = make.inline(&format!("{id}StartExecutionPolicy"), &[statement]);
            self.event_role(declared, event, &id, &EventRole { service, policy, boundary, condition });
        }
    }

    /// A role that an event source assumes.
    pub(super) fn event_role(&mut self, owner: &Declared, event: NodeId, id: &str, role: &EventRole) {
        let queue = self.tree.at(event, &["Properties", "DeadLetterConfig", "Arn"]);
        let own = self.tree.at(event, &["Properties", "PermissionsBoundary"]);
        let mut make = self.make(event);
        let trust = make.trust(role.service);
        let mut inline = vec![role.policy];
        if let (Some(queue), "scheduler.amazonaws.com") = (queue, role.service) {
            let statement = make.allow(["sqs:SendMessage"], queue);
            inline.push(make.inline(&format!("{id}SQSPolicy"), &[statement]));
        }
        let inline = make.list(&inline);
        let mut entries = vec![("AssumeRolePolicyDocument", trust), ("Policies", inline)];
        entries.extend(own.or(role.boundary).map(|boundary| ("PermissionsBoundary", boundary)));
        let properties = make.map(&entries);
        let body = make.declaration("AWS::IAM::Role", role.condition, properties);
        self.push_made(owner, id, body);
    }

    /// The entries of a map that is a property.
    pub(super) fn entries(&self, properties: NodeId, key: &str) -> Vec<(String, NodeId)> {
        let node = self.tree.get(properties, key);
        match node.map(|node| self.tree.view(node)) {
            Some(View::Map(map)) => map.iter().map(|(_, key, value)| (key.to_owned(), value)).collect(),
            _ => Vec::new(),
        }
    }
}

/// What a role of an event source has.
pub(super) struct EventRole {
    pub(super) service: &'static str,
    pub(super) policy: NodeId,
    pub(super) boundary: Option<NodeId>,
    pub(super) condition: Option<NodeId>,
}
