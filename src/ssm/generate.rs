//! Policies, trust and preferences that allow what is needed, and nothing else.

use serde_json::{Map, Value, json};

use crate::catalog::embedded;

use super::buckets;
use super::features::Feature;
use super::needs::Needs;
use super::statement::{ACCOUNT, PARTITION, REGION, Statement, Wanted, open_resources, statements};

/// What nodes do.
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

/// An ARN in the place that a policy is for.
fn arn(service: &str, resource: &str) -> String {
    format!("arn:{PARTITION}:{service}:{REGION}:{ACCOUNT}:{resource}")
}

/// The statements of a policy for nodes.
pub fn node_statements(used: &NodeUse) -> Vec<Statement> {
    statements(&node_wanted(used))
}

/// The namespace that the CloudWatch agent writes to, if its configuration says no other.
const NAMESPACE: &str = "CWAgent";

/// What is wanted, under the conditions that it can have: the namespace of metrics, and the node itself where it is to be.
pub fn narrowed(mut wanted: Wanted, self_scoped: bool) -> Wanted {
    if wanted.action == "cloudwatch:PutMetricData" && wanted.conditions.is_empty() {
        let key = "cloudwatch:namespace".to_owned();
        wanted.conditions = vec![("StringEquals".to_owned(), key, vec![NAMESPACE.to_owned()])];
    }
    if self_scoped && SELF_SCOPED.contains(&wanted.action.as_str()) {
        "OwnNode".clone_into(&mut wanted.sid);
        let node = arn("ec2", "instance/*");
        wanted.conditions = vec![("ArnLike".to_owned(), "ec2:SourceInstanceARN".to_owned(), vec![node])];
    }
    wanted
}

/// What nodes need.
pub fn node_wanted(used: &NodeUse) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    let mut want = |sid: &str, action: &str, resources: Vec<String>, why: &str| {
        let one = Wanted {
            sid: sid.to_owned(),
            action: action.to_owned(),
            resources,
            conditions: Vec::new(),
            why: why.to_owned(),
        };
        wanted.push(narrowed(one, used.self_scoped));
    };
    for feature in &used.features {
        for action in feature.actions().iter().chain(feature.more()) {
            let sid = if action.starts_with("ssmmessages:") { "Channels" } else { feature.sid() };
            let resources = match (*action, used.parameters.as_slice()) {
                ("ssm:GetParameters", [_, ..]) => continue,
                _ => feature.resources(action),
            };
            want(sid, action, resources, feature.name());
        }
    }
    for name in &used.parameters {
        let path = name.trim_start_matches('/');
        let resource = arn("ssm", &format!("parameter/{}", if path.is_empty() { "*" } else { path }));
        want("Parameters", "ssm:GetParameters", vec![resource], "parameters");
    }
    for bucket in &used.buckets {
        let bucket = bucket.trim_end_matches('/');
        let root = bucket.split('/').next().unwrap_or("");
        want("Output", "s3:PutObject", vec![format!("arn:{PARTITION}:s3:::{bucket}/*")], "output");
        let root = vec![format!("arn:{PARTITION}:s3:::{root}")];
        want("OutputEncryption", "s3:GetEncryptionConfiguration", root, "output");
    }
    for group in &used.log_groups {
        let streams = vec![arn("logs", &format!("log-group:{group}:*"))];
        for action in ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"] {
            want("Logs", action, streams.clone(), "output");
        }
        want("LogGroups", "logs:DescribeLogGroups", vec!["*".to_owned()], "output");
    }
    if let Some(key) = &used.key {
        want("SessionKey", "kms:Decrypt", vec![key.clone()], "session-key");
    }
    wanted
}

/// What nodes that agents fetch from buckets of AWS for are like.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub struct Fetching {
    /// There are Windows nodes.
    pub windows: bool,
    /// There are macOS nodes.
    pub macos: bool,
    /// There are agents older than 3.3.551.0.
    pub old_agents: bool,
    /// Nothing is patched: agents fetch what they need themselves, and nothing else.
    pub unpatched: bool,
}

/// A bucket of one's own that nodes use.
#[derive(Clone, Debug, Default)]
pub struct OwnBucket {
    /// Its name.
    pub bucket: String,
    /// The prefix of what nodes use of it.
    pub prefix: Option<String>,
    /// Whether nodes write to it, rather than read.
    pub write: bool,
    /// Whether what is written is encrypted: the agent then asks how.
    pub encrypted: bool,
    /// The key that it is encrypted with.
    pub key: Option<String>,
    /// The account that it belongs to, where that is another one.
    pub account: Option<String>,
}

/// The statements for nodes that use a bucket of one's own.
pub fn own_bucket_statements(own: &OwnBucket) -> Vec<Statement> {
    let bucket = format!("arn:{PARTITION}:s3:::{}", own.bucket);
    let prefix = own.prefix.as_deref().map(|prefix| prefix.trim_matches('/')).filter(|one| !one.is_empty());
    let objects = match prefix {
        Some(prefix) => format!("{bucket}/{prefix}/*"),
        None => format!("{bucket}/*"),
    };
    let foreign = own.account.is_some();
    let mut out = Vec::new();
    let mut add = |sid: &str, actions: &[&str], resource: &str, why: &str| {
        let actions: Vec<String> = actions.iter().map(|action| (*action).to_owned()).collect();
        let why = actions.iter().map(|action| (action.clone(), why.to_owned())).collect();
        let resources = vec![resource.to_owned()];
        out.push(Statement { sid: sid.to_owned(), actions, resources, why, ..Statement::default() });
    };
    match (own.write, foreign) {
        (true, true) => add(
            "OwnObjects",
            &["s3:PutObject", "s3:PutObjectAcl"],
            &objects,
            "output, which the owner of the bucket is to own",
        ),
        (true, false) => add("OwnObjects", &["s3:PutObject"], &objects, "output"),
        (false, _) => {
            add("OwnObjects", &["s3:GetObject"], &objects, "scripts and lists");
            add("OwnBucket", &["s3:ListBucket"], &bucket, "scripts and lists");
        }
    }
    if own.encrypted {
        add("OwnEncryption", &["s3:GetEncryptionConfiguration"], &bucket, "how the bucket is encrypted");
    }
    if let Some(key) = &own.key {
        let action = if own.write { "kms:GenerateDataKey" } else { "kms:Decrypt" };
        add("OwnKey", &[action], key, "the key of the bucket");
    }
    out
}

/// The policy of such a bucket: nothing without TLS; where it belongs to another account, that nodes may use it.
pub fn own_bucket_policy(own: &OwnBucket) -> Vec<Statement> {
    let bucket = format!("arn:{PARTITION}:s3:::{}", own.bucket);
    let condition = |operator: &str, key: &str, value: &str| {
        (operator.to_owned(), key.to_owned(), vec![value.to_owned()])
    };
    let mut out = vec![Statement {
        sid: "OnlyTls".to_owned(),
        deny: true,
        anybody: true,
        actions: vec!["s3:*".to_owned()],
        resources: vec![bucket.clone(), format!("{bucket}/*")],
        conditions: vec![condition("Bool", "aws:SecureTransport", "false")],
        why: vec![("s3:*".to_owned(), "nothing is sent in plain text".to_owned())],
        ..Statement::default()
    }];
    if own.account.is_some() {
        for statement in own_bucket_statements(own).into_iter().filter(|one| one.sid != "OwnKey") {
            let conditions = vec![condition("StringEquals", "aws:PrincipalAccount", ACCOUNT)];
            out.push(Statement { anybody: true, conditions, ..statement });
        }
    }
    out
}

/// Statements for the buckets of AWS that agents fetch from in some Regions; the Region that is not known, where one is
/// not.
pub fn bucket_statements(regions: &[String], fetching: Fetching) -> Result<Vec<Statement>, String> {
    let mut out = Vec::new();
    for region in regions {
        let mut names = buckets::required(region).ok_or_else(|| region.clone())?;
        names.retain(|name| !fetching.unpatched || !name.starts_with("patch-") && !name.contains("-patch-"));
        names.extend(buckets::more(region, fetching.windows, fetching.macos, fetching.old_agents));
        let sid: String = region.split('-').map(capitalised).collect();
        out.push(Statement {
            sid: format!("BucketsOfAws{sid}"),
            actions: vec!["s3:GetObject".to_owned()],
            resources: names.iter().map(|name| format!("arn:{PARTITION}:s3:::{name}/*")).collect(),
            why: vec![("s3:GetObject".to_owned(), format!("agents in {region}"))],
            ..Statement::default()
        });
    }
    Ok(out)
}

/// What a runbook's role needs, as statements are made of it. Nodes that the caller of the runbook chooses must have the
/// tag, where there is one.
pub fn runbook_wanted(needs: &Needs, tag: Option<&(String, String)>) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    for need in &needs.needs {
        let one = Wanted {
            sid: "Runbook".to_owned(),
            action: need.action.clone(),
            resources: need.resources.clone(),
            conditions: need.conditions(),
            why: need.why.clone(),
        };
        match tag.filter(|_| changes(&need.action)) {
            Some(tag) => wanted.extend(tagged(one, tag)),
            None => wanted.push(one),
        }
    }
    wanted.sort_by(|left, right| left.action.cmp(&right.action));
    wanted
}

fn changes(action: &str) -> bool {
    embedded().action(action).is_some_and(|action| !action.only_reads())
}

/// The part of what is wanted that is about nodes of whatever id, under the condition of a tag; and the rest.
fn tagged(one: Wanted, (key, value): &(String, String)) -> Vec<Wanted> {
    let resources =
        if one.resources.is_empty() { open_resources(&one.action) } else { one.resources.clone() };
    let is_any_node = |arn: &String| arn.ends_with(":instance/*") || arn.ends_with(":managed-instance/*");
    let (nodes, rest): (Vec<String>, Vec<String>) = resources.into_iter().partition(is_any_node);
    if nodes.is_empty() {
        return vec![one];
    }
    let condition = ("StringEquals".to_owned(), format!("aws:ResourceTag/{key}"), vec![value.clone()]);
    let mut out = vec![Wanted {
        sid: "TaggedNodes".to_owned(),
        resources: nodes,
        conditions: [one.conditions.clone(), vec![condition]].concat(),
        ..one.clone()
    }];
    if !rest.is_empty() {
        out.push(Wanted { resources: rest, ..one });
    }
    out
}

/// Who may assume a role of automations: the service, for executions of the account.
pub fn automation_trust() -> Value {
    let source = arn("ssm", "automation-execution/*");
    trust(
        "ssm.amazonaws.com",
        Some(json!({
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": source},
        })),
    )
}

/// Who may assume a role of nodes: their service.
pub fn node_trust() -> Value {
    trust("ec2.amazonaws.com", None)
}

fn trust(service: &str, condition: Option<Value>) -> Value {
    let mut statement = Map::new();
    statement.insert("Effect".to_owned(), json!("Allow"));
    statement.insert("Principal".to_owned(), json!({"Service": service}));
    statement.insert("Action".to_owned(), json!("sts:AssumeRole"));
    if let Some(condition) = condition {
        statement.insert("Condition".to_owned(), condition);
    }
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

/// A control policy that keeps the sharing and the settings of Systems Manager to some roles.
pub fn control_statements(except: &[String]) -> Vec<Statement> {
    let actions = [
        "ssm:CreateActivation",
        "ssm:ModifyDocumentPermission",
        "ssm:PutResourcePolicy",
        "ssm:ResetServiceSetting",
        "ssm:UpdateServiceSetting",
    ];
    let but = ("ArnNotLike".to_owned(), "aws:PrincipalArn".to_owned(), except.to_vec());
    vec![Statement {
        sid: "SystemsManagerSwitches".to_owned(),
        deny: true,
        actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        resources: vec!["*".to_owned()],
        conditions: if except.is_empty() { Vec::new() } else { vec![but] },
        why: vec![(
            "ssm:*".to_owned(),
            "sharing documents and changing settings opens Systems Manager for others".to_owned(),
        )],
        ..Statement::default()
    }]
}

/// What sessions are to be like.
#[derive(Clone, Debug, Default)]
pub struct Sessions {
    /// The bucket of their logs, perhaps with a prefix.
    pub bucket: Option<String>,
    /// The log group that they are streamed to.
    pub log_group: Option<String>,
    /// The key that they are encrypted with.
    pub key: Option<String>,
    /// The user on Linux; the agent's own where it is not given.
    pub run_as: Option<String>,
    /// After how many idle minutes they end.
    pub idle: u8,
    /// After how many minutes they end in any case.
    pub longest: u16,
}

/// The document `SSM-SessionManagerRunShell`, which holds the preferences of sessions.
pub fn session_preferences(sessions: &Sessions) -> Value {
    let (bucket, prefix) =
        match sessions.bucket.as_deref().map(|all| all.split_once('/').unwrap_or((all, ""))) {
            Some((bucket, prefix)) => (bucket, prefix),
            None => ("", ""),
        };
    json!({
        "schemaVersion": "1.0",
        "description": "Preferences of Session Manager",
        "sessionType": "Standard_Stream",
        "inputs": {
            "s3BucketName": bucket,
            "s3KeyPrefix": prefix,
            "s3EncryptionEnabled": true,
            "cloudWatchLogGroupName": sessions.log_group.as_deref().unwrap_or(""),
            "cloudWatchEncryptionEnabled": true,
            "cloudWatchStreamingEnabled": true,
            "kmsKeyId": sessions.key.as_deref().unwrap_or(""),
            "runAsEnabled": sessions.run_as.is_some(),
            "runAsDefaultUser": sessions.run_as.as_deref().unwrap_or(""),
            "idleSessionTimeout": sessions.idle.to_string(),
            "maxSessionDuration": sessions.longest.to_string(),
            "shellProfile": {"linux": "", "windows": ""},
        },
    })
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::super::statement::{Place, policy};
    use super::*;

    fn place() -> Place {
        Place {
            partition: Some("aws".to_owned()),
            region: Some("eu-north-1".to_owned()),
            account: Some("444455556666".to_owned()),
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
        let text = policy(&node_statements(&used), &place()).to_string();
        for feature in &used.features {
            for action in feature.actions() {
                assert!(text.contains(&format!("\"{action}\"")), "{action}");
            }
        }
        assert!(text.contains("arn:aws:ssm:eu-north-1:444455556666:parameter/shop/*"));
        assert!(text.contains("arn:aws:s3:::out/ssm/*") && text.contains("\"arn:aws:s3:::out\""));
        assert!(text.contains("ec2:SourceInstanceARN"));
        assert!(!text.contains("\"ssm:*\"") && !text.contains("${"));
    }

    #[test]
    fn buckets_are_those_of_the_region() {
        let made = bucket_statements(&["me-south-1".to_owned()], Fetching::default()).unwrap();
        assert!(
            policy(&made, &place()).to_string().contains("patch-baseline-snapshot-me-south-1-uduvl7q8/*")
        );
        let unknown = bucket_statements(&["mars-1".to_owned()], Fetching::default());
        assert_eq!(unknown, Err("mars-1".to_owned()));
    }
}
