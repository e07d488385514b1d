//! What a principal may do by all its policies together.
//!
//! Each Allow statement becomes a [`Grant`]: a set of actions, less what a Deny surely takes away and what the boundary
//! does not let through, on the statement's resources. Denies and boundaries that depend on resources or conditions are
//! left to [`decide`](super::evaluate::decide).

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::OnceLock;

use crate::catalog::ActionId;
use crate::catalog::Catalog;
use crate::document::NodeId;

use super::actions;
use super::actions::ActionSet;
use super::actions::expansion;
use super::arn::Arn;
use super::glob::Token;
use super::glob::is_everything;
use super::policy::Effect;
use super::policy::Policy;
use super::policy::Scalar;
use super::policy::Statement;
use super::resource::Target;

/// A policy with its actions looked up, for the principals that share it.
#[derive(Debug)]
pub struct Expanded<'t> {
    /// The policy.
    pub policy: Policy<'t>,
    /// What each statement surely speaks of.
    sure: Vec<ActionSet>,
    /// What it denies whatever the resource and the context.
    denied: ActionSet,
    /// What it lets through as a boundary.
    limit: OnceLock<ActionSet>,
}

impl<'t> Expanded<'t> {
    /// Looks the actions of a policy up.
    pub fn new(catalog: &Catalog, policy: Policy<'t>) -> Self {
        let sure: Vec<ActionSet> =
            policy.statements.iter().map(|one| expansion(catalog, &one.actions).sure).collect();
        let mut denied = ActionSet::none(catalog);
        for (statement, set) in policy.statements.iter().zip(&sure) {
            if is_total_deny(statement) {
                denied.union_with(set);
            }
        }
        Self { policy, sure, denied, limit: OnceLock::new() }
    }

    /// What the policy lets through as a boundary.
    fn limit(&self, catalog: &Catalog) -> &ActionSet {
        self.limit.get_or_init(|| {
            if !self.policy.complete {
                return ActionSet::all(catalog);
            }
            let mut limit = ActionSet::none(catalog);
            for statement in self.policy.statements.iter().filter(|one| one.effect == Effect::Allow) {
                limit.union_with(&expansion(catalog, &statement.actions).possible);
            }
            limit
        })
    }
}

/// What one statement grants.
#[derive(Clone, Debug)]
pub struct Grant<'p, 't> {
    /// The position of the policy among those that were given.
    pub policy: usize,
    /// The statement.
    pub statement: &'p Statement<'t>,
    /// The actions that it surely grants on its resources.
    pub actions: Cow<'p, ActionSet>,
}

/// What a principal's policies grant together.
#[derive(Clone, Debug)]
pub struct Grants<'p, 't> {
    /// What each statement grants.
    pub all: Vec<Grant<'p, 't>>,
    /// Whether every policy is known.
    pub complete: bool,
}

impl<'p, 't> Grants<'p, 't> {
    /// Works out what identity policies grant within a boundary.
    pub fn new(catalog: &Catalog, policies: &'p [Arc<Expanded<'t>>], boundary: &[Arc<Expanded<'_>>]) -> Self {
        let mut denied = ActionSet::none(catalog);
        for one in policies.iter().chain(boundary) {
            denied.union_with(&one.denied);
        }
        let limit = (!boundary.is_empty()).then(|| {
            let mut limit = ActionSet::none(catalog);
            for one in boundary {
                limit.union_with(one.limit(catalog));
            }
            limit
        });
        let mut all = Vec::new();
        for (index, one) in policies.iter().enumerate() {
            let statements = one.policy.statements.iter().zip(&one.sure);
            for (statement, sure) in statements.filter(|(one, _)| one.effect == Effect::Allow) {
                let mut actions = Cow::Borrowed(sure);
                if sure.meets(&denied) {
                    actions.to_mut().subtract(&denied);
                }
                if let Some(limit) = limit.as_ref().filter(|limit| !limit.covers(&actions)) {
                    actions.to_mut().intersect_with(limit);
                }
                all.push(Grant { policy: index, statement, actions });
            }
        }
        Self { all, complete: policies.iter().all(|one| one.policy.complete) }
    }

    /// The actions that are granted on some resource; those that depend on conditions only if asked for.
    pub fn actions(&self, catalog: &Catalog, conditional: bool) -> ActionSet {
        self.union(catalog, |grant| conditional || grant.is_unconditional())
    }

    /// The actions that are granted on every resource of their type, whatever the context.
    pub fn open(&self, catalog: &Catalog) -> ActionSet {
        self.union(catalog, |grant| grant.is_unconditional() && grant.is_open())
    }

    fn union(&self, catalog: &Catalog, wanted: impl Fn(&Grant<'p, 't>) -> bool) -> ActionSet {
        let mut set = ActionSet::none(catalog);
        self.all.iter().filter(|grant| wanted(grant)).for_each(|grant| set.union_with(&grant.actions));
        set
    }

    /// The grants that have an action.
    pub fn of(&self, action: ActionId) -> impl Iterator<Item = &Grant<'p, 't>> {
        self.all.iter().filter(move |grant| grant.actions.has(action))
    }

    /// Whether everything is granted on everything.
    pub fn is_administrator(&self, catalog: &Catalog) -> bool {
        self.open(catalog).is_all(catalog)
    }
}

impl Grant<'_, '_> {
    /// Whether the grant does not depend on the context of a request.
    pub fn is_unconditional(&self) -> bool {
        self.statement.is_unconditional()
    }

    /// Whether the grant is on every resource, or on every one of a type.
    pub fn is_open(&self) -> bool {
        match &self.statement.resources {
            None => false,
            Some(resources) if resources.negated => true,
            Some(resources) => resources.values.iter().any(is_open),
        }
    }

    /// The pattern that brings an action: what a person would change.
    pub fn place(&self, action: &str) -> NodeId {
        let patterns = &self.statement.actions;
        let found = patterns.values.iter().find(|value| {
            !patterns.negated && value.text.known().is_some_and(|text| actions::matches(text, action))
        });
        found.map(|value| value.node).or(patterns.node).unwrap_or(self.statement.node)
    }
}

/// A Deny that takes its actions away whatever the resource and the context.
fn is_total_deny(statement: &Statement<'_>) -> bool {
    statement.effect == Effect::Deny
        && statement.is_unconditional()
        && statement.resources.as_ref().is_some_and(|resources| {
            !resources.negated && resources.values.iter().any(|value| value.text.is("*"))
        })
}

/// Whether a resource is `*`, or every one of a type in an account.
fn is_open(value: &Scalar<'_>) -> bool {
    if !value.under.is_always() {
        return false;
    }
    let tokens = Target::of(&value.text).tokens;
    match Arn::split(&tokens) {
        Arn::Everything => true,
        Arn::Whole(_) => false,
        Arn::Fields(fields) => fields.get(5).is_none_or(|name| {
            let at = name.iter().position(|token| matches!(token, Token::Unit(0x2F | 0x3A)));
            let tail = at.and_then(|at| name.get(at + 1..));
            let word = at.and_then(|at| name.get(..at)).unwrap_or(&[]);
            let fixed = word.iter().all(|token| matches!(token, Token::Unit(_)));
            is_everything(name) || (fixed && tail.is_some_and(is_everything) && !is_bucket(&fields))
        }),
    }
}

/// `bucket/*` is every object of one bucket, not of every bucket.
fn is_bucket(fields: &[&[Token]]) -> bool {
    fields.get(2).is_some_and(|service| *service == super::glob::literal("s3").as_slice())
}
