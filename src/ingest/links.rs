//! How many links between entities lead somewhere: the measure of how much of an input is seen.

use std::collections::BTreeMap;

use crate::document::{HoleKind, NodeId, Piece, Tree, Tri, View};
use crate::model::{Link, Relation, Target};

use super::Unit;

/// What became of the links of one relation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkCounts {
    /// They lead to an entity of the input, or surely to something outside it that is known by name.
    pub resolved: usize,
    /// They lead there under a condition, or are one of several possibilities.
    pub alternative: usize,
    /// They may lead to an entity: its name has parts that are not known.
    pub possible: usize,
    /// What they lead to is not known, by the reason.
    pub unknown: BTreeMap<String, usize>,
}

impl LinkCounts {
    /// All links.
    pub fn all(&self) -> usize {
        self.resolved + self.alternative + self.possible + self.unknown.values().sum::<usize>()
    }

    /// Adds the counts of another input.
    pub fn add(&mut self, other: &Self) {
        self.resolved += other.resolved;
        self.alternative += other.alternative;
        self.possible += other.possible;
        for (reason, count) in &other.unknown {
            *self.unknown.entry(reason.clone()).or_default() += count;
        }
    }
}

/// Counts the links of a unit, by relation.
pub fn count_links(unit: &Unit) -> BTreeMap<Relation, LinkCounts> {
    let mut out: BTreeMap<Relation, LinkCounts> = BTreeMap::new();
    for link in unit.inventory.links() {
        let counts = out.entry(link.relation).or_default();
        match reason(unit, link) {
            Some(reason) => *counts.unknown.entry(reason).or_default() += 1,
            None if matches!(link.to, Target::Entity(_, Tri::Maybe)) => counts.possible += 1,
            None if !link.under.is_always() => counts.alternative += 1,
            None => counts.resolved += 1,
        }
    }
    out
}

/// Why one of the two ends of a link is not known, if it is not.
fn reason(unit: &Unit, link: &Link) -> Option<String> {
    let start = unit.inventory.entity(link.from)?;
    let outside = start.get("outside").and_then(|_| start.get("name"));
    let from = outside.and_then(|name| open(&unit.tree, name));
    from.or_else(|| match link.to {
        Target::Entity(..) => None,
        Target::Outside | Target::Unknown => open(&unit.tree, link.value),
    })
}

/// Why a value does not say what it names, if it does not. What depends only on where the deployment goes is known.
fn open(tree: &Tree, value: NodeId) -> Option<String> {
    match tree.view(value) {
        View::Unknown(unknown) => {
            let first = unknown.blocker.split(['.', '[', ' ', ':']).next().unwrap_or("");
            let what = if matches!(first, "local" | "var" | "module" | "data") { first } else { "resource" };
            Some(format!("{} ({what})", unknown.reason.phrase()))
        }
        View::Text(pieces) => {
            let undecided = pieces.iter().find_map(|piece| match piece {
                Piece::Hole(hole) => match hole.kind {
                    HoleKind::Partition | HoleKind::Region | HoleKind::Account | HoleKind::UrlSuffix => None,
                    HoleKind::Name { .. } | HoleKind::Arn { .. } | HoleKind::Attribute { .. } => {
                        Some("a resource that declares no such entity")
                    }
                    HoleKind::Parameter { .. } => Some("a parameter without a value"),
                    _ => Some("a text of which a part is not known"),
                },
                Piece::Literal(_) => None,
            });
            undecided.map(str::to_owned)
        }
        _ => None,
    }
}
