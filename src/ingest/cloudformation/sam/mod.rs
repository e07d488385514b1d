//! The Serverless Application Model: what its transform makes of a template.
//!
//! Functions and state machines get roles, events add to them, connectors become policies. Only what bears on identities
//! and what they may do is made; the rest of the transform's output (APIs, stages, permissions) is known by name, so
//! that references to it lead somewhere.

mod connectors;
mod events;
mod function;
mod globals;
mod graphql;
mod make;
mod names;
mod policies;
mod state_machine;
mod templates;
#[cfg(test)]
mod tests;

use crate::document::{NodeId, Tree};

use super::template::{Declared, Template};
use make::Make;

pub(super) use names::generated_by;

/// The resources of a template after the transform, and elements of `Policies` that are nothing of the kind.
pub(super) fn expand(tree: &mut Tree, template: &Template) -> (Vec<Declared>, Vec<NodeId>) {
    let out = Vec::with_capacity(template.resources.len() * 2);
    let mut expansion = Expansion { tree, template, out, odd: Vec::new() };
    for declared in &template.resources {
        expansion.resource(declared);
    }
    expansion.deployment_role();
    expansion.connectors();
    (expansion.out, expansion.odd)
}

/// A transform in progress.
struct Expansion<'t> {
    tree: &'t mut Tree,
    template: &'t Template,
    out: Vec<Declared>,
    odd: Vec<NodeId>,
}

impl Expansion<'_> {
    fn resource(&mut self, declared: &Declared) {
        match declared.ty(self.tree) {
            "AWS::Serverless::Function" => self.function(declared),
            "AWS::Serverless::StateMachine" => self.state_machine(declared),
            "AWS::Serverless::GraphQLApi" => self.graphql_api(declared),
            "AWS::Serverless::CapacityProvider" => self.capacity_provider(declared),
            _ => self.out.push(declared.clone()),
        }
    }

    fn make(&mut self, place: NodeId) -> Make<'_> {
        Make { tree: self.tree, place }
    }

    /// The properties of a resource with those of its type in `Globals`.
    fn properties(&mut self, declared: &Declared, section: &str) -> NodeId {
        let shared = self.template.globals.and_then(|globals| self.tree.get(globals, section));
        let own = self.tree.get(declared.body, "Properties");
        let merged = globals::merged(self.tree, shared, own);
        merged.unwrap_or_else(|| self.tree.derive_map(declared.node, &[]))
    }

    /// Adds a resource with other properties than it was written with.
    fn push_with(&mut self, declared: &Declared, properties: NodeId) {
        let body = self.make(declared.node).with(declared.body, "Properties", properties);
        self.out.push(declared.clone().with_body(self.tree, body));
    }

    /// Adds a resource that the transform makes.
    fn push_made(&mut self, owner: &Declared, id: &str, body: NodeId) {
        self.out.push(Declared::new(self.tree, id, body, owner.bindings.clone()));
    }

    /// The role with which a capacity provider manages instances.
    fn capacity_provider(&mut self, declared: &Declared) {
        let properties = self.properties(declared, "CapacityProvider");
        self.push_with(declared, properties);
        if self.tree.get(properties, "OperatorRole").is_some() {
            return;
        }
        let condition = self.tree.get(declared.body, "Condition");
        let mut make = self.make(declared.node);
        let trust = make.trust("lambda.amazonaws.com");
        let managed = make.managed("AWSLambdaManagedEC2ResourceOperator");
        let managed = make.list(&[managed]);
        let role = make.map(&[("AssumeRolePolicyDocument", trust), ("ManagedPolicyArns", managed)]);
        let role = make.declaration("AWS::IAM::Role", condition, role);
        self.push_made(declared, &format!("{}OperatorRole", declared.id), role);
    }

    /// The role of deployments, which all functions share.
    fn deployment_role(&mut self) {
        let preference = |tree: &Tree, declared: &&Declared| {
            let preference = tree.at(declared.body, &["Properties", "DeploymentPreference"]);
            declared.ty(tree) == "AWS::Serverless::Function"
                && preference.is_some_and(|preference| {
                    let enabled = tree.get(preference, "Enabled").and_then(|enabled| tree.scalar(enabled));
                    tree.get(preference, "Role").is_none() && enabled != Some("false")
                })
        };
        let first = self.out.iter().find(|declared| preference(self.tree, declared)).cloned();
        let Some(first) = first else { return };
        let place = self.tree.at(first.body, &["Properties", "DeploymentPreference"]).unwrap_or(first.node);
        let mut make = self.make(place);
        let trust = make.trust("codedeploy.amazonaws.com");
        let managed = make.managed("service-role/AWSCodeDeployRoleForLambda");
        let managed = make.list(&[managed]);
        let role = make.map(&[("AssumeRolePolicyDocument", trust), ("ManagedPolicyArns", managed)]);
        let role = make.declaration("AWS::IAM::Role", None, role);
        self.push_made(&first, "CodeDeployServiceRole", role);
    }
}
