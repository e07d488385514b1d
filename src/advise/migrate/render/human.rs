//! A migration for people.

use std::io::{self, Write};

use crate::advise::render::{lines, shown};
use crate::ssm::statement::Place;

use super::super::{Do, Migration, Order};
use super::{Migrated, line, order};

pub(super) fn render(all: &[Migrated], quota: usize, place: &Place, out: &mut dyn Write) -> io::Result<()> {
    for migrated in all {
        let place = migrated.style.place(place);
        for role in &migrated.plan.roles {
            one(role, quota, &place, out)?;
        }
        for other in &migrated.plan.others {
            let at = other.place.as_ref().map(|place| format!("  {}", shown(place))).unwrap_or_default();
            writeln!(
                out,
                "{} ({}) has {}: find out what it is for{at}\n",
                other.id, other.kind, other.policy
            )?;
        }
    }
    let roles: Vec<&Migration> = all.iter().flat_map(|one| &one.plan.roles).collect();
    if roles.is_empty() {
        return writeln!(out, "no role has the policy");
    }
    let plural = if roles.len() == 1 { "role" } else { "roles" };
    writeln!(out, "{} {plural} to be changed", roles.len())?;
    let count = |order: Order| roles.iter().filter(|role| role.order == order).count();
    let (bridged, over) = (count(Order::Bridged), count(Order::TooMany));
    if bridged > 0 {
        writeln!(out, "{bridged} of them by way of an inline policy, for want of room")?;
    }
    if over > 0 {
        writeln!(out, "{over} of them cannot be: the quota of managed policies is too low")?;
    }
    writeln!(
        out,
        "what the software on the nodes does with these permissions itself is not in the input: see when each service was \
         last used (`aws iam generate-service-last-accessed-details`)"
    )
}

fn one(role: &Migration, quota: usize, place: &Place, out: &mut dyn Write) -> io::Result<()> {
    let nodes = match role.nodes {
        0 => String::new(),
        1 => " (1 node)".to_owned(),
        more => format!(" ({more} nodes)"),
    };
    writeln!(out, "{}{nodes}", role.role)?;
    for removed in &role.remove {
        let at = removed.place.as_ref().map(|place| format!("  {}", shown(place))).unwrap_or_default();
        writeln!(out, " --> {}{at}", removed.name)?;
    }
    for (number, step) in (1..).zip(&role.steps) {
        match &step.what {
            Do::Attach(name) => {
                let features =
                    role.add.iter().find(|one| one.name == name).map(|one| one.features.join(", "));
                let features = features.filter(|all| !all.is_empty()).map(|all| format!(" (for {all})"));
                writeln!(out, "  {number}. attach {name}{}", features.unwrap_or_default())?;
            }
            Do::Detach(name, _) => writeln!(out, "  {number}. detach {name}")?,
            Do::Put(name, statements) => {
                let while_ = if step.for_a_while { ", for the time between" } else { "" };
                writeln!(out, "  {number}. put the inline policy {name}{while_}")?;
                for line in statements.iter().flat_map(|one| lines(one, place)).filter(|_| !step.for_a_while)
                {
                    writeln!(out, "       {line}")?;
                }
            }
            Do::Delete(name) => writeln!(out, "  {number}. delete the inline policy {name}")?,
            Do::Wait => {
                writeln!(out, "  {number}. wait until the nodes have new credentials and report as before")?;
            }
        }
    }
    writeln!(out, "  managed policies: {}", order(role, quota))?;
    for (action, why) in &role.breaks {
        writeln!(out, "  ! {action} would be lacking: {why}")?;
    }
    for witness in &role.lost {
        writeln!(out, "  - {}", line(witness))?;
    }
    for witness in &role.gained {
        writeln!(out, "  + {}", line(witness))?;
    }
    for what in &role.unknown {
        writeln!(out, "  ? {what}")?;
    }
    writeln!(out)
}
