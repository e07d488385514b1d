//! The steps of a migration: in an order in which nodes can always register, and the quota is kept.

use crate::ssm::features::Feature;
use crate::ssm::statement::Statement;

use super::super::advice::Recommended;
use super::super::held::Attached;

/// What comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The new policies, then the old ones go.
    AttachFirst,
    /// There is no room for both: an inline policy bridges the time between.
    Bridged,
    /// It does not fit in any order.
    TooMany,
}

/// A step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is done.
    pub what: Do,
    /// Whether it is undone by a later step.
    pub for_a_while: bool,
}

/// What is done in a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Do {
    /// A managed policy is attached, by its name.
    Attach(String),
    /// A managed policy is detached, by its name and ARN.
    Detach(String, String),
    /// An inline policy is put.
    Put(&'static str, Vec<Statement>),
    /// An inline policy is deleted.
    Delete(&'static str),
    /// Nodes fetch new credentials, and it is seen that they are still there.
    Wait,
}

/// What is to be changed.
pub(super) struct Change<'a> {
    pub(super) removed: &'a [&'a Attached],
    pub(super) add: &'a [Recommended],
    pub(super) statements: &'a [Statement],
    pub(super) now: usize,
    pub(super) quota: usize,
    /// What nodes need at any time, for the bridge.
    pub(super) core: &'a [Statement],
}

/// The name of the inline policy that stays.
pub(super) const OWN: &str = "systems-manager";
/// The name of the inline policy that bridges.
pub(super) const BRIDGE: &str = "systems-manager-bridge";

/// The statements that keep nodes registered: those of what the policies to come are for.
pub(super) fn core(add: &[Recommended]) -> Vec<Statement> {
    let for_nodes = add.iter().any(|one| one.name == "AmazonSSMManagedInstanceCore" && !one.attached);
    if !for_nodes {
        return Vec::new();
    }
    let features = [Feature::Core, Feature::Messages, Feature::Associations];
    vec![Statement {
        sid: "Bridge".to_owned(),
        actions: features.iter().flat_map(|one| one.actions()).map(|action| (*action).to_owned()).collect(),
        resources: vec!["*".to_owned()],
        ..Statement::default()
    }]
}

/// The steps, what comes first, and how many managed policies there are at most on the way.
pub(super) fn plan(change: &Change<'_>) -> (Vec<Step>, Order, usize) {
    let step = |what: Do| Step { what, for_a_while: false };
    let new: Vec<&Recommended> = change.add.iter().filter(|one| !one.attached).collect();
    let kept = change.now.saturating_sub(change.removed.len());
    let attach = || new.iter().map(|one| step(Do::Attach(one.name.to_owned())));
    let detach = || change.removed.iter().map(|one| step(Do::Detach(one.name().to_owned(), one.arn.clone())));
    let put = || (!change.statements.is_empty()).then(|| step(Do::Put(OWN, change.statements.to_vec())));
    let mut out = Vec::new();
    if change.now + new.len() <= change.quota {
        out.extend(put());
        out.extend(attach());
        if !out.is_empty() {
            out.push(step(Do::Wait));
        }
        out.extend(detach());
        return (out, Order::AttachFirst, change.now + new.len());
    }
    let fits = kept + new.len() <= change.quota;
    out.extend(put());
    if !change.core.is_empty() {
        out.push(Step { what: Do::Put(BRIDGE, change.core.to_vec()), for_a_while: true });
    }
    if !out.is_empty() {
        out.push(step(Do::Wait));
    }
    out.extend(detach());
    out.extend(attach());
    if !change.core.is_empty() {
        out.push(step(Do::Wait));
        out.push(step(Do::Delete(BRIDGE)));
    }
    let order = if fits { Order::Bridged } else { Order::TooMany };
    (out, order, change.now.max(kept + new.len()))
}
