//! What a role may do after a change and could not before, and the other way round: by the evaluation of policies.

use crate::catalog::embedded;
use crate::document::{Conditions, Limits, NodeId, Source, Tree, json};
use crate::facts::able::managed;
use crate::iam::compare::{Difference, Witness, compare};
use crate::iam::{Policy, PolicyKind};
use crate::model::EntityId;
use crate::ssm::statement::{Place, Statement, policy};

use super::super::advice::{Recommended, World};
use super::super::held::{self, Attached};

/// Signs around the names of holes, which policies may not hold: `${X}` would be a variable of the policy.
const HOLE: [char; 2] = ['\u{2039}', '\u{203a}'];

/// Compares what a role has with what it gets.
pub(super) fn between(
    world: &mut World<'_>,
    role: EntityId,
    attached: &[Attached],
    kept: &[&Attached],
    add: &[Recommended],
    statements: &[Statement],
) -> Difference {
    let all: Vec<&Attached> = attached.iter().collect();
    let own = read(statements);
    let World { tree, conditions, inventory } = world;
    let before = held::policies(tree, conditions, inventory, role, &all, Vec::new());
    let mut added: Vec<Policy<'_>> = add.iter().filter_map(|one| managed(one.name)).cloned().collect();
    if let Some((tree, root)) = &own {
        added.push(Policy::read(tree, &mut Conditions::new(), *root, PolicyKind::Identity));
    }
    let after = held::policies(tree, conditions, inventory, role, kept, added);
    let mut difference = compare(embedded(), &before, &after);
    for witness in difference.gained.iter_mut().chain(&mut difference.lost) {
        witness.resource = witness.resource.replace(HOLE[0], "${").replace(HOLE[1], "}");
    }
    // What is granted on everything says all that is granted on a part.
    difference.lost = widest(difference.lost);
    difference.gained = widest(difference.gained);
    difference
}

/// Statements as a policy in a tree of its own; its holes are names in signs.
fn read(statements: &[Statement]) -> Option<(Tree, NodeId)> {
    if statements.is_empty() {
        return None;
    }
    let place = Place {
        partition: Some("aws".to_owned()),
        region: Some("*".to_owned()),
        account: Some("*".to_owned()),
    };
    let mut text = policy(statements, &place).to_string();
    while let Some(start) = text.find("${") {
        let Some(end) = text.get(start..).and_then(|rest| rest.find('}')).map(|at| start + at) else { break };
        let name = text.get(start + 2..end).unwrap_or("").to_owned();
        text.replace_range(start..=end, &format!("{}{name}{}", HOLE[0], HOLE[1]));
    }
    let mut tree = Tree::new();
    let file = tree.add_source(Source::from_text("added", text.as_str()));
    let (root, _) = json::read(&mut tree, file, &text, 0, Limits::default()).ok()?;
    Some((tree, root))
}

/// Of witnesses for the same actions, those on everything alone, where there are such.
fn widest(all: Vec<Witness>) -> Vec<Witness> {
    let everywhere: Vec<Vec<String>> = all
        .iter()
        .filter(|witness| witness.resource == "*" && witness.sure)
        .map(|witness| witness.actions.clone())
        .collect();
    let keep = |witness: &Witness| witness.resource == "*" || !everywhere.contains(&witness.actions);
    all.into_iter().filter(keep).collect()
}
