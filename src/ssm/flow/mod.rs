//! Where values go: from whoever chooses them to what they reach.
//!
//! Every reference in an input that does something with text is followed back, through the outputs of steps, variables
//! and the parameters of documents that run the document, to its sources. What is found is a [`Flow`]: a source, the
//! steps in between, a sink with its context, and a [`Verdict`].

mod decide;
mod outputs;
mod payload;
mod scope;
mod severity;

use std::sync::Arc;

use crate::document::{Condition, NodeId, Tree, View};

use super::context::Context;
use super::document::Document;
use super::language::Language;
use super::sink::Class;
use super::solver::Solver;

pub use severity::{Exposure, Severity};

/// Who chooses a value, from the least to the most harmful.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Trust {
    /// Nobody: the service knows it.
    System,
    /// Nobody freely: an id, a state.
    Id,
    /// Whoever writes the account's parameters.
    Config,
    /// Another system.
    External,
    /// Whoever controls a node.
    Node,
    /// Whoever runs the document.
    Caller,
}

impl Trust {
    /// The name in facts.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Id => "aws_id",
            Self::Config => "config",
            Self::External => "external",
            Self::Node => "node",
            Self::Caller => "caller",
        }
    }
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Who chooses it.
    pub trust: Trust,
    /// `parameter`, `output`, `store`, …
    pub kind: &'static str,
    /// What it is called.
    pub name: Box<str>,
    /// Where it is declared or written.
    pub node: NodeId,
}

/// A place that a value passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Where.
    pub node: NodeId,
    /// What happens there, in words.
    pub what: Box<str>,
}

/// What has been found of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No value that gets there can do harm.
    Safe,
    /// This one can.
    Unsafe {
        /// A text that passes all constraints and leaves its context.
        witness: String,
    },
    /// It could not be worked out, for this reason.
    Unknown(String),
}

impl Verdict {
    /// The name in facts.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe { .. } => "unsafe",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// A value on its way to something that it can change.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Where it comes from.
    pub source: Source,
    /// What it passes, the source first and the sink last.
    pub path: Vec<Hop>,
    /// What it reaches.
    pub class: Class,
    /// Where in it.
    pub context: Context,
    /// The index of the step that it reaches; in the document that was analysed, not in one that is called.
    pub step: usize,
    /// The action of the step that it reaches, which may be one of another document.
    pub action: Box<str>,
    /// The input that it reaches.
    pub input: Box<str>,
    /// The service and operation, for an API.
    pub operation: Option<(Box<str>, Box<str>)>,
    /// The scalar in which the reference stands.
    pub node: NodeId,
    /// The reference's bytes in that scalar; empty where it is not one reference.
    pub range: (usize, usize),
    /// What its constraints let through.
    pub language: Arc<Language>,
    /// What can be said of it.
    pub verdict: Verdict,
    /// A text that stays in its context and yet changes the arguments there.
    pub weak: Option<String>,
    /// Whether the value is the whole text: a shell by design.
    pub passthrough: bool,
    /// Whether it reaches the sink in another document.
    pub crosses: bool,
    /// Whether the source is passed in the environment as well.
    pub by_environment: bool,
    /// The text around the value, with the witness in it.
    pub rendered: Option<String>,
    /// When the documents are there that it goes through: all of these must hold.
    pub under: Vec<Condition>,
}

impl Flow {
    /// Whether anything limits the value.
    pub fn is_validated(&self) -> bool {
        !self.language.is_free()
    }
}

/// Finds the documents that a name may name, each with what must hold for it to be the one.
pub type Resolve<'a> = &'a dyn Fn(NodeId) -> Vec<(&'a Document, Vec<Condition>)>;

/// The names that a value may be, each with what must hold for it to be the one.
pub fn ways(tree: &Tree, node: NodeId) -> Vec<(NodeId, Option<Condition>)> {
    match tree.view(node) {
        View::Choice(all) => {
            let named = all.iter().filter(|one| !one.condition.is_never());
            named.filter_map(|one| Some((one.value?, Some(one.condition)))).collect()
        }
        _ => vec![(node, None)],
    }
}

/// All flows of a document, in the order of its steps.
pub fn flows<'a>(tree: &'a Tree, document: &'a Document, resolve: Resolve<'a>) -> Vec<Flow> {
    scope::Scope::of(tree, document, resolve, Solver::shared()).flows()
}
