//! Roles of the same input: passed to services that cannot use them, refused by resources, withheld by control policies.

use rustc_hash::FxHashSet;

use crate::catalog::Action;
use crate::catalog::Catalog;
use crate::document::NodeId;
use crate::document::Tri;
use crate::iam::ActionSet;
use crate::iam::actions::expansion;
use crate::iam::arn::Arn;
use crate::iam::effective::Grants;
use crate::iam::escalation::Reachable;
use crate::iam::escalation::covers_value;
use crate::iam::glob::Token;
use crate::iam::glob::intersects;
use crate::iam::policy::Effect;
use crate::iam::policy::Policy;
use crate::iam::policy::PrincipalType;
use crate::iam::policy::Scalar;
use crate::iam::policy::Statement;
use crate::iam::resource::Target;
use crate::iam::text::Text;

use super::Flaw;
use super::FlawKind;
use super::listed;
use super::values::is_plain;

fn flaw(kind: FlawKind, node: NodeId, statement: &Statement<'_>, value: &str, message: String) -> Flaw {
    Flaw {
        kind,
        node,
        under: statement.under,
        statement: Some(statement.node),
        effect: statement.effect,
        negated: false,
        value: value.to_owned(),
        message,
        replacement: None,
        actions: Vec::new(),
        sure: true,
    }
}

/// Grants of `iam:PassRole` that name a role and a service that the role does not trust, or a role that is an
/// administrator, which `is_stronger` says.
pub fn passes(
    catalog: &Catalog,
    own: usize,
    grants: &Grants<'_, '_>,
    roles: &[Reachable],
    is_stronger: impl Fn(&Reachable) -> bool,
) -> Vec<Flaw> {
    let Some(pass) = catalog.action("iam:PassRole") else { return Vec::new() };
    let mut out = Vec::new();
    for grant in grants.of(pass.id).filter(|grant| grant.policy < own && !grant.is_open()) {
        let services: Vec<&str> = grant
            .statement
            .conditions
            .iter()
            .filter(|test| test.key.eq_ignore_ascii_case("iam:PassedToService"))
            .filter(|test| test.operator.is_some_and(|operator| !operator.negated))
            .flat_map(|test| &test.values)
            .filter_map(|value| value.text.known())
            .collect();
        let named_services = !services.is_empty() && !services.iter().any(|service| service.contains('*'));
        for value in grant.statement.resources.iter().flat_map(|all| &all.values) {
            let named: Vec<&Reachable> = roles.iter().filter(|role| covers_value(value, role)).collect();
            let [role] = named.as_slice() else { continue };
            let trusts = role.services.iter().any(|own| services.contains(&own.as_str()));
            if is_stronger(role) && (trusts || !named_services) {
                let text = value.text.display();
                let message = format!("`{text}` is an administrator, which who may pass it is not");
                out.push(flaw(FlawKind::PassStronger, value.node, grant.statement, &text, message));
            } else if named_services && !trusts && !role.services.is_empty() {
                let text = value.text.display();
                let message = format!(
                    "the role `{text}` does not trust `{}`, so that it cannot be passed to it",
                    services.join("`, `")
                );
                out.push(flaw(FlawKind::PassMisdirected, value.node, grant.statement, &text, message));
            }
        }
    }
    out
}

/// Denies of a resource's policy that name a role, of actions that its own policies grant.
pub fn refusals(catalog: &Catalog, policy: &Policy<'_>, roles: &[Reachable]) -> Vec<Flaw> {
    let mut out = Vec::new();
    for statement in
        policy.statements.iter().filter(|one| one.effect == Effect::Deny && one.is_unconditional())
    {
        let Some(principals) = statement.principals.as_ref().filter(|all| !all.negated) else { continue };
        let denied = expansion(catalog, &statement.actions).sure;
        for principal in &principals.values {
            let everybody = matches!(&principal.value.text, Text::Known(text) if text == "*");
            for role in roles.iter().filter(|role| !everybody && covers_value(&principal.value, role)) {
                let mut both = role.actions.clone();
                both.intersect_with(&denied);
                let names: Vec<&str> = both.iter().map(|id| catalog.action_at(id).full_name()).collect();
                if !names.is_empty() {
                    let text = principal.value.text.display();
                    let message =
                        format!("the role's own policies grant {}, which this denies it", listed(&names));
                    out.push(flaw(FlawKind::RoleRefused, principal.value.node, statement, &text, message));
                }
            }
        }
    }
    out
}

/// A role that asks for something.
#[derive(Debug)]
pub struct Holder<'h> {
    /// How texts name it.
    pub role: &'h Reachable,
    /// Whether AWS makes up its name, so that nobody can have written it.
    pub nameless: bool,
    /// The tokens that stand for the ARNs of all roles of the input.
    pub others: &'h FxHashSet<Token>,
}

/// How grants name the resources that they are on: what of an ARN stands behind the account, or the reference.
pub fn named_resources(grants: &Grants<'_, '_>) -> Vec<Vec<Token>> {
    let statements = grants.all.iter().filter_map(|grant| grant.statement.resources.as_ref());
    let values = statements.filter(|all| !all.negated).flat_map(|all| &all.values);
    values.map(|value| name_in(&Target::of(&value.text).tokens)).collect()
}

fn name_in(tokens: &[Token]) -> Vec<Token> {
    match Arn::split(tokens) {
        Arn::Fields(fields) => fields.get(5).map(|name| name.to_vec()).unwrap_or_default(),
        _ => tokens.to_vec(),
    }
}

/// What a role's policies grant on a key, by its reference or name, and the key's policy allows neither it nor its account.
pub fn unlisted(
    catalog: &Catalog,
    policy: &Policy<'_>,
    (reference, name): (Token, &[Token]),
    holder: &Holder<'_>,
    grants: &Grants<'_, '_>,
) -> Option<Flaw> {
    for grant in &grants.all {
        for value in grant.statement.resources.iter().filter(|all| !all.negated).flat_map(|all| &all.values) {
            let tokens = Target::of(&value.text).tokens;
            let named = match Arn::split(&tokens) {
                Arn::Fields(fields) => fields.get(5) == Some(&name),
                _ => tokens == [reference],
            };
            if !named {
                continue;
            }
            let living = grant.actions.iter().map(|id| catalog.action_at(id));
            let own =
                living.filter(|action| action.service().prefix() == "kms" && !action.without_resources());
            let refused: Vec<&str> =
                own.map(Action::full_name).filter(|action| !allows(policy, action, holder)).collect();
            if !refused.is_empty() {
                let text = value.text.display();
                let message = format!(
                    "the policy of the key allows {} neither to the role nor to its account",
                    listed(&refused)
                );
                return Some(flaw(FlawKind::RoleRefused, value.node, grant.statement, &text, message));
            }
        }
    }
    None
}

/// Whether a key's policy may allow an action to a role.
fn allows(policy: &Policy<'_>, action: &str, holder: &Holder<'_>) -> bool {
    policy.statements.iter().filter(|one| matches!(one.effect, Effect::Allow | Effect::Unknown)).any(|one| {
        crate::iam::actions::covers(&one.actions, action) != Tri::No
            && one.principals.as_ref().is_some_and(|all| {
                all.negated
                    || all.values.iter().any(|one| one.ty == PrincipalType::Aws && may_be(&one.value, holder))
            })
    })
}

/// Whether a principal may be a role, or its account.
fn may_be(value: &Scalar<'_>, holder: &Holder<'_>) -> bool {
    let tokens = Target::of(&value.text).tokens;
    match Arn::split(&tokens) {
        Arn::Whole([one]) => Some(*one) == holder.role.reference || !holder.others.contains(one),
        Arn::Everything | Arn::Whole(_) => true,
        Arn::Fields(fields) => match fields.get(5) {
            None => true,
            Some(resource) if *resource == crate::iam::glob::literal("root").as_slice() => true,
            Some(resource) if is_plain(resource) && holder.nameless => false,
            Some(resource) => holder.role.name.as_ref().is_none_or(|name| intersects(resource, name)),
        },
    }
}

/// The first Allow of service control policies that allow only some actions, where roles need others.
pub fn withheld(catalog: &Catalog, policies: &[Policy<'_>], roles: &[Reachable]) -> Option<Flaw> {
    let mut allowed = ActionSet::none(catalog);
    let mut first = None;
    for policy in policies {
        for statement in policy.statements.iter().filter(|one| one.effect == Effect::Allow) {
            allowed.union_with(&expansion(catalog, &statement.actions).possible);
            first = first.or(Some(statement));
        }
        if !policy.complete {
            return None;
        }
    }
    let statement = first?;
    let mut missing = ActionSet::none(catalog);
    for role in roles {
        missing.union_with(&role.actions);
    }
    missing.subtract(&allowed);
    let names: Vec<&str> = missing.iter().map(|id| catalog.action_at(id).full_name()).collect();
    if names.is_empty() {
        return None;
    }
    let node = statement.actions.node.unwrap_or(statement.node);
    let message =
        format!("roles of the input need {}, which no control policy of the input allows", listed(&names));
    Some(flaw(FlawKind::ControlWithholds, node, statement, "", message))
}
