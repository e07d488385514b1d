//! CloudFormation templates.

use serde_json::{Map, Value, json};

use crate::catalog::embedded;
use crate::ssm::statement::{PARTITION, Place, Statement, policy};

use super::{Artifact, Role, filled, is_managed};

/// The parameters of an endpoint.
const VPC: &str = "VpcId";
const TABLES: &str = "RouteTableIds";

pub(super) fn json(artifacts: &[Artifact], place: &Place) -> String {
    serde_json::to_string_pretty(&template(artifacts, Map::new(), place)).unwrap_or_default() + "\n"
}

/// The same in YAML, with what each statement is for above it.
pub(super) fn yaml(artifacts: &[Artifact], place: &Place) -> String {
    yaml_with(artifacts, Map::new(), place)
}

/// The same, with resources that stand before those of the artifacts.
pub(super) fn yaml_with(artifacts: &[Artifact], own: Map<String, Value>, place: &Place) -> String {
    let text = serde_yaml::to_string(&template(artifacts, own, place)).unwrap_or_default();
    let mut out = String::with_capacity(text.len() * 2);
    let statements: Vec<_> = artifacts.iter().flat_map(Artifact::statements).collect();
    let mut next = statements.iter();
    for line in text.lines() {
        let trimmed = line.trim_start();
        if let Some(sid) = trimmed.strip_prefix("- Sid: ")
            && let Some(statement) = next.find(|one| one.sid == sid)
        {
            let indent = line.get(..line.len() - trimmed.len()).unwrap_or("");
            for why in statement.reasons() {
                out.push_str(&format!("{indent}# {}\n", why.replace('\n', " ")));
            }
        }
        // A date to some readers.
        out.push_str(&line.replace("Version: 2012-10-17", "Version: '2012-10-17'"));
        out.push('\n');
    }
    for what in artifacts.iter().flat_map(unknown) {
        out.push_str(&format!("# not worked out: {what}\n"));
    }
    out
}

fn unknown(artifact: &Artifact) -> &[String] {
    if let Artifact::Role(role) = artifact { &role.unknown } else { &[] }
}

fn template(artifacts: &[Artifact], own: Map<String, Value>, place: &Place) -> Value {
    let mut resources = own;
    for resource in resources.values_mut() {
        *resource = with_sub(resource);
    }
    for artifact in artifacts {
        add(artifact, place, &mut resources);
    }
    let mut parameters = Map::new();
    for (name, asks) in artifacts.iter().flat_map(Artifact::statements).filter_map(Statement::parameter) {
        let parameter = json!({"Type": "CommaDelimitedList", "Description": asks});
        parameters.insert(name.to_owned(), parameter);
    }
    if artifacts.iter().any(|one| matches!(one, Artifact::Endpoint { .. })) {
        parameters.insert(VPC.to_owned(), json!({"Type": "AWS::EC2::VPC::Id"}));
        parameters.insert(TABLES.to_owned(), json!({"Type": "CommaDelimitedList"}));
    }
    let mut out = Map::new();
    out.insert("AWSTemplateFormatVersion".to_owned(), "2010-09-09".into());
    if !parameters.is_empty() {
        out.insert("Parameters".to_owned(), Value::Object(parameters));
    }
    out.insert("Resources".to_owned(), Value::Object(resources));
    Value::Object(out)
}

fn add(artifact: &Artifact, place: &Place, resources: &mut Map<String, Value>) {
    let made = match artifact {
        Artifact::Policy { name, statements } => {
            let document = with_sub(&policy(statements, place));
            (name, resource("AWS::IAM::ManagedPolicy", json!({"PolicyDocument": document})))
        }
        Artifact::Role(role) => (&role.name, of_role(role, place)),
        Artifact::Document { name, called, kind, content } => {
            let properties = json!({
                "Name": called,
                "DocumentType": kind,
                "UpdateMethod": "NewVersion",
                "Content": content,
            });
            (name, resource("AWS::SSM::Document", properties))
        }
        Artifact::Endpoint { name, statements } => {
            let properties = json!({
                "ServiceName": {"Fn::Sub": "com.amazonaws.${AWS::Region}.s3"},
                "VpcEndpointType": "Gateway",
                "VpcId": {"Ref": VPC},
                "RouteTableIds": {"Ref": TABLES},
                "PolicyDocument": with_sub(&policy(statements, place)),
            });
            (name, resource("AWS::EC2::VPCEndpoint", properties))
        }
        Artifact::BucketPolicy { name, bucket, statements } => {
            let document = with_sub(&policy(statements, place));
            let properties = json!({"Bucket": bucket, "PolicyDocument": document});
            (name, resource("AWS::S3::BucketPolicy", properties))
        }
        Artifact::ControlPolicy { name, statements } => {
            let properties = json!({
                "Name": name,
                "Type": "SERVICE_CONTROL_POLICY",
                "Content": with_sub(&policy(statements, place)),
            });
            (name, resource("AWS::Organizations::Policy", properties))
        }
    };
    resources.insert(made.0.clone(), made.1);
    let Artifact::Role(role) = artifact else { return };
    if !role.statements.is_empty() && is_managed(&role.statements, place) {
        let document = with_sub(&policy(&role.statements, place));
        let properties = json!({"PolicyDocument": document, "Roles": [{"Ref": role.name}]});
        resources.insert(format!("{}Policy", role.name), resource("AWS::IAM::ManagedPolicy", properties));
    }
    if role.profile {
        let profile = resource("AWS::IAM::InstanceProfile", json!({"Roles": [{"Ref": role.name}]}));
        resources.insert(format!("{}Profile", role.name), profile);
    }
}

fn of_role(role: &Role, place: &Place) -> Value {
    let mut properties = Map::new();
    properties.insert("Description".to_owned(), json!(role.description));
    properties.insert("AssumeRolePolicyDocument".to_owned(), with_sub(&filled(&role.trust, place)));
    let arns: Vec<Value> = role
        .managed
        .iter()
        .filter_map(|name| embedded().managed_policy(name))
        .map(|policy| with_sub(&Value::String(place.fill(&policy.arn(PARTITION)))))
        .collect();
    if !arns.is_empty() {
        properties.insert("ManagedPolicyArns".to_owned(), Value::Array(arns));
    }
    if !role.statements.is_empty() && !is_managed(&role.statements, place) {
        let document = with_sub(&policy(&role.statements, place));
        let own = json!([{"PolicyName": format!("{}Policy", role.name), "PolicyDocument": document}]);
        properties.insert("Policies".to_owned(), own);
    }
    resource("AWS::IAM::Role", Value::Object(properties))
}

fn resource(ty: &str, properties: Value) -> Value {
    let entries = [("Type".to_owned(), ty.into()), ("Properties".to_owned(), properties)];
    Value::Object(entries.into_iter().collect())
}

/// A value in which strings with `${…}` are substituted by CloudFormation.
pub(super) fn with_sub(value: &Value) -> Value {
    match value {
        Value::String(text) if text.contains("${") => match bare(text) {
            Some(name) => json!({"Ref": name}),
            None => json!({"Fn::Sub": text}),
        },
        Value::Array(all) => Value::Array(all.iter().map(with_sub).collect()),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, one)| (key.clone(), with_sub(one))).collect())
        }
        other => other.clone(),
    }
}

/// The name of which a text is made alone.
fn bare(text: &str) -> Option<&str> {
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    (!name.contains(['$', '.', '}'])).then_some(name)
}
