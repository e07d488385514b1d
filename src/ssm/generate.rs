//! Policies that allow what is needed, and nothing else.

use serde_json::{Map, Value, json};

use crate::catalog::{Use, embedded};

use super::buckets;
use super::features::Feature;
use super::needs::Needs;

/// Where a policy is for.
#[derive(Clone, Debug)]
pub struct Place {
    /// `aws`, `aws-cn`, …
    pub partition: String,
    /// The Region; `*` where it may be any.
    pub region: String,
    /// The account.
    pub account: String,
}

/// What nodes do beside the features that AWS has made.
#[derive(Clone, Debug, Default)]
pub struct NodeUse {
    /// What they are used for.
    pub features: Vec<Feature>,
    /// The stored parameters that documents read, by path; all where it is empty.
    pub parameters: Vec<String>,
    /// Buckets, perhaps with a prefix, that output is written to.
    pub buckets: Vec<String>,
    /// Log groups that output is written to.
    pub log_groups: Vec<String>,
    /// The key of sessions.
    pub key: Option<String>,
    /// Whether actions that can be are limited to the node itself.
    pub self_scoped: bool,
}

/// Actions of the agent that can be limited to the node that calls.
const SELF_SCOPED: &[&str] = &[
    "ssm:UpdateInstanceInformation",
    "ssm:PutComplianceItems",
    "ssm:UpdateAssociationStatus",
    "ssm:UpdateInstanceAssociationStatus",
];

/// A policy for nodes.
pub fn node_policy(used: &NodeUse, place: &Place) -> Value {
    let mut statements = Vec::new();
    let mut channels = Vec::new();
    let mut own = Vec::new();
    let mut rest = Vec::new();
    for action in used.features.iter().flat_map(|feature| feature.actions()) {
        let list = match *action {
            "ssm:GetParameters" => continue,
            action if action.starts_with("ssmmessages:") => &mut channels,
            action if used.self_scoped && SELF_SCOPED.contains(&action) => &mut own,
            _ => &mut rest,
        };
        if !list.contains(action) {
            list.push(*action);
        }
    }
    let arn = |service: &str, resource: &str| {
        format!("arn:{}:{service}:{}:{}:{resource}", place.partition, place.region, place.account)
    };
    statements.extend(scoped("Channels", &channels, place));
    for mut statement in scoped("OwnNode", &own, place) {
        let node = arn("ec2", "instance/*");
        statement.insert("Condition".to_owned(), json!({"ArnLike": {"ec2:SourceInstanceARN": node}}));
        statements.push(statement);
    }
    statements.extend(scoped("Agent", &rest, place));
    if used.features.contains(&Feature::Parameters) || !used.parameters.is_empty() {
        let names = if used.parameters.is_empty() { vec!["*".to_owned()] } else { used.parameters.clone() };
        let resources: Vec<String> = names
            .iter()
            .map(|name| arn("ssm", &format!("parameter/{}", name.trim_start_matches('/'))))
            .collect();
        statements.push(allow("Parameters", &["ssm:GetParameters"], &resources));
    }
    if !used.buckets.is_empty() {
        let objects: Vec<String> = used
            .buckets
            .iter()
            .map(|bucket| format!("arn:{}:s3:::{}/*", place.partition, bucket.trim_end_matches('/')))
            .collect();
        let roots: Vec<String> = used
            .buckets
            .iter()
            .map(|bucket| format!("arn:{}:s3:::{}", place.partition, bucket.split('/').next().unwrap_or("")))
            .collect();
        statements.push(allow("Output", &["s3:PutObject"], &objects));
        statements.push(allow("OutputEncryption", &["s3:GetEncryptionConfiguration"], &roots));
    }
    if !used.log_groups.is_empty() {
        let groups: Vec<String> =
            used.log_groups.iter().map(|group| arn("logs", &format!("log-group:{group}:*"))).collect();
        let writes = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"];
        statements.push(allow("Logs", &writes, &groups));
        statements.push(allow("LogGroups", &["logs:DescribeLogGroups"], &["*".to_owned()]));
    }
    if let Some(key) = &used.key {
        statements.push(allow("SessionKey", &["kms:Decrypt"], std::slice::from_ref(key)));
    }
    policy(statements)
}

/// A policy for the buckets of AWS that agents fetch from in some Regions; the Region that is not known, where one is not.
pub fn bucket_policy(regions: &[String], partition: &str) -> Result<Value, String> {
    let mut statements = Vec::new();
    for region in regions {
        let needed = buckets::required(region).ok_or_else(|| region.clone())?;
        let resources: Vec<String> =
            needed.iter().map(|bucket| format!("arn:{partition}:s3:::{bucket}/*")).collect();
        let sid: String = region.split('-').map(capitalised).collect();
        statements.push(allow(&format!("BucketsOfAws{sid}"), &["s3:GetObject"], &resources));
    }
    Ok(policy(statements))
}

/// A role for a runbook: its trust, its permissions, why each is there, and what could not be worked out.
pub fn runbook_role(needs: &Needs, place: &Place) -> Value {
    let mut actions: Vec<&str> = needs.needs.iter().map(|need| need.action.as_str()).collect();
    actions.sort_unstable();
    actions.dedup();
    let why: Map<String, Value> =
        needs.needs.iter().map(|need| (need.action.clone(), Value::String(need.why.clone()))).collect();
    let source =
        format!("arn:{}:ssm:{}:{}:automation-execution/*", place.partition, place.region, place.account);
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": "ssm.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": place.account},
                "ArnLike": {"aws:SourceArn": source},
            },
        }],
    });
    let statements = scoped("Runbook", &actions, place);
    let open: Vec<&str> = needs.open.iter().map(|(_, why)| why.as_str()).collect();
    json!({"trust": trust, "policy": policy(statements), "why": why, "unanalysed": open})
}

/// A control policy that keeps the sharing and the settings of Systems Manager to some roles.
pub fn control_policy(except: &[String]) -> Value {
    let actions = [
        "ssm:CreateActivation",
        "ssm:ModifyDocumentPermission",
        "ssm:PutResourcePolicy",
        "ssm:ResetServiceSetting",
        "ssm:UpdateServiceSetting",
    ];
    let mut statement = allow("SystemsManagerSwitches", &actions, &["*".to_owned()]);
    statement.insert("Effect".to_owned(), Value::String("Deny".to_owned()));
    if !except.is_empty() {
        statement.insert("Condition".to_owned(), json!({"ArnNotLike": {"aws:PrincipalArn": except}}));
    }
    policy(vec![statement])
}

/// Statements for actions, each with the kinds of resource that it is checked against, in one account.
fn scoped(sid: &str, actions: &[&str], place: &Place) -> Vec<Map<String, Value>> {
    let mut groups: Vec<(Vec<String>, Vec<&str>)> = Vec::new();
    for action in actions {
        let resources = resources(action, place);
        match groups.iter_mut().find(|(known, _)| *known == resources) {
            Some((_, all)) => all.push(action),
            None => groups.push((resources, vec![action])),
        }
    }
    let several = groups.len() > 1;
    let numbered = |index: usize| if several { format!("{sid}{}", index + 1) } else { sid.to_owned() };
    groups
        .iter()
        .enumerate()
        .map(|(index, (resources, all))| allow(&numbered(index), all, resources))
        .collect()
}

/// The ARNs of all resources of an account that an action can be checked against; `*` where it takes none.
fn resources(action: &str, place: &Place) -> Vec<String> {
    let known = embedded().action(action);
    let forms = known.into_iter().flat_map(|action| action.uses().filter_map(Use::ty).collect::<Vec<_>>());
    let mut out: Vec<String> = Vec::new();
    for ty in forms {
        let form = ty
            .arn()
            .replace("${Partition}", &place.partition)
            .replace("${Region}", &place.region)
            .replace("${Account}", &place.account);
        let arn = open(&form);
        // Documents of AWS belong to no account.
        if arn.contains(":ssm:") && arn.contains(":document/") {
            let owned = arn.replace(&format!(":{}:", place.account), "::");
            out.push(owned.replace(":document/*", ":document/AWS-*"));
        }
        out.push(arn);
    }
    out.sort();
    out.dedup();
    let all = out.clone();
    let implied = |arn: &String| {
        let covers = |other: &&String| {
            other.strip_suffix('*').is_some_and(|start| *other != arn && arn.starts_with(start))
        };
        all.iter().any(|other| covers(&other))
    };
    out.retain(|arn| !implied(arn));
    if out.is_empty() { vec!["*".to_owned()] } else { out }
}

/// The form of an ARN with `*` for each part that is left.
fn open(form: &str) -> String {
    let mut out = String::with_capacity(form.len());
    let mut rest = form;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        out.push('*');
        rest = after.split_once('}').map_or("", |(_, tail)| tail);
    }
    out.push_str(rest);
    out
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn allow(sid: &str, actions: &[&str], resources: &[String]) -> Map<String, Value> {
    let one_or_many = |texts: Vec<Value>| match <[Value; 1]>::try_from(texts) {
        Ok([only]) => only,
        Err(all) => Value::Array(all),
    };
    let actions = actions.iter().map(|action| Value::String((*action).to_owned())).collect();
    let resources = resources.iter().map(|resource| Value::String(resource.clone())).collect();
    let mut statement = Map::new();
    statement.insert("Sid".to_owned(), Value::String(sid.to_owned()));
    statement.insert("Effect".to_owned(), Value::String("Allow".to_owned()));
    statement.insert("Action".to_owned(), one_or_many(actions));
    statement.insert("Resource".to_owned(), one_or_many(resources));
    statement
}

fn policy(statements: Vec<Map<String, Value>>) -> Value {
    let statements: Vec<Value> = statements.into_iter().map(Value::Object).collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place {
            partition: "aws".to_owned(),
            region: "eu-north-1".to_owned(),
            account: "444455556666".to_owned(),
        }
    }

    #[test]
    fn nodes_get_what_their_features_need() {
        let used = NodeUse {
            features: vec![Feature::Core, Feature::Associations, Feature::Parameters],
            parameters: vec!["/shop/*".to_owned()],
            buckets: vec!["out/ssm".to_owned()],
            self_scoped: true,
            ..NodeUse::default()
        };
        let made = node_policy(&used, &place());
        let text = made.to_string();
        for feature in &used.features {
            for action in feature.actions() {
                assert!(text.contains(&format!("\"{action}\"")), "{action}");
            }
        }
        assert!(text.contains("arn:aws:ssm:eu-north-1:444455556666:parameter/shop/*"));
        assert!(text.contains("arn:aws:s3:::out/ssm/*") && text.contains("\"arn:aws:s3:::out\""));
        assert!(text.contains("ec2:SourceInstanceARN"));
        assert!(!text.contains("\"ssm:*\""));
    }

    #[test]
    fn buckets_are_those_of_the_region() {
        let made = bucket_policy(&["me-south-1".to_owned()], "aws").unwrap().to_string();
        assert!(made.contains("patch-baseline-snapshot-me-south-1-uduvl7q8/*"));
        assert_eq!(bucket_policy(&["mars-1".to_owned()], "aws"), Err("mars-1".to_owned()));
    }
}
