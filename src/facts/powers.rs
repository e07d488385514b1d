//! Questions about what principals may do, for rules that ask them.
//!
//! An answer says for every combination of the input's conditions whether it is yes, no, or not decided. The policies of
//! a principal are read when it is asked about for the first time, and every question is worked out once.

use std::sync::Mutex;
use std::sync::PoisonError;

use rustc_hash::FxHashMap;

use crate::catalog;
use crate::document::Condition;
use crate::document::Conditions;
use crate::document::HoleKind;
use crate::document::Limits;
use crate::document::NodeId;
use crate::document::Piece;
use crate::document::Source as Text;
use crate::document::Tree;
use crate::document::Tri;
use crate::document::json;
use crate::iam::Policy;
use crate::iam::PolicyKind;
use crate::iam::context::Context;
use crate::iam::evaluate;
use crate::iam::evaluate::Decision;
use crate::iam::policy::Effect;
use crate::iam::policy::Patterns;
use crate::iam::policy::Principal;
use crate::iam::policy::PrincipalType;
use crate::iam::principal::Caller;
use crate::iam::principal::Named;
use crate::iam::principal::names;
use crate::iam::resource::Target;
use crate::iam::text::Text as Value;
use crate::model::EntityId;

use super::Facts;
use super::authority::Holding;
use super::authority::Source;
use super::worlds;

/// The answer to a question; where it is neither yes nor maybe, it is no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// When it is yes.
    pub yes: Condition,
    /// When it is not decided.
    pub maybe: Condition,
    /// What makes it so.
    pub place: Option<NodeId>,
}

impl Answer {
    /// No, whatever the conditions.
    pub const NO: Self = Self { yes: Condition::NEVER, maybe: Condition::NEVER, place: None };

    /// The same answer whatever the conditions.
    pub fn always(answer: Tri) -> Self {
        Self::under(Condition::ALWAYS, answer, None)
    }

    fn under(when: Condition, answer: Tri, place: Option<NodeId>) -> Self {
        match answer {
            Tri::No => Self::NO,
            Tri::Maybe => Self { maybe: when, place, ..Self::NO },
            Tri::Yes => Self { yes: when, place, ..Self::NO },
        }
    }

    /// One of the two: yes wins over what is not decided.
    #[must_use]
    pub fn or(self, other: Self, conditions: &mut Conditions) -> Self {
        let yes = conditions.or(self.yes, other.yes);
        let any = conditions.or(self.maybe, other.maybe);
        let maybe = conditions.and_not(any, yes);
        let better = self.place.is_none() || (self.yes.is_never() && !other.yes.is_never());
        Self { yes, maybe, place: if better { other.place.or(self.place) } else { self.place } }
    }

    /// Only where `when` holds.
    #[must_use]
    pub fn within(self, when: Condition, conditions: &mut Conditions) -> Self {
        Self { yes: conditions.and(self.yes, when), maybe: conditions.and(self.maybe, when), ..self }
    }
}

/// The AWS managed policies that an input attaches, read.
#[derive(Debug, Default)]
pub struct Library {
    read: FxHashMap<Box<str>, (Tree, NodeId)>,
}

impl Library {
    /// Reads them.
    pub fn of(facts: &Facts) -> Self {
        let mut read = FxHashMap::default();
        let all = facts.authority.principals.values();
        for holding in all.flat_map(|one| one.identity.iter().chain(&one.boundary)) {
            let Source::Aws(name) = &holding.source else { continue };
            if read.contains_key(name) {
                continue;
            }
            let Some(policy) = catalog::embedded().managed_policy(name) else { continue };
            let mut tree = Tree::new();
            let file = tree.add_source(Text::from_text(&**name, policy.document()));
            if let Ok((root, _)) = json::read(&mut tree, file, policy.document(), 0, Limits::default()) {
                read.insert(name.clone(), (tree, root));
            }
        }
        Self { read }
    }
}

/// The policies of a principal.
#[derive(Debug)]
struct Held<'p> {
    identity: Vec<One<'p>>,
    boundary: Vec<One<'p>>,
    trust: Option<Policy<'p>>,
}

/// A policy, when the principal has it, and where a finding about it belongs.
#[derive(Clone, Debug)]
struct One<'p> {
    under: Condition,
    policy: Policy<'p>,
    /// The value that attaches it, where the document itself is not in the input.
    place: Option<NodeId>,
}

/// A question: who, which action, on what.
type Question = (EntityId, Box<str>, Option<Box<str>>);

/// What principals may do.
#[derive(Debug)]
pub struct Powers<'p> {
    facts: &'p Facts,
    held: FxHashMap<EntityId, Held<'p>>,
    answers: Mutex<FxHashMap<Question, Answer>>,
}

impl<'p> Powers<'p> {
    /// Reads the policies of all principals.
    pub fn new(facts: &'p Facts, library: &'p Library, conditions: &mut Conditions) -> Self {
        let mut held = FxHashMap::default();
        for (&id, holdings) in &facts.authority.principals {
            let mut read = |all: &[Holding], kind: PolicyKind| -> Vec<One<'p>> {
                all.iter().map(|one| read(facts, library, one, kind, conditions)).collect()
            };
            let identity = read(&holdings.identity, PolicyKind::Identity);
            let boundary = read(&holdings.boundary, PolicyKind::Boundary);
            let trust = holdings.trust;
            let trust = trust.map(|node| Policy::read(&facts.tree, conditions, node, PolicyKind::Trust));
            held.insert(id, Held { identity, boundary, trust });
        }
        Self { facts, held, answers: Mutex::default() }
    }

    /// The principal that an entity of the facts is.
    pub fn principal(&self, node: NodeId) -> Option<EntityId> {
        self.facts.entities.get(&node).copied().filter(|id| self.held.contains_key(id))
    }

    /// Whether a principal may do what an action's name or pattern says: any of the actions that it matches, on all of
    /// the resource, or, without one, on any resource.
    pub fn allows(
        &self,
        conditions: &mut Conditions,
        principal: EntityId,
        action: &str,
        resource: Option<(&str, &Target)>,
    ) -> Answer {
        let question = (principal, action.into(), resource.map(|(text, _)| text.into()));
        let lock = || self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&known) = lock().get(&question) {
            return known;
        }
        let answer = self.work_out(conditions, principal, action, resource.map(|(_, target)| target));
        lock().insert(question, answer);
        answer
    }

    fn work_out(
        &self,
        conditions: &mut Conditions,
        principal: EntityId,
        action: &str,
        resource: Option<&Target>,
    ) -> Answer {
        let Some(held) = self.held.get(&principal) else { return Answer::NO };
        let unders = held.identity.iter().chain(&held.boundary).flat_map(|one| {
            std::iter::once(one.under).chain(worlds::unders(&one.policy)).collect::<Vec<_>>()
        });
        let worlds = worlds::split(conditions, unders);
        let mut answer = Answer::NO;
        for world in worlds {
            let mut within = |all: &[One<'p>]| -> Vec<One<'p>> {
                all.iter().filter_map(|one| in_world(one, world, conditions)).collect()
            };
            let (identity, boundary) = (within(&held.identity), within(&held.boundary));
            let one = in_one_world(&identity, &boundary, action, resource);
            answer = answer.or(Answer::under(world, one.0, one.1), conditions);
        }
        answer
    }

    /// Whether a principal can act with the rights of a role.
    pub fn reaches(&self, conditions: &mut Conditions, principal: EntityId, role: EntityId) -> Answer {
        if principal == role {
            return Answer::always(Tri::Yes);
        }
        let authority = &self.facts.authority;
        let mut when = authority.administrators.get(&principal).copied().unwrap_or(Condition::NEVER);
        if let Some(reached) = authority.reached.get(&principal) {
            let found = reached.principals.iter().find(|(id, _)| *id == role);
            let found = found.map_or(Condition::NEVER, |(_, under)| *under);
            let any = conditions.or(reached.everything, found);
            when = conditions.or(when, any);
        }
        Answer { yes: when, ..Answer::NO }
    }

    /// Whether a trust policy names somebody: a service, an account, the ARN of a principal, or `*`.
    pub fn trusts(&self, conditions: &mut Conditions, role: EntityId, who: &str) -> Answer {
        let Some(policy) = self.held.get(&role).and_then(|held| held.trust.as_ref()) else {
            return Answer::NO;
        };
        let caller = Caller::parse(who);
        let mut answer = Answer::NO;
        if !policy.complete {
            answer = Answer { place: Some(policy.node), ..Answer::always(Tri::Maybe) };
        }
        for statement in policy.statements.iter().filter(|one| one.effect == Effect::Allow) {
            let Some(principals) = &statement.principals else { continue };
            let named = if who == "*" {
                principals.values.iter().map(everybody).fold(Tri::No, Tri::or)
            } else {
                match names(principals, &caller) {
                    Named::No => Tri::No,
                    Named::Maybe => Tri::Maybe,
                    _ => Tri::Yes,
                }
            };
            let named = if principals.negated { named.negate() } else { named };
            let one = Answer::under(statement.under, named, Some(statement.node));
            answer = answer.or(one, conditions);
        }
        answer
    }
}

/// Reads a policy of a principal.
fn read<'p>(
    facts: &'p Facts,
    library: &'p Library,
    holding: &Holding,
    kind: PolicyKind,
    conditions: &mut Conditions,
) -> One<'p> {
    let under = holding.under;
    let aws = match &holding.source {
        Source::Document(node) => {
            let policy = Policy::read(&facts.tree, conditions, *node, kind);
            return One { under, policy, place: None };
        }
        Source::Aws(name) => library.read.get(name),
        Source::Elsewhere => None,
    };
    let policy = match aws {
        Some((tree, root)) => Policy::read(tree, conditions, *root, kind),
        None => unknown(holding.place, kind),
    };
    One { under, policy, place: Some(holding.place) }
}

/// Whether a principal is `*`.
fn everybody(principal: &Principal<'_>) -> Tri {
    let there = if principal.value.under.is_always() { Tri::Yes } else { Tri::Maybe };
    let is = match &principal.value.text {
        _ if principal.ty != PrincipalType::Aws => Tri::No,
        Value::Known(text) => Tri::from(text == "*"),
        // The ARN of something in the input is not everybody's.
        Value::Holes([Piece::Hole(hole)]) => match hole.kind {
            HoleKind::Parameter { .. } | HoleKind::Any(_) | HoleKind::Dynamic => Tri::Maybe,
            _ => Tri::No,
        },
        Value::Holes(_) => Tri::No,
        Value::Unknown(_) => Tri::Maybe,
    };
    is.and(there)
}

/// A policy of which nothing is known.
fn unknown<'p>(node: NodeId, kind: PolicyKind) -> Policy<'p> {
    Policy { kind, node, version: None, statements: Vec::new(), complete: false }
}

/// A policy as it is in one world; nothing where the principal does not have it there.
fn in_world<'p>(one: &One<'p>, world: Condition, conditions: &mut Conditions) -> Option<One<'p>> {
    let there = worlds::holds(conditions, one.under, world);
    if there == Tri::No {
        return None;
    }
    let mut policy = worlds::specialise(&one.policy, world, conditions);
    policy.complete &= there == Tri::Yes;
    Some(One { under: Condition::ALWAYS, policy, place: one.place })
}

/// The answer where all policies are there, and what it rests on.
fn in_one_world(
    identity: &[One<'_>],
    boundary: &[One<'_>],
    action: &str,
    resource: Option<&Target>,
) -> (Tri, Option<NodeId>) {
    let own: Vec<Policy<'_>> = identity.iter().map(|one| one.policy.clone()).collect();
    let limit: Vec<Policy<'_>> = boundary.iter().map(|one| one.policy.clone()).collect();
    let policies = evaluate::Policies { identity: &own, boundary: &limit, ..evaluate::Policies::default() };
    let catalog = catalog::embedded();
    let mut actions = Vec::new();
    crate::iam::actions::each(catalog, action, |found| actions.push(found.full_name().to_owned()));
    if actions.is_empty() && !action.contains(['*', '?']) {
        actions.push(action.to_owned());
    }
    let context = Context::open();
    let caller = Caller::Arn("arn:aws:iam::000000000000:role/asked".to_owned());
    let mut best = (Tri::No, None);
    for name in &actions {
        for target in targets(&own, name, resource) {
            let request = evaluate::Request {
                caller: &caller,
                action: name,
                target: &target,
                resource_account: None,
                context: &context,
                any_session: false,
            };
            let decision = evaluate::decide(catalog, &policies, &request);
            let answer = decision.tri();
            if answer <= best.0 {
                continue;
            }
            let by = match &decision {
                Decision::Maybe(doubts) => doubts.first().map(|(_, node)| *node),
                _ => None,
            };
            best = (answer, place(identity, &request, by));
            if answer == Tri::Yes {
                return best;
            }
        }
    }
    best
}

/// What to ask about: the resource, or else all that the statements with the action name.
fn targets(policies: &[Policy<'_>], action: &str, resource: Option<&Target>) -> Vec<Target> {
    if let Some(resource) = resource {
        return vec![resource.clone()];
    }
    let mut out = Vec::new();
    for policy in policies {
        if !policy.complete {
            out.push(Target::any());
        }
        let allowing = policy.statements.iter().filter(|one| {
            one.effect != Effect::Deny && crate::iam::actions::covers(&one.actions, action) != Tri::No
        });
        for statement in allowing {
            match &statement.resources {
                Some(resources) if !resources.negated => {
                    out.extend(resources.values.iter().map(|value| Target::of(&value.text)));
                }
                Some(_) => out.push(Target::any()),
                None => {}
            }
        }
    }
    out
}

/// Where a finding about a request belongs: the statement that allows it, or that leaves it open.
fn place(identity: &[One<'_>], request: &evaluate::Request<'_>, doubt: Option<NodeId>) -> Option<NodeId> {
    let catalog = catalog::embedded();
    let mut possible = None;
    for one in identity {
        if !one.policy.complete {
            possible = possible.or(one.place.or(Some(one.policy.node)));
        }
        for statement in one.policy.statements.iter().filter(|one| one.effect == Effect::Allow) {
            let here = one.place.or(Some(statement.node));
            match evaluate::statement_matches(catalog, &one.policy, statement, request) {
                Tri::Yes => return here,
                Tri::Maybe => possible = possible.or(here),
                Tri::No => {}
            }
        }
    }
    possible.or(doubt)
}

/// Whether the patterns of a statement have one of the actions that a name or pattern means.
pub fn covers_any(patterns: &Patterns<'_>, action: &str) -> Tri {
    let mut found = crate::iam::actions::covers(patterns, action);
    if action.contains(['*', '?']) {
        found = Tri::No;
        crate::iam::actions::each(catalog::embedded(), action, |one| {
            if found != Tri::Yes {
                found = found.or(crate::iam::actions::covers(patterns, one.full_name()));
            }
        });
    }
    found
}
