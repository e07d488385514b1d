//! What a role has now.

use crate::document::{Conditions, Location, NodeId, Tree};
use crate::facts::able::{Able, aws_managed, managed};
use crate::iam::{Policy, PolicyKind};
use crate::model::{EntityId, Inventory, Relation, Target};

/// A managed policy that a role has.
#[derive(Clone, Debug)]
pub(super) struct Attached {
    /// The ARN, with holes as `${…}`, or the id of the resource that declares it.
    pub(super) arn: String,
    /// The name, where AWS manages it.
    pub(super) aws: Option<String>,
    /// The policy, where the input declares it.
    pub(super) policy: Option<EntityId>,
    /// Whether the role surely has it.
    pub(super) sure: bool,
    /// The resource that attaches it.
    pub(super) by: String,
    /// The value that a person would remove.
    pub(super) value: NodeId,
    /// Where that stands.
    pub(super) place: Option<Location>,
}

impl Attached {
    /// The name to show: short, where AWS manages it.
    pub(super) fn name(&self) -> &str {
        self.aws.as_deref().unwrap_or(&self.arn)
    }
}

/// The managed policies of a role, each once, in the order of the input.
pub(super) fn attached(tree: &Tree, inventory: &Inventory, role: EntityId) -> Vec<Attached> {
    let mut out: Vec<Attached> = Vec::new();
    for link in inventory.links_from(role, Relation::Attached) {
        let policy = match link.to {
            Target::Entity(policy, _) => Some(policy),
            Target::Outside | Target::Unknown => None,
        };
        let declared = policy.and_then(|id| inventory.entity(id));
        let declared = declared.and_then(|entity| inventory.resource(entity.resource));
        let arn = declared.map_or_else(|| tree.display(link.value), |resource| resource.id.to_string());
        let sure = link.under.is_always() && link.to != Target::Unknown;
        match out.iter_mut().find(|known| known.arn == arn) {
            Some(known) => known.sure |= sure,
            None => out.push(Attached {
                aws: if policy.is_some() { None } else { aws_managed(tree, link) },
                arn,
                policy,
                sure,
                by: inventory.resource(link.resource).map(|one| one.id.to_string()).unwrap_or_default(),
                value: link.value,
                place: tree.location(link.value),
            }),
        }
    }
    out
}

/// What a role could do with those of its policies that are kept: its inline ones, and some of the attached.
pub(super) fn able<'t>(
    tree: &'t Tree,
    conditions: &mut Conditions,
    inventory: &Inventory,
    role: EntityId,
    kept: &[&Attached],
    added: Vec<Policy<'t>>,
) -> Able<'t> {
    Able::with(policies(tree, conditions, inventory, role, kept, added))
}

/// The documents of the policies of a role: its inline ones, some of the attached, and some that are added.
pub(super) fn policies<'t>(
    tree: &'t Tree,
    conditions: &mut Conditions,
    inventory: &Inventory,
    role: EntityId,
    kept: &[&Attached],
    added: Vec<Policy<'t>>,
) -> Vec<Policy<'t>> {
    let mut out = added;
    let inline = inventory.links_from(role, Relation::Inline).filter_map(|link| match link.to {
        Target::Entity(policy, _) if link.under.is_always() => inventory.entity(policy)?.get("document"),
        _ => None,
    });
    let declared =
        kept.iter().filter(|one| one.sure).filter_map(|one| inventory.entity(one.policy?)?.get("document"));
    for document in inline.chain(declared) {
        out.push(Policy::read(tree, conditions, document, PolicyKind::Identity));
    }
    out.extend(kept.iter().filter(|one| one.sure).filter_map(|one| managed(one.aws.as_deref()?)).cloned());
    out
}
