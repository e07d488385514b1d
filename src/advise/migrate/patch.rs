//! A migration as changes of the template's text.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::catalog::embedded;
use crate::document::edit::{self, Change, Content, Edit};
use crate::document::{FileId, NodeId, Tree};
use crate::ingest::{Configuration, InputKind};
use crate::model::{EntityId, Inventory};
use crate::ssm::statement::{Place, Statement, policy};

use super::super::Style;
use super::super::advice::Recommended;
use super::super::held::Attached;
use super::configuration;
use super::steps::OWN;

/// A file with the change in it.
#[derive(Clone, Debug)]
pub struct Patched {
    /// Its name.
    pub name: String,
    /// Its text as it is.
    pub before: String,
    /// Its text as it is to be.
    pub after: String,
}

/// The changes of the text, and what cannot be changed there.
#[derive(Clone, Debug, Default)]
pub(super) struct Patch {
    edits: BTreeMap<FileId, Vec<Edit>>,
    configuration: configuration::Edits,
    pub(super) obstacles: Vec<String>,
}

/// What the changes are of.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    pub(super) tree: &'a Tree,
    pub(super) inventory: &'a Inventory,
    pub(super) kind: InputKind,
    /// The configuration that a plan was made from.
    pub(super) configuration: Option<&'a Configuration>,
}

/// What one role loses and gets.
pub(super) struct Swap<'a> {
    pub(super) role: EntityId,
    pub(super) removed: &'a [&'a Attached],
    pub(super) add: &'a [Recommended],
    pub(super) statements: &'a [Statement],
}

impl Patch {
    /// Adds the changes for a role.
    pub(super) fn add(&mut self, input: &Input<'_>, swap: &Swap<'_>) {
        let &Input { tree, inventory, kind, configuration } = input;
        let entity = inventory.entity(swap.role);
        let Some(resource) = entity.and_then(|entity| inventory.resource(entity.resource)) else { return };
        let id = &resource.id;
        if Style::of(kind) == Style::Terraform {
            let made = match configuration {
                Some(configuration) => self.configuration.add(configuration, tree, id, swap),
                None => Err("give the configuration's folder with `--hcl` to change it there".to_owned()),
            };
            self.obstacles.extend(made.err().map(|why| format!("`{id}`: {why}")));
            return;
        }
        if !matches!(kind, InputKind::CloudFormation | InputKind::Sam) || &*resource.ty != "AWS::IAM::Role" {
            let why = "only roles of templates and configurations are changed in the text";
            self.obstacles.push(format!("`{id}`: {why}"));
            return;
        }
        let changes = match changes(tree, resource.node, swap) {
            Ok(changes) => changes,
            Err(why) => {
                self.obstacles.push(format!("`{id}`: {why}"));
                return;
            }
        };
        let planned: Result<Vec<Vec<Edit>>, String> =
            changes.iter().map(|change| planned(tree, change)).collect();
        match planned {
            // All of a role's changes, or none.
            Ok(all) => {
                for one in all.into_iter().flatten() {
                    self.edits.entry(one.span.file).or_default().push(one);
                }
            }
            Err(why) => self.obstacles.push(format!("`{id}`: {why}")),
        }
    }

    /// The files after the changes.
    pub(super) fn files(&self, tree: &Tree) -> Vec<Patched> {
        let one = |(file, edits): (&FileId, &Vec<Edit>)| {
            let source = tree.source(*file)?;
            let before = source.text().to_owned();
            let after = edit::apply(&before, edits);
            Some(Patched { name: source.name().to_owned(), before, after })
        };
        let mut files: Vec<Patched> = self.edits.iter().filter_map(one).collect();
        files.extend(self.configuration.files());
        files
    }
}

/// What is to become of the values of a role.
fn changes(tree: &Tree, role: NodeId, swap: &Swap<'_>) -> Result<Vec<Change>, &'static str> {
    let mut changes = Vec::new();
    let mut add: Vec<&Recommended> = swap.add.iter().filter(|one| !one.attached).collect();
    for removed in swap.removed {
        let node = tree.written(removed.value).ok_or("the policy is written nowhere")?;
        let around = tree.ancestors(node);
        if !around.contains(&role) {
            return Err("the policy is named elsewhere, for other roles too");
        }
        // The first makes room for all that come.
        let with: Vec<Content> = add.drain(..).map(|one| arn(tree, removed.value, one.name)).collect();
        let parent = around.iter().rev().nth(1).copied();
        let is_element =
            parent.is_some_and(|parent| tree.list(parent).is_some() && !is_argument(tree, parent));
        changes.push(match (with.as_slice(), is_element) {
            ([_], _) | ([_, _, ..], true) => Change::Replace { node, with },
            ([], true) => Change::Remove { node },
            _ => return Err("the policy is an argument of a template function"),
        });
    }
    if !swap.statements.is_empty() {
        changes.extend(own_policy(tree, role, swap.statements));
    }
    Ok(changes)
}

/// Whether a list is the arguments of a template function.
fn is_argument(tree: &Tree, list: NodeId) -> bool {
    tree.tag(list).is_some()
        || tree.key_of(list).and_then(|key| tree.string(key)).is_some_and(|key| key.starts_with("Fn::"))
}

/// The edits of a change, if nothing but it would change.
fn planned(tree: &Tree, change: &Change) -> Result<Vec<Edit>, String> {
    let edits = edit::plan(tree, change).map_err(|refusal| refusal.to_string())?;
    let Some(source) = edits.first().and_then(|edit| tree.source(edit.span.file)) else {
        return Err("there is nothing to change".to_owned());
    };
    let after = edit::apply(source.text(), &edits);
    if edit::holds(tree, change, source.text(), &after) {
        Ok(edits)
    } else {
        Err("the change cannot be written without touching something else".to_owned())
    }
}

/// The ARN of a policy, with the partition as the one that goes has it.
fn arn(tree: &Tree, old: NodeId, name: &str) -> Content {
    let text = tree.display(old);
    let partition = text.strip_prefix("arn:").and_then(|rest| rest.split(':').next());
    let partition = match partition {
        Some(known) if !known.contains('$') && !known.is_empty() => known,
        _ => "${AWS::Partition}",
    };
    let arn = embedded().managed_policy(name).map(|policy| policy.arn(partition)).unwrap_or_default();
    content(&Value::String(arn))
}

/// The inline policy of a role: an element of `Policies`, or the first.
fn own_policy(tree: &Tree, role: NodeId, statements: &[Statement]) -> Option<Change> {
    let properties = tree.get(role, "Properties")?;
    let made = Content::Map(vec![
        ("PolicyName".to_owned(), Content::text(OWN)),
        ("PolicyDocument".to_owned(), content(&policy(statements, &Place::default()))),
    ]);
    Some(match tree.get(properties, "Policies") {
        Some(list) => Change::Append { list, values: vec![made] },
        None => Change::Insert {
            map: properties,
            first: false,
            key: "Policies".to_owned(),
            value: Content::List(vec![made]),
        },
    })
}

/// A JSON value as it is written in a template.
fn content(value: &Value) -> Content {
    match value {
        Value::String(text) if text.contains("${") => {
            Content::Call { short: "Sub", long: "Fn::Sub", argument: text.clone() }
        }
        Value::String(text) => Content::Text(text.clone()),
        Value::Bool(value) => Content::Bool(*value),
        Value::Number(number) => Content::Number(number.to_string()),
        Value::Null => Content::text(""),
        Value::Array(all) => Content::List(all.iter().map(content).collect()),
        Value::Object(map) => {
            Content::Map(map.iter().map(|(key, value)| (key.clone(), content(value))).collect())
        }
    }
}
