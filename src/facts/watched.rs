//! What the action patterns of a statement stand for.

use std::sync::Arc;
use std::sync::LazyLock;

use crate::catalog::{Access, Action, ActionId, Catalog, Memo, ResourceType, embedded, split};
use crate::document::{NodeId, Tree, View};
use crate::iam::ActionSet;
use crate::iam::actions::{each, expand};

use super::build::Maker;
use super::record::Record;

/// Actions with which Systems Manager, or what it runs, changes who may do what and what runs where.
const WATCHED: &[&str] = &[
    "ssm:SendCommand",
    "ssm:StartAutomationExecution",
    "ssm:StartSession",
    "ssm:ResumeSession",
    "ssm:TerminateSession",
    "ssm:CreateDocument",
    "ssm:UpdateDocument",
    "ssm:UpdateDocumentDefaultVersion",
    "ssm:DeleteDocument",
    "ssm:ModifyDocumentPermission",
    "ssm:PutResourcePolicy",
    "ssm:CreateAssociation",
    "ssm:DeleteAssociation",
    "ssm:PutParameter",
    "ssm:UpdateServiceSetting",
    "ssm:ResetServiceSetting",
    "ssm:UpdateManagedInstanceRole",
    "ssm:CreateActivation",
    "ssm:UpdateInstanceInformation",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "ssm:GetParameterHistory",
    "ssmmessages:OpenDataChannel",
    "iam:PassRole",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:AttachGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:PutGroupPolicy",
    "iam:CreatePolicyVersion",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:UpdateLoginProfile",
    "iam:AddUserToGroup",
    "iam:DeleteRolePermissionsBoundary",
    "iam:PutRolePermissionsBoundary",
    "ec2:ModifyInstanceAttribute",
    "ec2-instance-connect:SendSSHPublicKey",
    "s3:GetObject",
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:GetEncryptionConfiguration",
];

/// The watched actions, as the catalogue knows them.
static IDS: LazyLock<Vec<(&'static str, ActionId)>> =
    LazyLock::new(|| WATCHED.iter().filter_map(|name| Some((*name, embedded().action(name)?.id))).collect());

/// What patterns stand for, each worked out once.
static MEANT: LazyLock<Memo<Arc<Meant>>> = LazyLock::new(|| Memo::new(1 << 13));

/// Adds what the actions of a statement stand for: `grants`, `patterns` and `open_writes`.
pub(super) fn add(
    maker: &mut Maker<'_>,
    record: &mut Record,
    action: Option<NodeId>,
    not_action: Option<NodeId>,
) {
    let catalog = embedded();
    let mut grants = Vec::new();
    let mut patterns = Vec::new();
    let mut open_writes = Vec::new();
    for (node, text) in action.map(|node| known(&maker.tree, node)).unwrap_or_default() {
        let meant = MEANT.of(&text, || Arc::new(Meant::of(catalog, &text)));
        let own = strings(maker, node, &meant.watched);
        grants.extend(&own);
        open_writes.extend(meant.count.scoped.iter().map(|name| maker.tree.derive_string(node, name)));
        patterns.push(pattern(maker, node, &text, &meant.count, &own));
    }
    if let Some(node) = not_action {
        let mut set = ActionSet::all(catalog);
        for (_, text) in known(&maker.tree, node) {
            let mut excepted = ActionSet::none(catalog);
            expand(catalog, &text, &mut excepted);
            set.subtract(&excepted);
        }
        let own = strings(maker, node, &watched(&set));
        grants.extend(&own);
        let counted = Count { all: set.len(), ..Count::default() };
        patterns.push(pattern(maker, node, "NotAction", &counted, &own));
    }
    for (name, list) in [("grants", &grants), ("patterns", &patterns), ("open_writes", &open_writes)] {
        record.list(&mut maker.tree, name, list);
    }
}

/// The known texts of an element.
fn known(tree: &Tree, node: NodeId) -> Vec<(NodeId, String)> {
    let mut out = Vec::new();
    let mut stack = vec![node];
    while let Some(node) = stack.pop() {
        match tree.view(node) {
            View::List(list) => stack.extend(list.iter().rev()),
            View::Choice(all) => stack.extend(all.iter().rev().filter_map(|one| one.value)),
            View::String(text) => out.push((node, text.to_owned())),
            _ => {}
        }
    }
    out
}

/// What a pattern of actions stands for.
#[derive(Debug)]
struct Meant {
    watched: Vec<&'static str>,
    count: Count,
}

impl Meant {
    fn of(catalog: &'static Catalog, text: &str) -> Self {
        let mut set = ActionSet::none(catalog);
        let count = count(catalog, text, &mut set);
        Self { watched: watched(&set), count }
    }
}

fn watched(set: &ActionSet) -> Vec<&'static str> {
    static ALL: LazyLock<ActionSet> = LazyLock::new(|| {
        let mut all = ActionSet::none(embedded());
        IDS.iter().for_each(|(_, id)| all.insert(*id));
        all
    });
    if !set.meets(&ALL) {
        return Vec::new();
    }
    IDS.iter().filter(|(_, id)| set.has(*id)).map(|(name, _)| *name).collect()
}

fn strings(maker: &mut Maker<'_>, node: NodeId, names: &[&str]) -> Vec<NodeId> {
    names.iter().map(|name| maker.tree.derive_string(node, name)).collect()
}

/// What a pattern expands to, in numbers.
#[derive(Debug, Default)]
struct Count {
    all: usize,
    writes: usize,
    describes: usize,
    /// Some that write and can be limited to resources.
    scoped: Vec<&'static str>,
}

/// Counts what a pattern expands to, and adds it to a set.
fn count(catalog: &'static Catalog, text: &str, set: &mut ActionSet) -> Count {
    let mut count = Count::default();
    each(catalog, text, |action| {
        set.insert(action.id);
        count.all += 1;
        let writes = action.is(Access::Write) || action.manages_permissions();
        count.writes += usize::from(writes);
        let describes = action.service().prefix() == "ec2" && action.name().starts_with("Describe");
        count.describes += usize::from(describes);
        if writes && can_be_limited(action) && count.scoped.len() < 3 {
            count.scoped.push(action.full_name());
        }
    });
    count
}

/// Kinds of resource of which an account has one in a Region: to name it limits nothing.
const ONE_OF_A_KIND: &[&str] = &["dataset", "hub", "hubv2"];

/// Whether an action can be limited to some resources of an account.
fn can_be_limited(action: Action<'_>) -> bool {
    let one_of_a_kind = |ty: ResourceType<'_>| ONE_OF_A_KIND.contains(&ty.name());
    let mut uses = action.uses().filter(|one| one.required() || !one.ty().is_some_and(one_of_a_kind));
    !action.without_resources() && (uses.next().is_some() || action.uses().next().is_none())
}

fn pattern(maker: &mut Maker<'_>, node: NodeId, text: &str, count: &Count, grants: &[NodeId]) -> NodeId {
    let mut record = Record::new(node);
    let tree = &mut maker.tree;
    record.put(tree, "value", Some(node));
    let name = split(text).map_or(text, |(_, name)| name);
    record.bool(tree, "wildcard", name.contains(['*', '?']));
    record.bool(tree, "service_wide", name == "*");
    record.number(tree, "actions", count.all);
    record.number(tree, "writes", count.writes);
    record.number(tree, "ec2_describes", count.describes);
    record.list(tree, "grants", grants);
    record.finish(tree)
}
