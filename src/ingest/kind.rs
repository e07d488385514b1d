//! What an input is: found from its content, never from its name.

use crate::document::{NodeId, Tree, View};

use super::cloudformation;

/// The kinds of input that can be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InputKind {
    /// A CloudFormation template.
    CloudFormation,
    /// A CloudFormation template with the SAM transform.
    Sam,
    /// A CloudFormation change set that holds the properties of its resources.
    ChangeSet,
    /// A Terraform or OpenTofu plan in JSON.
    TerraformPlan,
    /// A Terraform or OpenTofu state in JSON.
    TerraformState,
    /// A Systems Manager document.
    SsmDocument,
    /// An IAM policy document, bare or as `aws iam get-…` prints it.
    IamPolicy,
    /// The output of `aws iam get-account-authorization-details`.
    AuthorizationDetails,
}

impl InputKind {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CloudFormation => "cloudformation",
            Self::Sam => "sam",
            Self::ChangeSet => "cloudformation_change_set",
            Self::TerraformPlan => "terraform_plan",
            Self::TerraformState => "terraform_state",
            Self::SsmDocument => "ssm_document",
            Self::IamPolicy => "iam_policy",
            Self::AuthorizationDetails => "authorization_details",
        }
    }
}

/// Something that is recognised, but is not an input of its own; and what to do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotAnInput {
    /// A raw Terraform state file.
    RawState,
    /// Parameter values for a template.
    ParameterFile,
    /// A change set, without the template that it belongs to.
    ChangeSet,
    /// A file of a CDK assembly other than a template.
    CdkAssembly,
    /// A CloudFormation stack policy.
    StackPolicy,
    /// A template without a resource.
    NoResources,
    /// Unknown content.
    Other,
}

/// What the document with this root is.
pub fn detect(tree: &Tree, root: NodeId) -> Result<InputKind, NotAnInput> {
    let View::Map(map) = tree.view(root) else {
        return Err(if is_parameter_list(tree, root) {
            NotAnInput::ParameterFile
        } else {
            NotAnInput::Other
        });
    };
    let has = |key: &str| map.get(key).is_some();
    if has("format_version") {
        if has("resource_changes") || has("planned_values") || has("configuration") {
            return Ok(InputKind::TerraformPlan);
        }
        if has("values") || has("terraform_version") || map.len() == 1 {
            return Ok(InputKind::TerraformState);
        }
    }
    if map.get("resource_changes").is_some_and(|changes| is_changes(tree, changes)) {
        return Ok(InputKind::TerraformPlan);
    }
    if has("terraform_version") && (has("lineage") || has("serial")) || has("lineage") && has("serial") {
        return Err(NotAnInput::RawState);
    }
    if let Some(kind) = template(tree, root) {
        return Ok(kind);
    }
    if has("schemaVersion")
        && [
            "mainSteps",
            "runtimeConfig",
            "sessionType",
            "inputs",
            "packages",
            "files",
            "parameters",
            "templateBody",
        ]
        .iter()
        .any(|key| has(key))
    {
        return Ok(InputKind::SsmDocument);
    }
    if ["RoleDetailList", "UserDetailList", "GroupDetailList"].iter().any(|key| has(key)) {
        return Ok(InputKind::AuthorizationDetails);
    }
    if let Some(statement) = map.get("Statement") {
        let stack = statements(tree, statement).any(|action| action.starts_with("Update:"));
        return if stack { Err(NotAnInput::StackPolicy) } else { Ok(InputKind::IamPolicy) };
    }
    if wrapped_policy(tree, root).is_some() {
        return Ok(InputKind::IamPolicy);
    }
    match other(tree, root) {
        NotAnInput::ChangeSet if cloudformation::has_values(tree, root) => Ok(InputKind::ChangeSet),
        other => Err(other),
    }
}

/// Whether a list is one of a plan's changes: plans are also kept in parts, without their version.
fn is_changes(tree: &Tree, changes: NodeId) -> bool {
    let is_change = |node: NodeId| tree.get(node, "type").is_some() && tree.get(node, "change").is_some();
    tree.list(changes).is_some_and(|list| !list.is_empty() && list.iter().all(is_change))
}

fn template(tree: &Tree, root: NodeId) -> Option<InputKind> {
    let map = tree.map(root)?;
    let resources = map.get("Resources");
    let types = || {
        let entries =
            resources.and_then(|node| tree.map(node)).into_iter().flat_map(crate::document::Map::iter);
        entries.filter_map(|(_, _, resource)| tree.string(tree.get(resource, "Type")?))
    };
    let declared = map.get("AWSTemplateFormatVersion").is_some() || map.get("Transform").is_some();
    let has_body = resources.is_some() || map.len() > 1;
    if !(declared && has_body || types().any(|ty| ty.contains("::"))) {
        return None;
    }
    let sam = map.get("Transform").is_some_and(|node| mentions_sam(tree, node))
        || types().any(|ty| ty.starts_with("AWS::Serverless::"));
    Some(if sam { InputKind::Sam } else { InputKind::CloudFormation })
}

fn mentions_sam(tree: &Tree, transform: NodeId) -> bool {
    let is_sam = |node: NodeId| tree.string(node).is_some_and(|name| name.starts_with("AWS::Serverless"));
    is_sam(transform) || tree.list(transform).is_some_and(|list| list.iter().any(is_sam))
}

/// The first action of each statement.
fn statements(tree: &Tree, statement: NodeId) -> impl Iterator<Item = &str> {
    let all = match tree.list(statement) {
        Some(list) => list.iter().collect(),
        None => vec![statement],
    };
    all.into_iter().filter_map(|node| {
        let action = tree.get(node, "Action").or_else(|| tree.get(node, "NotAction"))?;
        tree.string(action).or_else(|| tree.string(tree.list(action)?.get(0)?))
    })
}

/// The policy inside what `aws iam get-policy-version`, `get-role-policy`, `get-role` and the like print: a map with
/// `Statement` at most two levels down.
pub fn wrapped_policy(tree: &Tree, root: NodeId) -> Option<NodeId> {
    const WRAPPERS: &[&str] = &[
        "PolicyVersion",
        "Document",
        "PolicyDocument",
        "document",
        "policy",
        "Policy",
        "Role",
        "AssumeRolePolicyDocument",
        "policy_document",
    ];
    fn search(tree: &Tree, node: NodeId, depth: usize) -> Option<NodeId> {
        let map = tree.map(node)?;
        if map.get("Statement").is_some() {
            return Some(node);
        }
        if depth == 0 {
            return None;
        }
        WRAPPERS.iter().filter_map(|key| map.get(key)).find_map(|inner| search(tree, inner, depth - 1))
    }
    search(tree, root, 2)
}

fn is_parameter_list(tree: &Tree, root: NodeId) -> bool {
    let Some(list) = tree.list(root) else { return false };
    let is_parameter = |node: NodeId| {
        tree.get(node, "ParameterKey").is_some() || tree.string(node).is_some_and(|text| text.contains('='))
    };
    !list.is_empty() && list.iter().all(is_parameter)
}

fn other(tree: &Tree, root: NodeId) -> NotAnInput {
    let has = |key: &str| tree.get(root, key).is_some();
    if has("Changes") && (has("ChangeSetName") || has("ChangeSetId") || has("StackName") || has("StackId")) {
        NotAnInput::ChangeSet
    } else if has("artifacts") && has("version") || has("dockerImages") && has("files") {
        NotAnInput::CdkAssembly
    } else if has("Resources") {
        NotAnInput::NoResources
    } else if has("Parameters") {
        NotAnInput::ParameterFile
    } else {
        NotAnInput::Other
    }
}
