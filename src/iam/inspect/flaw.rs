//! What is wrong, or worth saying, about a policy document: a kind, a place, and words.

use std::borrow::Cow;

use crate::document::Condition;
use crate::document::NodeId;
use crate::iam::policy::Effect;

/// Something that is wrong, or worth saying, about a part of a policy document.
#[derive(Clone, Debug, PartialEq)]
pub struct Flaw {
    /// What it is.
    pub kind: FlawKind,
    /// Where it is: what a person would change.
    pub node: NodeId,
    /// When the statement that it is in exists.
    pub under: Condition,
    /// The statement that it is in.
    pub statement: Option<NodeId>,
    /// What that statement does.
    pub effect: Effect,
    /// Whether it stands in `NotAction`, `NotResource` or `NotPrincipal`.
    pub negated: bool,
    /// The text that it is about.
    pub value: String,
    /// A sentence without a full stop.
    pub message: String,
    /// What should probably stand there instead.
    pub replacement: Option<String>,
    /// Actions that it concerns.
    pub actions: Vec<Cow<'static, str>>,
    /// Whether there is no doubt: false where AWS's own data is known to have gaps, or a part is not known.
    pub sure: bool,
}

/// Declares the kinds, each with the word that rules use and what it means.
macro_rules! kinds {
    ($($name:ident = $word:literal, $doc:literal;)*) => {
        /// The kinds of flaw.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum FlawKind {
            $(#[doc = $doc] $name,)*
        }

        impl FlawKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word that rules use.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }

            /// What it means.
            pub fn doc(self) -> &'static str {
                match self {
                    $(Self::$name => $doc,)*
                }
            }
        }
    };
}

kinds! {
    NotJson = "not-json", "the document is a text that is no JSON object";
    UnknownElement = "unknown-element", "a key that the policy language does not have";
    StatementMissing = "statement-missing", "there is no statement";
    EffectInvalid = "effect-invalid", "`Effect` is missing, or neither `Allow` nor `Deny`";
    ActionMissing = "action-missing", "neither `Action` nor `NotAction`";
    ResourceMissing = "resource-missing", "neither `Resource` nor `NotResource`";
    PrincipalMissing = "principal-missing", "nobody is named where the kind of policy needs it";
    TwinElements = "twin-elements", "an element and its `Not…` twin in one statement";
    PrincipalForbidden = "principal-forbidden", "a principal where the kind of policy takes none";
    VersionInvalid = "version-invalid", "`Version` is no version of the language";
    VersionMissing = "version-missing", "`Version` is missing, which means the old language";
    VersionOld = "version-old", "the old language with features of the new one";
    SidInvalid = "sid-invalid", "`Sid` has characters that it may not have";
    SidRepeated = "sid-repeated", "two statements have the same `Sid`";
    SidEmpty = "sid-empty", "`Sid` is empty";
    TypeWrong = "type-wrong", "a value has a type that the element does not take";
    KeyTwice = "key-twice", "a key is written twice in one object, so that one value is lost";
    ConditionKeyTwice = "condition-key-twice", "a condition key stands twice in one operator, in different case";
    Empty = "empty", "a list or object is empty";
    Alphabet = "alphabet", "a character that policies may not hold";
    Blank = "blank", "a blank where none may be";
    IdForbidden = "id-forbidden", "`Id` in a policy of an identity";
    TrustNotPrincipal = "trust-not-principal", "`NotPrincipal` in a trust policy";
    TrustResource = "trust-resource", "`Resource` in a trust policy";
    ActionSpelling = "action-spelling", "an action that is not in AWS's spelling";
    ServiceUnknown = "service-unknown", "an action of a service that does not exist";
    ActionUnknown = "action-unknown", "an action that does not exist";
    ActionIsApi = "action-is-api", "the name of an API operation that is no action";
    WildcardMatchesNothing = "wildcard-matches-nothing", "a pattern that matches no action";
    ActionWithdrawn = "action-withdrawn", "an action or service that AWS has withdrawn";
    ControlWildcard = "control-wildcard", "a wildcard inside an action of a service control policy";
    ArnMalformed = "arn-malformed", "a text that is no ARN";
    PartitionUnknown = "partition-unknown", "a partition that does not exist";
    PartitionOther = "partition-other", "another partition than that of the deployment";
    PartitionLiteral = "partition-literal", "a partition that is written out";
    RegionUnknown = "region-unknown", "a Region that does not exist";
    AccountInvalid = "account-invalid", "an account that is not twelve digits";
    AccountOther = "account-other", "another account than that of the deployment";
    FieldNotAllowed = "field-not-allowed", "a Region or account where the resource type has none";
    FieldMissing = "field-missing", "no Region or account where the resource type has one";
    ResourceUnknown = "resource-unknown", "a resource that fits no type of the service";
    ArnServiceUnknown = "arn-service-unknown", "the service of an ARN is unknown";
    ArnServiceCase = "arn-service-case", "the service of an ARN is not in lower case";
    ArnServiceWildcard = "arn-service-wildcard", "a wildcard in the service of an ARN";
    AsterisksLost = "asterisks-lost", "asterisks that mark-up has swallowed";
    Placeholder = "placeholder", "a placeholder that was left";
    ResourceUnfit = "resource-unfit", "no resource of the statement fits a type of the action";
    WildcardPartUnfit = "wildcard-part-unfit", "a pattern of actions of which some fit no resource of the statement";
    ActionTakesNoResource = "action-takes-no-resource", "an action that cannot be limited to resources";
    BucketObject = "bucket-object", "a bucket where an object is needed, or the other way round";
    RequiredTypeUncovered = "required-type-uncovered", "a type of resource that the action needs is covered nowhere";
    DependantMissing = "dependant-missing", "an action that the action depends on is granted nowhere";
    GrantDead = "grant-dead", "a statement of which a Deny or the boundary takes everything away";
    GrantedAlready = "granted-already", "a statement of which an attached AWS policy grants everything already";
    PassMisdirected = "pass-misdirected", "`iam:PassRole` for a role that the named service cannot use";
    PassStronger = "pass-stronger", "`iam:PassRole` for a role that is an administrator, by somebody who is none";
    RoleRefused = "role-refused", "a role that the policy of a resource refuses what its own policies grant";
    NarrowingMissing = "narrowing-missing", "a statement without the limits that a statement of the same service has";
    NameTwin = "name-twin", "a name that differs from another one only by case";
    ControlCrowded = "control-crowded", "a target with more control policies than it takes";
    ControlWithholds = "control-withholds", "a control policy that does not allow what roles of the input need";
    Redundant = "redundant", "an action or resource that another one in the list implies";
    OperatorUnknown = "operator-unknown", "a condition operator that does not exist";
    GlobalKeyUnknown = "global-key-unknown", "a global condition key that does not exist or was withdrawn";
    KeyUnknown = "key-unknown", "a condition key that does not exist";
    KeyNeverInContext = "key-never-in-context", "a condition key that requests for an action do not carry: the condition is never true";
    KeyVoid = "key-void", "a condition key that requests for an action do not carry: the condition is always true";
    IfExistsVoid = "if-exists-void", "`IfExists` on a condition key that requests for the action do not carry";
    KeyNotForAll = "key-not-for-all", "a condition key that requests for some of the actions do not carry";
    TagKeyUnsupported = "tag-key-unsupported", "a tag condition on a service or action that does not know it";
    TagKeyNotForAll = "tag-key-not-for-all", "a tag condition that some of the actions do not know";
    OperatorTypeMismatch = "operator-type-mismatch", "an operator that does not suit the type of the key";
    ValueTypeMismatch = "value-type-mismatch", "a value that the operator cannot compare";
    QuantifierMissing = "quantifier-missing", "a key with several values, without `ForAllValues` or `ForAnyValue`";
    ForAllValuesSingle = "for-all-values-single", "`ForAllValues` on a key with one value";
    ForAllValuesUnguarded = "for-all-values-unguarded", "`ForAllValues` in an Allow, true where the key is absent";
    NullSuffix = "null-suffix", "`Null` with `IfExists` or a quantifier";
    WildcardInEquals = "wildcard-in-equals", "a wildcard that is taken literally";
    StringOnArn = "string-on-arn", "`StringLike` on an ARN, whose fields its wildcards cross";
    ConditionConstant = "condition-constant", "a condition that is only a test for the presence of the key";
    PrivateAddress = "private-address", "a private network in `aws:SourceIp`, or one with host bits";
    TagKeyMissing = "tag-key-missing", "a tag condition without the name of the tag";
    PartnerMissing = "partner-missing", "a key that needs another one beside it";
    SensitiveWildcard = "sensitive-wildcard", "a wildcard or variable in a key that must name one thing";
    Spoofable = "spoofable", "a key that the caller sets is the only restriction";
    VpcFormat = "vpc-format", "an id of a VPC or endpoint that is malformed";
    MfaAvoidable = "mfa-avoidable", "a test for multi-factor authentication that can be avoided";
    NegatedOnOptional = "negated-on-optional", "an Allow that is guarded only by a negated operator on a key that may be absent";
    PositiveOnOptional = "positive-on-optional", "a Deny that does not apply where the key is absent";
    VariableMalformed = "variable-malformed", "a policy variable that is malformed or has no place here";
    VariableEaten = "variable-eaten", "a policy variable that the template language takes for its own";
    PrincipalValueMalformed = "principal-value-malformed", "a value that should be a service principal and is none";
    KmsKeyValue = "kms-key-value", "a value that should be the ARN of a key and is none";
    EpochDate = "epoch-date", "a date as a count of seconds";
    DatePassed = "date-passed", "an Allow that ended before the catalogue was made";
    RequestedRegion = "requested-region", "a Region that does not exist in `aws:RequestedRegion`";
    ServiceTrap = "service-trap", "a condition that a service understands otherwise";
    CompanionActionMissing = "companion-action-missing", "a key that needs an action that is not there";
    KeyElsewhere = "key-elsewhere", "a key that works only with some services, or not in this kind of policy";
    Contradiction = "contradiction", "conditions that cannot hold together";
    NumberRedundant = "number-redundant", "a number that another one makes redundant";
    Everything = "everything", "every action on every resource";
    EveryAction = "every-action", "every action on some resources";
    WholeService = "whole-service", "every action of a service";
    StarResource = "star-resource", "every resource though the action takes ARNs";
    StarDisguised = "star-disguised", "every field of an ARN is open";
    AllowNotAction = "allow-not-action", "`NotAction` with Allow";
    AllowNotResource = "allow-not-resource", "`NotResource` with Allow";
    PermissionsUnlimited = "permissions-unlimited", "permissions management on every resource";
    CredentialsUnlimited = "credentials-unlimited", "calls that return credentials, on every resource";
    CredentialsAlways = "credentials-always", "calls that return credentials, and cannot be limited to resources";
    SecretsUnlimited = "secrets-unlimited", "reads of data or secrets, on every resource";
    WritesUnlimited = "writes-unlimited", "writes on every resource";
    WildcardReaches = "wildcard-reaches", "a pattern of actions that reaches further than its name says";
    DecryptAny = "decrypt-any", "decryption with every key";
    AssumeAny = "assume-any", "`sts:AssumeRole` on every role";
    PassAny = "pass-any", "`iam:PassRole` on every role, to every service";
    LinkedRoleAny = "linked-role-any", "`iam:CreateServiceLinkedRole` for every service";
    Marketplace = "marketplace", "subscriptions in the AWS Marketplace";
    BucketPolicyEscalation = "bucket-policy-escalation", "the right to change the policy of a bucket, not its objects";
    PrincipalMalformed = "principal-malformed", "a principal that is malformed";
    PrincipalGone = "principal-gone", "the unique id of a principal that no longer exists";
    PrincipalRedundant = "principal-redundant", "a session beside its own role";
    ServicePrincipalUnknown = "service-principal-unknown", "a service principal that does not exist";
    FederatedMalformed = "federated-malformed", "an identity provider that is none";
    AnybodyAssumes = "anybody-assumes", "anybody may assume the role";
    ForeignAccount = "foreign-account", "a foreign account without a further condition";
    AssumeMismatch = "assume-mismatch", "an action that does not suit the principal, or is no assume call";
    GuardMissing = "guard-missing", "no guard against being used for somebody else";
    GuardNeverSent = "guard-never-sent", "a guard on a key that the service never sends";
    GuardPattern = "guard-pattern", "a pattern of `aws:SourceArn` that what the service sends does not match";
    GuardDisagrees = "guard-disagrees", "`aws:SourceArn` and `aws:SourceAccount` disagree";
    GuardVoid = "guard-void", "another statement trusts the same principal without the guard";
    ManyServices = "many-services", "unrelated services are trusted";
    OidcLoose = "oidc-loose", "an identity provider without a subject, or with a loose one";
    RolesAnywhereIncomplete = "roles-anywhere-incomplete", "IAM Roles Anywhere needs more actions";
    PublicPrincipal = "public-principal", "everybody may use the resource";
    AllowNotPrincipal = "allow-not-principal", "`NotPrincipal` with Allow";
    ServiceUnguarded = "service-unguarded", "a service may use the resource for anybody";
    KeyUnsupportedForService = "key-unsupported-for-service", "a guard that the service does not send";
    OtherService = "other-service", "an action or ARN of another service in the policy of a resource";
    LockOut = "lock-out", "the policy locks everybody out";
    ResourceWildcardAction = "resource-wildcard-action", "every action in the policy of a resource";
    ResourceControlSyntax = "resource-control-syntax", "what a resource control policy may not say";
    ResourceControlCatchesServices = "resource-control-catches-services", "a resource control policy that catches AWS services";
    RegionLock = "region-lock", "a lock on Regions that stops global services";
    ControlKeyNeverCarried = "control-key-never-carried", "a condition key that some actions of a Deny never carry";
    TooLong = "too-long", "the document is longer than AWS takes";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_words_of_their_own() {
        let mut words: Vec<_> = FlawKind::ALL.iter().map(|kind| kind.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), FlawKind::ALL.len());
    }
}
