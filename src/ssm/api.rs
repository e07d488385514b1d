//! What API operations do with their parameters, and what their answers hold.

/// Parameters that decide who may do what, or which code runs. An operation may be a prefix of several.
const SENSITIVE: &[(&str, &[&str], &[&str])] = &[
    (
        "iam",
        &[
            "AttachRolePolicy",
            "AttachUserPolicy",
            "AttachGroupPolicy",
            "PutRolePolicy",
            "PutUserPolicy",
            "PutGroupPolicy",
            "CreatePolicyVersion",
            "SetDefaultPolicyVersion",
            "UpdateAssumeRolePolicy",
            "AddUserToGroup",
            "CreateAccessKey",
            "CreateLoginProfile",
            "UpdateLoginProfile",
            "AddRoleToInstanceProfile",
            "PutRolePermissionsBoundary",
            "PutUserPermissionsBoundary",
        ],
        &[
            "PolicyArn",
            "PolicyDocument",
            "RoleName",
            "UserName",
            "GroupName",
            "InstanceProfileName",
            "PermissionsBoundary",
        ],
    ),
    ("sts", &["AssumeRole"], &["RoleArn"]),
    (
        "lambda",
        &["UpdateFunctionCode", "CreateFunction", "AddPermission", "Invoke", "InvokeFunction"],
        &["S3Bucket", "S3Key", "ZipFile", "Role", "Principal", "FunctionName", "Code"],
    ),
    (
        "ssm",
        &[
            "SendCommand",
            "StartAutomationExecution",
            "CreateDocument",
            "UpdateDocument",
            "ModifyDocumentPermission",
            "UpdateServiceSetting",
            "CreateAssociation",
        ],
        &["DocumentName", "Parameters", "Content", "AccountIdsToAdd", "Name", "SettingId", "SettingValue"],
    ),
    (
        "ec2",
        &[
            "RunInstances",
            "ModifyInstanceAttribute",
            "AuthorizeSecurityGroupIngress",
            "ModifySnapshotAttribute",
            "ModifyImageAttribute",
            "AssociateIamInstanceProfile",
            "ReplaceIamInstanceProfileAssociation",
        ],
        &[
            "UserData",
            "IamInstanceProfile",
            "CidrIp",
            "IpPermissions",
            "CreateVolumePermission",
            "LaunchPermission",
        ],
    ),
    (
        "s3",
        &["PutBucketPolicy", "PutObject", "PutBucketAcl", "DeletePublicAccessBlock", "DeleteBucketPolicy"],
        &["Policy", "Body", "Key", "Bucket"],
    ),
    ("kms", &["PutKeyPolicy", "CreateGrant"], &["Policy", "GranteePrincipal"]),
    (
        "cloudformation",
        &["CreateStack", "UpdateStack", "CreateStackSet", "CreateChangeSet"],
        &["TemplateURL", "TemplateBody", "RoleARN", "Capabilities"],
    ),
    (
        "ecs",
        &["RegisterTaskDefinition", "RunTask"],
        &["containerDefinitions", "overrides", "taskRoleArn", "executionRoleArn", "taskDefinition"],
    ),
    (
        "codebuild",
        &["StartBuild"],
        &["buildspecOverride", "serviceRoleOverride", "imageOverride", "sourceLocationOverride"],
    ),
];

/// Whether a parameter of an operation decides who may do what, or which code runs.
pub fn is_sensitive(service: &str, operation: &str, parameter: &str) -> bool {
    let service = service.to_ascii_lowercase();
    SENSITIVE.iter().any(|(name, operations, parameters)| {
        *name == service
            && operations.iter().any(|known| same(known, operation))
            && parameters.iter().any(|known| known.eq_ignore_ascii_case(parameter))
    })
}

/// The sensitive operations, with their service, as Python's SDK names them.
pub(super) fn sensitive_methods() -> impl Iterator<Item = (&'static str, String)> {
    SENSITIVE
        .iter()
        .flat_map(|(service, operations, _)| operations.iter().map(move |name| (*service, snake_case(name))))
}

/// Whether what an operation decides is who may do what: there, a free value is worse than elsewhere.
pub fn is_authorization(service: &str) -> bool {
    matches!(service.to_ascii_lowercase().as_str(), "iam" | "sts" | "kms")
}

/// Operation names are compared without regard to case and underscores: the SDKs differ.
fn same(left: &str, right: &str) -> bool {
    let letters =
        |text: &str| text.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect::<String>();
    letters(left) == letters(right)
}

fn snake_case(name: &str) -> String {
    let mut out = String::new();
    let mut before_lower = false;
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && before_lower {
            out.push('_');
        }
        before_lower = letter.is_ascii_lowercase() || letter.is_ascii_digit();
        out.push(letter.to_ascii_lowercase());
    }
    out
}

/// What an answer's field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An id, an ARN, a state, a number: nobody chooses it freely.
    Id,
    /// A value of Parameter Store or Secrets Manager.
    Config,
    /// Text that whoever controls a node or a resource chose.
    Node,
    /// Text that somebody else chose.
    External,
    /// It is not known what it holds.
    Unlisted,
}

/// Last words of fields that nobody chooses freely.
const IDS: &[&str] = &[
    "id",
    "ids",
    "arn",
    "arns",
    "state",
    "status",
    "type",
    "count",
    "size",
    "version",
    "date",
    "time",
    "engine",
    "platform",
    "architecture",
    "zone",
    "region",
    "port",
    "enabled",
    "encrypted",
    "address",
    "class",
    "mode",
    "owner",
    "progress",
    "code",
    "number",
    "hypervisor",
    "tenancy",
    "marker",
    "token",
    "cidr",
    "cidrblock",
    "identifier",
];
/// Last words of fields with free text.
const TEXTS: &[&str] = &[
    "description",
    "value",
    "userdata",
    "message",
    "reason",
    "body",
    "content",
    "comment",
    "output",
    "text",
    "standardoutputcontent",
    "standarderrorcontent",
    "payload",
    "title",
];

/// What a selector takes from an operation's answer.
pub fn answer(service: &str, operation: &str, selector: &str) -> Answer {
    let service = service.to_ascii_lowercase();
    let lower = selector.to_ascii_lowercase();
    let last = lower
        .trim_end_matches("[*]")
        .rsplit(['.', '\'', '"'])
        .map(|part| part.split('[').next().unwrap_or(part))
        .find(|part| !part.is_empty() && *part != "]" && *part != "$")
        .unwrap_or("");
    let reads_values = match service.as_str() {
        "ssm" => operation.to_ascii_lowercase().replace('_', "").starts_with("getparameter"),
        "secretsmanager" => operation.to_ascii_lowercase().replace('_', "") == "getsecretvalue",
        _ => false,
    };
    if reads_values && matches!(last, "value" | "secretstring") {
        return Answer::Config;
    }
    if lower.contains("tags") || lower.contains("userdata") {
        return Answer::Node;
    }
    if TEXTS.contains(&last) {
        return if matches!(service.as_str(), "ec2" | "ssm") { Answer::Node } else { Answer::External };
    }
    if IDS.iter().any(|word| last.ends_with(word)) {
        return Answer::Id;
    }
    Answer::Unlisted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_apart_by_what_they_hold() {
        for (service, operation, selector, expected) in [
            ("ec2", "DescribeInstances", "$.Reservations[0].Instances[0].InstanceId", Answer::Id),
            ("ec2", "DescribeInstances", "$.Reservations[0].Instances[0].State.Name", Answer::Unlisted),
            ("ec2", "DescribeInstances", "$.Reservations[0].Instances[0].Tags[0].Value", Answer::Node),
            ("ec2", "DescribeInstances", "$.Reservations..Instances..InstanceId", Answer::Id),
            ("ssm", "GetParameter", "$.Parameter.Value", Answer::Config),
            ("cloudformation", "DescribeStacks", "$.Stacks[0].StackStatus", Answer::Id),
            ("ssm", "GetCommandInvocation", "$.StandardOutputContent", Answer::Node),
            ("rds", "DescribeDBInstances", "$.DBInstances[0].DBName", Answer::Unlisted),
        ] {
            assert_eq!(answer(service, operation, selector), expected, "{selector}");
        }
    }

    #[test]
    fn sensitive_parameters_are_found_however_they_are_written() {
        assert!(is_sensitive("iam", "attach_role_policy", "PolicyArn"));
        assert!(is_sensitive("IAM", "AttachRolePolicy", "policyArn"));
        assert!(!is_sensitive("iam", "GetRole", "RoleName"));
        assert!(sensitive_methods().any(|(service, name)| service == "iam" && name == "attach_role_policy"));
    }
}
