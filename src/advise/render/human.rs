//! Advice for people.

use std::io::{self, Write};

use crate::ssm::statement::Place;

use super::{Advised, described, lines, shown};
use crate::advise::RoleAdvice;

pub(super) fn render(all: &[Advised], quota: usize, place: &Place, out: &mut dyn Write) -> io::Result<()> {
    for advised in all {
        let place = advised.style.place(place);
        for role in &advised.roles {
            one(role, quota, &place, out)?;
        }
    }
    let roles: Vec<&RoleAdvice> = all.iter().flat_map(|one| &one.roles).collect();
    let changes = roles.iter().filter(|role| !is_right(role)).count();
    match (roles.len(), changes) {
        (0, _) => writeln!(out, "no role of nodes or automations"),
        (1, 0) => writeln!(out, "1 role, which has what it needs"),
        (count, 0) => writeln!(out, "{count} roles, all have what they need"),
        (1, _) => writeln!(out, "1 role, to be changed"),
        (count, changes) => writeln!(out, "{count} roles, {changes} of them to be changed"),
    }
}

/// Whether a role has what it needs, and nothing that it does not.
pub(super) fn is_right(role: &RoleAdvice) -> bool {
    role.unneeded.is_empty() && role.statements.is_empty() && role.managed.iter().all(|one| one.attached)
}

fn one(role: &RoleAdvice, quota: usize, place: &Place, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{} ({})", role.role, described(role))?;
    if let Some(place) = &role.place {
        writeln!(out, " --> {}", shown(place))?;
    }
    for feature in &role.features {
        let mut name = feature.name;
        for reason in &feature.why {
            let place = reason.place.as_ref().map(|place| format!("  {}", shown(place))).unwrap_or_default();
            writeln!(out, "  {name:<17} {}{place}", reason.text)?;
            name = "";
        }
        if feature.more > 0 {
            writeln!(out, "  {name:<17} and {} more", feature.more)?;
        }
    }
    if role.features.is_empty() {
        writeln!(out, "  nothing in the input has it do anything for Systems Manager")?;
    }
    for policy in &role.managed {
        let verb = if policy.attached { "keep" } else { "attach" };
        writeln!(out, "  {verb:<17} {} (for {})", policy.name, policy.features.join(", "))?;
    }
    let mut verb = "allow";
    for statement in &role.statements {
        for line in lines(statement, place) {
            writeln!(out, "  {verb:<17} {line}")?;
            verb = "";
        }
    }
    for policy in &role.unneeded {
        let place = policy.place.as_ref().map(|place| format!("  {}", shown(place))).unwrap_or_default();
        writeln!(out, "  {:<17} {}: {}{place}", "not needed", policy.name, policy.why)?;
    }
    if !role.other.is_empty() {
        writeln!(out, "  {:<17} {}", "stays", role.other.join(", "))?;
    }
    for what in &role.unknown {
        writeln!(out, "  {:<17} {what}", "not known")?;
    }
    let over = if role.after > quota { ": more than a role can have" } else { "" };
    writeln!(out, "  {:<17} {} now, {} after, of {quota}{over}\n", "managed policies", role.now, role.after)
}
