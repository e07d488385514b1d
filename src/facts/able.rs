//! What a role may do, as far as the input and the catalogue of managed policies say.

use std::borrow::Cow;
use std::sync::LazyLock;

use elsa::sync::FrozenMap;

use crate::catalog::embedded;
use crate::document::{Conditions, Limits, NodeId, Source, Tree, Tri, json};
use crate::iam::evaluate::{Policies, Request, decide};
use crate::iam::principal::Caller;
use crate::iam::resource::Target;
use crate::iam::{Context, Effect, Policy, PolicyKind};
use crate::model::{EntityId, Inventory, Link, Relation, Target as End};

/// The policies of a role.
#[derive(Debug)]
pub struct Able<'t> {
    policies: Cow<'t, [Policy<'t>]>,
    boundary: Vec<Policy<'t>>,
    /// Whether it has policies that are not known.
    open: bool,
    /// The partitions, Regions and accounts that resources of the policies name together.
    places: Vec<[String; 3]>,
    caller: Caller,
}

impl<'t> Able<'t> {
    /// Those of a role.
    pub fn of(tree: &'t Tree, conditions: &mut Conditions, inventory: &Inventory, role: EntityId) -> Self {
        let mut open = false;
        let mut policies = Vec::new();
        for (sure, document) in own_documents(inventory, role) {
            let policy = Policy::read(tree, conditions, document, PolicyKind::Identity);
            open |= !sure || !policy.complete;
            policies.push(policy);
        }
        let mut names = Vec::new();
        for link in inventory.links_from(role, Relation::Attached) {
            match link.to {
                End::Entity(..) => {}
                End::Unknown => open = true,
                End::Outside => {
                    match aws_managed(tree, link).filter(|name| managed(name).is_some()) {
                        Some(name) => names.push(name),
                        None => open = true,
                    }
                    open |= !link.under.is_always();
                }
            }
        }
        let policies = if policies.is_empty() {
            Cow::Borrowed(set(names))
        } else {
            policies.extend(names.iter().filter_map(|name| managed(name)).cloned());
            Cow::Owned(policies)
        };
        let mut boundary = Vec::new();
        for link in inventory.links_from(role, Relation::Boundary) {
            match link.to {
                End::Entity(policy, _) => {
                    let document = inventory.entity(policy).and_then(|entity| entity.get("document"));
                    boundary.extend(
                        document.map(|node| Policy::read(tree, conditions, node, PolicyKind::Boundary)),
                    );
                }
                End::Outside => {
                    boundary.extend(aws_managed(tree, link).and_then(|name| managed(&name)).cloned());
                }
                End::Unknown => {}
            }
        }
        let caller = Caller::parse("arn:aws:iam::123456789012:role/role");
        Self { places: places(&policies), policies, boundary, open, caller }
    }

    /// What some policies let a role do.
    pub fn with(policies: Vec<Policy<'t>>) -> Self {
        let caller = Caller::parse("arn:aws:iam::123456789012:role/role");
        let places = places(&policies);
        Self { policies: Cow::Owned(policies), boundary: Vec::new(), open: false, places, caller }
    }

    /// The same role where requests are such as its policies want of a service: what a statement asks by the service's own
    /// keys was written for the requests that are meant.
    pub(super) fn as_meant(&self, service: &str) -> Self {
        let mut policies = self.policies.to_vec();
        let prefix = format!("{service}:");
        let is_own =
            |key: &str| key.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(&prefix));
        for statement in policies.iter_mut().flat_map(|policy| &mut policy.statements) {
            if statement.effect == Effect::Allow {
                statement.conditions.retain(|test| !is_own(test.key));
            }
        }
        let (policies, boundary) = (Cow::Owned(policies), self.boundary.clone());
        Self { policies, boundary, open: self.open, places: self.places.clone(), caller: self.caller.clone() }
    }

    /// The places that the policies are about: where a need is in the place of the deployment, it is in one of these.
    pub(super) fn places(&self) -> &[[String; 3]] {
        &self.places
    }

    /// Whether the role may do something.
    pub fn can(&self, action: &str, target: &Target) -> Tri {
        let context = Context::open();
        let request = Request {
            caller: &self.caller,
            action,
            target,
            resource_account: None,
            context: &context,
            any_session: false,
        };
        let all = Policies { identity: &self.policies, boundary: &self.boundary, ..Policies::default() };
        let found = decide(embedded(), &all, &request).tri();
        if found == Tri::No && self.open { Tri::Maybe } else { found }
    }
}

/// More places than these are not tried.
const PLACES: usize = 12;

fn places(policies: &[Policy<'_>]) -> Vec<[String; 3]> {
    let mut out = vec![["aws", "*", "*"].map(str::to_owned), ["aws", "", ""].map(str::to_owned)];
    let resources =
        policies.iter().flat_map(|policy| &policy.statements).filter_map(|one| one.resources.as_ref());
    for value in resources.flat_map(|all| &all.values) {
        let text = value.text.start();
        let mut fields = text.split(':').skip(1);
        let (Some(partition), Some(_), Some(region), Some(account)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let place = [partition, region, account].map(str::to_owned);
        if text.starts_with("arn:") && !out.contains(&place) && out.len() < PLACES {
            out.push(place);
        }
    }
    out
}

/// The name of the AWS managed policy that an attachment names.
pub fn aws_managed(tree: &Tree, link: &Link) -> Option<String> {
    let text = tree.display(link.value);
    let (_, path) = text.split_once(":iam::aws:policy/")?;
    path.rsplit('/').next().map(str::to_owned)
}

/// An AWS managed policy, read once.
pub fn managed(name: &str) -> Option<&'static Policy<'static>> {
    static TREES: LazyLock<FrozenMap<String, Box<(Tree, NodeId)>>> = LazyLock::new(FrozenMap::new);
    static READ: LazyLock<FrozenMap<String, Box<Policy<'static>>>> = LazyLock::new(FrozenMap::new);
    if let Some(read) = READ.get(name) {
        return Some(read);
    }
    let text = embedded().managed_policy(name)?.document();
    let mut tree = Tree::new();
    let file = tree.add_source(Source::from_text(name, text));
    let (root, _) = json::read(&mut tree, file, text, 0, Limits::default()).ok()?;
    let (tree, root) = TREES.insert(name.to_owned(), Box::new((tree, root)));
    let policy = Policy::read(tree, &mut Conditions::new(), *root, PolicyKind::Identity);
    Some(READ.insert(name.to_owned(), Box::new(policy)))
}

/// Several AWS managed policies together: the same for all roles that have no other.
fn set(mut names: Vec<String>) -> &'static [Policy<'static>] {
    static SETS: LazyLock<FrozenMap<String, Vec<Policy<'static>>>> = LazyLock::new(FrozenMap::new);
    names.sort_unstable();
    names.dedup();
    let key = names.join(" ");
    if let Some(found) = SETS.get(&key) {
        return found;
    }
    let all = names.iter().filter_map(|name| managed(name)).cloned().collect();
    SETS.insert(key, all)
}

/// The policy documents of the input that a role has, each with whether it surely has it.
pub(super) fn own_documents(inventory: &Inventory, role: EntityId) -> Vec<(bool, NodeId)> {
    let links = [Relation::Inline, Relation::Attached].into_iter();
    let links = links.flat_map(|relation| inventory.links_from(role, relation));
    links
        .filter_map(|link| match link.to {
            End::Entity(policy, _) => {
                let document = inventory.entity(policy)?.get("document")?;
                Some((link.under.is_always(), document))
            }
            _ => None,
        })
        .collect()
}
