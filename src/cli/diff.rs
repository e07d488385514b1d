//! `rolecall diff`: what a change lets principals do that they could not do before, and the other way round.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use serde_json::json;
use similar::TextDiff;

use crate::catalog;
use crate::document::{Code, Conditions, Diagnostic, Limits, NodeId, Source, Tree, json as reader};
use crate::facts::{Holder, holders};
use crate::iam::compare::{Difference, Witness, compare, trusted};
use crate::iam::{Policy, PolicyKind};
use crate::ingest;
use crate::report::{self, Look};

use super::args::{DiffArgs, DiffFormat};
use super::{Exit, bytes, options};

/// What changes for one holder of permissions.
struct Change {
    id: String,
    kind: &'static str,
    difference: Difference,
    trust_gained: Vec<String>,
    trust_lost: Vec<String>,
    text: String,
}

impl Change {
    fn grants_more(&self) -> bool {
        !self.difference.gained.is_empty() || self.trust_gained.iter().any(|line| line.starts_with("Allow"))
    }

    fn is_empty(&self) -> bool {
        self.difference.is_empty() && self.trust_gained.is_empty() && self.trust_lost.is_empty()
    }
}

/// Runs the command.
pub(super) fn run(args: &DiffArgs, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Exit> {
    let Some((before, after)) = sides(args, err)? else { return Ok(Exit::Incomplete) };
    let changes = changes(before, after);
    match args.format {
        DiffFormat::Human => human(&changes, out)?,
        DiffFormat::Markdown => markdown(&changes, out)?,
        DiffFormat::Json => writeln!(out, "{}", to_json(&changes))?,
    }
    let more = changes.iter().any(Change::grants_more);
    Ok(if more { Exit::Findings } else { Exit::Clean })
}

/// The holders before and after.
fn sides(args: &DiffArgs, err: &mut dyn Write) -> io::Result<Option<(Vec<Holder>, Vec<Holder>)>> {
    let Some(old) = unit(&args.old, args, err)? else { return Ok(None) };
    let Some(path) = &args.new else {
        let Some(before) = &old.before else {
            let message = "the input does not say what there was before: give a second one";
            let diagnostic = Diagnostic::new(Code::Unreadable, message.to_owned()).in_file(&*old.name);
            report::diagnostics(&[diagnostic], Look::default(), err)?;
            return Ok(None);
        };
        return Ok(Some((holders(&old.tree, before), holders(&old.tree, &old.inventory))));
    };
    let Some(new) = unit(path, args, err)? else { return Ok(None) };
    Ok(Some((holders(&old.tree, &old.inventory), holders(&new.tree, &new.inventory))))
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

/// Compares the holders of both sides by their ids; two inputs of one holder each are compared whatever it is called.
fn changes(before: Vec<Holder>, after: Vec<Holder>) -> Vec<Change> {
    let single = before.len() == 1 && after.len() == 1;
    let mut pairs: BTreeMap<(String, &'static str), [Option<Holder>; 2]> = BTreeMap::new();
    for (side, holders) in [before, after].into_iter().enumerate() {
        for holder in holders {
            let key = if single { (String::new(), "") } else { (holder.id.clone(), holder.kind) };
            if let Some(slot) = pairs.entry(key).or_default().get_mut(side) {
                *slot = Some(holder);
            }
        }
    }
    let all = pairs.into_values().filter_map(|[old, new]| change(old, new));
    all.filter(|change| !change.is_empty()).collect()
}

fn change(old: Option<Holder>, new: Option<Holder>) -> Option<Change> {
    let shown = new.as_ref().or(old.as_ref())?;
    let (id, kind) = (shown.id.clone(), shown.kind);
    let split = |holder: Option<Holder>| holder.map(|one| (one.identity, one.trust)).unwrap_or_default();
    let ((old_identity, old_trust), (new_identity, new_trust)) = (split(old), split(new));
    let trees = [&old_identity, &new_identity, &old_trust, &new_trust].map(|all| trees(all));
    let [a, b, c, d] = &trees;
    let (old, new) = (policies(a, PolicyKind::Identity), policies(b, PolicyKind::Identity));
    let difference = compare(catalog::embedded(), &old, &new);
    let (was, is) = (trusted(&policies(c, PolicyKind::Trust)), trusted(&policies(d, PolicyKind::Trust)));
    let trust_gained = is.iter().filter(|line| !was.contains(line)).cloned().collect();
    let trust_lost = was.iter().filter(|line| !is.contains(line)).cloned().collect();
    let text = text_difference(&[old_identity, old_trust].concat(), &[new_identity, new_trust].concat());
    Some(Change { id, kind, difference, trust_gained, trust_lost, text })
}

fn trees(documents: &[String]) -> Vec<(Tree, NodeId)> {
    let read = |text: &String| {
        let mut tree = Tree::new();
        let file = tree.add_source(Source::from_text("policy.json", text.as_str()));
        let (root, _) = reader::read(&mut tree, file, text, 0, Limits::default()).ok()?;
        Some((tree, root))
    };
    documents.iter().filter_map(read).collect()
}

fn policies(trees: &[(Tree, NodeId)], kind: PolicyKind) -> Vec<Policy<'_>> {
    let mut conditions = Conditions::new();
    trees.iter().map(|(tree, root)| Policy::read(tree, &mut conditions, *root, kind)).collect()
}

fn text_difference(old: &[String], new: &[String]) -> String {
    let pretty = |documents: &[String]| -> String {
        let all = documents.iter().map(|text| {
            let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
            serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"
        });
        all.collect()
    };
    let (old, new) = (pretty(old), pretty(new));
    TextDiff::from_lines(&old, &new).unified_diff().context_radius(2).to_string()
}

/// A witness as a line: its actions, the resource, the conditions.
fn line(witness: &Witness) -> String {
    let shown: Vec<&str> = witness.actions.iter().take(4).map(String::as_str).collect();
    let more = match witness.actions.len().saturating_sub(shown.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let conditions = if witness.conditions.is_empty() {
        String::new()
    } else {
        format!(" ({})", witness.conditions.join("; "))
    };
    let partly = if witness.sure || !witness.conditions.is_empty() { "" } else { " (in part)" };
    format!("{}{more} on {}{partly}{conditions}", shown.join(", "), witness.resource)
}

fn human(changes: &[Change], out: &mut dyn Write) -> io::Result<()> {
    for change in changes {
        writeln!(out, "{} ({})", change.id, change.kind)?;
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
    let more = changes.iter().filter(|change| change.grants_more()).count();
    match changes.len() {
        0 => writeln!(out, "no permission changes"),
        count => writeln!(out, "{count} changed, {more} of them may do more"),
    }
}

fn markdown(changes: &[Change], out: &mut dyn Write) -> io::Result<()> {
    let more = changes.iter().filter(|change| change.grants_more()).count();
    if changes.is_empty() {
        return writeln!(out, "No permission changes.");
    }
    writeln!(out, "**{} changed, {more} of them may do more**\n", changes.len())?;
    for change in changes {
        writeln!(out, "### `{}` ({})\n", change.id, change.kind)?;
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

fn to_json(changes: &[Change]) -> serde_json::Value {
    let witnesses = |all: &[Witness]| -> Vec<serde_json::Value> {
        let one = |witness: &Witness| json!({"actions": witness.actions, "resource": witness.resource, "sure": witness.sure, "conditions": witness.conditions});
        all.iter().map(one).collect()
    };
    let all: Vec<serde_json::Value> = changes
        .iter()
        .map(|change| {
            json!({
                "entity": change.id,
                "entity_kind": change.kind,
                "grants_more": change.grants_more(),
                "gained": witnesses(&change.difference.gained),
                "lost": witnesses(&change.difference.lost),
                "trust_gained": change.trust_gained,
                "trust_lost": change.trust_lost,
                "text": change.text,
            })
        })
        .collect();
    json!({"version": 1, "grants_more": changes.iter().any(Change::grants_more), "changes": all})
}
