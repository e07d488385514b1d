//! Types and versions: what may stand where.

use crate::document::{Kind, View};
use crate::ssm::DocumentKind;

use super::{Finder, Topic};

const SIMPLE: &[&str] = &["String", "StringList"];
const AUTOMATION: &[&str] = &["String", "StringList", "Boolean", "Integer", "MapList", "StringMap"];
/// The guide lists texts and lists of texts; documents of AWS use maps as well.
const NODES: &[&str] = &["String", "StringList", "StringMap"];

pub(super) fn find(finder: &mut Finder<'_>) {
    version(finder);
    parameters(finder);
}

fn version(finder: &mut Finder<'_>) {
    let (tree, document) = (finder.tree, finder.document);
    let allowed = document.kind.schema_versions();
    let Some(node) = tree.get(document.root, "schemaVersion") else {
        if !allowed.is_empty() {
            finder.add(
                Topic::Schema,
                "no_schema_version",
                document.root,
                "the document has no `schemaVersion`",
            );
        }
        return;
    };
    match tree.view(node) {
        View::Number(text) => {
            let message = format!("`schemaVersion` is the number {text}; it must be a string: quote it");
            finder.add(Topic::Schema, "schema_version_not_text", node, message);
            finder.suggest(text);
        }
        View::String(text) if !allowed.is_empty() && !allowed.contains(&text) => {
            let message = format!(
                "a document of type {} cannot have schema version `{text}`, only {}",
                document.kind.name(),
                allowed.join(", ")
            );
            finder.add(Topic::Schema, "schema_version", node, message);
        }
        _ => {}
    }
}

fn parameters(finder: &mut Finder<'_>) {
    let (tree, document) = (finder.tree, finder.document);
    if matches!(document.kind, DocumentKind::Package | DocumentKind::CloudFormation | DocumentKind::Other) {
        return;
    }
    for parameter in &document.parameters {
        let name = &parameter.name;
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
            let message = format!("the parameter name `{name}` is not made of letters and digits alone");
            finder.add(Topic::Schema, "parameter_name", parameter.key, message);
        }
        let Some(node) = tree.get(parameter.node, "type") else {
            if tree.kind(parameter.node) == Kind::Map {
                let message = format!("the parameter `{name}` has no `type`");
                finder.add(Topic::Schema, "no_parameter_type", parameter.key, message);
            }
            continue;
        };
        let Some(ty) = parameter.ty.as_deref() else { continue };
        let (known, kind) = if document.kind.is_automation() {
            (AUTOMATION.contains(&ty) || is_resource_type(ty), "automation")
        } else if document.kind == DocumentKind::Session {
            (SIMPLE.iter().chain(NODES).any(|known| known.eq_ignore_ascii_case(ty)), "session")
        } else {
            (NODES.contains(&ty), "command")
        };
        if ty.starts_with("AWS::SSM::Parameter::Value") {
            let message = format!("`{ty}` is a type of template parameters, not of document parameters");
            finder.add(Topic::Schema, "parameter_type", node, message);
        } else if !known {
            let message = format!("a parameter of a {kind} document cannot have the type `{ty}`");
            finder.add(Topic::Schema, "parameter_type", node, message);
        }
    }
}

fn is_resource_type(ty: &str) -> bool {
    let element = ty.strip_prefix("List<").and_then(|rest| rest.strip_suffix('>')).unwrap_or(ty);
    let parts: Vec<&str> = element.split("::").collect();
    element.starts_with("AWS::") && parts.len() >= 3 && !element.contains("Parameter::Value")
}
