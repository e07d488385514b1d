//! The tables themselves: identities and what they may do.

use super::documents;
use super::flaws;
use super::needs::{EXCESS, LACK};
use super::resources;
use super::{Attribute, Kind, Type};

use Type::{Bool, Entity, List, Number, Raw, Record, Text};

pub(super) const fn attribute(name: &'static str, ty: Type, doc: &'static str) -> Attribute {
    Attribute { name, ty, doc }
}

/// A kind of entity: what all have, and what it has of its own.
macro_rules! entity {
    ($variable:literal, $name:literal, $doc:literal, [$($attribute:expr),* $(,)?]) => {
        $crate::facts::schema::Kind {
            variable: $variable,
            name: $name,
            doc: $doc,
            attributes: &[
                $crate::facts::schema::tables::attribute(
                    "id",
                    $crate::facts::schema::Type::Text,
                    "the logical id or address of the resource that declares it",
                ),
                $crate::facts::schema::tables::attribute(
                    "type",
                    $crate::facts::schema::Type::Text,
                    "the resource type, as the input spells it",
                ),
                $crate::facts::schema::tables::attribute(
                    "kind",
                    $crate::facts::schema::Type::Text,
                    "what it is, such as `role` or `managed_policy`",
                ),
                $crate::facts::schema::tables::attribute(
                    "change",
                    $crate::facts::schema::Type::Text,
                    "what the deployment does to it: `declared`, `create`, `update`, `replace`, `no-op`, `import`",
                ),
                $crate::facts::schema::tables::attribute(
                    "outside",
                    $crate::facts::schema::Type::Bool,
                    "true for something that the input only names; absent otherwise",
                ),
                $($attribute),*
            ],
        }
    };
}
pub(super) use entity;

pub(super) const TEXTS: Type = List(&Text);
pub(super) const STATEMENTS: Type = List(&Record(STATEMENT));

/// All kinds, in the order of the reference.
pub(super) static KINDS: &[Kind] = &[
    ROLE,
    USER,
    GROUP,
    INSTANCE_PROFILE,
    POLICY,
    flaws::POLICY_FLAW,
    ORGANIZATION_POLICY,
    SERVICE_LINKED_ROLE,
    CREDENTIAL,
    PASSWORD_POLICY,
    resources::NODE,
    resources::ROLE_USER,
    documents::DOCUMENT,
    documents::ASSOCIATION,
    documents::WINDOW,
    documents::WINDOW_TARGET,
    documents::WINDOW_TASK,
    documents::PARAMETER,
    documents::PARAMETER_READ,
    documents::ACTIVATION,
    documents::DATA_SYNC,
    documents::PATCH_BASELINE,
    documents::PATCH_GROUP,
    documents::SERVICE_SETTING,
    documents::TRIGGER,
    documents::QUICK_SETUP,
    resources::VPC_ENDPOINT,
    resources::BUCKET,
    resources::LOG_GROUP,
    resources::KEY,
    resources::TRAIL,
    resources::CONFIG_RECORDER,
    resources::CONFIG_RULE,
    resources::REMEDIATION,
];

/// A statement of a policy document.
const STATEMENT: &[Attribute] = &[
    attribute("sid", Text, "the statement's id"),
    attribute("effect", Text, "`Allow` or `Deny`"),
    attribute("actions", TEXTS, "the elements of `Action`; absent where there is none"),
    attribute("not_actions", TEXTS, "the elements of `NotAction`"),
    attribute("resources", TEXTS, "the elements of `Resource`"),
    attribute("not_resources", TEXTS, "the elements of `NotResource`"),
    attribute(
        "principals",
        List(&Record(PRINCIPAL)),
        "the elements of `Principal`; `\"*\"` is the value `*` of type `AWS`",
    ),
    attribute("not_principals", List(&Record(PRINCIPAL)), "the elements of `NotPrincipal`"),
    attribute("conditions", List(&Record(CONDITION)), "the elements of `Condition`"),
    attribute("conditional", Bool, "whether there is a `Condition`"),
    attribute("limited_resources", Text, "what a `Resource` of `*` could be instead, in JSON"),
    attribute("limited_statements", Text, "statements that could take its place, in JSON"),
    attribute(
        "resource_problems",
        List(&Record(RESOURCE_PROBLEM)),
        "resources that surely are not what is meant",
    ),
    attribute(
        "s3_resources",
        List(&Record(S3_RESOURCE)),
        "resources that surely are buckets, or surely objects",
    ),
    attribute("patterns", List(&Record(PATTERN)), "what each known element of `Action` stands for"),
    attribute(
        "grants",
        TEXTS,
        "actions that the statement surely names, each at the pattern that names it: those by which Systems Manager and \
         IAM change who may do what and what runs where",
    ),
    attribute(
        "open_writes",
        TEXTS,
        "some of its actions that change something and could be limited to resources",
    ),
];

/// A resource that is not what is meant.
const RESOURCE_PROBLEM: &[Attribute] = &[
    attribute("value", Text, "the resource"),
    attribute(
        "problem",
        Text,
        "`bucket_name`: nearly a bucket of AWS; `bucket_region`: a wildcard for the Region of one; `bucket_suffix`: a \
         wildcard behind that Region; `bucket_retired`: one that agents no longer need; `bucket_partition`: one of a \
         Region in another partition; `document_account`: a document of AWS in an account; `parameter`: a slip before the \
         name of a parameter",
    ),
    attribute("message", Text, "what the bucket is called"),
    attribute("suggestion", Text, "what should probably stand there; absent where nobody knows"),
];

/// An element of `Action`.
const PATTERN: &[Attribute] = &[
    attribute("value", Text, "the pattern"),
    attribute("wildcard", Bool, "whether it has a wildcard after the service"),
    attribute("service_wide", Bool, "whether it stands for every action of a service, or of all"),
    attribute("actions", Number, "how many actions it stands for"),
    attribute("writes", Number, "how many of them change something"),
    attribute("grants", TEXTS, "what of the statement's `grants` it stands for"),
    attribute("ec2_describes", Number, "how many of them are `ec2:Describe…`"),
];

const PRINCIPAL: &[Attribute] = &[
    attribute("type", Text, "`AWS`, `Service`, `Federated` or `CanonicalUser`"),
    attribute("value", Text, "the principal"),
    attribute(
        "foreign",
        Bool,
        "true for a whole account that is not known to be the deployment's own; absent otherwise",
    ),
    attribute(
        "account",
        Bool,
        "whether it is a whole account: its root, its number or a reference to the own one",
    ),
];

/// A resource of S3.
const S3_RESOURCE: &[Attribute] = &[
    attribute("value", Text, "the resource"),
    attribute("level", Text, "`bucket` or `objects`"),
    attribute(
        "other",
        Text,
        "the ARN of the bucket for objects, and of its objects for a bucket; absent where it is not known",
    ),
    attribute(
        "lists",
        Bool,
        "whether it is a bucket of the input that says that its objects have access control lists",
    ),
];

const CONDITION: &[Attribute] = &[
    attribute(
        "operator",
        Text,
        "the operator with prefix and suffix, such as `ForAnyValue:StringLikeIfExists`",
    ),
    attribute("key", Text, "the condition key, as written"),
    attribute("values", TEXTS, "the values that the key is compared with"),
    attribute(
        "disagrees",
        Bool,
        "true for an `aws:SourceArn` in other accounts than the `aws:SourceAccount` beside it; absent otherwise",
    ),
];

/// A managed policy that a role, user or group has.
const ATTACHED: &[Attribute] = &[
    attribute("arn", Text, "the value that attaches the policy: its ARN"),
    attribute("attached_by", Text, "the logical id or address of the resource in which that value stands"),
    attribute("aws_managed", Bool, "whether the policy is surely one that AWS manages"),
    attribute("aws_path", Text, "its path and name (`service-role/X`), where AWS manages it"),
    attribute("aws_name", Text, "its name, where AWS manages it"),
    attribute("policy", Entity("policy"), "the policy, where the input declares it"),
    attribute(
        "exclusive",
        Bool,
        "true where attaching it this way undoes every other attachment of the kind; absent otherwise",
    ),
    attribute("aws_exists", Bool, "whether AWS manages a policy of this path and name"),
    attribute(
        "aws_suggestion",
        Text,
        "the ARN of the AWS managed policy that is probably meant, where this one does not exist",
    ),
    attribute("aws_status", Text, "`active`, `withdrawn` or `service_linked`"),
    attribute("aws_withdrawn_since", Text, "the day on which AWS withdrew it, or before which it did"),
    attribute("aws_advised_against", Bool, "whether AWS advises to use a successor"),
    attribute(
        "aws_successor_path",
        Text,
        "what stands behind `policy/` in the ARN of the policy that took its place, where only one did",
    ),
    attribute("aws_successors", TEXTS, "the names of the policies that took its place"),
    attribute("aws_administers", Bool, "whether its holder can give himself everything"),
];

/// A way to gain more than one was given.
const ESCALATION: &[Attribute] = &[
    attribute(
        "family",
        Text,
        "`single`, `combination`, `assume`, `runbook`, `nodes`, `documents`, `hybrid`, `starter`, `boundary`, `creator` \
         or `exposure`",
    ),
    attribute("message", Text, "a sentence that says it"),
    attribute("actions", TEXTS, "the actions that it takes"),
    attribute("passed_to", Text, "the service that a role is passed to"),
    attribute("roles", TEXTS, "the roles of the input that can be passed to that service"),
    attribute("open", Bool, "whether all actions are granted on every resource"),
    attribute(
        "limited",
        Bool,
        "whether it takes over things whose names the policy limits, with their roles",
    ),
    attribute(
        "stronger",
        Bool,
        "whether one of these roles, or of the nodes of the input, may do more than its holder",
    ),
];

/// A path to somebody stronger.
const PATH: &[Attribute] = &[
    attribute("message", Text, "a sentence that says it"),
    attribute(
        "how",
        Text,
        "the first step that nobody planned: `assume`, `pass`, `command`, `use`, `take_over`, `join` or `raise`",
    ),
    attribute("to", Text, "the principal that it ends at; absent where that is every permission"),
    attribute("hops", Number, "how many steps it has"),
    attribute("wide", Bool, "whether the grant that it starts with is on every resource"),
    attribute("administrator", Bool, "whether its end may do everything"),
    attribute("path", List(&Record(documents::HOP)), "the steps, each where it is allowed"),
];

const PATHS: Type = List(&Record(PATH));

pub(super) const ESCALATIONS: Type = List(&Record(ESCALATION));

/// Something that uses or owns something, by name.
const REFERENCE: &[Attribute] =
    &[attribute("kind", Text, "the kind of the entity"), attribute("id", Text, "its logical id or address")];

const ROLE: Kind = entity!(
    "roles",
    "role",
    "An IAM role.",
    [
        attribute("name", Text, "the name in IAM; absent where CloudFormation makes it up"),
        attribute("name_length", Number, "characters of the name, at least, if more than 64"),
        attribute("path", Text, "the path in IAM, with slashes"),
        attribute("switch_length", Number, "the characters of path and name together, where both are known"),
        attribute("max_session_duration", Number, "the longest session, in seconds"),
        attribute("boundary", Text, "the ARN of the permissions boundary"),
        attribute("boundaries", List(&Record(ATTACHED)), "the permissions boundary as a policy"),
        attribute("trust", STATEMENTS, "the statements of the trust policy"),
        attribute("trusted_services", TEXTS, "the service principals that the trust policy allows"),
        attribute("attached", List(&Record(ATTACHED)), "the managed policies that it has"),
        attribute("inline", List(&Entity("policy")), "the inline policies that it has"),
        attribute(
            "exclusive_attachments",
            Bool,
            "true where every managed policy that is not attached in this list is detached; absent otherwise"
        ),
        attribute(
            "exclusive_inline",
            Bool,
            "true where every inline policy that is not in this list is removed; absent otherwise"
        ),
        attribute("statements", STATEMENTS, "the statements of all its policies that the input declares"),
        attribute("administrator", Bool, "whether its policies together allow everything on everything"),
        attribute("administrator_by_union", Bool, "the same, although no single policy does"),
        attribute(
            "administrator_by_statements",
            Bool,
            "the same by a single policy, although no single statement does",
        ),
        attribute(
            "sessions_without_channel",
            Bool,
            "whether it may start sessions, and surely not open their data channel",
        ),
        attribute(
            "inline_size",
            Number,
            "the characters of its inline policies together, without white space"
        ),
        attribute("attached_count", Number, "how many managed policies it has"),
        attribute(
            "services_by_union",
            TEXTS,
            "services of which its policies together allow every action on every resource, and no policy alone",
        ),
        attribute("escalations", ESCALATIONS, "the ways in which it can gain more than it was given"),
        attribute(
            "paths",
            PATHS,
            "the ways to somebody who may do more, one for each grant that one starts with"
        ),
        attribute(
            "reaches",
            TEXTS,
            "the principals of the input whose rights it can get, the nearest first; at most 100"
        ),
        attribute("reach_count", Number, "how many there are: its blast radius"),
        attribute("reaches_everything", Bool, "whether it can give itself every permission"),
        attribute("instance_profiles", List(&Record(REFERENCE)), "the instance profiles that contain it"),
        attribute("nodes", List(&Record(REFERENCE)), "the nodes that have one of these profiles"),
        attribute("used_by", List(&Record(REFERENCE)), "other resources that are given the role"),
        attribute(
            "purposes",
            TEXTS,
            "what it is for, each at the place that shows it: `instance`, `automation`, `hybrid`, `maintenance_window`, \
         `default_host_management`, and `ssm` where it trusts Systems Manager and nothing says more",
        ),
        attribute("lacks", List(&Record(LACK)), "what it cannot do although the input has it do it"),
        attribute("excess", List(&Record(EXCESS)), "patterns of actions of which its documents need not all"),
        attribute("needed_statements", Text, "statements that allow what the input has it do, in JSON"),
        attribute("needed_policy", Text, "an inline policy of these statements, in JSON"),
        attribute("needed_parameters", Text, "the ARNs of the parameters that its nodes read, in JSON"),
        attribute("tags", Raw, "the tags, as written"),
    ]
);

const USER: Kind = entity!(
    "users",
    "user",
    "An IAM user.",
    [
        attribute("name", Text, "the name in IAM"),
        attribute("name_length", Number, "characters of the name, at least, if more than 64"),
        attribute("path", Text, "the path in IAM, with slashes"),
        attribute("boundary", Text, "the ARN of the permissions boundary"),
        attribute("boundaries", List(&Record(ATTACHED)), "the permissions boundary as a policy"),
        attribute("attached", List(&Record(ATTACHED)), "the managed policies that it has"),
        attribute("inline", List(&Entity("policy")), "the inline policies that it has"),
        attribute("statements", STATEMENTS, "the statements of all its policies that the input declares"),
        attribute("administrator", Bool, "whether its policies together allow everything on everything"),
        attribute("administrator_by_union", Bool, "the same, although no single policy does"),
        attribute(
            "administrator_by_statements",
            Bool,
            "the same by a single policy, although no single statement does",
        ),
        attribute(
            "sessions_without_channel",
            Bool,
            "whether it may start sessions, and surely not open their data channel",
        ),
        attribute(
            "inline_size",
            Number,
            "the characters of its inline policies together, without white space"
        ),
        attribute("attached_count", Number, "how many managed policies it has"),
        attribute(
            "services_by_union",
            TEXTS,
            "services of which its policies together allow every action on every resource, and no policy alone",
        ),
        attribute("escalations", ESCALATIONS, "the ways in which it can gain more than it was given"),
        attribute(
            "paths",
            PATHS,
            "the ways to somebody who may do more, one for each grant that one starts with"
        ),
        attribute(
            "reaches",
            TEXTS,
            "the principals of the input whose rights it can get, the nearest first; at most 100"
        ),
        attribute("reach_count", Number, "how many there are: its blast radius"),
        attribute("reaches_everything", Bool, "whether it can give itself every permission"),
        attribute("group_count", Number, "in how many groups it is"),
        attribute("login", Bool, "whether it has a console password in this input"),
        attribute("tags", Raw, "the tags, as written"),
    ]
);

const GROUP: Kind = entity!(
    "groups",
    "group",
    "An IAM group.",
    [
        attribute("name", Text, "the name in IAM"),
        attribute("name_length", Number, "characters of the name, at least, if more than 64"),
        attribute("path", Text, "the path in IAM, with slashes"),
        attribute("attached", List(&Record(ATTACHED)), "the managed policies that it has"),
        attribute("inline", List(&Entity("policy")), "the inline policies that it has"),
        attribute("statements", STATEMENTS, "the statements of all its policies that the input declares"),
        attribute("administrator", Bool, "whether its policies together allow everything on everything"),
        attribute("administrator_by_union", Bool, "the same, although no single policy does"),
        attribute(
            "administrator_by_statements",
            Bool,
            "the same by a single policy, although no single statement does",
        ),
        attribute(
            "sessions_without_channel",
            Bool,
            "whether it may start sessions, and surely not open their data channel",
        ),
        attribute(
            "inline_size",
            Number,
            "the characters of its inline policies together, without white space"
        ),
        attribute("user_count", Number, "how many users are in it"),
        attribute("attached_count", Number, "how many managed policies it has"),
        attribute(
            "services_by_union",
            TEXTS,
            "services of which its policies together allow every action on every resource, and no policy alone",
        ),
        attribute("escalations", ESCALATIONS, "the ways in which it can gain more than it was given"),
        attribute(
            "paths",
            PATHS,
            "the ways to somebody who may do more, one for each grant that one starts with"
        ),
        attribute(
            "reaches",
            TEXTS,
            "the principals of the input whose rights it can get, the nearest first; at most 100"
        ),
        attribute("reach_count", Number, "how many there are: its blast radius"),
        attribute("reaches_everything", Bool, "whether it can give itself every permission"),
    ]
);

const INSTANCE_PROFILE: Kind = entity!(
    "instance_profiles",
    "instance_profile",
    "An IAM instance profile.",
    [
        attribute("name", Text, "the name in IAM"),
        attribute("name_length", Number, "characters of the name, at least, if more than 64"),
        attribute("path", Text, "the path in IAM, with slashes"),
        attribute("roles", List(&Entity("role")), "the roles that it contains; AWS allows one"),
        attribute("role_count", Number, "how many roles it names"),
    ]
);

const POLICY: Kind = entity!(
    "policies",
    "policy",
    "An IAM policy that the input declares, of any kind.",
    [
        attribute("name", Text, "the name in IAM, or of the inline policy"),
        attribute("name_length", Number, "characters of the name, at least, if more than 64"),
        attribute("path", Text, "the path in IAM, with slashes"),
        attribute("policy_type", Text, "`managed`, `inline` or `resource`"),
        attribute("document_resources", Text, "the ARNs of the documents of the input, in JSON"),
        attribute("command_resources", Text, "those of its nodes and commands, in JSON"),
        attribute("automation_resources", Text, "those of its automations, in JSON"),
        attribute("aws_managed", Bool, "whether AWS manages it"),
        attribute(
            "quota_severity",
            Text,
            "`medium` where it stands on its own: nobody knows what it is for, and AWS's own may be longer; absent otherwise"
        ),
        attribute("version", Text, "the version of the policy language"),
        attribute(
            "size",
            Number,
            "the characters of the document, without white space; parts that are not known count nothing"
        ),
        attribute(
            "complexity",
            Number,
            "how hard it is to read: a point for each statement, each that denies beside others that allow, each `Not…` \
             element, each wildcard inside a name and each condition"
        ),
        attribute("statements", STATEMENTS, "the statements"),
        attribute("owners", List(&Record(REFERENCE)), "the roles, users and groups that have it"),
        attribute(
            "escalations",
            ESCALATIONS,
            "for a managed policy that nobody has: the ways in which it lets its holder gain more",
        ),
        attribute("protects", Text, "for a resource policy: the resource that it protects"),
        attribute("service", Text, "for a resource policy: the service of that resource, such as `s3`"),
    ]
);

const ORGANIZATION_POLICY: Kind = entity!(
    "organization_policies",
    "organization_policy",
    "A service or resource control policy.",
    [
        attribute("name", Text, "the name"),
        attribute("policy_type", Text, "`SERVICE_CONTROL_POLICY`, `RESOURCE_CONTROL_POLICY` or another type"),
        attribute("statements", STATEMENTS, "the statements"),
        attribute("targets", TEXTS, "the roots, units and accounts that it is attached to"),
    ]
);

const SERVICE_LINKED_ROLE: Kind = entity!(
    "service_linked_roles",
    "service_linked_role",
    "A role that an AWS service creates for itself.",
    [attribute("service", Text, "the service principal"),]
);

const CREDENTIAL: Kind = entity!(
    "credentials",
    "credential",
    "A long-lived credential of a user.",
    [
        attribute("credential_type", Text, "`access_key`, `password` or `service_specific`"),
        attribute("user", Text, "the user's name"),
        attribute("plain", Bool, "whether the secret itself stands in the input"),
    ]
);

const PASSWORD_POLICY: Kind = entity!(
    "password_policies",
    "password_policy",
    "The account's password policy.",
    [
        attribute("minimum_length", Number, "the least number of characters"),
        attribute("require_lowercase", Bool, "lower-case letters are required"),
        attribute("require_uppercase", Bool, "upper-case letters are required"),
        attribute("require_numbers", Bool, "digits are required"),
        attribute("require_symbols", Bool, "other characters are required"),
        attribute("reuse_prevention", Number, "how many earlier passwords may not be used again"),
        attribute("max_age", Number, "after how many days a password expires"),
    ]
);
