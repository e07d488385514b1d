//! A migration as changes of the Terraform configuration that a plan was made from.
//!
//! An attachment is a resource of its own: where its policy changes, Terraform removes it before it makes the new one. So
//! the new attachments come under names of their own, and nodes keep what they need for as long as anything is attached.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;

use crate::advise::Style;
use crate::advise::advice::Recommended;
use crate::advise::artifact;
use crate::advise::held::Attached;
use crate::catalog::embedded;
use crate::document::Tree;
use crate::document::edit::{Change, Content};
use crate::ingest::{Configuration, WrittenBlock};
use crate::ssm::statement::{Place, Statement};

use super::patch::{Patched, Swap};
use super::steps::OWN;

/// A file's text, and the ranges that become another text.
type File = (String, Vec<(Range<usize>, String)>);

/// The changes of a configuration's files.
#[derive(Clone, Debug, Default)]
pub(super) struct Edits {
    /// The changes, by the file's name.
    files: BTreeMap<String, File>,
    /// The data sources that were added, by module.
    sources: BTreeSet<(PathBuf, String)>,
}

impl Edits {
    /// Adds the changes for a role, all or none.
    pub(super) fn add(
        &mut self,
        configuration: &Configuration,
        tree: &Tree,
        role: &str,
        swap: &Swap<'_>,
    ) -> Result<(), String> {
        let mut tried = self.clone();
        let mut add: Vec<&Recommended> = swap.add.iter().filter(|one| !one.attached).collect();
        for removed in swap.removed {
            tried.swap(configuration, tree, removed, &std::mem::take(&mut add))?;
        }
        if !swap.statements.is_empty() {
            tried.own(configuration, role, swap.statements)?;
        }
        *self = tried;
        Ok(())
    }

    /// The files after the changes.
    pub(super) fn files(&self) -> Vec<Patched> {
        self.files
            .iter()
            .map(|(name, (before, edits))| {
                let mut edits = edits.clone();
                edits.sort_by_key(|(range, _)| std::cmp::Reverse((range.start, range.end)));
                let mut after = before.clone();
                for (range, text) in edits {
                    after.replace_range(range, &text);
                }
                Patched { name: name.clone(), before: before.clone(), after }
            })
            .collect()
    }

    /// One policy goes, and some come in its place.
    fn swap(
        &mut self,
        configuration: &Configuration,
        tree: &Tree,
        removed: &Attached,
        add: &[&Recommended],
    ) -> Result<(), String> {
        let block = configuration.written(&removed.by);
        let block = block.ok_or_else(|| format!("the configuration does not have `{}`", removed.by))?;
        let old = tail(&removed.arn);
        if block.ty == "aws_iam_role_policy_attachment" && block.text().matches(old).count() == 1 {
            let text = attachments(configuration, &block, old, add);
            let range = if text.is_empty() { with_line(&block) } else { block.range.clone() };
            return self.edit(block.source.name(), block.source.text(), range, text);
        }
        if !matches!(
            block.ty,
            "aws_iam_role_policy_attachment" | "aws_iam_role" | "aws_iam_role_policy_attachments_exclusive"
        ) {
            return Err(format!("`{}` attaches the policy to others too", removed.by));
        }
        let node = removed.value;
        let with: Vec<Content> = add.iter().map(|one| Content::Text(arn(&removed.arn, one.name))).collect();
        let change = if with.is_empty() { Change::Remove { node } } else { Change::Replace { node, with } };
        let made = configuration.edit(tree, &change, &removed.by)?;
        self.edit(made.source.name(), made.source.text(), made.range, made.text)
    }

    /// The inline policy of a role, behind its block.
    fn own(
        &mut self,
        configuration: &Configuration,
        role: &str,
        statements: &[Statement],
    ) -> Result<(), String> {
        let block = configuration.written(role);
        let block = block.ok_or_else(|| format!("the configuration does not have `{role}`"))?;
        if block.is_repeated {
            return Err("the role's block stands for several roles".to_owned());
        }
        let label = free(&block, "aws_iam_role_policy", &format!("{}_systems_manager", block.label));
        let place = Style::Terraform.place(&Place::default());
        let role = format!("aws_iam_role.{}.name", block.label);
        let mut text = format!("\n\n{}", artifact::own_policy(&label, OWN, &role, statements, &place));
        for name in artifact::sources_of(&text) {
            let is_there = block.has_beside(&format!("data.{name}.current"));
            if !is_there && self.sources.insert((block.folder().to_owned(), name.to_owned())) {
                text.push_str(&format!("\n\ndata \"{name}\" \"current\" {{}}"));
            }
        }
        let end = block.range.end;
        self.edit(block.source.name(), block.source.text(), end..end, text)
    }

    fn edit(&mut self, name: &str, before: &str, range: Range<usize>, text: String) -> Result<(), String> {
        let (_, edits) = self.files.entry(name.to_owned()).or_insert_with(|| (before.to_owned(), Vec::new()));
        let meets = |other: &Range<usize>| other.start < range.end && range.start < other.end;
        match edits.iter().find(|(other, _)| *other == range || meets(other)) {
            // Several roles have the same block.
            Some((other, known)) if *other == range && *known == text => Ok(()),
            Some((other, _)) if other.is_empty() && range.is_empty() => {
                edits.push((range, text));
                Ok(())
            }
            Some(_) => Err("other roles that have the same block get something else".to_owned()),
            None => {
                edits.push((range, text));
                Ok(())
            }
        }
    }
}

/// Blocks like one, each with another policy.
fn attachments(
    configuration: &Configuration,
    block: &WrittenBlock<'_>,
    old: &str,
    add: &[&Recommended],
) -> String {
    let mut keeps_name = configuration.is_referred_to(block);
    let copies = add.iter().map(|one| {
        let new = embedded().managed_policy(one.name).map(|policy| policy.arn("aws")).unwrap_or_default();
        // An ARN of the account's own gives way as a whole.
        let new = if old.starts_with("policy/") { tail(&new).to_owned() } else { new };
        let text = block.text().replacen(old, &new, 1);
        if std::mem::take(&mut keeps_name) {
            return text;
        }
        let label = free(block, block.ty, &format!("{}_{}", block.label, artifact::label(one.name)));
        block.renamed(&text, &label)
    });
    copies.collect::<Vec<_>>().join("\n\n")
}

/// A name that the module does not use yet.
fn free(block: &WrittenBlock<'_>, ty: &str, wanted: &str) -> String {
    let is_free = |label: &String| !block.has_beside(&format!("{ty}.{label}"));
    std::iter::once(wanted.to_owned())
        .chain((2..1_000).map(|number| format!("{wanted}_{number}")))
        .find(is_free)
        .unwrap_or_default()
}

/// What of the ARN of an AWS managed policy is the same in every partition; all of another's.
fn tail(arn: &str) -> &str {
    arn.split_once(":iam::aws:").map_or(arn, |(_, tail)| tail)
}

/// The ARN of a policy in the partition of another.
fn arn(old: &str, name: &str) -> String {
    let new = embedded().managed_policy(name).map(|policy| policy.arn("aws")).unwrap_or_default();
    match old.split_once(":iam::aws:") {
        Some((head, _)) => format!("{head}:iam::aws:{}", tail(&new)),
        None => new,
    }
}

/// The range of a block with its line and an empty one behind it.
fn with_line(block: &WrittenBlock<'_>) -> Range<usize> {
    let rest = block.source.text().get(block.range.end..).unwrap_or("");
    let lines = rest.split_inclusive('\n').take_while(|line| line.trim().is_empty()).take(2);
    block.range.start..block.range.end + lines.map(str::len).sum::<usize>()
}
