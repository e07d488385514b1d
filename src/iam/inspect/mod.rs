//! What can be said about a policy document on its own.
//!
//! [`inspect`] reads a document once and lists its [`Flaw`]s: what is malformed, what does not exist, what can never
//! match, what is wider than it looks. It judges nothing: a flaw is a fact, and rules say which facts matter.

mod action;
mod arn;
mod breadth;
mod condition;
mod contradiction;
mod control;
mod endpoint;
mod fit;
mod flaw;
mod grammar;
mod key;
mod oidc;
mod principal;
mod redundant;
mod resource_policy;
mod roles;
mod siblings;
mod size;
mod trust;
mod values;
mod variables;
mod whole;

pub use flaw::Flaw;
pub use flaw::FlawKind;
pub use roles::Holder;
pub use roles::named_resources;
pub use roles::passes;
pub use roles::refusals;
pub use roles::unlisted;
pub use roles::withheld;
pub use size::size;
pub use whole::taken_by_control;
pub use whole::together;

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::catalog::Catalog;
use crate::document::Condition;
use crate::document::Conditions;
use crate::document::NodeId;
use crate::document::Tree;

use super::actions::ActionSet;
use super::actions::expansion;
use super::policy::Effect;
use super::policy::Policy;
use super::policy::PolicyKind;
use super::policy::Statement;

/// What is known of the place where a document will be used.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The partition of the deployment.
    pub partition: Option<String>,
    /// The account of the deployment.
    pub account: Option<String>,
    /// For the policy of a resource: the service of the resource, such as `s3`.
    pub service: Option<String>,
}

/// Lists the flaws of the document at a node.
pub fn inspect(
    catalog: &'static Catalog,
    tree: &Tree,
    conditions: &mut Conditions,
    node: NodeId,
    kind: PolicyKind,
    surroundings: &Surroundings,
) -> Vec<Flaw> {
    Inspector::new(catalog, tree, kind, surroundings).run(conditions, node)
}

/// An inspection in progress. One can serve many documents.
#[derive(Debug)]
pub struct Inspector<'a> {
    catalog: &'static Catalog,
    tree: &'a Tree,
    kind: PolicyKind,
    surroundings: &'a Surroundings,
    at: Place,
    flaws: Vec<Flaw>,
    /// What statements surely speak of, once somebody asked.
    sure: FxHashMap<NodeId, Arc<ActionSet>>,
}

/// Where an inspection is.
#[derive(Clone, Copy, Debug)]
struct Place {
    statement: Option<NodeId>,
    under: Condition,
    effect: Effect,
    negated: bool,
}

impl<'a> Inspector<'a> {
    /// An inspector for documents of one kind.
    pub fn new(
        catalog: &'static Catalog,
        tree: &'a Tree,
        kind: PolicyKind,
        surroundings: &'a Surroundings,
    ) -> Self {
        let at = Place { statement: None, under: Condition::ALWAYS, effect: Effect::Unknown, negated: false };
        Self { catalog, tree, kind, surroundings, at, flaws: Vec::new(), sure: FxHashMap::default() }
    }

    /// Lists the flaws of the document at a node, in the order in which they stand.
    pub fn run(&mut self, conditions: &mut Conditions, node: NodeId) -> Vec<Flaw> {
        self.leave();
        self.sure.clear();
        self.grammar(conditions, node);
        let policy = Policy::read(self.tree, conditions, node, self.kind);
        for statement in &policy.statements {
            self.enter(statement);
            self.actions(statement);
            self.resources(statement);
            self.fits(statement);
            self.conditions(statement, &policy);
            self.principals(statement);
            self.breadth(statement);
            self.redundancy(statement);
        }
        self.leave();
        self.document(&policy);
        let mut flaws = std::mem::take(&mut self.flaws);
        narrow(conditions, &policy, &mut flaws);
        flaws.sort_by(|a, b| (a.node, a.kind, &a.value).cmp(&(b.node, b.kind, &b.value)));
        flaws.dedup();
        flaws
    }

    /// The actions that a statement surely speaks of.
    fn sure(&mut self, statement: &Statement<'_>) -> Arc<ActionSet> {
        let catalog = self.catalog;
        let expand = || Arc::new(expansion(catalog, &statement.actions).sure);
        Arc::clone(self.sure.entry(statement.node).or_insert_with(expand))
    }

    /// What concerns a document as a whole.
    fn document(&mut self, policy: &Policy<'_>) {
        match self.kind {
            PolicyKind::Trust => self.trust(policy),
            PolicyKind::Resource => self.resource_policy(policy),
            PolicyKind::ServiceControl | PolicyKind::ResourceControl => self.control(policy),
            PolicyKind::Identity => {
                self.bucket_policies(policy);
                self.narrowing(policy);
            }
            PolicyKind::Boundary | PolicyKind::Session | PolicyKind::Endpoint => {}
        }
        self.partitions(policy);
        self.too_long(policy);
    }

    fn enter(&mut self, statement: &Statement<'_>) {
        self.at = Place {
            statement: Some(statement.node),
            under: statement.under,
            effect: statement.effect,
            negated: false,
        };
    }

    fn leave(&mut self) {
        self.at =
            Place { statement: None, under: Condition::ALWAYS, effect: Effect::Unknown, negated: false };
    }

    /// Notes a flaw at a node.
    fn note(&mut self, kind: FlawKind, node: NodeId, value: &str, message: String) -> &mut Flaw {
        let at = self.at;
        self.flaws.push(Flaw {
            kind,
            node,
            under: at.under,
            statement: at.statement,
            effect: at.effect,
            negated: at.negated,
            value: value.to_owned(),
            message,
            replacement: None,
            actions: Vec::new(),
            sure: true,
        });
        let last = self.flaws.len() - 1;
        // The flaw was pushed just now.
        #[expect(clippy::indexing_slicing, reason = "the flaw was pushed just now")]
        &mut self.flaws[last]
    }
}

/// What is said of a value that is there only under a condition holds only then.
fn narrow(conditions: &mut Conditions, policy: &Policy<'_>, flaws: &mut [Flaw]) {
    let mut unders: FxHashMap<NodeId, Condition> = FxHashMap::default();
    for statement in &policy.statements {
        let lists = statement.actions.values.iter();
        let lists = lists.chain(statement.resources.iter().flat_map(|all| &all.values));
        let lists = lists.chain(statement.conditions.iter().flat_map(|test| &test.values));
        let principals = statement.principals.iter().flat_map(|all| &all.values).map(|one| &one.value);
        for value in lists.chain(principals).filter(|value| !value.under.is_always()) {
            unders.insert(value.node, value.under);
        }
    }
    if unders.is_empty() {
        return;
    }
    for flaw in flaws {
        if let Some(&under) = unders.get(&flaw.node) {
            flaw.under = conditions.and(flaw.under, under);
        }
    }
}

/// Names as a person lists them: the first few, and how many more.
fn listed(names: &[impl std::fmt::Display]) -> String {
    let shown: Vec<_> = names.iter().take(3).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(3) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
