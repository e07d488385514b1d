//! Whether a request is allowed.
//!
//! All policies that apply are looked at as AWS does: a matching Deny anywhere ends it; control policies, boundary and
//! session policy limit; identity and resource policy grant. Whatever is not known makes the answer [`Decision::Maybe`],
//! with the statements that it depends on.

use crate::catalog::Catalog;
use crate::document::NodeId;
use crate::document::Tri;

use super::actions;
use super::condition;
use super::condition::Setting;
use super::context::Context;
use super::policy::Effect;
use super::policy::Policy;
use super::policy::PolicyKind;
use super::policy::Statement;
use super::principal::Caller;
use super::principal::Named;
use super::principal::names;
use super::principal::names_any_session;
use super::protected::is_protected;
use super::resource;
use super::resource::Target;

/// A request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'r> {
    /// Who makes it.
    pub caller: &'r Caller,
    /// The action, such as `s3:GetObject`.
    pub action: &'r str,
    /// The resource.
    pub target: &'r Target,
    /// The account of the resource; where it is not given, that of the caller.
    pub resource_account: Option<&'r str>,
    /// The condition keys.
    pub context: &'r Context,
    /// Whether the caller's session, where it has one, can have any name.
    pub any_session: bool,
}

/// The policies that apply to a request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Policies<'p, 't> {
    /// Of the caller and its groups.
    pub identity: &'p [Policy<'t>],
    /// The permissions boundary.
    pub boundary: &'p [Policy<'t>],
    /// The session policy.
    pub session: &'p [Policy<'t>],
    /// The policy of the resource: a bucket policy, a key policy, a trust policy.
    pub resource: Option<&'p Policy<'t>>,
    /// The policies of the VPC endpoints that the request goes through.
    pub endpoint: &'p [Policy<'t>],
    /// Service control policies, from the root of the organisation down to the account.
    pub service_control: &'p [Vec<Policy<'t>>],
    /// Resource control policies, from the root down to the account.
    pub resource_control: &'p [Vec<Policy<'t>>],
}

/// A kind of policy that took part in a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Identity policies.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// The session policy.
    Session,
    /// The resource policy.
    Resource,
    /// An endpoint policy.
    Endpoint,
    /// Service control policies.
    ServiceControl,
    /// Resource control policies.
    ResourceControl,
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is allowed.
    Yes,
    /// It is not: by a Deny in these layers.
    Denied(Vec<Layer>),
    /// It is not: these layers do not allow it.
    NotAllowed(Vec<Layer>),
    /// It depends on statements of which not all is known.
    Maybe(Vec<(Layer, NodeId)>),
}

impl Decision {
    /// The answer without its reason.
    pub fn tri(&self) -> Tri {
        match self {
            Self::Yes => Tri::Yes,
            Self::Denied(_) | Self::NotAllowed(_) => Tri::No,
            Self::Maybe(_) => Tri::Maybe,
        }
    }
}

/// What the statements of a layer say.
#[derive(Clone, Debug)]
struct Outcome {
    deny: Tri,
    allow: Tri,
    /// The strongest way in which an Allow of a resource policy surely, or possibly, names the caller.
    sure: Named,
    possible: Named,
    /// Whether an Allow surely names everybody.
    everybody: bool,
    doubts: Vec<NodeId>,
}

impl Outcome {
    fn nothing() -> Self {
        Self {
            deny: Tri::No,
            allow: Tri::No,
            sure: Named::No,
            possible: Named::No,
            everybody: false,
            doubts: Vec::new(),
        }
    }

    fn everything() -> Self {
        Self { allow: Tri::Yes, ..Self::nothing() }
    }
}

/// Whether a statement matches a request, principals aside.
pub fn statement_matches(
    catalog: &Catalog,
    policy: &Policy<'_>,
    statement: &Statement<'_>,
    request: &Request<'_>,
) -> Tri {
    let mut answer = actions::covers(&statement.actions, request.action);
    if answer == Tri::No {
        return Tri::No;
    }
    let setting =
        Setting { context: request.context, variables: policy.has_variables(), effect: statement.effect };
    if let Some(resources) = &statement.resources {
        answer = answer.and(resource::covers(catalog, policy.kind, resources, request.target, setting));
    }
    if answer == Tri::No {
        return Tri::No;
    }
    answer = answer.and(condition::all_hold(&statement.conditions, setting));
    if statement.open || !statement.under.is_always() { answer.min(Tri::Maybe) } else { answer }
}

fn outcome(catalog: &Catalog, policies: &[Policy<'_>], request: &Request<'_>) -> Outcome {
    outcome_for(catalog, policies, request, false)
}

/// What policies say of a request; `bounded` where the caller has a permissions boundary.
fn outcome_for(catalog: &Catalog, policies: &[Policy<'_>], request: &Request<'_>, bounded: bool) -> Outcome {
    let mut out = Outcome::nothing();
    for policy in policies {
        if !policy.complete {
            out.allow = out.allow.max(Tri::Maybe);
            out.deny = out.deny.max(Tri::Maybe);
            out.possible = Named::Itself;
            out.doubts.push(policy.node);
        }
        for statement in &policy.statements {
            add(&mut out, catalog, policy, statement, request, bounded);
        }
    }
    out
}

fn add(
    out: &mut Outcome,
    catalog: &Catalog,
    policy: &Policy<'_>,
    statement: &Statement<'_>,
    request: &Request<'_>,
    bounded: bool,
) {
    let (named, except) = match &statement.principals {
        Some(principals) if policy.kind.has_principals() => {
            let named = names(principals, request.caller);
            let any = request.any_session && named == Named::No;
            let some = any && names_any_session(principals, request.caller) != Named::No;
            (if some { Named::Maybe } else { named }, principals.negated)
        }
        // A statement that names nobody reaches nobody; in an endpoint policy it reaches all who use the endpoint.
        None if policy.kind.has_principals() && policy.kind != PolicyKind::Endpoint => return,
        _ => (Named::Itself, false),
    };
    // A Deny for all but some reaches even those, where they have a permissions boundary.
    let reaches_all = except && bounded && statement.effect == Effect::Deny;
    let reached = match (except, named) {
        _ if reaches_all => Tri::Yes,
        // That its account is listed spares none of an account's principals from a Deny.
        (true, Named::Account) if statement.effect == Effect::Deny && !request.caller.is_root() => Tri::Yes,
        (false, Named::No) | (true, Named::Account | Named::Everybody | Named::Role | Named::Itself) => {
            return;
        }
        (_, Named::Maybe) => Tri::Maybe,
        _ => Tri::Yes,
    };
    // A Deny for an account reaches its principals; an Allow for it only delegates.
    let matched = statement_matches(catalog, policy, statement, request).and(reached);
    if matched == Tri::No {
        return;
    }
    if matched == Tri::Maybe || statement.effect == Effect::Unknown {
        out.doubts.push(statement.node);
    }
    let grade = if except { Named::Everybody } else { named };
    match statement.effect {
        Effect::Deny => out.deny = out.deny.or(matched),
        Effect::Allow => {
            out.allow = out.allow.or(matched);
            out.possible = out.possible.max(if named == Named::Maybe { Named::Itself } else { grade });
            if matched == Tri::Yes {
                out.sure = out.sure.max(grade);
                out.everybody |= grade == Named::Everybody;
            }
        }
        Effect::Unknown => {
            out.allow = out.allow.or(Tri::Maybe);
            out.deny = out.deny.or(Tri::Maybe);
            out.possible = out.possible.max(grade);
        }
        Effect::Malformed => {}
    }
}

/// All layers of a request.
struct Layers {
    identity: Outcome,
    boundary: Outcome,
    session: Outcome,
    resource: Outcome,
    endpoint: Outcome,
    service_control: Outcome,
    resource_control: Outcome,
}

impl Layers {
    fn each(&self) -> [(Layer, &Outcome); 7] {
        [
            (Layer::Identity, &self.identity),
            (Layer::Boundary, &self.boundary),
            (Layer::Session, &self.session),
            (Layer::Resource, &self.resource),
            (Layer::Endpoint, &self.endpoint),
            (Layer::ServiceControl, &self.service_control),
            (Layer::ResourceControl, &self.resource_control),
        ]
    }
}

/// Levels that must each allow.
fn levels(catalog: &Catalog, levels: &[Vec<Policy<'_>>], request: &Request<'_>) -> Outcome {
    let mut all = Outcome::everything();
    for level in levels {
        let one = outcome(catalog, level, request);
        all.allow = all.allow.and(one.allow);
        all.deny = all.deny.or(one.deny);
        all.doubts.extend(one.doubts);
    }
    all
}

/// A layer that limits only where it exists.
fn limit(catalog: &Catalog, policies: &[Policy<'_>], request: &Request<'_>) -> Outcome {
    if policies.is_empty() { Outcome::everything() } else { outcome(catalog, policies, request) }
}

/// Decides a request.
pub fn decide(catalog: &Catalog, policies: &Policies<'_, '_>, request: &Request<'_>) -> Decision {
    if request.action.eq_ignore_ascii_case("sts:GetCallerIdentity") {
        return Decision::Yes;
    }
    // An action that takes resources, asked for without one, is asked for any of them.
    let any = Target::any();
    let takes = catalog.action(request.action).is_some_and(|action| !action.without_resources());
    let request =
        if takes && request.target.is_everything() { &Request { target: &any, ..*request } } else { request };
    let caller = request.caller;
    let own_account = matches!(caller, Caller::Arn(_));
    let linked = caller.is_service_linked();
    let controlled: &[_] = if own_account && !linked { policies.service_control } else { &[] };
    // Resource control policies reach the resources of some services only.
    let reached = request.action.split_once(':').and_then(|(prefix, _)| catalog.service(prefix));
    let reached = reached.is_none_or(crate::catalog::Service::has_resource_control);
    let resource_controlled: &[_] = if linked || !reached { &[] } else { policies.resource_control };
    let layers = Layers {
        identity: outcome(catalog, policies.identity, request),
        boundary: limit(catalog, policies.boundary, request),
        session: limit(catalog, policies.session, request),
        resource: policies.resource.map_or_else(Outcome::nothing, |policy| {
            outcome_for(catalog, std::slice::from_ref(policy), request, !policies.boundary.is_empty())
        }),
        endpoint: limit(catalog, policies.endpoint, request),
        service_control: levels(catalog, controlled, request),
        resource_control: levels(catalog, resource_controlled, request),
    };
    let denied: Vec<Layer> =
        layers.each().iter().filter(|(_, one)| one.deny == Tri::Yes).map(|(layer, _)| *layer).collect();
    if !denied.is_empty() {
        return Decision::Denied(denied);
    }
    let (granted, blocking) = grant(policies, &layers, request);
    let maybe_denied = layers.each().iter().any(|(_, one)| one.deny == Tri::Maybe);
    match granted {
        Tri::No => Decision::NotAllowed(blocking),
        _ if is_protected(catalog, request.action, request.target) => Decision::NotAllowed(Vec::new()),
        Tri::Yes if !maybe_denied => Decision::Yes,
        _ => {
            let doubts = layers.each().into_iter().flat_map(|(layer, one)| {
                one.doubts.iter().map(move |&node| (layer, node)).collect::<Vec<_>>()
            });
            Decision::Maybe(doubts.collect())
        }
    }
}

/// Whether the request is granted, Denies aside, and else which layers do not allow it.
fn grant(policies: &Policies<'_, '_>, layers: &Layers, request: &Request<'_>) -> (Tri, Vec<Layer>) {
    let outer = layers.resource_control.allow.and(layers.service_control.allow).and(layers.endpoint.allow);
    let limits = layers.boundary.allow.and(layers.session.allow);
    let by_identity = layers.identity.allow.and(limits);
    let resource = &layers.resource;
    let inner = match request.caller {
        Caller::Arn(_) => {
            let account = request.caller.account();
            let same = request.resource_account.is_none() || request.resource_account == account;
            if !same {
                by_identity.and(resource.allow)
            } else if needs_resource_policy(policies, request) {
                let delegated = by_identity.and(at_least(resource, Named::Account));
                delegated.or(by_resource(layers, request))
            } else {
                by_identity.or(by_resource(layers, request))
            }
        }
        _ => resource.allow,
    };
    let answer = outer.and(inner);
    let checks = [
        (Layer::ResourceControl, layers.resource_control.allow),
        (Layer::ServiceControl, layers.service_control.allow),
        (Layer::Endpoint, layers.endpoint.allow),
        (Layer::Boundary, layers.boundary.allow),
        (Layer::Session, layers.session.allow),
        (Layer::Identity, layers.identity.allow),
        (Layer::Resource, if policies.resource.is_some() { resource.allow } else { Tri::Yes }),
    ];
    let blocking = checks.iter().filter(|(_, allow)| *allow == Tri::No).map(|(layer, _)| *layer).collect();
    (answer, blocking)
}

/// Whether the resource policy alone grants to a caller of the same account.
fn by_resource(layers: &Layers, request: &Request<'_>) -> Tri {
    let (resource, caller) = (&layers.resource, request.caller);
    let (boundary, session) = (layers.boundary.allow, layers.session.allow);
    // Naming the user, the session or the federated user itself is not limited by boundary and session policy; naming
    // the role is; naming everybody is limited by the session policy.
    let direct = at_least(resource, Named::Itself);
    let by_some_session = request.any_session && resource.sure < Named::Itself;
    let is_bare_role = caller.is_role() && caller.session().is_none() && !by_some_session;
    let direct = if is_bare_role { direct.and(boundary).and(session) } else { direct };
    let by_role = at_least(resource, Named::Role).and(boundary).and(session);
    let as_one_of_all = Tri::from(resource.everybody).and(session);
    direct.or(by_role).or(as_one_of_all).or(at_least(resource, Named::Everybody).and(boundary).and(session))
}

/// Whether an Allow names the caller at least so directly.
fn at_least(resource: &Outcome, named: Named) -> Tri {
    if resource.sure >= named {
        Tri::Yes
    } else if resource.possible >= named {
        Tri::Maybe
    } else {
        Tri::No
    }
}

/// Whether the identity's policies are not enough: roles and keys have the last word on who uses them.
fn needs_resource_policy(policies: &Policies<'_, '_>, request: &Request<'_>) -> bool {
    let action = request.action.to_ascii_lowercase();
    policies.resource.is_some()
        && (action.starts_with("sts:assumerole")
            || (action.starts_with("kms:") && !request.target.is_everything()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::embedded;
    use crate::document::Conditions;
    use crate::document::Limits;
    use crate::document::Source;
    use crate::document::Tree;
    use crate::document::json;

    fn read(text: &str) -> (Tree, NodeId) {
        let mut tree = Tree::new();
        let file = tree.add_source(Source::from_text("p.json", text));
        let (root, _) = json::read(&mut tree, file, text, 0, Limits::default()).unwrap();
        (tree, root)
    }

    /// What a user who may do everything may do under the policy of a resource, or a control policy.
    fn ask(action: &str, resource: &str, text: &str, kind: PolicyKind) -> Tri {
        let own = read(r#"{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#);
        let (tree, root) = read(text);
        let mut conditions = Conditions::new();
        let own = [Policy::read(&own.0, &mut conditions, own.1, PolicyKind::Identity)];
        let other = Policy::read(&tree, &mut conditions, root, kind);
        let control = [vec![other.clone()]];
        let policies = Policies {
            identity: &own,
            resource: (kind == PolicyKind::Resource).then_some(&other),
            resource_control: if kind == PolicyKind::ResourceControl { &control } else { &[] },
            ..Policies::default()
        };
        let request = Request {
            caller: &Caller::parse("arn:aws:iam::210987654321:user/Ada"),
            action,
            target: &Target::parse(resource),
            resource_account: Some("210987654321"),
            context: &Context::default(),
            any_session: false,
        };
        decide(embedded(), &policies, &request).tri()
    }

    #[test]
    fn a_deny_for_all_but_an_account_reaches_its_principals() {
        let deny = |except: &str| {
            let text = format!(
                r#"{{"Statement": [{{"Effect": "Deny", "NotPrincipal": {{"AWS": [{except}]}}, "Action": "s3:*", "Resource": "*"}}]}}"#
            );
            ask("s3:GetObject", "arn:aws:s3:::b/k", &text, PolicyKind::Resource)
        };
        assert_eq!(deny(r#""arn:aws:iam::210987654321:root""#), Tri::No);
        assert_eq!(
            deny(r#""arn:aws:iam::210987654321:root", "arn:aws:iam::210987654321:user/Ada""#),
            Tri::Yes
        );
    }

    #[test]
    fn resource_control_policies_reach_some_services() {
        let text = r#"{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"},
            {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}"#;
        let control = |action, resource| ask(action, resource, text, PolicyKind::ResourceControl);
        assert_eq!(control("s3:GetObject", "arn:aws:s3:::b/k"), Tri::No);
        assert_eq!(
            control("ec2:StartInstances", "arn:aws:ec2:eu-west-1:210987654321:instance/i-1"),
            Tri::Yes
        );
    }
}
