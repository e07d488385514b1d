//! A migration for the comment of a pull request.

use std::io::{self, Write};

use crate::ssm::statement::Place;

use super::super::{Do, Migration};
use super::{Migrated, commands, line, order};

pub(super) fn render(all: &[Migrated], quota: usize, place: &Place, out: &mut dyn Write) -> io::Result<()> {
    let count: usize = all.iter().map(|one| one.plan.roles.len()).sum();
    writeln!(out, "**{count} {} to be changed**\n", if count == 1 { "role" } else { "roles" })?;
    if count > 0 {
        writeln!(out, "| role | nodes | attach | statements | detach | order |\n|---|---|---|---|---|---|")?;
    }
    for role in all.iter().flat_map(|one| &one.plan.roles) {
        row(role, quota, out)?;
    }
    writeln!(out)?;
    for migrated in all {
        let place = migrated.style.place(place);
        for role in &migrated.plan.roles {
            one(role, &place, out)?;
        }
        for other in &migrated.plan.others {
            let (id, kind) = (&other.id, other.kind);
            writeln!(out, "* the {kind} `{id}` has `{}`: find out what it is for", other.policy)?;
        }
    }
    Ok(())
}

fn row(role: &Migration, quota: usize, out: &mut dyn Write) -> io::Result<()> {
    let names = |all: Vec<&str>| all.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let add = names(role.add.iter().filter(|one| !one.attached).map(|one| one.name).collect());
    let remove = names(role.remove.iter().map(|one| one.name.as_str()).collect());
    let statements = role.statements.len();
    writeln!(
        out,
        "| `{}` | {} | {add} | {statements} | {remove} | {} |",
        role.role,
        role.nodes,
        order(role, quota)
    )
}

fn one(role: &Migration, place: &Place, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<details><summary><code>{}</code></summary>\n", role.role)?;
    for (action, why) in &role.breaks {
        writeln!(out, "* **would be lacking**: `{action}`: {why}")?;
    }
    for witness in &role.lost {
        writeln!(out, "* loses {}", line(witness))?;
    }
    for witness in &role.gained {
        writeln!(out, "* gains {}", line(witness))?;
    }
    for what in &role.unknown {
        writeln!(out, "* not known: {what}")?;
    }
    writeln!(out, "\n```sh")?;
    for step in &role.steps {
        match commands::command(role, step, place) {
            Some(command) => writeln!(out, "{command}")?,
            None if step.what == Do::Wait => {
                writeln!(out, "# wait until the nodes have new credentials and report as before")?;
            }
            None => {}
        }
    }
    writeln!(out, "```\n\n</details>\n")
}
