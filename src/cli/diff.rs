//! `rolecall diff`: what a change lets principals do that they could not do before, and the other way round.

use std::io::{self, Write};
use std::path::Path;

use serde_json::json;

use crate::check::permissions::{PermissionChange, changes, line};
use crate::document::{Code, Diagnostic};
use crate::facts::{Holder, holders};
use crate::iam::compare::Witness;
use crate::ingest;
use crate::report::{self, Look};

use super::args::{DiffArgs, DiffFormat};
use super::{Exit, bytes, options};

/// Runs the command.
pub(super) fn run(args: &DiffArgs, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Exit> {
    let Some((before, after)) = sides(args, err)? else { return Ok(Exit::Incomplete) };
    let changes = changes(before, after);
    match args.format {
        DiffFormat::Human => human(&changes, out)?,
        DiffFormat::Markdown => markdown(&changes, out)?,
        DiffFormat::Json => writeln!(out, "{}", to_json(&changes))?,
    }
    let more = changes.iter().any(|change| change.grants_more);
    Ok(if more { Exit::Findings } else { Exit::Clean })
}

/// The holders before and after.
fn sides(args: &DiffArgs, err: &mut dyn Write) -> io::Result<Option<(Vec<Holder>, Vec<Holder>)>> {
    let Some(mut old) = unit(&args.old, args, err)? else { return Ok(None) };
    let Some(path) = &args.new else {
        let Some(before) = &old.before else {
            let message = "the input does not say what there was before: give a second one";
            let diagnostic = Diagnostic::new(Code::Unreadable, message.to_owned()).in_file(&*old.name);
            report::diagnostics(&[diagnostic], Look::default(), err)?;
            return Ok(None);
        };
        let was = holders(&old.tree, &mut old.conditions, &old.condition_names, before);
        return Ok(Some((was, all(&mut old))));
    };
    let Some(mut new) = unit(path, args, err)? else { return Ok(None) };
    Ok(Some((all(&mut old), all(&mut new))))
}

/// The holders that an input declares.
fn all(unit: &mut ingest::Unit) -> Vec<Holder> {
    holders(&unit.tree, &mut unit.conditions, &unit.condition_names, &unit.inventory)
}

fn unit(path: &Path, args: &DiffArgs, err: &mut dyn Write) -> io::Result<Option<ingest::Unit>> {
    let name = path.to_string_lossy().into_owned();
    let read = bytes(path).map_err(|error| {
        Box::new(
            Diagnostic::new(Code::Unreadable, format!("the file cannot be read: {error}"))
                .in_file(name.as_str()),
        )
    });
    match read.and_then(|bytes| ingest::read(&name, bytes, &options(&args.input)?)) {
        Ok(unit) => Ok(Some(unit)),
        Err(diagnostic) => {
            report::diagnostics(&[*diagnostic], Look::default(), err)?;
            Ok(None)
        }
    }
}

fn human(changes: &[PermissionChange], out: &mut dyn Write) -> io::Result<()> {
    for change in changes {
        writeln!(out, "{} ({})", change.entity, change.kind)?;
        for witness in &change.difference.gained {
            writeln!(out, "  + {}", line(witness))?;
        }
        for witness in &change.difference.lost {
            writeln!(out, "  - {}", line(witness))?;
        }
        for text in &change.trust_gained {
            writeln!(out, "  + trust: {text}")?;
        }
        for text in &change.trust_lost {
            writeln!(out, "  - trust: {text}")?;
        }
        for text in change.text.lines() {
            writeln!(out, "    {text}")?;
        }
    }
    let more = changes.iter().filter(|change| change.grants_more).count();
    match changes.len() {
        0 => writeln!(out, "no permission changes"),
        count => writeln!(out, "{count} changed, {more} of them may do more"),
    }
}

fn markdown(changes: &[PermissionChange], out: &mut dyn Write) -> io::Result<()> {
    let more = changes.iter().filter(|change| change.grants_more).count();
    if changes.is_empty() {
        return writeln!(out, "No permission changes.");
    }
    writeln!(out, "**{} changed, {more} of them may do more**\n", changes.len())?;
    for change in changes {
        writeln!(out, "### `{}` ({})\n", change.entity, change.kind)?;
        for witness in &change.difference.gained {
            writeln!(out, "* gains `{}`", line(witness))?;
        }
        for witness in &change.difference.lost {
            writeln!(out, "* loses `{}`", line(witness))?;
        }
        for text in &change.trust_gained {
            writeln!(out, "* trust gains `{text}`")?;
        }
        for text in &change.trust_lost {
            writeln!(out, "* trust loses `{text}`")?;
        }
        if !change.text.is_empty() {
            writeln!(out, "\n<details><summary>text</summary>\n\n```diff\n{}```\n\n</details>", change.text)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn to_json(changes: &[PermissionChange]) -> serde_json::Value {
    let witnesses = |all: &[Witness]| -> Vec<serde_json::Value> {
        let one = |witness: &Witness| json!({"actions": witness.actions, "resource": witness.resource, "sure": witness.sure, "conditions": witness.conditions});
        all.iter().map(one).collect()
    };
    let all: Vec<serde_json::Value> = changes
        .iter()
        .map(|change| {
            json!({
                "entity": change.entity,
                "entity_kind": change.kind,
                "grants_more": change.grants_more,
                "gained": witnesses(&change.difference.gained),
                "lost": witnesses(&change.difference.lost),
                "trust_gained": change.trust_gained,
                "trust_lost": change.trust_lost,
                "text": change.text,
            })
        })
        .collect();
    json!({"version": 1, "grants_more": changes.iter().any(|change| change.grants_more), "changes": all})
}
