//! What the reading of one plan shares: its index, its providers, and how references are weighed.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::document::{NodeId, Tree, View};
use crate::ingest::Options;
use crate::model::Kind;

use super::hcl::Hcl;
use super::instances::Instance;
use super::plan::Plan;
use super::providers::Providers;
use super::references::{Ending, Follower};
use super::types;

/// How many resources may pass a reference on before it is given up.
const CHAIN: usize = 8;

/// A plan and what is worked out of it once.
pub(crate) struct Context<'p> {
    pub(crate) plan: &'p Plan,
    pub(crate) providers: Arc<Providers>,
    /// The configuration itself, where it is at hand.
    pub(crate) hcl: Option<Hcl>,
    /// Policy documents that were rebuilt, by the position of their data source; nothing while one is in the making.
    pub(crate) rebuilt: RefCell<FxHashMap<usize, Option<NodeId>>>,
    /// Instances by their nodes.
    by_node: Arc<OnceLock<FxHashMap<NodeId, usize>>>,
    /// What resources other than the role itself give to roles, by the role's account and name.
    given: Arc<OnceLock<FxHashMap<(u32, String), Given>>>,
}

/// What contexts of one plan share, whatever the thread.
pub(crate) struct Share<'p> {
    plan: &'p Plan,
    providers: Arc<Providers>,
    by_node: Arc<OnceLock<FxHashMap<NodeId, usize>>>,
    given: Arc<OnceLock<FxHashMap<(u32, String), Given>>>,
}

impl<'p> Share<'p> {
    /// A context in which nothing was rebuilt.
    pub(crate) fn context(&self) -> Context<'p> {
        Context {
            plan: self.plan,
            providers: Arc::clone(&self.providers),
            hcl: None,
            rebuilt: RefCell::default(),
            by_node: Arc::clone(&self.by_node),
            given: Arc::clone(&self.given),
        }
    }
}

/// Policies that a role has by resources of their own.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// The ARNs of managed policies.
    pub(crate) attached: FxHashSet<String>,
    /// The names of inline policies.
    pub(crate) inline: FxHashSet<String>,
}

impl<'p> Context<'p> {
    pub(crate) fn new(tree: &Tree, plan: &'p Plan, options: &Options, hcl: Option<Hcl>) -> Self {
        Self {
            plan,
            hcl,
            providers: Arc::new(Providers::read(tree, plan, options)),
            rebuilt: RefCell::default(),
            by_node: Arc::default(),
            given: Arc::default(),
        }
    }

    /// What other contexts can share; nothing where the configuration itself is at hand.
    pub(crate) fn share(&self) -> Option<Share<'p>> {
        self.hcl.is_none().then(|| Share {
            plan: self.plan,
            providers: Arc::clone(&self.providers),
            by_node: Arc::clone(&self.by_node),
            given: Arc::clone(&self.given),
        })
    }

    /// Where the references of expressions end that can keep a value from being known. A reference to something that the
    /// plan knows cannot; where all are known or lost, all are returned.
    pub(crate) fn open_endings(&self, tree: &Tree, instance: &Instance, from: &[NodeId]) -> Vec<Ending> {
        let all = Follower { tree, plan: self.plan }.endings(instance, from);
        let is_open = |ending: &&Ending| match ending {
            Ending::Instance(at, attribute) => self.known(tree, *at, attribute).is_none(),
            _ => false,
        };
        let open: Vec<_> = all.iter().filter(is_open).cloned().collect();
        if open.is_empty() { all } else { open }
    }

    /// Whether an unknown value is one that the configuration leaves out: everything that it is made of is known, and some
    /// of that is nothing. The provider then makes it up.
    pub(crate) fn is_left_out(&self, tree: &Tree, endings: &[Ending]) -> bool {
        let known = |ending: &Ending| match ending {
            Ending::Instance(at, attribute) => self.known(tree, *at, attribute).is_some(),
            Ending::Constant(_) | Ending::Nothing => true,
            Ending::Lost(_) => false,
        };
        let nothing = |ending: &Ending| match ending {
            Ending::Constant(node) => matches!(tree.view(*node), View::Null),
            other => *other == Ending::Nothing,
        };
        endings.iter().all(known) && endings.iter().any(nothing)
    }

    /// The instances that references lead to and that declare one of these kinds; a resource of another kind passes on
    /// what it was itself given.
    pub(crate) fn fitting(&self, tree: &Tree, endings: &[Ending], kinds: &[Kind]) -> Vec<Ending> {
        let mut out: Vec<Ending> = Vec::new();
        let mut seen: Vec<Ending> = Vec::new();
        let mut level: Vec<Ending> = endings.to_vec();
        for _ in 0..CHAIN {
            let mut next = Vec::new();
            for ending in level {
                let Ending::Instance(at, attribute) = &ending else { continue };
                if seen.contains(&ending) || seen.len() > 64 {
                    continue;
                }
                seen.push(ending.clone());
                if self.declares(*at, kinds) {
                    // Several attributes of one instance name the same.
                    let known = |other: &Ending| matches!(other, Ending::Instance(same, _) if same == at);
                    if !out.iter().any(known) {
                        out.push(ending);
                    }
                } else {
                    next.extend(self.passed_on(tree, *at, attribute));
                }
            }
            level = next;
        }
        out
    }

    /// Whether every single value of a value was taken from an instance that declares an entity of one of these kinds.
    pub(crate) fn leads_to(&self, tree: &Tree, value: NodeId, kinds: &[Kind]) -> bool {
        let by_node = self.by_node.get_or_init(|| {
            self.plan.instances.iter().enumerate().map(|(at, instance)| (instance.node, at)).collect()
        });
        if let View::List(list) = tree.view(value) {
            return list.iter().all(|element| self.leads_to(tree, element, kinds));
        }
        let from = tree.derivation(value).map_or(&[] as &[NodeId], |derivation| derivation.from);
        let at = from.iter().find_map(|node| by_node.get(node));
        at.is_some_and(|&at| self.declares(at, kinds))
    }

    /// Whether an instance declares an entity of one of these kinds.
    pub(crate) fn declares(&self, at: usize, kinds: &[Kind]) -> bool {
        let row = self.plan.instances.get(at).and_then(|instance| types::find(&instance.ty));
        row.is_some_and(|row| kinds.contains(&row.kind))
    }

    /// What attachments and inline policies of this plan, before or after it, give to the role of this name.
    pub(crate) fn given(&self, tree: &Tree, instance: &Instance, role: &str) -> Option<&Given> {
        let all = self.given.get_or_init(|| self.all_given(tree));
        all.get(&(self.providers.scope(self.plan, instance), role.to_ascii_lowercase()))
    }

    fn all_given(&self, tree: &Tree) -> FxHashMap<(u32, String), Given> {
        let mut all: FxHashMap<(u32, String), Given> = FxHashMap::default();
        for instance in &self.plan.instances {
            let inline = match &*instance.ty {
                "aws_iam_role_policy" => true,
                "aws_iam_role_policy_attachment" | "aws_iam_policy_attachment" => false,
                _ => continue,
            };
            let scope = self.providers.scope(self.plan, instance);
            for values in [instance.before, instance.after].into_iter().flatten() {
                let what = tree.get(values, if inline { "name" } else { "policy_arn" });
                let Some(what) = what.and_then(|node| tree.string(node)) else { continue };
                let roles = tree.get(values, "roles").and_then(|node| tree.list(node));
                let roles =
                    roles.into_iter().flat_map(crate::document::List::iter).chain(tree.get(values, "role"));
                for role in roles.filter_map(|node| tree.string(node)) {
                    let given = all.entry((scope, role.to_ascii_lowercase())).or_default();
                    let set = if inline { &mut given.inline } else { &mut given.attached };
                    set.insert(what.to_owned());
                }
            }
        }
        all
    }

    /// Where the argument ends that an attribute of an instance has its value from.
    fn passed_on(&self, tree: &Tree, at: usize, attribute: &str) -> Vec<Ending> {
        let Some(instance) = self.plan.instances.get(at) else { return Vec::new() };
        let Some(expressions) = self.plan.declaration(instance).and_then(|one| one.expressions) else {
            return Vec::new();
        };
        let name = attribute.split('.').next().unwrap_or(attribute);
        let from: Vec<NodeId> = match tree.get(expressions, name) {
            Some(expression) => vec![expression],
            // What a data source looks up is what its arguments name.
            None if !instance.managed => match tree.view(expressions) {
                View::Map(map) => map.iter().map(|(_, _, value)| value).collect(),
                _ => Vec::new(),
            },
            None => Vec::new(),
        };
        Follower { tree, plan: self.plan }.endings(instance, &from)
    }
}
