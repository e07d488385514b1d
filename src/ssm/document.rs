//! A document as it is read from the nodes of a tree.

use crate::document::{NodeId, Tree, View};

use super::kind::DocumentKind;
use super::parameter::Parameter;
use super::step::{self, Step};

/// A Systems Manager document.
#[derive(Clone, Debug)]
pub struct Document {
    /// The node of its content.
    pub root: NodeId,
    /// Its type, as declared or as its content says.
    pub kind: DocumentKind,
    /// `schemaVersion`, as written.
    pub schema_version: Option<Box<str>>,
    /// The parameters.
    pub parameters: Vec<Parameter>,
    /// The variables.
    pub variables: Vec<Variable>,
    /// The steps, those of loops after their loop.
    pub steps: Vec<Step>,
    /// The outputs: the nodes of the texts that name them.
    pub outputs: Vec<NodeId>,
    /// The role that an automation runs with.
    pub assume_role: Option<NodeId>,
}

/// A variable of an automation.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name.
    pub name: Box<str>,
    /// The node of the name.
    pub key: NodeId,
    /// The value that it starts with.
    pub default: Option<NodeId>,
}

impl Document {
    /// Reads a document, of which the declaration may say the type. Nothing where the content is no map.
    pub fn read(tree: &Tree, root: NodeId, declared: Option<DocumentKind>) -> Option<Self> {
        let map = tree.map(root)?;
        let schema_version: Option<Box<str>> =
            map.get("schemaVersion").and_then(|node| tree.scalar(node)).map(Into::into);
        let kind = kind_of(tree, root, declared, schema_version.as_deref());
        let entries = |key: &str| -> Vec<(NodeId, NodeId)> {
            let map = map.get(key).and_then(|node| tree.map(node));
            map.into_iter().flat_map(|map| map.iter().map(|(key, _, value)| (key, value))).collect()
        };
        let parameters = entries("parameters")
            .into_iter()
            .map(|(key, value)| Parameter::read(tree, key, value, kind))
            .collect();
        let variables = entries("variables")
            .into_iter()
            .map(|(key, value)| Variable {
                name: tree.scalar(key).unwrap_or("").into(),
                key,
                default: tree.get(value, "default"),
            })
            .collect();
        let mut steps = map.get("mainSteps").map(|list| step::main_steps(tree, list)).unwrap_or_default();
        if let Some(config) = map.get("runtimeConfig") {
            steps.extend(step::runtime_config(tree, config));
        }
        if kind == DocumentKind::Session {
            steps.extend(step::session(tree, root));
        }
        let outputs = map.get("outputs").map(|list| step::elements(tree, list)).unwrap_or_default();
        Some(Self {
            root,
            kind,
            schema_version,
            parameters,
            variables,
            steps,
            outputs: outputs.into_iter().map(|(node, _)| node).collect(),
            assume_role: map.get("assumeRole").filter(|node| !matches!(tree.view(*node), View::Null)),
        })
    }

    /// The parameter with this name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| &*parameter.name == name)
    }

    /// The step with this name.
    pub fn step(&self, name: &str) -> Option<(usize, &Step)> {
        self.steps.iter().enumerate().find(|(_, step)| step.name.as_deref() == Some(name))
    }
}

/// The type of a document: as declared, unless the content can only be of another.
fn kind_of(tree: &Tree, root: NodeId, declared: Option<DocumentKind>, version: Option<&str>) -> DocumentKind {
    if let Some(declared) = declared {
        return declared;
    }
    let has = |key: &str| tree.get(root, key).is_some();
    if has("sessionType") {
        return DocumentKind::Session;
    }
    if has("templateBody") {
        return DocumentKind::CloudFormation;
    }
    if has("emergencyChange") || has("autoApprovable") || has("executableRunBooks") {
        return DocumentKind::ChangeTemplate;
    }
    if version.is_some_and(|version| version.starts_with("0.")) || has("assumeRole") {
        return DocumentKind::Automation;
    }
    if has("packages") || has("files") && !has("mainSteps") {
        return DocumentKind::Package;
    }
    if has("runtimeConfig") {
        return DocumentKind::Command;
    }
    let main = tree.get(root, "mainSteps").map(|list| step::main_steps(tree, list)).unwrap_or_default();
    if main.iter().any(|step| super::actions::is_automation_only(&step.action)) {
        return DocumentKind::Automation;
    }
    if main.iter().any(|step| &*step.action == "aws:softwareInventory") {
        return DocumentKind::Policy;
    }
    if has("mainSteps") || has("parameters") {
        return DocumentKind::Command;
    }
    if has("Resources") || has("AWSTemplateFormatVersion") {
        return DocumentKind::CloudFormation;
    }
    DocumentKind::Other
}
