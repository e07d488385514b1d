//! Things to deploy: policies, roles, documents, in the language of the tool that deploys them.

mod cloudformation;
mod hcl;
mod json;

use serde_json::{Map, Value};

use crate::ssm::statement::{Place, Statement, policy};

pub(super) use hcl::{label, own_policy, sources_of};

/// The language of the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// The bare documents.
    #[default]
    Json,
    /// A CloudFormation template in YAML.
    CloudFormation,
    /// A CloudFormation template in JSON.
    CloudFormationJson,
    /// Terraform's HCL.
    Hcl,
}

/// Something to deploy.
#[derive(Clone, Debug)]
pub enum Artifact {
    /// A managed policy.
    Policy {
        /// Its name, in words that start with a capital: `NodePolicy`.
        name: String,
        /// Its statements.
        statements: Vec<Statement>,
    },
    /// A role.
    Role(Role),
    /// An SSM document.
    Document {
        /// Its name in code.
        name: String,
        /// Its name in AWS.
        called: String,
        /// Its type.
        kind: &'static str,
        /// Its content.
        content: Value,
    },
    /// The policy of a gateway endpoint for S3, with the endpoint where there is none.
    Endpoint {
        /// Its name.
        name: String,
        /// Its statements.
        statements: Vec<Statement>,
    },
    /// The policy of a bucket.
    BucketPolicy {
        /// Its name.
        name: String,
        /// The bucket.
        bucket: String,
        /// Its statements.
        statements: Vec<Statement>,
    },
    /// A control policy of an organisation.
    ControlPolicy {
        /// Its name.
        name: String,
        /// Its statements.
        statements: Vec<Statement>,
    },
}

/// A role to deploy.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// What it is for, in words.
    pub description: String,
    /// Who may assume it.
    pub trust: Value,
    /// The AWS managed policies that it has.
    pub managed: Vec<&'static str>,
    /// What it may do beside.
    pub statements: Vec<Statement>,
    /// Whether it comes with an instance profile.
    pub profile: bool,
    /// What else it may need.
    pub unknown: Vec<String>,
}

impl Artifact {
    fn statements(&self) -> &[Statement] {
        match self {
            Self::Policy { statements, .. }
            | Self::Endpoint { statements, .. }
            | Self::BucketPolicy { statements, .. }
            | Self::ControlPolicy { statements, .. } => statements,
            Self::Role(role) => &role.statements,
            Self::Document { .. } => &[],
        }
    }
}

/// The text of some artifacts; what of the place has to be known for it and is not, where something is.
pub fn write(artifacts: &[Artifact], form: Form, place: &Place) -> Result<String, &'static str> {
    match form {
        Form::Json => json::write(artifacts, place),
        Form::CloudFormation => Ok(cloudformation::yaml(artifacts, place)),
        Form::CloudFormationJson => Ok(cloudformation::json(artifacts, place)),
        Form::Hcl => Ok(hcl::write(artifacts, place)),
    }
}

/// What a template has beside artifacts.
#[derive(Clone, Debug, Default)]
pub(super) struct Template {
    /// Its own resources, by logical id. Strings with `${…}` are substituted.
    pub(super) resources: Map<String, Value>,
}

/// The text of a CloudFormation template of artifacts and resources of its own.
pub(super) fn template(artifacts: &[Artifact], own: Template, place: &Place) -> String {
    cloudformation::yaml_with(artifacts, own.resources, place)
}

/// What a managed policy can be long, in characters without blanks.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.
const LONGEST: usize = 6144;

/// Whether a role's own statements go into a managed policy, which has versions and a place of its own; those that are too long
/// for one are inline.
fn is_managed(statements: &[Statement], place: &Place) -> bool {
    policy(statements, place).to_string().len() <= LONGEST
}

/// A JSON value with the strings of a place filled in.
fn filled(value: &Value, place: &Place) -> Value {
    match value {
        Value::String(text) => Value::String(place.fill(text)),
        Value::Array(all) => Value::Array(all.iter().map(|one| filled(one, place)).collect()),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, one)| (key.clone(), filled(one, place))).collect())
        }
        other => other.clone(),
    }
}
