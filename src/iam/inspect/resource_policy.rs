//! Policies of resources: who may use the resource, and under which guard.

use crate::catalog::Sends;
use crate::iam::operator::Comparison;
use crate::iam::policy::Effect;
use crate::iam::policy::Policy;
use crate::iam::policy::Principal;
use crate::iam::policy::PrincipalType;
use crate::iam::policy::Statement;
use crate::iam::policy::Test;

use super::FlawKind;
use super::Inspector;
use super::principal::base;
use super::trust::GUARDS;
use super::trust::is_key;
use super::trust::is_narrow;

/// Keys that tie everybody down to somebody.
const PINS: &[&str] = &[
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:userid",
    "aws:username",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceowner",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourcevpcarn",
    "aws:vpcsourceip",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "kms:calleraccount",
    "kms:viaservice",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "lambda:functionurlauthtype",
    "elasticfilesystem:accesspointarn",
    "elasticfilesystem:accessedviamounttarget",
];
/// Services of which AWS's guides for buckets, queues, topics and functions say that they send the guards.
const SENDERS: &[&str] = &[
    "apigateway.amazonaws.com",
    "cloudfront.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "cognito-idp.amazonaws.com",
    "config.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "events.amazonaws.com",
    "logging.s3.amazonaws.com",
    "s3.amazonaws.com",
    "ses.amazonaws.com",
    "sns.amazonaws.com",
];
/// Services whose resource policies hold only actions of their own.
const OWN_ACTIONS: &[&str] = &["s3", "sqs", "sns", "kms", "secretsmanager", "ecr", "lambda"];

impl Inspector<'_> {
    /// Checks the policy of a resource as a whole.
    pub(super) fn resource_policy(&mut self, policy: &Policy<'_>) {
        for statement in &policy.statements {
            self.enter(statement);
            self.other_service(statement);
            match statement.effect {
                Effect::Allow => self.allowed(statement),
                Effect::Deny => self.locked_out(statement),
                _ => {}
            }
        }
        self.leave();
    }

    fn allowed(&mut self, statement: &Statement<'_>) {
        let Some(principals) = &statement.principals else { return };
        if principals.negated {
            let at = principals.node.unwrap_or(statement.node);
            let message = "`NotPrincipal` with Allow lets everybody in who is not listed".to_owned();
            self.note(FlawKind::AllowNotPrincipal, at, "NotPrincipal", message);
            return;
        }
        let pinned = statement.open || statement.conditions.iter().any(|test| pins(test));
        for principal in &principals.values {
            match (principal.ty, principal.value.text.known()) {
                (PrincipalType::Aws, Some("*")) if !pinned => {
                    let message = "everybody may use the resource".to_owned();
                    self.note(FlawKind::PublicPrincipal, principal.value.node, "*", message);
                }
                (PrincipalType::Service, Some(text)) => self.service_guard(statement, principal, text),
                _ => {}
            }
        }
        for value in &statement.actions.values {
            let every = value.text.known().filter(|text| *text == "*" || text.ends_with(":*"));
            if let Some(text) = every
                .filter(|_| !statement.actions.negated && self.surroundings.service.as_deref() != Some("kms"))
            {
                let message = format!("`{text}` also allows to change and to delete the resource");
                self.note(FlawKind::ResourceWildcardAction, value.node, text, message);
            }
        }
    }

    fn service_guard(&mut self, statement: &Statement<'_>, principal: &Principal<'_>, text: &str) {
        let name = base(text);
        let service = self.catalog.service_principal(&name);
        let guards: Vec<&Test<'_>> =
            statement.conditions.iter().filter(|test| is_key(test, GUARDS)).collect();
        // Keys have guards of their own.
        let of_key = self.surroundings.service.as_deref() == Some("kms");
        let sends = service.map_or(Sends::Unknown, crate::catalog::ServicePrincipal::sends);
        let documented = !of_key && sends != Sends::Never && SENDERS.contains(&name.as_str());
        let sends = if documented { Sends::Both } else { sends };
        match sends {
            Sends::Both | Sends::Account | Sends::Arn if guards.is_empty() && !statement.open => {
                let message = format!(
                    "`{text}` may use the resource for anybody: test `aws:SourceAccount` or `aws:SourceArn`"
                );
                let guarded = statement.conditions.iter().any(|test| is_narrow(test) && names_caller(test));
                if !guarded {
                    self.note(FlawKind::ServiceUnguarded, principal.value.node, text, message).sure =
                        documented || service.is_some_and(crate::catalog::ServicePrincipal::is_documented);
                }
            }
            Sends::Never => {
                if let Some(test) = guards.iter().find(|test| {
                    test.operator
                        .is_some_and(|operator| !operator.when_absent() && operator.test != Comparison::Null)
                }) {
                    let message = format!("`{text}` never sends `{}`", test.key);
                    self.note(FlawKind::KeyUnsupportedForService, test.key_node, test.key, message);
                }
            }
            _ => {}
        }
    }

    fn other_service(&mut self, statement: &Statement<'_>) {
        let Some(own) = self.surroundings.service.clone() else { return };
        if !OWN_ACTIONS.contains(&own.as_str()) {
            return;
        }
        for value in &statement.actions.values {
            let Some((prefix, _)) = value.text.known().and_then(|text| text.split_once(':')) else {
                continue;
            };
            let known = self.catalog.service(prefix).is_some();
            if known && !prefix.eq_ignore_ascii_case(&own) && !prefix.to_ascii_lowercase().starts_with(&own) {
                let text = value.text.display();
                let message = format!("`{text}` is an action of another service than `{own}`");
                self.note(FlawKind::OtherService, value.node, &text, message);
            }
        }
        for value in statement.resources.iter().flat_map(|all| &all.values) {
            let Some(text) = value.text.known() else { continue };
            let service = text.split(':').nth(2).unwrap_or("");
            if text.starts_with("arn:")
                && !service.is_empty()
                && !service.contains('*')
                && !service.starts_with(&own)
            {
                let message = format!("`{text}` belongs to another service than `{own}`");
                self.note(FlawKind::OtherService, value.node, text, message);
            }
        }
    }

    /// A Deny for everybody, of everything, always.
    fn locked_out(&mut self, statement: &Statement<'_>) {
        let everybody = statement.principals.as_ref().is_some_and(|principals| {
            !principals.negated
                && principals.values.iter().any(|one| one.ty == PrincipalType::Aws && one.value.text.is("*"))
        });
        let every = statement.actions.values.iter().find(|value| {
            !statement.actions.negated
                && matches!(
                    value.text.known().map(str::to_ascii_lowercase).as_deref(),
                    Some("*" | "s3:*" | "sqs:*" | "sns:*" | "kms:*" | "secretsmanager:*")
                )
        });
        // A part of a bucket can be locked without the rest.
        let reaches = self.surroundings.service.as_deref() != Some("s3")
            || statement.resources.iter().flat_map(|all| &all.values).any(|value| {
                let text = value.text.display();
                let name = text.splitn(6, ':').nth(5).unwrap_or("");
                text == "*"
                    || !text.starts_with("arn:")
                    || name.split_once('/').is_none_or(|(_, key)| key == "*")
                    || name.starts_with('*')
            });
        if let Some(value) = every.filter(|_| everybody && reaches && statement.is_unconditional()) {
            let message = "this denies everything to everybody: only the root user can undo it".to_owned();
            self.note(FlawKind::LockOut, value.node, "*", message);
        }
    }
}

/// Whether a test ties a service to whom it acts for by a key of its own.
fn names_caller(test: &Test<'_>) -> bool {
    let key = test.key.to_ascii_lowercase();
    is_key(test, GUARDS)
        || key.starts_with("kms:encryptioncontext")
        || ["kms:calleraccount", "lambda:eventsourcetoken", "aws:resourceaccount", "aws:sourceowner"]
            .contains(&key.as_str())
}

fn pins(test: &Test<'_>) -> bool {
    is_narrow(test) && is_key(test, PINS)
}
