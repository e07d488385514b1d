//! Trust policies: who may assume a role, and under which guard.
#![expect(clippy::similar_names, reason = "the language calls a test a test and its text a text")]

use std::borrow::Cow;

use crate::catalog::Sends;
use crate::iam::arn::Arn;
use crate::iam::glob::Token;
use crate::iam::glob::intersects;
use crate::iam::glob::is_everything;
use crate::iam::glob::pattern;
use crate::iam::operator::Comparison;
use crate::iam::policy::Effect;
use crate::iam::policy::Policy;
use crate::iam::policy::Principal;
use crate::iam::policy::PrincipalType;
use crate::iam::policy::Scalar;
use crate::iam::policy::Statement;
use crate::iam::policy::Test;

use super::FlawKind;
use super::Inspector;
use super::principal::base;

/// Keys that tie a request to whom the service acts for.
pub(super) const GUARDS: &[&str] =
    &["aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"];
/// Keys that tie a request to an account or an organisation.
const OWNERS: &[&str] = &[
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalarn",
    "aws:principalaccount",
    "aws:userid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourcevpcarn",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
];
/// Keys that tie a request of an account to some of its principals, to a network or to a secret.
const PINS: &[&str] = &["sts:externalid", "aws:username", "aws:sourceip", "sts:rolesessionname"];
/// Services that act for resources whose ARNs have another name.
const RELATED: &[(&str, &[&str])] = &[
    ("apigateway", &["execute-api"]),
    ("backup", &["ec2", "rds", "dynamodb", "elasticfilesystem"]),
    ("batch", &["ecs"]),
    ("config", &["organizations"]),
    ("ecs", &["ecs", "batch"]),
    ("lambda", &["events"]),
];
const CALLS: &[&str] = &[
    "sts:assumerole",
    "sts:assumerolewithsaml",
    "sts:assumerolewithwebidentity",
    "sts:tagsession",
    "sts:setsourceidentity",
    "sts:setcontext",
];
/// Services that are commonly trusted by one role.
const FAMILIES: &[&[&str]] = &[
    &["lambda.amazonaws.com", "edgelambda.amazonaws.com", "replicator.lambda.amazonaws.com"],
    &["ecs.amazonaws.com", "ecs-tasks.amazonaws.com"],
    &["apigateway.amazonaws.com", "ops.apigateway.amazonaws.com"],
    &["eks.amazonaws.com", "eks-fargate-pods.amazonaws.com", "pods.eks.amazonaws.com"],
    &["events.amazonaws.com", "scheduler.amazonaws.com", "pipes.amazonaws.com"],
    &["states.amazonaws.com", "events.amazonaws.com"],
    &["batch.amazonaws.com", "spotfleet.amazonaws.com"],
    &["codebuild.amazonaws.com", "codepipeline.amazonaws.com", "codedeploy.amazonaws.com"],
    &["ssm.amazonaws.com", "ssm-incidents.amazonaws.com"],
    &["bedrock.amazonaws.com", "bedrock-agentcore.amazonaws.com"],
    &[
        "logs.amazonaws.com",
        "delivery.logs.amazonaws.com",
        "cloudtrail.amazonaws.com",
        "vpc-flow-logs.amazonaws.com",
    ],
    &["sagemaker.amazonaws.com", "bedrock.amazonaws.com"],
    &["firehose.amazonaws.com", "logs.amazonaws.com"],
    &["elasticbeanstalk.amazonaws.com", "ec2.amazonaws.com"],
];

impl Inspector<'_> {
    /// Checks a trust policy as a whole.
    pub(super) fn trust(&mut self, policy: &Policy<'_>) {
        for statement in policy.statements.iter().filter(|one| one.effect == Effect::Allow) {
            self.enter(statement);
            self.calls(statement);
            self.source_accounts(statement);
            self.companions(statement, policy);
            for principal in statement.principals.iter().flat_map(|all| &all.values) {
                match principal.ty {
                    PrincipalType::Aws => self.trusted_account(statement, principal),
                    PrincipalType::Service => self.trusted_service(statement, principal),
                    PrincipalType::Federated => self.trusted_provider(statement, principal),
                    _ => {}
                }
            }
        }
        self.void_guards(policy);
        self.many_services(policy);
        self.roles_anywhere(policy);
        self.redundant_sessions(policy);
        self.leave();
    }

    fn calls(&mut self, statement: &Statement<'_>) {
        let types: Vec<PrincipalType> =
            statement.principals.iter().flat_map(|all| &all.values).map(|principal| principal.ty).collect();
        let saml = statement.principals.iter().flat_map(|all| &all.values).any(|principal| {
            principal.value.text.known().is_some_and(|text| text.contains(":saml-provider/"))
        });
        if statement.actions.negated {
            let at = statement.actions.node.unwrap_or(statement.node);
            let message = "`NotAction` in a trust policy".to_owned();
            self.note(FlawKind::AssumeMismatch, at, "NotAction", message);
            return;
        }
        for value in &statement.actions.values {
            let Some(text) = value.text.known() else { continue };
            let lower = text.to_ascii_lowercase();
            let matches = |call: &&&str| crate::iam::actions::matches(&lower, call);
            let Some(_) = CALLS.iter().find(matches) else {
                let message = format!("`{text}` does not assume a role");
                self.note(FlawKind::AssumeMismatch, value.node, text, message);
                continue;
            };
            if matches!(lower.as_str(), "*" | "*:*" | "sts:*") {
                let message = format!("`{text}` is more than the calls that assume a role");
                self.note(FlawKind::AssumeMismatch, value.node, text, message).replacement =
                    Some("sts:AssumeRole".to_owned());
                continue;
            }
            let only = |ty: PrincipalType| !types.is_empty() && types.iter().all(|own| *own == ty);
            let wrong = match lower.as_str() {
                "sts:assumerole" if only(PrincipalType::Federated) => {
                    Some(if saml { "sts:AssumeRoleWithSAML" } else { "sts:AssumeRoleWithWebIdentity" })
                }
                "sts:assumerolewithsaml" | "sts:assumerolewithwebidentity"
                    if !types.is_empty() && !types.contains(&PrincipalType::Federated) =>
                {
                    Some("sts:AssumeRole")
                }
                "sts:assumerolewithwebidentity" if saml && only(PrincipalType::Federated) => {
                    Some("sts:AssumeRoleWithSAML")
                }
                "sts:assumerolewithsaml"
                    if !saml
                        && only(PrincipalType::Federated)
                        && statement
                            .principals
                            .iter()
                            .flat_map(|all| &all.values)
                            .all(|principal| principal.value.text.known().is_some()) =>
                {
                    Some("sts:AssumeRoleWithWebIdentity")
                }
                _ => None,
            };
            if let Some(right) = wrong {
                let message = format!("`{text}` does not suit the principal; `{right}` does");
                self.note(FlawKind::AssumeMismatch, value.node, text, message).replacement =
                    Some(right.to_owned());
            }
        }
    }

    fn trusted_account(&mut self, statement: &Statement<'_>, principal: &Principal<'_>) {
        let tied = |test: &Test<'_>| is_narrow(test) && (is_key(test, OWNERS) || is_key(test, GUARDS));
        let owned = statement.open || statement.conditions.iter().any(tied);
        if principal.value.text.is("*") {
            if !owned {
                let message = "anybody may assume the role".to_owned();
                self.note(FlawKind::AnybodyAssumes, principal.value.node, "*", message);
            }
            return;
        }
        let tagged = |test: &Test<'_>| {
            test.key.get(..17).is_some_and(|start| start.eq_ignore_ascii_case("aws:PrincipalTag/"))
        };
        let pins = |test: &Test<'_>| is_narrow(test) && (is_key(test, PINS) || tagged(test));
        let pinned = owned || statement.conditions.iter().any(pins);
        let Some(account) = whole_account(principal) else { return };
        let text = principal.value.text.display();
        let text = text.as_str();
        let own = self.surroundings.account.as_deref();
        if pinned || own == Some(account.as_str()) || !is_account(&account) {
            return;
        }
        let message = format!(
            "every principal of the account `{account}` that its administrators let may assume the role"
        );
        self.note(FlawKind::ForeignAccount, principal.value.node, text, message).sure = own.is_some();
    }

    fn trusted_service(&mut self, statement: &Statement<'_>, principal: &Principal<'_>) {
        let Some(text) = principal.value.text.known() else { return };
        let Some(service) = self.catalog.service_principal(&base(text)) else { return };
        let guards: Vec<&Test<'_>> =
            statement.conditions.iter().filter(|test| is_key(test, GUARDS)).collect();
        let sends = service.sends();
        match sends {
            Sends::Both | Sends::Account | Sends::Arn if guards.is_empty() && !statement.open => {
                let message = format!(
                    "`{text}` may assume the role for anybody: it would say for whom in `aws:SourceAccount`"
                );
                self.note(FlawKind::GuardMissing, principal.value.node, text, message).sure =
                    service.is_documented();
            }
            Sends::Never => {
                let strict = guards.iter().find(|test| {
                    test.operator
                        .is_some_and(|operator| !operator.when_absent() && operator.test != Comparison::Null)
                });
                if let Some(test) = strict {
                    let message =
                        format!("`{text}` never sends `{}`, so that it can never assume the role", test.key);
                    self.note(FlawKind::GuardNeverSent, test.key_node, test.key, message);
                }
            }
            _ => {}
        }
        let name = service.name();
        let forms: Vec<String> = service
            .source_arns()
            .map(|(_, form)| form.replace("{p}", "*").replace("{r}", "*").replace("{a}", "*"))
            .collect();
        for test in guards.iter().filter(|test| test.key.eq_ignore_ascii_case("aws:SourceArn")) {
            for value in &test.values {
                self.source_arn(value, name, &forms);
            }
        }
        self.source_account(&guards);
    }

    /// `aws:SourceAccount` against the account of the deployment: a service acts for the account of the role.
    fn source_account(&mut self, guards: &[&Test<'_>]) {
        let Some(own) = self.surroundings.account.clone() else { return };
        let accounts = guards.iter().filter(|test| test.key.eq_ignore_ascii_case("aws:SourceAccount"));
        for test in accounts.filter(|test| is_narrow(test)) {
            let texts: Vec<&str> = test.values.iter().filter_map(|value| value.text.known()).collect();
            if texts.len() == test.values.len() && texts.iter().all(|text| is_account(text) && *text != own) {
                let message = format!(
                    "the service acts for `{}`, but the role is in the account `{own}`",
                    texts.join("`, `")
                );
                self.note(FlawKind::GuardDisagrees, test.key_node, test.key, message);
            }
        }
    }

    fn source_arn(&mut self, value: &Scalar<'_>, service: &str, forms: &[String]) {
        let Some(tokens) = super::values::tokens(&value.text) else { return };
        let Arn::Fields(fields) = Arn::split(&tokens) else { return };
        let text = value.text.display();
        let resource = fields.get(5).map(|field| super::values::shown(field)).unwrap_or_default();
        let of_document = service == "ssm.amazonaws.com"
            && (resource.starts_with("document/") || resource.starts_with("automation-definition/"));
        let fits = forms.iter().any(|form| form != "None" && meets(&pattern(form), &fields));
        if of_document
            || (!fits && forms.iter().any(|form| form.starts_with("arn:")) && text.starts_with("arn:"))
        {
            let shown: Vec<String> =
                forms.iter().filter(|form| form.starts_with("arn:")).take(1).cloned().collect();
            let message = format!(
                "`{service}` never sends an `aws:SourceArn` like `{text}`; it sends one like `{}`",
                shown.join("")
            );
            self.note(FlawKind::GuardPattern, value.node, &text, message).replacement =
                shown.into_iter().next();
        } else if forms.iter().all(|form| !form.starts_with("arn:")) {
            self.foreign_source(value, service, &fields);
        }
    }

    /// An `aws:SourceArn` of another service than the one that is trusted.
    fn foreign_source(&mut self, value: &Scalar<'_>, service: &str, fields: &[&[Token]]) {
        let Some(prefix) = service.strip_suffix(".amazonaws.com") else { return };
        let other = fields.get(2).filter(|field| super::values::is_plain(field));
        let other = other.map(|field| super::values::shown(field)).unwrap_or_default();
        let typed = |name: &str| !self.catalog.types_of_arn_service(name).is_empty();
        let related = RELATED.iter().any(|(own, arns)| *own == prefix && arns.contains(&other.as_str()));
        if other.is_empty() || other == prefix || related || !typed(prefix) || !typed(&other) {
            return;
        }
        let text = value.text.display();
        let message = format!("`{text}` belongs to another service than `{service}`");
        self.note(FlawKind::GuardDisagrees, value.node, &text, message);
    }

    /// Keys of a session that nobody can set without the call for it.
    fn companions(&mut self, statement: &Statement<'_>, policy: &Policy<'_>) {
        let allowed = |call: &str| {
            policy.statements.iter().any(|one| {
                one.effect == Effect::Allow
                    && crate::iam::actions::covers(&one.actions, call) != crate::document::Tri::No
            })
        };
        for test in &statement.conditions {
            let lower = test.key.to_ascii_lowercase();
            let call = if lower == "sts:sourceidentity" {
                "sts:SetSourceIdentity"
            } else if lower.starts_with("aws:requesttag/")
                || lower == "sts:transitivetagkeys"
                || lower == "aws:tagkeys"
            {
                "sts:TagSession"
            } else {
                continue;
            };
            if !allowed(call) {
                let message = format!("`{}` is only there where `{call}` is allowed", test.key);
                self.note(FlawKind::CompanionActionMissing, test.key_node, test.key, message);
            }
        }
    }

    /// Statements add up: one without a guard makes those with one void.
    fn void_guards(&mut self, policy: &Policy<'_>) {
        let allows: Vec<&Statement<'_>> =
            policy.statements.iter().filter(|one| one.effect == Effect::Allow && !one.open).collect();
        for bare in allows.iter().filter(|one| one.conditions.is_empty() && one.under.is_always()) {
            for principal in bare.principals.iter().flat_map(|all| &all.values) {
                let guarded = allows.iter().any(|other| {
                    other.node != bare.node
                        && !other.conditions.is_empty()
                        && same_call(bare, other)
                        && other.principals.iter().flat_map(|all| &all.values).any(|one| same(one, principal))
                });
                if guarded {
                    self.enter(bare);
                    let text = principal.value.text.display();
                    let message =
                        format!("this trusts `{text}` without the conditions that another statement has");
                    self.note(FlawKind::GuardVoid, principal.value.node, &text, message);
                }
            }
        }
    }

    fn many_services(&mut self, policy: &Policy<'_>) {
        let mut seen: Vec<(String, crate::document::NodeId)> = Vec::new();
        for statement in policy.statements.iter().filter(|one| one.effect == Effect::Allow) {
            for principal in statement.principals.iter().flat_map(|all| &all.values) {
                if let (PrincipalType::Service, Some(text)) = (principal.ty, principal.value.text.known())
                    && principal.value.under.is_always()
                    && statement.under.is_always()
                    && !seen.iter().any(|(name, _)| *name == base(text))
                {
                    seen.push((base(text), principal.value.node));
                }
            }
        }
        let related =
            |a: &str, b: &str| FAMILIES.iter().any(|family| family.contains(&a) && family.contains(&b));
        let odd = seen.iter().enumerate().find(|(index, (name, _))| {
            *index > 0 && !seen.iter().take(*index).any(|(other, _)| related(name, other))
        });
        if let Some((_, (name, node))) = odd {
            self.leave();
            self.at.effect = Effect::Allow;
            let all: Vec<String> = seen.iter().map(|(name, _)| name.clone()).collect();
            let message = format!("one role for unrelated services: {}", super::listed(&all));
            self.note(FlawKind::ManyServices, *node, name, message);
        }
    }

    fn roles_anywhere(&mut self, policy: &Policy<'_>) {
        let trusting: Vec<&Statement<'_>> = policy
            .statements
            .iter()
            .filter(|one| {
                one.effect == Effect::Allow
                    && one
                        .principals
                        .iter()
                        .flat_map(|all| &all.values)
                        .any(|principal| principal.value.text.is("rolesanywhere.amazonaws.com"))
            })
            .collect();
        let Some(first) = trusting.first() else { return };
        let missing: Vec<Cow<'static, str>> = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
            .into_iter()
            .filter(|call| {
                !trusting
                    .iter()
                    .any(|one| crate::iam::actions::covers(&one.actions, call) != crate::document::Tri::No)
            })
            .map(Cow::Borrowed)
            .collect();
        if !missing.is_empty() {
            self.enter(first);
            let at = first.actions.node.unwrap_or(first.node);
            let message = format!("IAM Roles Anywhere also needs {}", super::listed(&missing));
            self.note(FlawKind::RolesAnywhereIncomplete, at, "rolesanywhere.amazonaws.com", message)
                .actions = missing;
        }
    }

    fn redundant_sessions(&mut self, policy: &Policy<'_>) {
        for statement in &policy.statements {
            let Some(principals) = &statement.principals else { continue };
            let texts: Vec<&str> =
                principals.values.iter().filter_map(|one| one.value.text.known()).collect();
            for principal in &principals.values {
                let Some(text) = principal.value.text.known() else { continue };
                let Some((start, path)) = text.split_once(":assumed-role/") else { continue };
                let role = path.split('/').next().unwrap_or("");
                let own = format!("{}:role/", start.replace(":sts:", ":iam:"));
                if texts.iter().any(|other| other.starts_with(&own) && other.rsplit('/').next() == Some(role))
                {
                    self.enter(statement);
                    let message = format!("`{text}` is a session of a role that is trusted already");
                    self.note(FlawKind::PrincipalRedundant, principal.value.node, text, message);
                }
            }
        }
    }
}

/// Whether a test is on one of these keys.
pub(super) fn is_key(test: &Test<'_>, keys: &[&str]) -> bool {
    keys.contains(&test.key.to_ascii_lowercase().as_str())
}

/// Whether a test lets only some requests through: it is not negated, an absent key fails it, and no value is open.
pub(super) fn is_narrow(test: &Test<'_>) -> bool {
    let positive = test.operator.is_some_and(|operator| {
        !operator.negated && operator.test != Comparison::Null && !operator.when_absent()
    });
    let is_arn = test.key.to_ascii_lowercase().ends_with("principalarn");
    let open = |value: &Scalar<'_>| match value.text.known() {
        Some("*" | "0.0.0.0/0" | "::/0") => true,
        Some(text) if is_arn => {
            matches!(Arn::split(&pattern(text)), Arn::Fields(fields) if fields.get(4).is_none_or(|field| is_everything(field)))
                || text.starts_with('*')
        }
        _ => false,
    };
    positive && !test.values.iter().any(open)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The account that a principal names as a whole: twelve digits, or what stands in their place.
fn whole_account(principal: &Principal<'_>) -> Option<String> {
    account_tokens(principal).map(|tokens| super::values::shown(&tokens))
}

fn account_tokens(principal: &Principal<'_>) -> Option<Vec<Token>> {
    let tokens = super::values::tokens(&principal.value.text)?;
    match Arn::split(&tokens) {
        Arn::Fields(fields) if fields.len() > 1 => {
            let root = fields.get(5).is_some_and(|field| super::values::shown(field) == "root");
            fields.get(4).filter(|_| root).map(|field| field.to_vec())
        }
        _ => Some(tokens).filter(|tokens| {
            is_account(&super::values::shown(tokens))
                || *tokens == [crate::iam::text::token(&crate::document::HoleKind::Account, "")]
        }),
    }
}

/// Whether two principals are one, however they are written.
fn same(one: &Principal<'_>, other: &Principal<'_>) -> bool {
    if one.ty != other.ty {
        return false;
    }
    if one.ty == PrincipalType::Aws
        && let (Some(one), Some(other)) = (account_tokens(one), account_tokens(other))
    {
        return one == other;
    }
    match (super::values::tokens(&one.value.text), super::values::tokens(&other.value.text)) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

/// Whether the fields of an ARN have something in common with those of a form.
fn meets(form: &[Token], fields: &[&[Token]]) -> bool {
    let Arn::Fields(form) = Arn::split(form) else { return true };
    form.iter().enumerate().all(|(index, form)| {
        let own: &[Token] = fields.get(index).copied().unwrap_or(&[Token::Any]);
        intersects(form, own)
    })
}

fn same_call(left: &Statement<'_>, right: &Statement<'_>) -> bool {
    let calls = |statement: &Statement<'_>| -> Vec<String> {
        statement
            .actions
            .values
            .iter()
            .filter_map(|value| value.text.known().map(str::to_ascii_lowercase))
            .collect()
    };
    let right = calls(right);
    let meets = |left: &String, right: &String| {
        crate::iam::actions::matches(left, right) || crate::iam::actions::matches(right, left)
    };
    calls(left).iter().any(|call| right.iter().any(|other| meets(call, other)))
}
