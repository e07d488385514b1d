//! Variables while rules are asked.

use std::cell::RefCell;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::document::{Condition, NodeId};

use crate::rules::program::{Lets, NameId};

use super::found::Found;
use super::value::Value;

/// Why a clause stands where it does: what cannot be told is then a failure or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    /// It must hold.
    Assertion,
    /// It decides whether something else must hold.
    Gate,
}

/// Where a clause is asked.
#[derive(Clone, Copy)]
pub(crate) struct Env<'e> {
    pub(crate) scope: &'e Scope<'e>,
    pub(crate) context: &'e Context<'e>,
    pub(crate) role: Role,
    /// When anybody cares.
    pub(crate) domain: Condition,
    /// Whether failures are written down.
    pub(crate) record: bool,
    /// How many calls deep.
    pub(crate) depth: u32,
}

/// The value at hand, and those around it.
pub(crate) struct Context<'e> {
    pub(crate) value: Value,
    pub(crate) entity: Option<NodeId>,
    pub(crate) outer: Option<&'e Context<'e>>,
}

/// A parameter, and what the call gives for it.
pub(crate) type Parameter = (NameId, Arc<[Found]>);

/// A scope.
pub(crate) enum Scope<'e> {
    /// Assignments.
    Lets(LetScope<'e>),
    /// The parameters of a call.
    Call { parameters: Vec<Parameter>, outer: &'e Scope<'e> },
}

/// Assignments, and the value that they are about.
pub(crate) struct LetScope<'e> {
    pub(crate) lets: &'e Lets,
    pub(crate) values: RefCell<Vec<Slot>>,
    pub(crate) context: &'e Context<'e>,
    pub(crate) domain: Condition,
    pub(crate) depth: u32,
    /// Nothing for the scope of a file.
    pub(crate) outer: Option<&'e Scope<'e>>,
    /// Keys that queries captured; only in the scope of a file.
    pub(crate) captured: RefCell<FxHashMap<NameId, Vec<Found>>>,
}

/// A variable's results.
#[derive(Clone, Default)]
pub(crate) enum Slot {
    /// Nobody asked.
    #[default]
    Waiting,
    /// Somebody asks right now.
    Working,
    Done(Arc<[Found]>),
}

impl<'e> LetScope<'e> {
    /// The scope of a file.
    pub(crate) fn file(lets: &'e Lets, context: &'e Context<'e>) -> Self {
        Self::new(lets, context, Condition::ALWAYS, 0, None)
    }

    /// The scope of a body that is evaluated in `env`.
    pub(crate) fn body(lets: &'e Lets, env: &Env<'e>) -> Self {
        Self::new(lets, env.context, env.domain, env.depth, Some(env.scope))
    }

    fn new(
        lets: &'e Lets,
        context: &'e Context<'e>,
        domain: Condition,
        depth: u32,
        outer: Option<&'e Scope<'e>>,
    ) -> Self {
        Self {
            lets,
            values: RefCell::new(vec![Slot::Waiting; lets.0.len()]),
            context,
            domain,
            depth,
            outer,
            captured: RefCell::default(),
        }
    }
}

impl<'e> Scope<'e> {
    /// The scope of the file.
    pub(crate) fn root(&self) -> &Scope<'e> {
        match self {
            Self::Lets(LetScope { outer: Some(outer), .. }) | Self::Call { outer, .. } => outer.root(),
            Self::Lets(_) => self,
        }
    }
}
