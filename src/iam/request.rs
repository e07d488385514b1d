//! Whether a request is one that AWS could get.

use crate::catalog::Catalog;
use crate::catalog::Use;

use super::arn;
use super::evaluate::Policies;
use super::evaluate::Request;
use super::glob::pattern;
use super::policy::Effect;
use super::policy::Policy;
use super::policy::PolicyKind;
use super::principal::Caller;
use crate::document::Tri;

/// Why a request cannot be decided at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The action does not exist.
    #[error("there is no action `{0}`")]
    Action(String),
    /// The action takes no resource of this kind.
    #[error("`{0}` takes no such resource")]
    Resource(String),
    /// The caller cannot have a policy of this kind.
    #[error("such a caller has no {0}")]
    Caller(&'static str),
    /// A policy is malformed.
    #[error("a policy is malformed")]
    Policy,
}

/// Checks a request and the policies that apply to it.
pub fn validate(
    catalog: &Catalog,
    policies: &Policies<'_, '_>,
    request: &Request<'_>,
) -> Result<(), RequestError> {
    callers(policies, request)?;
    let single = [policies.identity, policies.boundary, policies.session, policies.endpoint];
    let layered = policies.service_control.iter().chain(policies.resource_control).map(Vec::as_slice);
    let all = single.into_iter().chain(layered).flatten().chain(policies.resource);
    if all.into_iter().any(is_malformed) {
        return Err(RequestError::Policy);
    }
    let unknown = || RequestError::Action(request.action.to_owned());
    let action = catalog.action(request.action).ok_or_else(unknown)?;
    if action.without_resources() || action.withdrawn() || request.target.is_everything() {
        return Ok(());
    }
    let fits = action.uses().filter_map(Use::ty).any(|ty| {
        let form = pattern(&form_pattern(ty.arn()));
        arn::compare(&form, &request.target.tokens) != Tri::No && same_shape(ty.arn(), request)
    });
    if fits { Ok(()) } else { Err(RequestError::Resource(request.action.to_owned())) }
}

fn callers(policies: &Policies<'_, '_>, request: &Request<'_>) -> Result<(), RequestError> {
    let has_session = request.caller.is_role() || request.caller.is_federated_user();
    if !policies.session.is_empty() && !has_session {
        return Err(RequestError::Caller("session policy"));
    }
    if *request.caller == Caller::Anonymous {
        if !policies.boundary.is_empty() {
            return Err(RequestError::Caller("permissions boundary"));
        }
        if !policies.service_control.is_empty() {
            return Err(RequestError::Caller("service control policy"));
        }
    }
    Ok(())
}

fn is_malformed(policy: &Policy<'_>) -> bool {
    policy.statements.iter().any(|statement| {
        let no_principal = policy.kind == PolicyKind::Endpoint && statement.principals.is_none();
        statement.effect == Effect::Malformed || no_principal || statement.actions.node.is_none()
    })
}

/// The form of an ARN with `*` for each part that is free.
pub fn form_pattern(form: &str) -> String {
    let mut out = String::with_capacity(form.len());
    let mut rest = form;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        out.push('*');
        rest = after.split_once('}').map_or("", |(_, tail)| tail);
    }
    out.push_str(rest);
    out
}

/// Whether the resource has a slash where the form has one, and none where the form has none: a bucket is no object.
fn same_shape(form: &str, request: &Request<'_>) -> bool {
    let Some(text) = super::value::characters(&request.target.tokens) else { return true };
    let resource = |text: &str| text.splitn(6, ':').nth(5).unwrap_or("").to_owned();
    let form = resource(&form_pattern(form));
    form.contains('/') == resource(&text).contains('/') || form.starts_with("*/") || !form.starts_with('*')
}
