//! What failed, written down while it is found.
//!
//! References, not text: most of what is written down is taken back, because another alternative holds.

use std::sync::Arc;

use crate::document::Condition;

use crate::rules::ast::Range;
use crate::rules::fix::DeclaredFix;
use crate::rules::program::{Access, Block, Call, Message, Reference};

use super::answer::Problem;
use super::found::Found;
use super::scope::Env;
use super::value::Value;
use super::worlds::{Outcome, Worlds};

/// The failures of a rule, as a flat tree.
#[derive(Default)]
pub(super) struct Log<'p> {
    pub(super) events: Vec<Event<'p>>,
}

pub(super) enum Event<'p> {
    Open(Frame),
    Close,
    Leaf(Box<Leaf<'p>>),
}

/// What leaves are in.
#[derive(Clone, Copy)]
pub(super) enum Frame {
    /// A line with alternatives.
    Line,
    /// One of its alternatives.
    Alternative,
    Block,
    When,
    Type,
    Call,
    /// A clause that asks for `some`.
    Some,
}

/// One clause on one value.
pub(super) struct Leaf<'p> {
    pub(super) clause: LeafClause<'p>,
    pub(super) from: Option<Found>,
    pub(super) to: To,
    pub(super) fail: Condition,
    pub(super) unknown: Condition,
    /// The values of the blocks around, innermost first.
    pub(super) contexts: Vec<Value>,
    pub(super) entity: Option<crate::document::NodeId>,
}

/// What a value was compared with.
pub(super) enum To {
    Nothing,
    One(Found),
    /// The places in which it should be, or should not be.
    Many(Arc<[Found]>),
    /// Nothing was compared, and why.
    Note(&'static str),
}

impl To {
    pub(super) fn found(&self) -> &[Found] {
        match self {
            Self::One(found) => std::slice::from_ref(found),
            Self::Many(found) => found,
            Self::Nothing | Self::Note(_) => &[],
        }
    }
}

pub(super) enum LeafClause<'p> {
    Access(&'p Access),
    /// A block about something that is not there.
    Block(&'p Block),
    Reference(&'p Reference),
    Call(&'p Call),
    Problem(Box<Problem>),
}

impl<'p> LeafClause<'p> {
    /// Where the clause is written.
    pub(super) fn range(&self) -> Option<Range> {
        match self {
            Self::Access(access) => Some(access.range),
            Self::Reference(reference) => Some(reference.range),
            Self::Call(call) => Some(call.range),
            Self::Block(block) => Some(block.range),
            Self::Problem(_) => None,
        }
    }

    pub(super) fn message(&self) -> Option<&'p Message> {
        match self {
            Self::Access(access) => access.message.as_ref(),
            Self::Reference(reference) => reference.message.as_ref(),
            Self::Call(call) => call.message.as_ref(),
            Self::Block(_) | Self::Problem(_) => None,
        }
    }

    /// Whether its message or its fixes show values of the blocks around it.
    pub(super) fn shows_values(&self) -> bool {
        let shows = |message: &Message| !message.pieces.is_empty();
        let fixes = if let Self::Access(access) = self { &*access.fixes } else { &[] };
        self.message().is_some_and(shows) || fixes.iter().any(DeclaredFix::shows_values)
    }
}

impl<'p> Log<'p> {
    /// Where the log stands.
    pub(super) fn mark(&self) -> usize {
        self.events.len()
    }

    /// Starts a frame, if failures are written down.
    pub(super) fn open(&mut self, env: &Env<'_>, frame: Frame) -> usize {
        let mark = self.events.len();
        if env.record {
            self.events.push(Event::Open(frame));
        }
        mark
    }

    /// Ends a frame; one in which nothing failed is taken back.
    pub(super) fn close(&mut self, env: &Env<'_>, mark: usize, outcome: Outcome) {
        if !env.record {
            return;
        }
        if outcome.is_fine() || self.events.len() == mark + 1 {
            self.events.truncate(mark);
        } else {
            self.events.push(Event::Close);
        }
    }

    /// Writes down what a clause says of a value.
    pub(super) fn leaf(&mut self, env: &Env<'_>, leaf: Leaf<'p>) {
        if env.record {
            self.events.push(Event::Leaf(Box::new(leaf)));
        }
    }

    /// Writes down why something cannot be decided.
    pub(super) fn problem(&mut self, problem: &Problem, env: &Env<'_>) {
        let clause = LeafClause::Problem(Box::new(problem.clone()));
        let leaf = Leaf {
            clause,
            from: None,
            to: To::Nothing,
            fail: env.domain,
            unknown: Condition::NEVER,
            contexts: vec![env.context.value.clone()],
            entity: env.context.entity,
        };
        self.leaf(env, leaf);
    }

    /// What was written down since `mark` is unknown where `doubt` holds.
    pub(super) fn doubt(&mut self, mark: usize, doubt: Condition, worlds: &Worlds) {
        for leaf in self.leaves_since(mark) {
            leaf.unknown = worlds.or(leaf.unknown, worlds.and(leaf.fail, doubt));
            leaf.fail = worlds.and_not(leaf.fail, doubt);
        }
    }

    /// What was written down since `mark` counts only as far as the whole of it fails or is unknown.
    pub(super) fn restrict(&mut self, mark: usize, outcome: Outcome, worlds: &Worlds) {
        for leaf in self.leaves_since(mark) {
            let open = worlds.or(leaf.fail, leaf.unknown);
            leaf.fail = worlds.and(leaf.fail, outcome.fail);
            leaf.unknown = worlds.and(open, outcome.unknown);
        }
    }

    fn leaves_since(&mut self, mark: usize) -> impl Iterator<Item = &mut Leaf<'p>> {
        self.events.get_mut(mark..).unwrap_or_default().iter_mut().filter_map(|event| match event {
            Event::Leaf(leaf) => Some(&mut **leaf),
            Event::Open(_) | Event::Close => None,
        })
    }
}
