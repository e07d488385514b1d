//! Numbers that add up differently under different conditions.

use crate::document::Alternative;
use crate::document::Condition;
use crate::document::Conditions;
use crate::document::NodeId;
use crate::document::Tree;
use crate::document::Tri;
use crate::document::View;
use crate::document::spread;
use crate::document::text;

use super::build::Maker;
use super::worlds;

/// The sum of parts, each there under a condition: a number, or one for each case.
pub(super) fn total(maker: &mut Maker<'_>, place: NodeId, parts: &[(Condition, usize)]) -> NodeId {
    let number = |maker: &mut Maker<'_>, sum: usize| maker.tree.derive_number(place, &sum.to_string());
    if parts.iter().all(|(under, _)| under.is_always()) {
        return number(maker, parts.iter().map(|(_, part)| part).sum());
    }
    let cases = worlds::split(maker.conditions, parts.iter().map(|(under, _)| *under));
    let mut sums: Vec<(usize, Condition)> = Vec::new();
    for case in cases {
        let mut sum = 0;
        for (under, part) in parts {
            if worlds::holds(maker.conditions, *under, case) == Tri::Yes {
                sum += part;
            }
        }
        match sums.iter_mut().find(|(known, _)| *known == sum) {
            Some((_, under)) => *under = maker.conditions.or(*under, case),
            None => sums.push((sum, case)),
        }
    }
    let alternatives = sums
        .into_iter()
        .map(|(sum, condition)| Alternative { condition, value: Some(number(maker, sum)) })
        .collect();
    maker.tree.derive_choice(place, alternatives)
}

/// The longest name that every name in IAM can be; groups, profiles and policies can have longer ones.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const NAME: usize = 64;

/// How many characters a name has at least, where these are more than some name may have: what is not known of it counts with the
/// least that it can be.
pub(super) fn long_name(maker: &mut Maker<'_>, name: NodeId) -> Option<NodeId> {
    let tree = &maker.tree;
    let names = spread(tree, maker.conditions, name);
    let lengths: Vec<(Condition, usize)> = names
        .into_iter()
        .map(|(under, node)| match tree.view(node) {
            View::String(text) => (under, text.chars().count()),
            View::Text(pieces) => (under, text::least_length(pieces)),
            _ => (under, 0),
        })
        .collect();
    lengths.iter().any(|(_, length)| *length > NAME).then(|| total(maker, name, &lengths))
}

/// Whether something holds: true under a condition, false otherwise.
pub(super) fn truth(tree: &mut Tree, conditions: &mut Conditions, place: NodeId, under: Condition) -> NodeId {
    if under.is_always() || under.is_never() {
        return tree.derive_bool(place, under.is_always());
    }
    let (yes, no) = (tree.derive_bool(place, true), tree.derive_bool(place, false));
    let otherwise = conditions.not(under);
    let alternatives = vec![
        Alternative { condition: under, value: Some(yes) },
        Alternative { condition: otherwise, value: Some(no) },
    ];
    tree.derive_choice(place, alternatives)
}
