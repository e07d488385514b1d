//! A stack that finds what still has a policy, wherever it was attached, and replaces it on roles when somebody asks.
//!
//! AWS Config looks for the policy: one rule for roles, and one for users and groups, which have to be looked at by a
//! person. A runbook replaces it on one role. The runbook's role can attach and detach these policies and no others, and
//! only the account's own automations can assume it.

use serde_json::{Map, Value, json};

use crate::advise::artifact::{self, Artifact, Role, Template};
use crate::catalog::embedded;
use crate::ssm::generate::automation_trust;
use crate::ssm::statement::{ACCOUNT, PARTITION, Place, Statement};

use super::Migrated;

/// What roles get where the input does not say.
const CORE: &str = "AmazonSSMManagedInstanceCore";
/// The rule of AWS Config that finds policies.
const RULE: &str = "IAM_POLICY_BLACKLISTED_CHECK";
/// The newest runtime of scripts that all Regions have.
const RUNTIME: &str = "python3.11";

/// What the runbook does.
const SCRIPT: &str = "\
import boto3

config = boto3.client('config')
iam = boto3.client('iam')


def replace(events, context):
    found = config.list_discovered_resources(resourceType='AWS::IAM::Role', resourceIds=[events['RoleId']])
    names = [one['resourceName'] for one in found['resourceIdentifiers']]
    if len(names) != 1:
        raise ValueError('AWS Config knows no role with the id ' + events['RoleId'])
    role = names[0]
    attached = set()
    for page in iam.get_paginator('list_attached_role_policies').paginate(RoleName=role):
        attached.update(one['PolicyArn'] for one in page['AttachedPolicies'])
    remove = [arn for arn in events['Remove'] if arn in attached]
    add = [arn for arn in events['Add'] if arn not in attached] if remove else []
    if len(attached) + len(add) > int(events['Quota']):
        raise ValueError(role + ' has no room for ' + ', '.join(add) + ' beside what it has: nothing was changed')
    for arn in add:
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    for arn in remove:
        iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    return {'Role': role, 'Attached': add, 'Detached': remove}
";

/// The stack, for what was planned of some inputs. What roles are to lose or get is named as the request names it; without
/// a wish, they get what all roles of the inputs need together.
pub fn watch(
    remove: &[String],
    add: Option<&[String]>,
    all: &[Migrated],
    quota: usize,
) -> Result<String, String> {
    let removed: Vec<String> = remove.iter().map(|name| arn(name)).collect::<Result<_, _>>()?;
    let roles = || all.iter().flat_map(|one| &one.plan.roles);
    let mut names: Vec<String> = match add {
        Some(names) => names.to_vec(),
        None => roles().flat_map(|role| role.add.iter().map(|one| one.name.to_owned())).collect(),
    };
    if names.is_empty() {
        names.push(CORE.to_owned());
    }
    names.sort();
    names.dedup();
    let added: Vec<String> = names.iter().map(|name| arn(name)).collect::<Result<_, _>>()?;
    let mut resources = Map::new();
    for (name, description, types) in [
        ("RolesWithThePolicy", "roles that have the policy", &["AWS::IAM::Role"][..]),
        (
            "UsersAndGroupsWithThePolicy",
            "users and groups that have the policy, which is none for them",
            &["AWS::IAM::User", "AWS::IAM::Group"][..],
        ),
    ] {
        let rule = json!({
            "Description": description,
            "Scope": {"ComplianceResourceTypes": types},
            "Source": {"Owner": "AWS", "SourceIdentifier": RULE},
            "InputParameters": {"policyArns": removed.join(",")},
        });
        resources.insert(name.to_owned(), json!({"Type": "AWS::Config::ConfigRule", "Properties": rule}));
    }
    let document = json!({
        "DocumentType": "Automation",
        "UpdateMethod": "NewVersion",
        "Content": runbook(&removed, &added, quota),
    });
    // Whether an account keeps what scripts print is a setting of the account, which no single stack should own.
    let ignore = json!([{"rule": "SSM-GOV-02", "reason": "the script prints nothing"}]);
    resources.insert(
        "ReplacePolicy".to_owned(),
        json!({"Type": "AWS::SSM::Document", "Metadata": {"rolecall": {"ignore": ignore}}, "Properties": document}),
    );
    let remediation = json!({
        "ConfigRuleName": "${RolesWithThePolicy}",
        "TargetType": "SSM_DOCUMENT",
        "TargetId": "${ReplacePolicy}",
        "Automatic": false,
        "Parameters": {
            "AutomationAssumeRole": {"StaticValue": {"Values": ["${ReplacePolicyRole.Arn}"]}},
            "RoleId": {"ResourceValue": {"Value": "RESOURCE_ID"}},
        },
    });
    resources.insert(
        "Remediation".to_owned(),
        json!({"Type": "AWS::Config::RemediationConfiguration", "Properties": remediation}),
    );
    let role = Artifact::Role(Role {
        name: "ReplacePolicyRole".to_owned(),
        description: "what the runbook that replaces the policy needs".to_owned(),
        trust: automation_trust(),
        managed: Vec::new(),
        statements: statements(&removed, &added),
        profile: false,
        unknown: roles()
            .filter(|role| !role.statements.is_empty())
            .map(|role| format!("`{}` needs statements of its own as well", role.role))
            .collect(),
    });
    Ok(artifact::template(&[role], Template { resources }, &Place::default()))
}

/// The ARN of a policy that is given by its name or ARN.
fn arn(policy: &str) -> Result<String, String> {
    if policy.starts_with("arn:") && !policy.contains(":iam::aws:") {
        return Ok(policy.to_owned());
    }
    let name = policy.rsplit('/').next().unwrap_or(policy);
    let known = embedded().managed_policy(name).map(|known| known.arn(PARTITION));
    known.ok_or_else(|| format!("`{policy}` is no AWS managed policy: its ARN has to be given"))
}

/// The runbook that replaces the policy on one role.
fn runbook(removed: &[String], added: &[String], quota: usize) -> Value {
    json!({
        "schemaVersion": "0.3",
        "description": "Attaches to a role what it needs, and detaches the policy that it is to lose",
        "assumeRole": "{{ AutomationAssumeRole }}",
        "parameters": {
            "AutomationAssumeRole": {
                "type": "AWS::IAM::Role::Arn",
                "description": "The role that the runbook runs with",
                "allowedPattern": "^arn:[a-z-]+:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$",
                "allowedValues": ["${ReplacePolicyRole.Arn}"],
            },
            "RoleId": {
                "type": "String",
                "description": "The id of the role, as AWS Config knows it",
                "allowedPattern": "^AROA[A-Z0-9]{12,124}$",
            },
        },
        "mainSteps": [{
            "name": "replace",
            "action": "aws:executeScript",
            "timeoutSeconds": 300,
            "isEnd": true,
            "inputs": {
                "Runtime": RUNTIME,
                "Handler": "replace",
                "InputPayload": {
                    "RoleId": "{{ RoleId }}",
                    "Remove": removed,
                    "Add": added,
                    "Quota": quota,
                },
                "Script": SCRIPT,
            },
        }],
    })
}

/// What the runbook's role may do.
fn statements(removed: &[String], added: &[String]) -> Vec<Statement> {
    let roles = || vec![format!("arn:{PARTITION}:iam::{ACCOUNT}:role/*")];
    let one = |sid: &str, action: &str, resources: Vec<String>, policies: &[String], why: &str| Statement {
        sid: sid.to_owned(),
        actions: vec![action.to_owned()],
        resources,
        conditions: if policies.is_empty() {
            Vec::new()
        } else {
            vec![("ArnEquals".to_owned(), "iam:PolicyARN".to_owned(), policies.to_vec())]
        },
        why: vec![(action.to_owned(), why.to_owned())],
        ..Statement::default()
    };
    let everything = || vec!["*".to_owned()];
    vec![
        one("FindRole", "config:ListDiscoveredResources", everything(), &[], "the role's name, by its id"),
        one("SeePolicies", "iam:ListAttachedRolePolicies", roles(), &[], "what the role has"),
        one("AttachThese", "iam:AttachRolePolicy", roles(), added, "what roles get, and nothing else"),
        one("DetachThis", "iam:DetachRolePolicy", roles(), removed, "what roles lose, and nothing else"),
    ]
}
