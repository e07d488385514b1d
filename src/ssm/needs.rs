//! What the role of an automation must be able to do: worked out from the actions and API calls of its steps.

use crate::catalog::Catalog;
use crate::document::{NodeId, Tree};

use super::Document;
use super::step::Step;
use super::targets;

/// An action that a step needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The IAM action.
    pub action: String,
    /// The step that needs it.
    pub node: NodeId,
    /// What needs it, in words.
    pub why: String,
    /// The ARNs that it needs it on, with holes as `${…}`; none where any resource may be meant.
    pub resources: Vec<String>,
    /// The service that a role is passed to.
    pub passed_to: Option<&'static str>,
}

impl Need {
    /// The conditions under which it is enough.
    pub fn conditions(&self) -> Vec<(String, String, Vec<String>)> {
        let passed = self.passed_to.iter();
        passed
            .map(|service| {
                ("StringEquals".to_owned(), "iam:PassedToService".to_owned(), vec![(*service).to_owned()])
            })
            .collect()
    }
}

/// What a document needs, and whether that is all.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// The actions.
    pub needs: Vec<Need>,
    /// What could not be worked out.
    pub open: Vec<(NodeId, String)>,
}

/// Services whose IAM prefix is not their name in the SDK.
const PREFIXES: &[(&str, &str)] = &[
    ("elb", "elasticloadbalancing"),
    ("elbv2", "elasticloadbalancing"),
    ("efs", "elasticfilesystem"),
    ("emr", "elasticmapreduce"),
    ("stepfunctions", "states"),
    ("opensearch", "es"),
    ("opensearchserverless", "aoss"),
    ("sesv2", "ses"),
    ("sso-admin", "sso"),
    ("amp", "aps"),
    ("docdb", "rds"),
    ("neptune", "rds"),
    ("dynamodbstreams", "dynamodb"),
    ("s3control", "s3"),
    ("bedrock-runtime", "bedrock"),
    ("sagemaker-runtime", "sagemaker"),
    ("timestream-write", "timestream"),
    ("resourcegroupstaggingapi", "tag"),
    ("cognito-identity-provider", "cognito-idp"),
    ("application-autoscaling", "application-autoscaling"),
];

/// The IAM action of an API call, where the catalogue has one.
pub fn action_of(catalog: &Catalog, service: &str, operation: &str) -> Option<String> {
    let service = service.to_ascii_lowercase();
    let prefix =
        PREFIXES.iter().find(|(name, _)| *name == service).map_or(service.as_str(), |(_, prefix)| prefix);
    let operation = match (prefix, operation) {
        ("s3", "ListObjects" | "ListObjectsV2" | "HeadBucket") => "ListBucket",
        ("s3", "ListBuckets") => "ListAllMyBuckets",
        ("s3", "HeadObject") => "GetObject",
        ("s3", "GetBucketEncryption") => "GetEncryptionConfiguration",
        ("s3", "PutBucketEncryption") => "PutEncryptionConfiguration",
        ("s3", "PutPublicAccessBlock") => "PutBucketPublicAccessBlock",
        ("s3", "GetPublicAccessBlock") => "GetBucketPublicAccessBlock",
        ("lambda", "Invoke") => "InvokeFunction",
        (_, other) => other,
    };
    let full = format!("{prefix}:{}", capitalised(operation));
    catalog.action(&full).map(|action| action.full_name().to_owned())
}

/// `stop_instances` as `StopInstances`.
fn capitalised(operation: &str) -> String {
    let mut out = String::new();
    for word in operation.split('_') {
        let mut letters = word.chars();
        out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    out
}

/// What a document's role needs.
pub fn of_document(tree: &Tree, catalog: &Catalog, document: &Document) -> Needs {
    let mut needs = Needs::default();
    for step in &document.steps {
        of_step(tree, catalog, step, &mut needs);
    }
    needs
}

impl Needs {
    fn add(&mut self, step: &Step, actions: &[&str]) {
        for action in actions {
            self.push(step, (*action).to_owned());
        }
    }

    /// Adds actions on some resources; on any where there are none.
    fn on(&mut self, step: &Step, actions: &[&str], resources: &[String]) {
        for action in actions {
            self.push_on(step, (*action).to_owned(), resources.to_vec());
        }
    }

    fn push(&mut self, step: &Step, action: String) {
        self.push_on(step, action, Vec::new());
    }

    /// Adds an action on some resources, once for a step.
    fn push_on(&mut self, step: &Step, action: String, resources: Vec<String>) {
        let new = |known: &Need| known.action != action || known.node != step.node;
        if self.needs.iter().all(new) {
            let name = step.name.as_deref().unwrap_or("");
            let why = format!("the step `{name}` (`{}`)", step.action);
            self.needs.push(Need { action, node: step.node, why, resources, passed_to: None });
        }
    }

    fn leave_open(&mut self, step: &Step, why: &str) {
        self.open.push((step.node, format!("the step `{}` {why}", step.name.as_deref().unwrap_or(""))));
    }
}

fn of_step(tree: &Tree, catalog: &Catalog, step: &Step, needs: &mut Needs) {
    let has = |name: &str| step.input(tree, name).is_some();
    let instances = || targets::of_input(tree, step, "InstanceIds").map(|ids| targets::nodes(&ids));
    match &*step.action {
        "aws:approve" if has("NotificationArn") => {
            needs.on(step, &["sns:Publish"], &targets::named(tree, step, "NotificationArn", str::to_owned));
        }
        "aws:executeAwsApi" | "aws:assertAwsResourceProperty" | "aws:waitForAwsResourceProperty" => {
            api(tree, catalog, step, needs);
        }
        "aws:changeInstanceState" => {
            needs.add(step, &["ec2:DescribeInstanceStatus", "ec2:DescribeInstances"]);
            let action = match step.text(tree, "DesiredState") {
                _ if step.text(tree, "CheckStateOnly") == Some("true") => return,
                Some("running") => "ec2:StartInstances",
                Some("stopped") => "ec2:StopInstances",
                Some("terminated") => "ec2:TerminateInstances",
                _ => return needs.leave_open(step, "brings instances to a state that is not known"),
            };
            needs.on(step, &[action], &instances().unwrap_or_default());
        }
        "aws:copyImage" => needs.add(step, &["ec2:CopyImage", "ec2:DescribeImages"]),
        "aws:createImage" => needs.add(step, &["ec2:CreateImage", "ec2:DescribeImages"]),
        "aws:deleteImage" => {
            needs.add(step, &["ec2:DeregisterImage", "ec2:DescribeImages", "ec2:DeleteSnapshot"]);
        }
        "aws:createStack" | "aws:deleteStack" => stack(tree, step, needs),
        "aws:createTags" => {
            let managed = step.text(tree, "ResourceType").is_some_and(|ty| ty != "EC2");
            needs.add(step, if managed { &["ssm:AddTagsToResource"] } else { &["ec2:CreateTags"] });
        }
        "aws:executeAutomation" => {
            let mut on = targets::named(tree, step, "DocumentName", targets::document);
            if !on.is_empty() {
                on.extend(targets::named(tree, step, "DocumentName", targets::automation));
                on.push(targets::arn("ssm", "automation-execution/*"));
            }
            needs.on(step, &["ssm:StartAutomationExecution"], &on);
            needs.add(step, &["ssm:GetAutomationExecution"]);
            needs.leave_open(step, "runs another automation, which may run with the same role");
        }
        "aws:executeScript" => script(tree, catalog, step, needs),
        "aws:executeStateMachine" => {
            let machine = |name: &str| targets::arn("states", &format!("stateMachine:{name}"));
            let machines = targets::named(tree, step, "stateMachineArn", machine);
            needs.on(step, &["states:StartExecution"], &machines);
            let executions: Vec<String> = machines
                .iter()
                .map(|one| format!("{}:*", one.replace(":stateMachine:", ":execution:")))
                .collect();
            needs.on(step, &["states:DescribeExecution"], &executions);
        }
        "aws:invokeLambdaFunction" => {
            let function = |name: &str| targets::arn("lambda", &format!("function:{name}"));
            let mut functions = targets::named(tree, step, "FunctionName", function);
            if has("Qualifier") {
                functions = functions.iter().map(|function| format!("{function}:*")).collect();
            }
            needs.on(step, &["lambda:InvokeFunction"], &functions);
        }
        "aws:invokeWebhook" => needs.add(step, &["ssm:GetParameter", "kms:Decrypt"]),
        "aws:runCommand" => {
            let mut on = targets::named(tree, step, "DocumentName", targets::document);
            if !on.is_empty() {
                let anywhere = ["instance/*", "managed-instance/*"];
                on.extend(instances().unwrap_or_else(|| {
                    anywhere
                        .iter()
                        .zip(["ec2", "ssm"])
                        .map(|(name, service)| targets::arn(service, name))
                        .collect()
                }));
            }
            needs.on(step, &["ssm:SendCommand"], &on);
            let others =
                ["ssm:ListCommands", "ssm:ListCommandInvocations", "ssm:DescribeInstanceInformation"];
            needs.add(step, &others);
            if has("ServiceRoleArn") {
                pass(tree, step, "ServiceRoleArn", "sns.amazonaws.com", needs);
            }
        }
        "aws:runInstances" => {
            needs.add(step, &["ec2:RunInstances", "ec2:DescribeInstanceStatus", "ec2:CreateTags"]);
            if has("IamInstanceProfileArn") || has("IamInstanceProfileName") {
                needs.leave_open(
                    step,
                    "passes the role of an instance profile: allow `iam:PassRole` on that role",
                );
            }
        }
        "aws:approve" | "aws:branch" | "aws:loop" | "aws:pause" | "aws:sleep" | "aws:updateVariable" => {}
        _ => needs.leave_open(step, "has an action that is not known"),
    }
}

/// A call of an API, on what its inputs name.
fn api(tree: &Tree, catalog: &Catalog, step: &Step, needs: &mut Needs) {
    let call = step.text(tree, "Service").zip(step.text(tree, "Api"));
    let action = call.and_then(|(service, operation)| action_of(catalog, service, operation));
    let Some(known) = action.as_deref().and_then(|name| catalog.action(name)) else {
        return needs.leave_open(step, "calls an API whose action is not known");
    };
    let inputs: Vec<(&str, Vec<String>)> = step
        .entries(tree)
        .into_iter()
        .filter_map(|(name, node)| Some((name, targets::literals(tree, node)?)))
        .collect();
    let resources = targets::of_call(known, &inputs);
    needs.push_on(step, known.full_name().to_owned(), resources);
}

/// Making or deleting a stack, and the role that it is done with.
fn stack(tree: &Tree, step: &Step, needs: &mut Needs) {
    let name = |name: &str| targets::arn("cloudformation", &format!("stack/{name}/*"));
    let stacks = targets::named(tree, step, "StackName", name);
    let actions: &[&str] = if &*step.action == "aws:createStack" {
        &["cloudformation:CreateStack", "cloudformation:DescribeStacks", "cloudformation:DescribeStackEvents"]
    } else {
        &["cloudformation:DeleteStack", "cloudformation:DescribeStacks"]
    };
    needs.on(step, actions, &stacks);
    if step.input(tree, "TemplateURL").is_some() {
        let object = targets::of_input(tree, step, "TemplateURL")
            .and_then(|all| all.first().and_then(|url| object_of(url)));
        match object {
            Some(object) => needs.on(step, &["s3:GetObject"], &[object]),
            None => needs.leave_open(step, "reads a template from a place that is not known"),
        }
    }
    if step.input(tree, "RoleARN").is_some() {
        pass(tree, step, "RoleARN", "cloudformation.amazonaws.com", needs);
    } else {
        needs.leave_open(step, "changes a stack with the automation's own permissions");
    }
}

/// The ARN of the object that an S3 URL names.
fn object_of(url: &str) -> Option<String> {
    let rest = url.strip_prefix("https://")?;
    let (host, path) = rest.split_once('/')?;
    let (bucket, key) = match host.split_once(".s3") {
        Some((bucket, _)) => (bucket, path),
        None if host.starts_with("s3") => path.split_once('/')?,
        None => return None,
    };
    Some(format!(
        "arn:{}:s3:::{bucket}/{}",
        super::statement::PARTITION,
        key.split('?').next().unwrap_or(key)
    ))
}

/// Passing the role that an input names to a service.
fn pass(tree: &Tree, step: &Step, input: &str, service: &'static str, needs: &mut Needs) {
    let roles = targets::of_input(tree, step, input).unwrap_or_default();
    let roles: Vec<String> = roles.into_iter().filter(|role| role.starts_with("arn:")).collect();
    if roles.is_empty() {
        return needs.leave_open(step, "passes a role that is not known: allow `iam:PassRole` on it");
    }
    needs.push_on(step, "iam:PassRole".to_owned(), roles);
    if let Some(need) = needs.needs.last_mut() {
        need.passed_to = Some(service);
    }
}

/// The API calls of a script: `boto3.client('x').method(…)`, by name or at once.
fn script(tree: &Tree, catalog: &Catalog, step: &Step, needs: &mut Needs) {
    let Some(node) = step.input(tree, "Script") else {
        needs.leave_open(step, "runs an attached script");
        return;
    };
    let text = super::script::Script::of(tree, node).plain();
    if step.text(tree, "Runtime").is_some_and(|runtime| runtime.contains("PowerShell"))
        || text.contains("boto3.resource")
    {
        needs.leave_open(step, "runs a script whose calls are not worked out");
        return;
    }
    let mut clients: Vec<(String, String)> = Vec::new();
    for (at, _) in text.match_indices(".client(") {
        let rest = text.get(at + 8..).unwrap_or("").trim_start();
        let quoted = rest.strip_prefix(['\'', '"']).and_then(|rest| rest.split(['\'', '"']).next());
        let Some(service) = quoted else {
            needs.leave_open(step, "makes a client of a service that is not known");
            continue;
        };
        let line = text.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or("");
        if let Some((name, _)) = line.split_once('=') {
            clients.push((name.trim().to_owned(), service.to_owned()));
        } else if let Some(method) = rest.split_once(").").and_then(|(_, tail)| tail.split('(').next()) {
            call(catalog, step, service, method, needs);
        }
    }
    for (name, service) in &clients {
        for (at, found) in text.match_indices(&format!("{name}.")) {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.') {
                continue;
            }
            let rest = text.get(at + found.len()..).unwrap_or("");
            let Some((method, arguments)) = rest.split_once('(') else { continue };
            let named = matches!(method, "get_paginator" | "get_waiter");
            let inner = arguments
                .trim_start()
                .strip_prefix(['\'', '"'])
                .and_then(|rest| rest.split(['\'', '"']).next());
            match (named, inner) {
                (true, Some(inner)) if method == "get_paginator" => {
                    call(catalog, step, service, inner, needs);
                }
                (true, _) => needs.leave_open(step, "waits for a state by calls that are not worked out"),
                _ if method.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') => {
                    call(catalog, step, service, method, needs);
                }
                _ => {}
            }
        }
    }
}

fn call(catalog: &Catalog, step: &Step, service: &str, method: &str, needs: &mut Needs) {
    if method.starts_with("exceptions") || method == "meta" || method == "close" {
        return;
    }
    match action_of(catalog, service, method) {
        Some(action) => needs.push(step, action),
        None => needs.leave_open(step, "calls an API whose action is not known"),
    }
}
