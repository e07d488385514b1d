//! The policies of principals, read.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::catalog;
use crate::document::Conditions;
use crate::document::Limits;
use crate::document::NodeId;
use crate::document::Source;
use crate::document::Tree;
use crate::document::json;
use crate::iam::ActionSet;
use crate::iam::Policy;
use crate::iam::PolicyKind;
use crate::iam::effective::Expanded;
use crate::iam::effective::Grants;
use crate::model::EntityId;

/// A policy of a principal: where it comes from, and at which value a person would change that.
#[derive(Clone, Copy)]
pub(super) enum Origin {
    /// Declared in the input.
    Own(NodeId),
    /// Managed by AWS, by its position among those that the input attaches; attached at this value.
    Aws(usize, NodeId),
}

/// Where the policies of a principal, and its boundary, come from.
pub(super) type Sources = (EntityId, Vec<Origin>, Vec<Origin>);

/// Reads the policies of all principals, each once.
pub(super) fn read_all<'t>(
    below: &'t Tree,
    aws: &'t AwsDocuments,
    conditions: &mut Conditions,
    all: Vec<Sources>,
) -> Vec<Sheet<'t>> {
    let mut policies = Policies { below, aws, wanted: Vec::new(), known: FxHashMap::default() };
    let mut of = |origins: &[Origin], kind: PolicyKind| -> Vec<usize> {
        origins.iter().map(|origin| policies.position(*origin, kind)).collect()
    };
    let each = all.into_iter().map(|(id, mut origins, boundary)| {
        origins.sort_by_key(|origin| matches!(origin, Origin::Aws(..)));
        let own = origins.iter().filter(|origin| matches!(origin, Origin::Own(_))).count();
        let positions = (of(&origins, PolicyKind::Identity), of(&boundary, PolicyKind::Boundary));
        (id, origins, own, positions)
    });
    let each: Vec<_> = each.collect();
    let read = policies.read(conditions);
    let of = |positions: &[usize]| positions.iter().filter_map(|&at| read.get(at).cloned()).collect();
    let sheets = each.into_iter().map(|(id, origins, own, (policies, boundary))| Sheet {
        id,
        policies: of(&policies),
        boundary: of(&boundary),
        own,
        origins,
    });
    sheets.collect()
}

/// A principal: its policies, its boundary, how many of the policies the input declares, and where they come from.
pub(super) struct Sheet<'t> {
    pub(super) id: EntityId,
    pub(super) policies: Vec<Arc<Expanded<'t>>>,
    pub(super) boundary: Vec<Arc<Expanded<'t>>>,
    pub(super) own: usize,
    pub(super) origins: Vec<Origin>,
}

/// The documents of the AWS managed policies that an input attaches, each read once.
#[derive(Default)]
pub(super) struct AwsDocuments {
    names: std::collections::BTreeMap<String, usize>,
    read: Vec<(Tree, NodeId)>,
}

impl AwsDocuments {
    pub(super) fn position(&mut self, name: &str) -> Option<usize> {
        if let Some(&known) = self.names.get(name) {
            return Some(known);
        }
        let text = catalog::embedded().managed_policy(name)?.document();
        let mut tree = Tree::new();
        let file = tree.add_source(Source::from_text(name, text));
        let (root, _) = json::read(&mut tree, file, text, 0, Limits::default()).ok()?;
        self.read.push((tree, root));
        self.names.insert(name.to_owned(), self.read.len() - 1);
        Some(self.read.len() - 1)
    }

    pub(super) fn name(&self, position: usize) -> Option<&str> {
        self.names.iter().find(|(_, own)| **own == position).map(|(name, _)| name.as_str())
    }

    /// The names of those whose holders can give themselves everything: they may do nearly everything, or change what
    /// every principal may do.
    pub(super) fn administering(&self, conditions: &mut Conditions) -> FxHashSet<String> {
        if self.names.is_empty() {
            return FxHashSet::default();
        }
        let catalog = catalog::embedded();
        let every = ActionSet::all(catalog).len();
        let powers: Vec<_> =
            ["iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:AttachUserPolicy", "iam:PutUserPolicy"]
                .into_iter()
                .filter_map(|name| catalog.action(name))
                .collect();
        let mut out = FxHashSet::default();
        for (name, &position) in &self.names {
            let Some((tree, root)) = self.read.get(position) else { continue };
            let policy = Policy::read(tree, conditions, *root, PolicyKind::Identity);
            let policy = [Arc::new(Expanded::new(catalog, policy))];
            let open = Grants::new(catalog, &policy, &[]).open(catalog);
            if powers.iter().any(|power| open.has(power.id)) || open.len() * 10 > every * 9 {
                out.insert(name.clone());
            }
        }
        out
    }
}

/// Where a policy document is: the number of its tree, that of the input first, and its node there.
type Spot = (usize, NodeId, PolicyKind);

/// Policies that are read once, however many principals have them.
struct Policies<'t> {
    below: &'t Tree,
    aws: &'t AwsDocuments,
    wanted: Vec<Spot>,
    known: FxHashMap<Spot, usize>,
}

impl<'t> Policies<'t> {
    /// The position of the policy that comes from somewhere.
    pub(super) fn position(&mut self, origin: Origin, kind: PolicyKind) -> usize {
        let spot = match origin {
            Origin::Own(node) => (0, node, kind),
            Origin::Aws(position, place) => match self.aws.read.get(position) {
                Some((_, root)) => (position + 1, *root, kind),
                None => (0, place, kind),
            },
        };
        let next = self.wanted.len();
        let position = *self.known.entry(spot).or_insert(next);
        if position == next {
            self.wanted.push(spot);
        }
        position
    }

    /// Reads them all. Without choices there are no conditions to be worked out, and they are read side by side.
    pub(super) fn read(self, conditions: &mut Conditions) -> Vec<Arc<Expanded<'t>>> {
        let Self { below, aws, wanted, .. } = self;
        let read = |conditions: &mut Conditions, (number, node, kind): Spot| {
            let own = number.checked_sub(1).and_then(|position| aws.read.get(position));
            let policy = Policy::read(own.map_or(below, |(tree, _)| tree), conditions, node, kind);
            Arc::new(Expanded::new(catalog::embedded(), policy))
        };
        if below.has_choices() {
            return wanted.into_iter().map(|spot| read(conditions, spot)).collect();
        }
        wanted.into_par_iter().map_init(Conditions::new, read).collect()
    }
}
