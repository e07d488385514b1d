//! How many references of a template lead somewhere.

use std::collections::BTreeMap;

use crate::document::{Hole, HoleKind, NodeId, Piece, Reason, Tree, View};
use crate::ingest::Options;
use crate::ingest::assembly::Assembly;

use super::resolve::{Resolver, Shared, State};
use super::stack::Stack;

/// What the `Ref`s, `Fn::GetAtt`s and variables of `Fn::Sub` of a template resolve to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// A declared resource: its name, ARN or an attribute.
    pub entity: usize,
    /// A value that is known.
    pub value: usize,
    /// One of several values.
    pub alternatives: usize,
    /// A hole whose kind is known: a pseudo parameter, a parameter without a value.
    pub hole: usize,
    /// Nothing, by reason.
    pub unknown: BTreeMap<Reason, usize>,
    /// What blocks the unknown ones.
    pub blockers: Vec<(Reason, Box<str>)>,
}

impl References {
    /// All references.
    pub fn total(&self) -> usize {
        self.resolved() + self.unknown.values().sum::<usize>()
    }

    /// Those that lead somewhere.
    pub fn resolved(&self) -> usize {
        self.entity + self.value + self.alternatives + self.hole
    }

    /// Adds the references of another template.
    pub fn add(&mut self, other: &Self) {
        self.entity += other.entity;
        self.value += other.value;
        self.alternatives += other.alternatives;
        self.hole += other.hole;
        for (&reason, count) in &other.unknown {
            *self.unknown.entry(reason).or_default() += count;
        }
        self.blockers.extend(other.blockers.iter().cloned());
    }

    fn count(&mut self, tree: &Tree, value: Option<NodeId>) {
        // `AWS::NoValue` is known to be nothing.
        let Some(value) = value else {
            self.value += 1;
            return;
        };
        match tree.view(value) {
            // A list parameter without a value, or one that is stored, is a list of whatever its type says.
            View::Unknown(unknown) if matches!(unknown.reason, Reason::Parameter | Reason::Account) => {
                self.hole += 1;
            }
            View::Unknown(unknown) => self.miss(unknown.reason, &unknown.blocker),
            View::Choice(_) => self.alternatives += 1,
            View::Text(pieces) => self.count_text(pieces),
            _ => self.value += 1,
        }
    }

    fn count_text(&mut self, pieces: &[Piece]) {
        let holes = || {
            pieces.iter().filter_map(|piece| if let Piece::Hole(hole) = piece { Some(hole) } else { None })
        };
        let blocked = holes().find_map(|Hole { kind, name }| match kind {
            HoleKind::Any(reason) => Some((*reason, name)),
            _ => None,
        });
        let declared = holes().any(|hole| {
            matches!(hole.kind, HoleKind::Name { .. } | HoleKind::Arn { .. } | HoleKind::Attribute { .. })
        });
        match blocked {
            Some((reason, name)) => self.miss(reason, name),
            None if declared => self.entity += 1,
            None => self.hole += 1,
        }
    }

    fn miss(&mut self, reason: Reason, blocker: &str) {
        *self.unknown.entry(reason).or_default() += 1;
        self.blockers.push((reason, blocker.into()));
    }
}

impl Resolver<'_> {
    /// Counts a reference, if anybody wants to know.
    pub(super) fn count_reference(&mut self, value: Option<NodeId>) {
        if let Some(census) = &mut self.state.census {
            census.count(self.tree, value);
        }
    }
}

/// Resolves everything in a template, and counts its references.
pub(crate) fn count(assembly: &mut Assembly, root: NodeId, options: &Options) -> References {
    let mut stack = Stack::open(assembly, root, options, State::default(), Shared::default());
    stack.state.census = Some(Box::default());
    for index in 0..stack.template.resources.len() {
        let Some(declared) = stack.template.resources.get(index).cloned() else { continue };
        stack.state.bindings = declared.bindings;
        stack.resolver(assembly).resolve(declared.body);
        stack.state.bindings.clear();
    }
    if let Some(outputs) = stack.template.outputs {
        stack.resolver(assembly).resolve(outputs);
    }
    stack.named_conditions(assembly);
    stack.state.census.take().map(|census| *census).unwrap_or_default()
}
