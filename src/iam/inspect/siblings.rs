//! Statements beside each other: limits that one has and another lacks, partitions that one leaves open.

use crate::document::HoleKind;
use crate::iam::policy::Effect;
use crate::iam::policy::Policy;
use crate::iam::policy::Statement;
use crate::iam::text::Part;

use super::FlawKind;
use super::Inspector;
use super::breadth::open_resource;

/// Keys that narrow a statement down to a part of the account.
const NARROWING: &[&str] = &[
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:resourcetag/",
    "aws:requesttag/",
    "aws:resourceorgid",
];

/// Whether a statement is limited to some principals, networks or the like.
fn is_narrowed(statement: &Statement<'_>) -> bool {
    statement.conditions.iter().any(|test| {
        let key = test.key.to_ascii_lowercase();
        NARROWING.iter().any(|start| key.starts_with(start))
    })
}

impl Inspector<'_> {
    /// A statement that changes things everywhere, beside one of the same service that is narrowed.
    pub(super) fn narrowing(&mut self, policy: &Policy<'_>) {
        let allows: Vec<&Statement<'_>> = policy
            .statements
            .iter()
            .filter(|one| one.effect == Effect::Allow && !one.actions.negated)
            .collect();
        let narrowed: Vec<_> = allows.iter().filter(|one| is_narrowed(one)).collect();
        if narrowed.is_empty() {
            return;
        }
        for bare in allows.iter().filter(|one| one.is_unconditional() && open_resource(one).is_some()) {
            let services = self.changed_services(bare);
            let mut is_sibling =
                |other: &Statement<'_>| self.changed_services(other).iter().any(|one| services.contains(one));
            let sibling = narrowed.iter().find(|other| is_sibling(other));
            if let (Some(sibling), Some(node)) = (sibling, bare.actions.node) {
                self.enter(bare);
                let keys: Vec<String> = sibling.conditions.iter().map(|test| test.key.to_owned()).collect();
                let message =
                    format!("another statement for the same service is limited by {}", super::listed(&keys));
                self.note(FlawKind::NarrowingMissing, node, "", message);
            }
        }
    }

    /// The services of which a statement names an action that changes something.
    fn changed_services(&mut self, statement: &Statement<'_>) -> Vec<&'static str> {
        let set = self.sure(statement);
        let changing = set
            .iter()
            .map(|id| self.catalog.action_at(id))
            .filter(|action| !action.only_reads() && !action.without_resources() && !action.withdrawn());
        let mut names: Vec<&str> = changing.map(|action| action.service().prefix()).collect();
        names.dedup();
        names
    }

    /// A partition that is written out, in a policy that leaves it open elsewhere.
    pub(super) fn partitions(&mut self, policy: &Policy<'_>) {
        let values = || policy.statements.iter().flat_map(|one| &one.resources).flat_map(|all| &all.values);
        let open = values().any(|value| {
            value.text.parts().iter().any(|part| matches!(part, Part::Hole(Some(HoleKind::Partition), _)))
        });
        if !open {
            return;
        }
        for value in values().filter(|value| value.text.start().starts_with("arn:aws:")) {
            let text = value.text.display();
            let message = format!("`{text}` fixes the partition, which other ARNs of the policy leave open");
            self.note(FlawKind::PartitionLiteral, value.node, &text, message);
        }
    }
}
