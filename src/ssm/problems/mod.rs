//! What is wrong with a document on its own: what the service or the agent would refuse, and what they would regret.

mod content;
mod destructive;
mod environment;
mod graph;
mod limits;
mod patterns;
mod references;
mod retired;
mod schema;
mod structure;

use crate::document::{NodeId, Tree};

use super::document::Document;
use super::solver::Solver;

pub use limits::size;
pub use patterns::why_refused;

/// Which question a problem answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// It would be refused or fail: names, references, order of steps.
    Structure,
    /// Types and versions that do not go together.
    Schema,
    /// More than the service takes.
    Limit,
    /// A pattern that an engine refuses, or that takes too long.
    Pattern,
    /// A default that the parameter's own constraints refuse.
    Default,
    /// Values in the environment that do not get there, or are run again.
    Environment,
    /// What is retired.
    Retired,
    /// Secrets.
    Secret,
    /// Code that is fetched without a check of what comes.
    Integrity,
    /// Deleting without asking.
    Destructive,
}

impl Topic {
    /// The name in facts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Structure => "structure",
            Self::Schema => "schema",
            Self::Limit => "limit",
            Self::Pattern => "pattern",
            Self::Default => "default",
            Self::Environment => "environment",
            Self::Retired => "retired",
            Self::Secret => "secret",
            Self::Integrity => "integrity",
            Self::Destructive => "destructive",
        }
    }
}

/// Something that is wrong with a document.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What it is about.
    pub topic: Topic,
    /// What it is, in one word.
    pub kind: &'static str,
    /// Where it stands.
    pub node: NodeId,
    /// The bytes of that scalar's content that it is about, where that is not all of it.
    pub range: Option<(usize, usize)>,
    /// What is wrong, in lower case.
    pub message: String,
    /// Whether it is only worth knowing.
    pub note: bool,
    /// What should probably stand there instead.
    pub suggestion: Option<String>,
    /// The part of the value that it is about, where that is not all of it.
    pub text: Option<String>,
}

/// Collects problems.
#[derive(Debug)]
struct Finder<'a> {
    tree: &'a Tree,
    document: &'a Document,
    found: Vec<Problem>,
}

impl Finder<'_> {
    fn add(&mut self, topic: Topic, kind: &'static str, node: NodeId, message: impl Into<String>) {
        self.found.push(Problem {
            topic,
            kind,
            node,
            range: None,
            message: message.into(),
            note: false,
            suggestion: None,
            text: None,
        });
    }

    /// Says that the last problem is about a part of a scalar's content.
    fn at(&mut self, range: (usize, usize)) {
        if let Some(last) = self.found.last_mut() {
            last.range = Some(range);
        }
    }

    /// Says what should probably stand where the last problem is.
    fn suggest(&mut self, text: impl Into<String>) {
        if let Some(last) = self.found.last_mut() {
            last.suggestion = Some(text.into());
        }
    }

    /// The same, for a part of the value.
    fn suggest_for(&mut self, part: &str, text: impl Into<String>) {
        self.suggest(text);
        if let Some(last) = self.found.last_mut() {
            last.text = Some(part.to_owned());
        }
    }

    fn note(&mut self, topic: Topic, kind: &'static str, node: NodeId, message: impl Into<String>) {
        self.found.push(Problem {
            topic,
            kind,
            node,
            range: None,
            message: message.into(),
            note: true,
            suggestion: None,
            text: None,
        });
    }
}

/// All problems of a document, in the order of their places.
pub fn problems(tree: &Tree, document: &Document) -> Vec<Problem> {
    let mut finder = Finder { tree, document, found: Vec::new() };
    schema::find(&mut finder);
    structure::find(&mut finder);
    references::find(&mut finder);
    limits::find(&mut finder);
    patterns::find(&mut finder, Solver::shared());
    environment::find(&mut finder);
    retired::find(&mut finder);
    content::find(&mut finder);
    destructive::find(&mut finder);
    let mut found = finder.found;
    found.sort_by(|left, right| {
        (left.node, left.kind, &left.message, left.range).cmp(&(
            right.node,
            right.kind,
            &right.message,
            right.range,
        ))
    });
    found.dedup_by(|left, right| {
        left.node == right.node && left.kind == right.kind && left.message == right.message
    });
    found
}
