//! Change sets: what a deployment does to which resource.
//!
//! A change set that was described with property values holds its resources before and after, and is an input of its
//! own. One without them says what happens to the resources of a template that is given beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::document::yaml::Schema;
use crate::document::{Code, Diagnostic, Limits, NodeId, Source, Tree, json, parse};
use crate::ingest::assembly::Assembly;
use crate::ingest::{Options, Parameters};
use crate::model::Change;

use super::resolve::{Shared, State};
use super::stack::Stack;
use super::template::{Declared, Template};

/// What a change set says of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeSet {
    /// The values of the template's parameters.
    pub parameters: Parameters,
    /// What happens to resources, by logical id; those that are not here stay as they are.
    pub changes: BTreeMap<String, Change>,
}

/// Reads the output of `aws cloudformation describe-change-set`.
pub fn read_change_set(name: &str, bytes: Vec<u8>, limits: Limits) -> Result<ChangeSet, Box<Diagnostic>> {
    let source = Source::decode(name, bytes).map_err(|error| Diagnostic::encoding(name, &error))?;
    let mut tree = Tree::new();
    let file = tree.add_source(Arc::clone(&source));
    let parsed = parse(&mut tree, file, source.text(), Schema::CloudFormation, limits)
        .map_err(|error| Box::new(Diagnostic::syntax(Code::Json, &source, error)))?;
    let root = parsed.roots.first().copied().filter(|&root| tree.get(root, "Changes").is_some());
    let Some(root) = root else {
        let made = Diagnostic::new(Code::UnknownKind, "this is no change set").in_file(name);
        let help = "give the output of `aws cloudformation describe-change-set`";
        return Err(Box::new(made.help(help)));
    };
    let text =
        |node: NodeId, key: &str| tree.get(node, key).and_then(|node| tree.scalar(node)).map(str::to_owned);
    let parameters = elements(&tree, root, "Parameters");
    let parameters = parameters.into_iter().filter_map(|one| {
        // A value that is hidden or looked up is not the value.
        let value = text(one, "ResolvedValue").or_else(|| text(one, "ParameterValue"))?;
        (value != "****").then_some((text(one, "ParameterKey")?, value))
    });
    let changes = elements(&tree, root, "Changes").into_iter().filter_map(|one| {
        let change = tree.get(one, "ResourceChange")?;
        Some((text(change, "LogicalResourceId")?, kind_of(&tree, change)))
    });
    Ok(ChangeSet { parameters: parameters.collect(), changes: changes.collect() })
}

/// Whether a change set holds the properties of its resources.
pub(crate) fn has_values(tree: &Tree, root: NodeId) -> bool {
    elements(tree, root, "Changes").into_iter().any(|change| {
        let change = tree.get(change, "ResourceChange");
        change.is_some_and(|change| SIDES.iter().any(|side| tree.get(change, side.key()).is_some()))
    })
}

/// Before or after the deployment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Before,
    After,
}

const SIDES: [Side; 2] = [Side::Before, Side::After];

impl Side {
    fn key(self) -> &'static str {
        match self {
            Self::Before => "BeforeContext",
            Self::After => "AfterContext",
        }
    }
}

/// Adds the resources of a change set, as they are on one side of the deployment.
pub(crate) fn ingest_side(assembly: &mut Assembly, root: NodeId, side: Side, options: &Options) {
    let mut resources = Vec::new();
    let mut set = ChangeSet::default();
    for change in elements(&assembly.tree, root, "Changes") {
        let Some(change) = assembly.tree.get(change, "ResourceChange") else { continue };
        let text = |key: &str| assembly.tree.get(change, key).and_then(|node| assembly.tree.string(node));
        let (Some(id), Some(ty)) = (text("LogicalResourceId"), text("ResourceType")) else { continue };
        let (id, ty) = (id.to_owned(), ty.to_owned());
        set.changes.insert(id.clone(), kind_of(&assembly.tree, change));
        let Some(context) = assembly.tree.get(change, side.key()) else { continue };
        if let Some(body) = body(&mut assembly.tree, context, &ty) {
            let tree = &assembly.tree;
            resources.push(Declared::new(tree, id, change, Vec::new()).with_body(tree, body));
        }
    }
    let options = Options { change_set: Some(set), parameters: Parameters::new(), ..options.clone() };
    let mut stack =
        Stack::of(Template::of_resources(resources), &options, State::default(), Shared::default());
    stack.declare_all(assembly);
    assembly.diagnostics.append(&mut stack.shared.diagnostics);
}

/// A declaration with the properties in a context, which is JSON in a string.
fn body(tree: &mut Tree, context: NodeId, ty: &str) -> Option<NodeId> {
    let inner = match tree.map(context) {
        Some(_) => context,
        None => json::read_inside(tree, context, Limits::default()).ok()?,
    };
    let properties = tree.get(inner, "Properties")?;
    let ty = tree.derive_string(context, ty);
    let entries = [tree.key("Type"), ty, tree.key("Properties"), properties];
    Some(tree.derive_map(context, &entries))
}

fn kind_of(tree: &Tree, change: NodeId) -> Change {
    let text = |key: &str| tree.get(change, key).and_then(|node| tree.scalar(node));
    match (text("Action"), text("Replacement")) {
        (Some("Add"), _) => Change::Create,
        (Some("Remove"), _) => Change::Delete,
        (Some("Import"), _) => Change::Import,
        (_, Some("True" | "true")) => Change::Replace,
        _ => Change::Update,
    }
}

fn elements(tree: &Tree, node: NodeId, key: &str) -> Vec<NodeId> {
    tree.get(node, key)
        .and_then(|list| tree.list(list))
        .into_iter()
        .flat_map(crate::document::List::iter)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_and_parameters_are_read() {
        let text = r#"{"ChangeSetName": "c", "Parameters": [{"ParameterKey": "A", "ParameterValue": "1"},
            {"ParameterKey": "S", "ParameterValue": "****"}, {"ParameterKey": "P", "ParameterValue": "/x", "ResolvedValue": "y"}],
            "Changes": [{"ResourceChange": {"Action": "Add", "LogicalResourceId": "N", "ResourceType": "T"}},
            {"ResourceChange": {"Action": "Modify", "Replacement": "True", "LogicalResourceId": "R"}},
            {"ResourceChange": {"Action": "Modify", "Replacement": "False", "LogicalResourceId": "U"}},
            {"ResourceChange": {"Action": "Remove", "LogicalResourceId": "D"}}]}"#;
        let set = read_change_set("c.json", text.as_bytes().to_vec(), Limits::default()).unwrap();
        let changes: Vec<_> =
            set.changes.iter().map(|(id, change)| format!("{id} {}", change.as_str())).collect();
        assert_eq!(changes, ["D delete", "N create", "R replace", "U update"]);
        assert_eq!(
            set.parameters,
            [("A", "1"), ("P", "y")].map(|(a, b)| (a.to_owned(), b.to_owned())).into()
        );
        assert!(read_change_set("c.json", b"{}".to_vec(), Limits::default()).is_err());
    }
}
