//! Control policies of organisations.

use std::borrow::Cow;

use crate::document::Tri;
use crate::iam::actions;
use crate::iam::operator::Comparison;
use crate::iam::policy::Effect;
use crate::iam::policy::Policy;
use crate::iam::policy::PolicyKind;
use crate::iam::policy::Statement;

use super::FlawKind;
use super::Inspector;
use super::listed;
use super::trust::is_key;

/// An action of each service that works in one Region only, whatever Region its caller is in.
const GLOBAL: &[&str] = &[
    "iam:GetRole",
    "sts:GetSessionToken",
    "organizations:DescribeOrganization",
    "route53:ListHostedZones",
    "cloudfront:ListDistributions",
    "support:DescribeCases",
];
const PRINCIPAL_KEYS: &[&str] =
    &["aws:principalorgid", "aws:principalaccount", "aws:principalorgpaths", "aws:principalarn"];

/// Keys that only AWS services send, and not always.
const SERVICE_KEYS: &[&str] =
    &["aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceaccount", "aws:sourcearn"];

impl Inspector<'_> {
    /// Checks a control policy as a whole.
    pub(super) fn control(&mut self, policy: &Policy<'_>) {
        for statement in &policy.statements {
            self.enter(statement);
            if self.kind == PolicyKind::ResourceControl {
                self.resource_control(statement);
            }
            self.region_lock(statement);
        }
        self.leave();
    }

    fn resource_control(&mut self, statement: &Statement<'_>) {
        if let Some(principals) = &statement.principals {
            let at = principals.node.unwrap_or(statement.node);
            if principals.negated {
                let message = "a resource control policy takes no `NotPrincipal`".to_owned();
                self.note(FlawKind::ResourceControlSyntax, at, "NotPrincipal", message);
            } else if let Some(other) =
                principals.values.iter().find(|one| one.value.text.known().is_some_and(|text| text != "*"))
            {
                let text = other.value.text.display();
                let message = format!("the principal of a resource control policy is `*`, not `{text}`");
                self.note(FlawKind::ResourceControlSyntax, other.value.node, &text, message).replacement =
                    Some("*".to_owned());
            }
        }
        if statement.actions.negated {
            let at = statement.actions.node.unwrap_or(statement.node);
            let message = "a resource control policy takes no `NotAction`".to_owned();
            self.note(FlawKind::ResourceControlSyntax, at, "NotAction", message);
        }
        if statement.effect == Effect::Allow {
            let at = statement.effect_node.unwrap_or(statement.node);
            let message = "only AWS's own resource control policy allows; yours deny".to_owned();
            self.note(FlawKind::ResourceControlSyntax, at, "Allow", message).replacement =
                Some("Deny".to_owned());
        }
        for value in &statement.actions.values {
            let Some(text) = value.text.known() else { continue };
            let service = text.split_once(':').and_then(|(prefix, _)| self.catalog.service(prefix));
            let covered = text == "*" && statement.effect == Effect::Allow
                || service.is_some_and(crate::catalog::Service::has_resource_control);
            if !covered && (service.is_some() || text == "*") {
                let message = format!("resource control policies do not reach `{text}`");
                self.note(FlawKind::ResourceControlSyntax, value.node, text, message);
            }
        }
        self.catches_services(statement);
    }

    /// A Deny on a key of principals also catches AWS services, which have none; one on a key that only services send
    /// also catches everybody else.
    fn catches_services(&mut self, statement: &Statement<'_>) {
        if statement.effect != Effect::Deny {
            return;
        }
        let negated = |keys: &[&str]| {
            let found = statement
                .conditions
                .iter()
                .find(|test| is_key(test, keys) && test.operator.is_some_and(|operator| operator.negated));
            found.map(|test| (test.key_node, test.key.to_owned()))
        };
        let says = |wanted: &str| {
            statement.conditions.iter().any(|test| {
                test.key.eq_ignore_ascii_case("aws:PrincipalIsAWSService")
                    && test
                        .values
                        .iter()
                        .all(|value| value.text.known().is_none_or(|text| text.eq_ignore_ascii_case(wanted)))
            })
        };
        if let Some((node, key)) = negated(PRINCIPAL_KEYS).filter(|_| !says("false")) {
            let message =
                format!("AWS services have no `{key}`: add `BoolIfExists aws:PrincipalIsAWSService false`");
            self.note(FlawKind::ResourceControlCatchesServices, node, &key, message);
        }
        let Some((node, key)) = negated(SERVICE_KEYS) else { return };
        if !says("true") {
            let message =
                format!("only AWS services send `{key}`: add `Bool aws:PrincipalIsAWSService true`");
            self.note(FlawKind::ResourceControlCatchesServices, node, &key, message);
            return;
        }
        let present = statement.conditions.iter().any(|test| {
            is_key(test, SERVICE_KEYS)
                && (test.operator.is_some_and(|operator| operator.test == Comparison::Null))
        });
        if !present {
            let message = format!(
                "some requests of AWS services have no `{key}`: add `Null` with `aws:SourceArn` or `{key}` false"
            );
            self.note(FlawKind::ResourceControlCatchesServices, node, &key, message);
        }
    }

    /// A lock on Regions stops the services that work in one of them only.
    fn region_lock(&mut self, statement: &Statement<'_>) {
        let lock = statement.conditions.iter().find(|test| {
            test.key.eq_ignore_ascii_case("aws:RequestedRegion")
                && test.operator.is_some_and(|operator| {
                    operator.negated
                        && matches!(
                            operator.test,
                            Comparison::Equals | Comparison::Like | Comparison::EqualsIgnoreCase
                        )
                })
        });
        let Some(test) = lock.filter(|_| statement.effect == Effect::Deny) else { return };
        let open = test
            .values
            .iter()
            .any(|value| value.text.known().is_none_or(|text| text == "us-east-1" || text.contains('*')));
        let others = statement.conditions.len() > 1
            && statement.conditions.iter().any(|one| {
                one.key_node != test.key_node && one.operator.is_some_and(|operator| !operator.negated)
            });
        if open || others {
            return;
        }
        let caught: Vec<Cow<'static, str>> = GLOBAL
            .iter()
            .filter(|action| actions::covers(&statement.actions, action) == Tri::Yes)
            .filter_map(|action| action.split(':').next())
            .map(|service| format!("{service}:*").into())
            .collect();
        if !caught.is_empty() {
            let message = format!(
                "the lock on Regions also stops global services, which answer in `us-east-1`: {}",
                listed(&caught)
            );
            self.note(FlawKind::RegionLock, test.key_node, test.key, message).actions = caught;
        }
    }
}
