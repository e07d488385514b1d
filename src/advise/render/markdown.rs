//! Advice for the comment of a pull request.

use std::io::{self, Write};

use serde_json::Value;

use crate::ssm::statement::{Place, policy};

use super::human::is_right;
use super::{Advised, described};
use crate::advise::RoleAdvice;

pub(super) fn render(all: &[Advised], quota: usize, place: &Place, out: &mut dyn Write) -> io::Result<()> {
    let every = || all.iter().flat_map(|one| &one.roles);
    let (count, changes) = (every().count(), every().filter(|role| !is_right(role)).count());
    let roles = if count == 1 { "role" } else { "roles" };
    writeln!(out, "**{count} {roles} of nodes and automations, {changes} to be changed**\n")?;
    for advised in all {
        let place = advised.style.place(place);
        for role in &advised.roles {
            one(role, quota, &place, out)?;
        }
    }
    Ok(())
}

fn one(role: &RoleAdvice, quota: usize, place: &Place, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "### `{}` ({})\n", role.role, described(role))?;
    for feature in &role.features {
        let why: Vec<&str> = feature.why.iter().map(|reason| &*reason.text).collect();
        let more = if feature.more > 0 { format!("; and {} more", feature.more) } else { String::new() };
        writeln!(out, "* needs **{}**: {}{more}", feature.name, why.join("; "))?;
    }
    for policy in &role.managed {
        let verb = if policy.attached { "keep" } else { "attach" };
        writeln!(out, "* {verb} `{}` for {}", policy.name, policy.features.join(", "))?;
    }
    for policy in &role.unneeded {
        writeln!(out, "* `{}` is not needed: {}", policy.name, policy.why)?;
    }
    for what in &role.unknown {
        writeln!(out, "* not known: {what}")?;
    }
    writeln!(out, "* managed policies: {} now, {} after, of {quota}\n", role.now, role.after)?;
    if !role.statements.is_empty() {
        let document: Value = policy(&role.statements, place);
        let text = serde_json::to_string_pretty(&document).unwrap_or_default();
        writeln!(
            out,
            "<details><summary>statements to add</summary>\n\n```json\n{text}\n```\n\n</details>\n"
        )?;
    }
    Ok(())
}
