//! What all policies of a principal together lack.

use std::sync::Arc;

use crate::catalog::Action;
use crate::catalog::Catalog;
use crate::catalog::Gap;
use crate::catalog::TypeId;
use crate::document::Condition;
use crate::iam::arn::Arn;
use crate::iam::effective::Expanded;
use crate::iam::effective::Grants;
use crate::iam::forms::Form;
use crate::iam::glob::Token;
use crate::iam::glob::intersects;
use crate::iam::policy::Effect;
use crate::iam::policy::Policy;
use crate::iam::policy::Scalar;
use crate::iam::policy::Statement;
use crate::iam::resource::Target;

use super::Flaw;
use super::FlawKind;

/// Actions whose requests name a resource of each required type.
const JOINT: &[&str] = &["ssm:SendCommand", "ssm:StartAutomationExecution", "ec2:RunInstances"];

/// Actions that cannot be called without a role for the service.
const WITH_ROLE: &[&str] = &[
    "lambda:CreateFunction",
    "states:CreateStateMachine",
    "glue:CreateJob",
    "codebuild:CreateProject",
    "codepipeline:CreatePipeline",
    "sagemaker:CreateTrainingJob",
    "sagemaker:CreateProcessingJob",
    "sagemaker:CreateNotebookInstance",
    "sagemaker:CreateModel",
    "firehose:CreateDeliveryStream",
    "scheduler:CreateSchedule",
    "pipes:CreatePipe",
    "eks:CreateCluster",
    "eks:CreateNodegroup",
    "elasticmapreduce:RunJobFlow",
];

/// Lists what the policies of a principal lack together. Only the first `own` of them are looked at; the others only
/// add to what is granted.
pub fn together(
    catalog: &'static Catalog,
    policies: &[Arc<Expanded<'_>>],
    own: usize,
    grants: &Grants<'_, '_>,
) -> Vec<Flaw> {
    let mut out = Vec::new();
    for one in policies.iter().take(own) {
        for statement in one.policy.statements.iter().filter(|one| one.effect == Effect::Allow) {
            if statement.actions.negated {
                continue;
            }
            for value in &statement.actions.values {
                let action = value.text.known().filter(|text| !text.contains('*'));
                let Some(action) = action.and_then(|text| catalog.action(text)) else { continue };
                if let Some(found) = uncovered(catalog, statement, value, action, grants) {
                    out.push(found);
                }
                if grants.complete {
                    out.extend(dependant(catalog, statement, value, action, grants));
                }
            }
        }
    }
    out.extend(dead(policies, own, grants));
    out.extend(granted_already(catalog, own, grants));
    out
}

fn flaw(kind: FlawKind, statement: &Statement<'_>, value: &Scalar<'_>, message: String) -> Flaw {
    Flaw {
        kind,
        node: value.node,
        under: if statement.under.is_always() { value.under } else { statement.under },
        statement: Some(statement.node),
        effect: Effect::Allow,
        negated: false,
        value: value.text.display(),
        message,
        replacement: None,
        actions: Vec::new(),
        sure: true,
    }
}

/// A type that every request for an action names, and that no grant of the action covers.
fn uncovered(
    catalog: &Catalog,
    statement: &Statement<'_>,
    value: &Scalar<'_>,
    action: Action<'_>,
    grants: &Grants<'_, '_>,
) -> Option<Flaw> {
    if !action.uses().any(crate::catalog::Use::required) {
        return None;
    }
    let mut patterns = Vec::new();
    for grant in grants.of(action.id) {
        let resources = grant.statement.resources.as_ref().filter(|resources| !resources.negated)?;
        if resources.values.iter().any(|value| value.text.is("*")) {
            return None;
        }
        for value in &resources.values {
            let tokens = Target::of(&value.text).tokens;
            // `*` and whatever is not known may cover every type.
            if !matches!(Arn::split(&tokens), Arn::Fields(_)) {
                return None;
            }
            patterns.push(tokens);
        }
    }
    let met = |ty: TypeId| patterns.iter().any(|tokens| fits(Form::of(ty), tokens));
    let (required, others): (Vec<_>, Vec<_>) = action.uses().partition(|one| one.required());
    let missing: Vec<_> = required.iter().filter_map(|one| one.ty()).filter(|ty| !met(ty.id)).collect();
    // Where nothing is covered, no resource fits the action, which is said elsewhere.
    let covered =
        missing.len() < required.len() || others.iter().filter_map(|one| one.ty()).any(|ty| met(ty.id));
    let name = action.full_name();
    if missing.is_empty() || !covered || catalog.is_gap(Gap::Resource, name) {
        return None;
    }
    let names: Vec<String> = missing.iter().map(|ty| ty.arn().to_owned()).collect();
    let message =
        format!("every request for `{name}` also names {}, which no statement covers", super::listed(&names));
    let mut found = flaw(FlawKind::RequiredTypeUncovered, statement, value, message);
    // AWS's data calls some types required that are alternatives; for these actions they are not.
    found.sure = JOINT.contains(&name) && !names.iter().all(|form| form.contains(":automation-execution/"));
    found.replacement = names.into_iter().next();
    Some(found)
}

fn fits(form: &Form, tokens: &[Token]) -> bool {
    let Arn::Fields(own) = Arn::split(tokens) else { return true };
    let open: &[Token] = &[Token::Any];
    [2, 5].iter().all(|&index| {
        let own = own.get(index).copied().unwrap_or(open);
        form.field(index).is_none_or(|form| intersects(form, own))
    })
}

/// `iam:PassRole`, where an action hands a role to a service.
fn dependant(
    catalog: &Catalog,
    statement: &Statement<'_>,
    value: &Scalar<'_>,
    action: Action<'_>,
    grants: &Grants<'_, '_>,
) -> Option<Flaw> {
    let need = action.needs().find(|need| *need == "iam:PassRole")?;
    let needed = catalog.action(need)?;
    if grants.all.iter().any(|grant| grant.actions.has(needed.id)) {
        return None;
    }
    let name = action.full_name();
    let message = format!("`{name}` hands a role to a service, for which `{need}` is granted nowhere");
    let mut found = flaw(FlawKind::DependantMissing, statement, value, message);
    found.actions = vec![need.to_owned().into()];
    found.sure = WITH_ROLE.contains(&name);
    Some(found)
}

/// Statements of which a Deny or the boundary takes everything away.
fn dead(policies: &[Arc<Expanded<'_>>], own: usize, grants: &Grants<'_, '_>) -> Vec<Flaw> {
    let catalog = crate::catalog::embedded();
    let mut out = Vec::new();
    let denies: Vec<(&Statement<'_>, crate::iam::ActionSet)> = policies
        .iter()
        .flat_map(|one| &one.policy.statements)
        .filter(|one| one.effect == Effect::Deny && one.is_unconditional())
        .map(|one| (one, crate::iam::actions::expansion(catalog, &one.actions).sure))
        .collect();
    for grant in grants.all.iter().filter(|grant| grant.policy < own) {
        // Most grants are left, and nothing denies anything.
        if denies.is_empty() && !grant.actions.is_empty() {
            continue;
        }
        let meant = crate::iam::actions::expansion(catalog, &grant.statement.actions).sure;
        let taken = denies.iter().any(|(deny, set)| set.covers(&meant) && takes_away(deny, grant.statement));
        if !grant.actions.is_empty() && !taken {
            continue;
        }
        let Some(node) = grant.statement.actions.node.filter(|_| !meant.is_empty() && policies.len() >= own)
        else {
            continue;
        };
        let text = crate::iam::text::Text::Known(String::new().into());
        let value = Scalar { node, under: Condition::ALWAYS, text };
        let message = "a Deny or the boundary takes away everything that the statement allows".to_owned();
        out.push(flaw(FlawKind::GrantDead, grant.statement, &value, message));
    }
    out
}

/// Statements of a principal of which a control policy takes everything away.
pub fn taken_by_control(controls: &[Policy<'_>], grants: &Grants<'_, '_>) -> Vec<Flaw> {
    let catalog = crate::catalog::embedded();
    let statements = controls.iter().flat_map(|one| &one.statements);
    let denies = statements.filter(|one| one.effect == Effect::Deny && one.is_unconditional());
    let mut out = Vec::new();
    for deny in denies {
        let set = crate::iam::actions::expansion(catalog, &deny.actions).sure;
        for grant in &grants.all {
            let meant = crate::iam::actions::expansion(catalog, &grant.statement.actions).sure;
            let Some(node) = grant.statement.actions.node.filter(|_| !meant.is_empty()) else { continue };
            if set.covers(&meant) && takes_away(deny, grant.statement) {
                let text = crate::iam::text::Text::Known(String::new().into());
                let value = Scalar { node, under: Condition::ALWAYS, text };
                let message = "a control policy takes away everything that the statement allows".to_owned();
                out.push(flaw(FlawKind::GrantDead, grant.statement, &value, message));
            }
        }
    }
    out
}

/// Whether a Deny is on every resource of an Allow.
fn takes_away(deny: &Statement<'_>, allow: &Statement<'_>) -> bool {
    let (Some(denied), Some(allowed)) = (&deny.resources, &allow.resources) else { return false };
    if denied.negated || allowed.negated || allowed.values.is_empty() {
        return false;
    }
    allowed.values.iter().all(|value| {
        let wanted = Target::of(&value.text).tokens;
        denied.values.iter().filter(|one| one.under.is_always()).any(|one| {
            crate::iam::arn::compare(&Target::of(&one.text).tokens, &wanted) == crate::document::Tri::Yes
        })
    })
}

/// Statements that add nothing to what attached AWS policies grant on every resource.
fn granted_already(catalog: &Catalog, own: usize, grants: &Grants<'_, '_>) -> Vec<Flaw> {
    let mut theirs = crate::iam::ActionSet::none(catalog);
    for grant in grants.all.iter().filter(|grant| grant.policy >= own && grant.is_unconditional()) {
        let star = grant
            .statement
            .resources
            .as_ref()
            .is_some_and(|all| !all.negated && all.values.iter().any(|value| value.text.is("*")));
        if star {
            theirs.union_with(&grant.actions);
        }
    }
    let mut out = Vec::new();
    for grant in grants.all.iter().filter(|grant| grant.policy < own && !grant.actions.is_empty()) {
        if let (Some(node), true) = (grant.statement.actions.node, theirs.covers(&grant.actions)) {
            let text = crate::iam::text::Text::Known(String::new().into());
            let value = Scalar { node, under: Condition::ALWAYS, text };
            let message = "an attached AWS policy grants all of it already, on every resource".to_owned();
            out.push(flaw(FlawKind::GrantedAlready, grant.statement, &value, message));
        }
    }
    out
}
