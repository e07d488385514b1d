//! The tables of resources around roles and documents.

use super::documents::{PARAMETER_PROBLEM, TARGET};
use super::tables::{STATEMENTS, TEXTS, attribute, entity};
use super::{Kind, Type};

use Type::{Bool, Entity, List, Map, Number, Raw, Record, Text};

pub(super) const NODE: Kind = entity!(
    "nodes",
    "node",
    "Anything that launches nodes: instances, launch templates, node groups.",
    [
        attribute("name", Text, "the name of a launch template or group"),
        attribute("profile", Raw, "the instance profile, as written"),
        attribute(
            "profiles",
            List(&Entity("instance_profile")),
            "the instance profiles that the input declares"
        ),
        attribute(
            "templates",
            List(&Entity("node")),
            "what it is launched from, where the input declares that"
        ),
        attribute(
            "roles",
            List(&Entity("role")),
            "the roles that its nodes get, where the input declares them"
        ),
        attribute(
            "has_profile",
            Bool,
            "whether it, or what it is launched from, names an instance profile or role"
        ),
        attribute(
            "only_profile",
            Text,
            "the logical id or address of the instance profile of the input, where there is exactly one"
        ),
        attribute("managed", Bool, "whether an association, window or trigger of the input is for it"),
        attribute("launches", Bool, "whether it launches nodes itself, rather than being launched from"),
        attribute("http_tokens", Text, "`required` where the metadata service needs tokens (IMDSv2)"),
        attribute("hop_limit", Number, "how many hops a metadata answer may travel"),
        attribute("metadata_options", Raw, "the metadata options, as written"),
        attribute("user_data", Text, "the user data, decoded"),
        attribute(
            "associations",
            List(&Text),
            "documents that are associated with an instance in its declaration"
        ),
        attribute("subnets", TEXTS, "the subnets"),
        attribute("tags", Raw, "the tags, as written"),
        attribute("instance_tags", Raw, "the tags that a template gives to what it launches, as written"),
    ]
);

pub(super) const ROLE_USER: Kind = entity!(
    "role_users",
    "role_user",
    "A resource that gives a role to a service.",
    [
        attribute("name", Text, "the name"),
        attribute("service", Text, "the service principal that must be able to assume the role"),
        attribute("use", Text, "what the role is for: `lambda function`, `ecs task`, …"),
        attribute("role_arn", Text, "the role, as written"),
        attribute("roles", List(&Entity("role")), "the role, where the input declares it"),
    ]
);

pub(super) const VPC_ENDPOINT: Kind = entity!(
    "vpc_endpoints",
    "vpc_endpoint",
    "A VPC endpoint.",
    [
        attribute("service_name", Text, "the service name, such as `com.amazonaws.eu-west-1.ssm`"),
        attribute("endpoint_type", Text, "`Interface`, `Gateway`, …; `Gateway` where it is not said"),
        attribute("vpc", Text, "the VPC"),
        attribute("statements", STATEMENTS, "the statements of its policy"),
        attribute("blocked_buckets", TEXTS, "buckets of AWS that its policy keeps away, for S3"),
        attribute(
            "missing_statement",
            Text,
            "the statement that would let them through, in JSON; absent where the Region is not known"
        ),
        attribute("has_policy", Bool, "whether it has a policy of its own"),
        attribute("private_dns", Bool, "whether private DNS is on"),
        attribute(
            "beside",
            TEXTS,
            "the services of all endpoints of the VPC, its own among them: `ssm`, `ssmmessages`, `s3`, …"
        ),
        attribute("vpc_declared", Bool, "whether the input declares that VPC"),
        attribute(
            "way_out",
            Bool,
            "whether the input declares another way out of a VPC: a NAT gateway, a peering, …"
        ),
        attribute("subnets", TEXTS, "the subnets"),
        attribute("security_groups", TEXTS, "the security groups"),
    ]
);

pub(super) const BUCKET: Kind = entity!(
    "buckets",
    "bucket",
    "An S3 bucket.",
    [
        attribute("name", Text, "the name"),
        attribute("for_systems_manager", Bool, "whether sessions, commands or inventory are written to it"),
        attribute("encryption", Text, "the algorithm of the default encryption"),
        attribute("kms_key", Text, "the KMS key of the default encryption"),
        attribute("block_public_acls", Bool, "public access block: new public ACLs are refused"),
        attribute("block_public_policy", Bool, "public access block: public policies are refused"),
        attribute("ignore_public_acls", Bool, "public access block: public ACLs are ignored"),
        attribute("restrict_public_buckets", Bool, "public access block: public buckets are restricted"),
        attribute(
            "object_ownership",
            Text,
            "`BucketOwnerEnforced`, `BucketOwnerPreferred` or `ObjectWriter`"
        ),
        attribute("versioning", Text, "`Enabled` or `Suspended`"),
        attribute("lifecycle", Raw, "the lifecycle rules, as written"),
        attribute(
            "statements",
            STATEMENTS,
            "the statements of its bucket policy, where the input declares it"
        ),
        attribute("tags", Raw, "the tags, as written"),
    ]
);

pub(super) const LOG_GROUP: Kind = entity!(
    "log_groups",
    "log_group",
    "A CloudWatch Logs log group.",
    [
        attribute("name", Text, "the name"),
        attribute("for_systems_manager", Bool, "whether sessions, commands or inventory are written to it"),
        attribute("kms_key", Text, "the KMS key"),
        attribute("retention_days", Number, "after how many days events expire; absent where never"),
    ]
);

pub(super) const KEY: Kind = entity!(
    "kms_keys",
    "kms_key",
    "A KMS key.",
    [
        attribute("statements", STATEMENTS, "the statements of its key policy"),
        attribute("rotation", Bool, "whether it is rotated"),
    ]
);

pub(super) const TRAIL: Kind = entity!(
    "trails",
    "trail",
    "A CloudTrail trail.",
    [
        attribute("name", Text, "the name"),
        attribute("logging", Bool, "whether it logs"),
        attribute("multi_region", Bool, "whether it logs all Regions"),
        attribute("excluded_sources", TEXTS, "event sources that it leaves out"),
        attribute("selectors", Raw, "the event selectors, as written"),
        attribute(
            "management_events",
            Bool,
            "whether its selectors choose management events; absent where it has none, or they are not known"
        ),
    ]
);

pub(super) const CONFIG_RECORDER: Kind = entity!(
    "config_recorders",
    "config_recorder",
    "An AWS Config recorder.",
    [
        attribute("name", Text, "the name"),
        attribute("all_supported", Bool, "whether all regional types are recorded"),
        attribute("global_types", Bool, "whether global types are recorded"),
        attribute("types", TEXTS, "the types that are recorded"),
        attribute("excluded_types", TEXTS, "the types that are left out"),
        attribute("strategy", Text, "the recording strategy"),
        attribute("enabled", Bool, "whether it is started"),
    ]
);

pub(super) const CONFIG_RULE: Kind = entity!(
    "config_rules",
    "config_rule",
    "An AWS Config rule.",
    [
        attribute("name", Text, "the name"),
        attribute("owner", Text, "`AWS`, `CUSTOM_LAMBDA` or `CUSTOM_POLICY`"),
        attribute("identifier", Text, "the identifier of the managed rule"),
        attribute("parameters", Map(&Text), "the rule's parameters"),
        attribute("scope", Raw, "the scope, as written"),
    ]
);

pub(super) const REMEDIATION: Kind = entity!(
    "config_remediations",
    "config_remediation",
    "The remediation of an AWS Config rule.",
    [
        attribute("rule", Text, "the name of the rule"),
        attribute("document_name", Text, "the name or ARN of the document"),
        attribute("document", Entity("ssm_document"), "the document, where the input declares it"),
        attribute("document_version", Text, "the version of the document"),
        attribute("parameters", Map(&TEXTS), "the values of the document's parameters"),
        attribute("parameter_problems", List(&Record(PARAMETER_PROBLEM)), "values that the document refuses"),
        attribute("secret_parameters", TEXTS, "values that look like secrets"),
        attribute("automatic", Bool, "whether it runs without a person"),
        attribute("targets", List(&Record(TARGET)), "what it applies to"),
    ]
);
