//! Policies, and what other tools find in them.

use rolecall::catalog;
use rolecall::document::Conditions;
use rolecall::iam::PolicyKind;
use rolecall::iam::inspect::Flaw;
use rolecall::iam::inspect::FlawKind;
use rolecall::iam::inspect::Surroundings;
use rolecall::iam::inspect::inspect;
use rolecall::iam::inspect::size;
use serde_json::Value;

use crate::read;

/// A finding of another tool, and the kinds of flaw that say the same.
const CODES: &[(&str, &[FlawKind])] = &[
    // Access Analyzer
    ("EQUIVALENT_TO_NULL_FALSE", &[FlawKind::ConditionConstant]),
    ("EQUIVALENT_TO_NULL_TRUE", &[FlawKind::ConditionConstant]),
    ("REDUNDANT_RESOURCE", &[FlawKind::Redundant]),
    ("REDUNDANT_ACTION", &[FlawKind::Redundant]),
    ("REDUNDANT_STATEMENT", &[FlawKind::Redundant]),
    ("POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", &[FlawKind::TooLong]),
    ("STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS", &[FlawKind::StringOnArn]),
    (
        "INVALID_ACTION",
        &[
            FlawKind::ActionUnknown,
            FlawKind::ActionIsApi,
            FlawKind::ActionWithdrawn,
            FlawKind::WildcardMatchesNothing,
            FlawKind::Blank,
        ],
    ),
    ("INVALID_SERVICE_IN_ACTION", &[FlawKind::ServiceUnknown, FlawKind::ActionWithdrawn]),
    ("PASS_ROLE_WITH_STAR_IN_RESOURCE", &[FlawKind::PassAny]),
    ("PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE", &[FlawKind::PassAny]),
    ("PASS_ROLE_WITH_NOT_RESOURCE", &[FlawKind::PassAny]),
    ("PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE", &[FlawKind::PassAny]),
    ("PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE", &[FlawKind::PassAny]),
    ("PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION", &[FlawKind::PassAny]),
    ("CREATE_SLR_WITH_STAR_IN_RESOURCE", &[FlawKind::LinkedRoleAny]),
    ("CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE", &[FlawKind::LinkedRoleAny]),
    ("CREATE_SLR_WITH_NOT_RESOURCE", &[FlawKind::LinkedRoleAny]),
    ("CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE", &[FlawKind::LinkedRoleAny]),
    ("CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE", &[FlawKind::LinkedRoleAny]),
    ("CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION", &[FlawKind::LinkedRoleAny]),
    (
        "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        &[FlawKind::TagKeyUnsupported, FlawKind::TagKeyNotForAll],
    ),
    (
        "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        &[FlawKind::TagKeyUnsupported, FlawKind::TagKeyNotForAll],
    ),
    ("MISSING_QUALIFIER", &[FlawKind::QuantifierMissing]),
    ("INVALID_SERVICE_PRINCIPAL_FORMAT", &[FlawKind::PrincipalValueMalformed]),
    ("TYPE_MISMATCH", &[FlawKind::OperatorTypeMismatch]),
    ("INVALID_SERVICE_CONDITION_KEY", &[FlawKind::KeyUnknown]),
    ("INVALID_GLOBAL_CONDITION_KEY", &[FlawKind::GlobalKeyUnknown]),
    ("INVALID_SERVICE", &[FlawKind::ArnServiceUnknown, FlawKind::KeyUnknown]),
    // parliament
    ("NOTPRINCIPAL_WITH_ALLOW", &[FlawKind::AllowNotPrincipal]),
    ("NOTRESOURCE_WITH_ALLOW", &[FlawKind::AllowNotResource]),
    ("PERMISSIONS_MANAGEMENT_ACTIONS", &[FlawKind::PermissionsUnlimited]),
    (
        "RESOURCE_MISMATCH",
        &[
            FlawKind::ResourceUnfit,
            FlawKind::WildcardPartUnfit,
            FlawKind::ActionTakesNoResource,
            FlawKind::BucketObject,
        ],
    ),
    ("RESOURCE_STAR", &[FlawKind::StarResource]),
    ("CREDENTIALS_EXPOSURE", &[FlawKind::CredentialsUnlimited]),
    (
        "MALFORMED",
        &[
            FlawKind::ActionMissing,
            FlawKind::ResourceMissing,
            FlawKind::StatementMissing,
            FlawKind::TwinElements,
            FlawKind::EffectInvalid,
            FlawKind::UnknownElement,
            FlawKind::TypeWrong,
            FlawKind::PrincipalForbidden,
        ],
    ),
    (
        "UNKNOWN_CONDITION_FOR_ACTION",
        &[
            FlawKind::KeyUnknown,
            FlawKind::GlobalKeyUnknown,
            FlawKind::KeyNeverInContext,
            FlawKind::KeyVoid,
            FlawKind::KeyNotForAll,
            FlawKind::TagKeyUnsupported,
            FlawKind::TagKeyNotForAll,
            FlawKind::IfExistsVoid,
        ],
    ),
    ("MISMATCHED_TYPE", &[FlawKind::OperatorTypeMismatch, FlawKind::ValueTypeMismatch]),
    ("DUPLICATE_SID", &[FlawKind::SidRepeated]),
    ("INVALID_SID", &[FlawKind::SidInvalid]),
    ("INVALID_VERSION", &[FlawKind::VersionInvalid]),
    ("NO_VERSION", &[FlawKind::VersionMissing]),
    ("BAD_PATTERN_FOR_MFA", &[FlawKind::MfaAvoidable]),
    ("RESOURCE_EFFECTIVELY_STAR", &[FlawKind::StarDisguised]),
    ("RESOURCE_POLICY_PRIVILEGE_ESCALATION", &[FlawKind::BucketPolicyEscalation]),
    (
        "INVALID_ARN",
        &[
            FlawKind::ArnMalformed,
            FlawKind::PartitionUnknown,
            FlawKind::RegionUnknown,
            FlawKind::AccountInvalid,
            FlawKind::FieldNotAllowed,
            FlawKind::FieldMissing,
        ],
    ),
    (
        "UNKNOWN_ACTION",
        &[FlawKind::ActionUnknown, FlawKind::ActionIsApi, FlawKind::WildcardMatchesNothing, FlawKind::Blank],
    ),
    ("UNKNOWN_PREFIX", &[FlawKind::ServiceUnknown, FlawKind::ActionWithdrawn]),
    ("UNKNOWN_OPERATOR", &[FlawKind::OperatorUnknown]),
    ("SINGLE_VALUE_CONDITION_TOO_PERMISSIVE", &[FlawKind::ForAllValuesSingle]),
];

/// The longest document that Access Analyzer takes without a word.
const IDENTITY_QUOTA: usize = 10_240;

/// Which findings of a line are found, and which are not: its findings that correspond to a row.
pub(crate) fn check(row: &Value) -> (Vec<String>, Vec<String>) {
    let findings = row["expected_findings"].as_array().cloned().unwrap_or_default();
    let found = flaws(row);
    let mut hits = Vec::new();
    let mut misses = Vec::new();
    for finding in findings {
        let code = finding["code"].as_str().or(finding["issue"].as_str()).unwrap_or("");
        if code == "MALFORMED_JSON" {
            let list = if found.is_none() { &mut hits } else { &mut misses };
            list.push(code.to_owned());
            continue;
        }
        let Some((_, kinds)) = CODES.iter().find(|(own, _)| *own == code) else { continue };
        let same = found.iter().flatten().any(|flaw| kinds.contains(&flaw.kind));
        let list = if same { &mut hits } else { &mut misses };
        list.push(code.to_owned());
    }
    (hits, misses)
}

/// The flaws of a line's policy; nothing where it is no document at all.
pub(crate) fn flaws(row: &Value) -> Option<Vec<Flaw>> {
    let text = row["policy_text"].as_str().map_or_else(|| row["policy"].to_string(), str::to_owned);
    let (tree, root) = match read::tree(&text) {
        Some(read) => read,
        // Trailing commas are no JSON, but YAML.
        None => read::yaml(&text)?,
    };
    tree.map(root)?;
    let has_principal = text.contains("\"Principal\"") || text.contains("\"NotPrincipal\"");
    let kind = if has_principal { PolicyKind::Resource } else { PolicyKind::Identity };
    let mut conditions = Conditions::new();
    let around = Surroundings::default();
    let mut all = inspect(catalog::embedded(), &tree, &mut conditions, root, kind, &around);
    if size(&tree, root) > IDENTITY_QUOTA
        && let Some(first) = all.first().cloned()
    {
        all.push(Flaw { kind: FlawKind::TooLong, ..first });
    }
    Some(all)
}

/// Counts, for each kind of flaw, the AWS managed policies that have it: surely, and at all.
pub(crate) fn managed() -> Vec<(&'static str, usize, usize, String)> {
    let mut counts = std::collections::BTreeMap::new();
    for policy in catalog::embedded().managed_policies() {
        if policy.status() == catalog::Status::Withdrawn {
            continue;
        }
        let Ok(document) = serde_json::from_str::<Value>(policy.document()) else { continue };
        let mut kinds = std::collections::BTreeMap::new();
        for flaw in flaws(&serde_json::json!({ "policy": document })).unwrap_or_default() {
            let sure = kinds.entry(flaw.kind.as_str()).or_insert((false, String::new()));
            if flaw.sure && !sure.0 {
                *sure = (true, format!("{}: {}", policy.name(), flaw.message));
            }
        }
        for (kind, (sure, example)) in kinds {
            let entry = counts.entry(kind).or_insert((0, 0, String::new()));
            entry.0 += usize::from(sure);
            entry.1 += 1;
            if entry.2.is_empty() {
                entry.2 = example;
            }
        }
    }
    counts.into_iter().map(|(kind, (sure, all, example))| (kind, sure, all, example)).collect()
}

/// Prints the sure flaws of a kind in AWS managed policies.
pub(crate) fn show(kind: &str) -> Vec<String> {
    let mut out = Vec::new();
    for policy in catalog::embedded().managed_policies() {
        let Ok(document) = serde_json::from_str::<Value>(policy.document()) else { continue };
        for flaw in flaws(&serde_json::json!({ "policy": document })).unwrap_or_default() {
            if flaw.kind.as_str() == kind && flaw.sure && policy.status() != catalog::Status::Withdrawn {
                out.push(format!("{}: {}", policy.name(), flaw.message));
            }
        }
    }
    out
}
