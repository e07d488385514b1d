//! How much a statement allows.

use std::borrow::Cow;

use crate::catalog::Access;
use crate::catalog::Action;
use crate::catalog::ActionId;
use crate::catalog::split;
use crate::document::NodeId;
use crate::document::Tri;
use crate::iam::actions;
use crate::iam::arn::Arn;
use crate::iam::forms::Form;
use crate::iam::glob::Token;
use crate::iam::glob::contains;
use crate::iam::glob::is_everything;
use crate::iam::glob::is_text;
use crate::iam::operator::Comparison;
use crate::iam::policy::Effect;
use crate::iam::policy::Policy;
use crate::iam::policy::PolicyKind;
use crate::iam::policy::Scalar;
use crate::iam::policy::Statement;
use crate::iam::policy::Test;

use super::FlawKind;
use super::Inspector;
use super::listed;
use super::values::shown;
use super::values::tokens;

/// Actions whose answers hold secrets only where somebody put them among the metadata.
const METADATA: &[&str] = &["DescribeInstanceAttribute"];

/// What is dangerous on every resource.
const GROUPS: [Group; 3] = [
    (
        FlawKind::PermissionsUnlimited,
        // What takes no resource can only be allowed on everything.
        |action| action.manages_permissions() && !action.without_resources(),
        "changing who may do what",
    ),
    (
        FlawKind::CredentialsUnlimited,
        |action| action.returns_credentials() && !action.without_resources(),
        "getting credentials",
    ),
    (
        FlawKind::SecretsUnlimited,
        // What takes no resource can only be allowed on everything.
        |action| action.reads_secrets() && !action.without_resources() && !METADATA.contains(&action.name()),
        "reading data or secrets",
    ),
];

/// Actions with a type of resource that what they mostly write to does not have.
const WITHOUT_ARN: &[&str] = &["PutMetricData"];

/// A kind of flaw, which actions it is about, and what to say of them.
type Group = (FlawKind, fn(Action<'_>) -> bool, &'static str);

impl Inspector<'_> {
    /// Notes what a statement of an identity policy allows without limits.
    pub(super) fn breadth(&mut self, statement: &Statement<'_>) {
        let identity = matches!(self.kind, PolicyKind::Identity | PolicyKind::Resource);
        if statement.effect != Effect::Allow || !identity {
            return;
        }
        let at = statement.actions.node.unwrap_or(statement.node);
        self.negations(statement, at);
        let open = open_resource(statement);
        let free = statement.conditions.is_empty() && !statement.open;
        let every = statement
            .actions
            .values
            .iter()
            .find(|value| !statement.actions.negated && matches!(value.text.known(), Some("*" | "*:*")));
        if let Some(value) = every {
            if self.kind == PolicyKind::Identity && free {
                let (kind, what) = if open.is_some() {
                    (FlawKind::Everything, "on every resource")
                } else {
                    (FlawKind::EveryAction, "of every service on these resources")
                };
                let message = format!("the statement allows every action {what}");
                self.note(kind, value.node, "*", message);
            }
        } else {
            self.whole_services(statement);
            self.reaching(statement);
        }
        // In the policy of a resource, `*` is the resource.
        if self.kind == PolicyKind::Identity || self.surroundings.service.is_none() {
            self.limits(statement, open, free);
        }
        self.disguised(statement);
        if self.kind == PolicyKind::Identity {
            self.roles(statement, open);
        }
    }

    fn negations(&mut self, statement: &Statement<'_>, at: NodeId) {
        if statement.actions.negated && self.kind == PolicyKind::Identity {
            let message =
                "`NotAction` with Allow allows every action that is not listed, future ones too".to_owned();
            self.note(FlawKind::AllowNotAction, at, "NotAction", message);
        }
        if let Some(resources) = statement.resources.as_ref().filter(|resources| resources.negated) {
            let message =
                "`NotResource` with Allow allows every resource that is not listed, future ones too"
                    .to_owned();
            self.note(FlawKind::AllowNotResource, resources.node.unwrap_or(at), "NotResource", message);
        }
    }

    fn whole_services(&mut self, statement: &Statement<'_>) {
        if statement.actions.negated || self.kind == PolicyKind::Resource {
            return;
        }
        for value in &statement.actions.values {
            let Some((prefix, name)) = value.text.known().and_then(split) else {
                continue;
            };
            if !name.is_empty()
                && name.bytes().all(|byte| byte == b'*')
                && self.catalog.service(prefix).is_some()
            {
                let count = self.catalog.service(prefix).map_or(0, |service| service.range().len());
                let message = format!("the statement allows all {count} actions of `{prefix}`");
                self.note(FlawKind::WholeService, value.node, prefix, message);
            }
        }
    }

    /// Patterns that look harmless and reach secrets, credentials or writes.
    fn reaching(&mut self, statement: &Statement<'_>) {
        if statement.actions.negated {
            return;
        }
        for value in &statement.actions.values {
            let Some(text) = value.text.known() else { continue };
            let Some((_, name)) = split(text).filter(|(_, name)| name.contains('*')) else {
                continue;
            };
            let lower = name.to_ascii_lowercase();
            let reads = ["get", "list", "describe", "read", "view", "batchget", "search", "lookup"];
            let seems_to_read = name.len() >= 4 && reads.iter().any(|verb| lower.starts_with(verb));
            let creates = lower.starts_with("create");
            let about = lower.starts_with('*') && lower.bytes().any(|byte| byte.is_ascii_alphabetic());
            if !(seems_to_read || creates || about) {
                continue;
            }
            let mut names = Vec::new();
            actions::each(self.catalog, text, |action| {
                let hidden = action.returns_credentials()
                    || action.reads_secrets() && !METADATA.contains(&action.name());
                let more = match (seems_to_read, creates) {
                    (true, _) => hidden || !action.only_reads(),
                    (_, true) => action.returns_credentials(),
                    _ => hidden || action.manages_permissions(),
                };
                if more && !action.withdrawn() {
                    names.push(action.full_name().into());
                }
            });
            if !names.is_empty() {
                let message = format!("`{text}` also matches {}", listed(&names));
                self.note(FlawKind::WildcardReaches, value.node, text, message).actions = names;
            }
        }
    }

    /// What is allowed on every resource.
    fn limits(&mut self, statement: &Statement<'_>, open: Option<&Scalar<'_>>, free: bool) {
        let expanded = self.sure(statement);
        let at = statement.actions.node.unwrap_or(statement.node);
        let Some(open) = open.filter(|_| free) else {
            if free {
                self.every_one(statement, &expanded);
            }
            self.some_permissions(statement, &expanded);
            return;
        };
        let living: Vec<Action<'_>> = self.living(&expanded).collect();
        let names = |wanted: &dyn Fn(Action<'_>) -> bool| -> Vec<Cow<'static, str>> {
            let mut names = Vec::with_capacity(living.len());
            let some = living.iter().filter(|action| wanted(**action));
            names.extend(some.map(|action| Cow::Borrowed(action.full_name())));
            names
        };
        let [permissions, credentials, secrets] = GROUPS;
        let groups = [
            permissions,
            credentials,
            secrets,
            (FlawKind::WritesUnlimited, is_plain_write as _, "changing resources"),
        ];
        for (kind, wanted, what) in groups {
            self.allows_everywhere(statement, kind, what, names(&wanted));
        }
        self.some_permissions(statement, &expanded);
        let always = names(&|action| action.returns_credentials() && action.without_resources());
        if let Some(first) = always.first() {
            let message = format!("{} cannot be limited to resources", listed(&always));
            let place = bringing(statement, first).unwrap_or(at);
            self.note(FlawKind::CredentialsAlways, place, "", message).actions = always;
        }
        let takes = names(&|action| !action.without_resources() && !WITHOUT_ARN.contains(&action.name()));
        if !takes.is_empty() && self.kind == PolicyKind::Identity {
            let changes = names(&|action| {
                !action.without_resources() && !action.only_reads() && !WITHOUT_ARN.contains(&action.name())
            });
            let message = format!(
                "{} can be limited to resources",
                listed(if changes.is_empty() { &takes } else { &changes })
            );
            // Of writes more is said above: what is said here is about the whole statement then.
            let writes = self
                .flaws
                .iter()
                .any(|flaw| flaw.kind == FlawKind::WritesUnlimited && flaw.statement == Some(statement.node));
            let place = if writes { statement.node } else { open.node };
            let flaw = self.note(FlawKind::StarResource, place, "*", message);
            flaw.sure = !changes.is_empty();
            flaw.actions = takes;
        }
    }

    /// Actions that change who may do what, where it is not said that they do so everywhere.
    fn some_permissions(&mut self, statement: &Statement<'_>, expanded: &actions::ActionSet) {
        let said = |flaw: &super::Flaw| {
            flaw.kind == FlawKind::PermissionsUnlimited && flaw.statement == Some(statement.node)
        };
        if self.flaws.iter().any(said) {
            return;
        }
        let changing = self.living(expanded).filter(|action| action.manages_permissions());
        let names: Vec<&str> = changing.map(Action::full_name).collect();
        if !names.is_empty() {
            let at = statement.actions.node.unwrap_or(statement.node);
            let message = format!("the statement allows {}, which change who may do what", listed(&names));
            self.note(FlawKind::PermissionsUnlimited, at, "", message).sure = false;
        }
    }

    /// What is allowed on every resource of a type, without `*`: `secret:*` are all secrets.
    fn every_one(&mut self, statement: &Statement<'_>, expanded: &actions::ActionSet) {
        let resources = statement.resources.as_ref().filter(|resources| !resources.negated);
        let values = resources.iter().flat_map(|resources| &resources.values);
        let patterns: Vec<_> =
            values.filter(|value| value.under.is_always()).filter_map(|value| tokens(&value.text)).collect();
        let catalog = self.catalog;
        for (kind, wanted, what) in GROUPS {
            let mut names = Vec::new();
            for action in expanded.iter().map(|id: ActionId| catalog.action_at(id)) {
                // Examples everywhere allow all logs of the account.
                let logs = action.service().prefix() == "logs";
                if !logs && !action.withdrawn() && wanted(action) && takes_all(action, &patterns) {
                    names.push(action.full_name().into());
                }
            }
            self.allows_everywhere(statement, kind, what, names);
        }
    }

    /// Notes what a statement allows on every resource, at the pattern that brings the first of the actions.
    fn allows_everywhere(
        &mut self,
        statement: &Statement<'_>,
        kind: FlawKind,
        what: &str,
        names: Vec<Cow<'static, str>>,
    ) {
        let Some(first) = names.first() else { return };
        let place = bringing(statement, first).or(statement.actions.node).unwrap_or(statement.node);
        let message = format!("the statement allows {what} on every resource: {}", listed(&names));
        self.note(kind, place, "", message).actions = names;
    }

    /// The actions of a set that AWS has not withdrawn.
    fn living<'s>(&self, set: &'s actions::ActionSet) -> impl Iterator<Item = Action<'static>> + 's {
        let catalog = self.catalog;
        set.iter().map(|id: ActionId| catalog.action_at(id)).filter(|action| !action.withdrawn())
    }

    fn disguised(&mut self, statement: &Statement<'_>) {
        let Some(resources) = statement.resources.as_ref().filter(|resources| !resources.negated) else {
            return;
        };
        for value in &resources.values {
            let Some(tokens) = tokens(&value.text) else { continue };
            let Arn::Fields(fields) = Arn::split(&tokens) else { continue };
            let every = |index: usize| fields.get(index).is_some_and(|field| is_everything(field));
            let whole = fields.get(5).is_some_and(|field| is_everything(field) || is_whole_type(field));
            if every(1) && every(3) && every(4) && whole {
                let text = value.text.display();
                let message = format!("every field of `{text}` is open");
                self.note(FlawKind::StarDisguised, value.node, &text, message);
            }
        }
    }

    /// Roles that are assumed, passed or made, keys that are used.
    fn roles(&mut self, statement: &Statement<'_>, open: Option<&Scalar<'_>>) {
        let has = |name: &str| actions::covers(&statement.actions, name) == Tri::Yes;
        let tests = |name: &str| {
            statement
                .conditions
                .iter()
                .any(|test| test.key.eq_ignore_ascii_case(name) && names_services(test))
        };
        let Some(resources) = &statement.resources else { return };
        let place = open.map(|value| value.node).or(resources.node).unwrap_or(statement.node);
        let star = open.is_some() || resources.negated;
        let wide = |service: &str, starts: &[&str]| {
            star || resources.values.iter().any(|value| is_wide(value, service, starts))
        };
        let wide_roles = || wide("iam", &["role/"]);
        if has("iam:PassRole") && wide_roles() && !tests("iam:PassedToService") {
            let message = "`iam:PassRole` on every role hands any role to any service".to_owned();
            // Every request that passes a role says to which service.
            let tested = statement.conditions.iter().any(|test| {
                test.key.eq_ignore_ascii_case("iam:PassedToService")
                    && test.operator.is_some_and(|operator| operator.test != Comparison::Null)
                    && !has_open_service(test)
            });
            self.note(FlawKind::PassAny, place, "iam:PassRole", message).sure = !tested;
        }
        let wide_linked = || wide("iam", &["role/", "role/aws-service-role/", "role/*"]);
        if has("iam:CreateServiceLinkedRole") && wide_linked() && !tests("iam:AWSServiceName") {
            let message =
                "`iam:CreateServiceLinkedRole` on every resource makes roles for any service".to_owned();
            self.note(FlawKind::LinkedRoleAny, place, "iam:CreateServiceLinkedRole", message);
        }
        if statement.conditions.is_empty() && has("sts:AssumeRole") && wide_roles() {
            let message = "`sts:AssumeRole` on every role".to_owned();
            self.note(FlawKind::AssumeAny, place, "sts:AssumeRole", message);
        }
        let decrypts = || has("kms:Decrypt") || has("kms:ReEncryptFrom");
        if statement.conditions.is_empty() && decrypts() && wide("kms", &["key/"]) {
            let message = "the statement decrypts with every key that lets it".to_owned();
            self.note(FlawKind::DecryptAny, place, "kms:Decrypt", message);
        }
        if star && statement.conditions.is_empty() && has("aws-marketplace:Subscribe") {
            let message = "the statement subscribes to anything in the AWS Marketplace".to_owned();
            self.note(FlawKind::Marketplace, place, "aws-marketplace:Subscribe", message);
        }
    }

    /// The right to change the policy of a bucket, where the rights on its objects are withheld.
    pub(super) fn bucket_policies(&mut self, policy: &Policy<'_>) {
        let denies = |name: &str| {
            policy.statements.iter().any(|statement| {
                statement.effect == Effect::Deny && actions::covers(&statement.actions, name) != Tri::No
            })
        };
        if denies("s3:PutBucketPolicy") {
            return;
        }
        let allows = |name: &str| {
            policy.statements.iter().any(|statement| {
                statement.effect == Effect::Allow && actions::covers(&statement.actions, name) != Tri::No
            })
        };
        let missing: Vec<String> = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
            .into_iter()
            .filter(|name| !allows(name))
            .map(str::to_owned)
            .collect();
        if missing.is_empty() {
            return;
        }
        for statement in &policy.statements {
            let puts = statement.actions.values.iter().find(|value| {
                value.text.known().is_some_and(|text| text.eq_ignore_ascii_case("s3:PutBucketPolicy"))
            });
            if let Some(value) =
                puts.filter(|_| statement.effect == Effect::Allow && !statement.actions.negated)
            {
                self.enter(statement);
                let message =
                    format!("who may change the policy of a bucket can give himself {}", listed(&missing));
                let sure = statement.conditions.is_empty();
                self.note(FlawKind::BucketPolicyEscalation, value.node, "s3:PutBucketPolicy", message).sure =
                    sure;
            }
        }
    }
}

/// Whether some pattern is every resource of a type of an action.
fn takes_all(action: Action<'_>, patterns: &[Vec<Token>]) -> bool {
    action.uses().filter_map(crate::catalog::Use::ty).map(|ty| Form::of(ty.id)).any(|form| {
        form.is_arn()
            && patterns.iter().any(|own| match Arn::split(own) {
                Arn::Fields(own) => {
                    own.get(2).copied() == form.field(2)
                        && own.get(5).zip(form.field(5)).is_some_and(|(own, form)| contains(own, form))
                }
                _ => false,
            })
    })
}

/// Whether a test names services: it does not pass where the key is absent, and no value starts with a wildcard.
fn names_services(test: &Test<'_>) -> bool {
    test.operator.is_some_and(|operator| !operator.if_exists && operator.test != Comparison::Null)
        && !has_open_service(test)
}

/// Whether a value of a test is any service.
fn has_open_service(test: &Test<'_>) -> bool {
    test.values.iter().any(|value| value.text.known().is_some_and(|text| text.starts_with('*')))
}

fn is_plain_write(action: Action<'_>) -> bool {
    !WITHOUT_ARN.contains(&action.name())
        && (action.is(Access::Write) || action.is(Access::Tagging))
        && !action.manages_permissions()
        && !action.without_resources()
}

/// The `*` among the resources of a statement.
pub(super) fn open_resource<'s, 't>(statement: &'s Statement<'t>) -> Option<&'s Scalar<'t>> {
    let resources = statement.resources.as_ref().filter(|resources| !resources.negated)?;
    resources
        .values
        .iter()
        .find(|value| value.under.is_always() && tokens(&value.text).is_some_and(|tokens| is_star(&tokens)))
}

/// The pattern of a statement that brings an action.
fn bringing(statement: &Statement<'_>, action: &str) -> Option<NodeId> {
    let patterns = statement.actions.values.iter().filter(|_| !statement.actions.negated);
    let brings = |text: &str| actions::matches(text, action);
    patterns.into_iter().find(|value| value.text.known().is_some_and(brings)).map(|value| value.node)
}

/// `*`, or an ARN of which nothing is fixed.
fn is_star(tokens: &[Token]) -> bool {
    match Arn::split(tokens) {
        Arn::Everything => true,
        Arn::Fields(fields) => fields.iter().skip(1).all(|field| is_everything(field)) && fields.len() > 1,
        Arn::Whole(_) => false,
    }
}

/// `type/*` or `type:*`.
fn is_whole_type(field: &[Token]) -> bool {
    let mut parts = field.splitn(2, |token| matches!(token, Token::Unit(0x2F | 0x3A)));
    let (word, tail) = (parts.next(), parts.next());
    word.is_some_and(|word| word.iter().all(|token| matches!(token, Token::Unit(_))))
        && tail.is_some_and(is_everything)
}

/// Whether a resource is every one of a type, in whatever account.
fn is_wide(value: &Scalar<'_>, service: &str, starts: &[&str]) -> bool {
    let Some(tokens) = tokens(&value.text) else { return false };
    let Arn::Fields(fields) = Arn::split(&tokens) else { return false };
    if fields.get(2).is_none_or(|field| !is_text(field, service)) {
        return false;
    }
    let name = fields.get(5).map(|field| shown(field)).unwrap_or_default();
    name == "*" || starts.iter().any(|start| name.strip_prefix(start) == Some("*"))
}
